using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>What stands in the graph or comes from outside.</summary>
internal static class ConstantOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } =
        new Dictionary<string, Kernel>(StringComparer.Ordinal)
        {
            ["Const"] = Call.One(Constant),
            ["Placeholder"] = Call.One(Unfed),
            ["PlaceholderV2"] = Call.One(Unfed),
            ["PlaceholderWithDefault"] = Call.One(at => at[0]),
            ["Fill"] = Call.One(at => Filled(at, at.Ints(0), at[1])),
            ["ZerosLike"] = Call.One(at =>
                at[0].Handle is TensorList list
                    ? GraphValue.OfHandle(list.Empty(), list.Items.Length)
                    : Number(at, at[0].Type, at[0].Shape, 0)),
            ["OnesLike"] = Call.One(at => Number(at, at[0].Type, at[0].Shape, 1)),
            ["Range"] = Call.One(Range),
            ["LinSpace"] = Call.One(Between),
        };

    /// <summary>One element, repeated.</summary>
    public static GraphValue Filled(Call at, int[] shape, GraphValue element) => Strided.Take(at, element, 0, new int[shape.Length], shape);

    private static GraphValue Number(Call at, DType type, int[] shape, int number)
    {
        var value = at.New(type, shape);
        if (number != 0)
        {
            var one = GraphValue.Of(DType.Int64, number).Cast(type, at.Precision);
            Strided.Copy(one.Data, 0, new int[shape.Length], shape, value.Data);
        }

        return value;
    }

    private static GraphValue Unfed(Call at) => GraphValue.None(new Absence(at.Node.Name, at.Node.Op, IsInput: true));

    private static GraphValue Constant(Call at)
    {
        ref var known = ref at.Node.Known[(int)at.Precision];
        if (known is null)
        {
            known = Read(at);
            at.Run.Budget.Hold(known);
        }

        return known;
    }

    private static GraphValue Read(Call at)
    {
        if (at.Node.Attribute("value").Tensor is not { } tensor)
        {
            throw at.Misfit("it has no value");
        }

        if (tensor.Dtype == TensorFlowDType.String)
        {
            return Text(at, tensor);
        }

        if (tensor.Dtype == TensorFlowDType.Variant)
        {
            throw at.Unsupported("a list of tensors that is stored in the graph");
        }

        if (
            TensorValues.Info(at.Node.Name, tensor) is not { } info
            || info.DType is DType.Complex64 or DType.Complex128 or DType.Float8E4M3FN or DType.Float8E5M2)
        {
            throw at.Unsupported("a constant of a type that holds no real numbers");
        }

        int[] shape = [.. info.Shape.Dimensions.ToArray().Select(length => (int)Math.Min(length, int.MaxValue))];
        _ = at.Run.Budget.Count(shape);
        if (info.ByteCount > 0 && tensor.TensorContent.Length == 0 && TensorValues.Given(info.DType, tensor).Length == 0)
        {
            // A value that is left out altogether is zero.
            return at.New(info.DType, shape);
        }

        return StoredVariables.Decode(info.DType, shape, TensorValues.Bytes(info, tensor, at.Run.Path).Span, at.Precision);
    }

    private static GraphValue Text(Call at, TensorFlow.Protos.TensorProto tensor)
    {
        int[] shape =
        [
            .. (TensorValues.ShapeOf(tensor.TensorShape) ?? throw at.Misfit("its shape is not known"))
                .Dimensions.ToArray()
                .Select(length => (int)Math.Min(length, int.MaxValue)),
        ];
        var value = at.New(DType.String, shape);
        for (var k = 0; k < value.Count; k++)
        {
            value.Texts[k] = tensor.StringVal.Count == 0 ? [] : tensor.StringVal[Math.Min(k, tensor.StringVal.Count - 1)].ToByteArray();
        }

        return value;
    }

    private static GraphValue Range(Call at)
    {
        if (!at[0].IsFloat)
        {
            var (start, limit, step) = (at[0].Integers[0], at[1].Integers[0], at[2].Integers[0]);
            var length =
                step == 0 ? throw at.Misfit("its step is 0") : Int128.Max(0, ((Int128)limit - start + step - Math.Sign(step)) / step);
            var value = at.New(at[0].Type, (int)Int128.Min(length, int.MaxValue));
            for (var k = 0; k < value.Count; k++)
            {
                value.Integers[k] = start + (k * step);
            }

            return value;
        }

        var (first, end, delta) = (at[0].ToDoubles()[0], at[1].ToDoubles()[0], at[2].ToDoubles()[0]);
        var count = Math.Ceiling((end - first) / delta);
        return Steps(at, double.IsFinite(count) ? (int)Math.Clamp(count, 0, int.MaxValue) : throw at.Misfit("its step is 0"), first, delta);
    }

    private static GraphValue Between(Call at)
    {
        var (start, stop, count) = (at[0].ToDoubles()[0], at[1].ToDoubles()[0], at.Int(2));
        return Steps(at, count, start, count > 1 ? (stop - start) / (count - 1) : 0);
    }

    private static GraphValue Steps(Call at, int count, double first, double delta)
    {
        var shape = at.New(DType.Float64, count);
        for (var k = 0; k < count; k++)
        {
            shape.Doubles[k] = first + (k * delta);
        }

        return shape.Cast(at[0].Type, at.Precision);
    }
}
