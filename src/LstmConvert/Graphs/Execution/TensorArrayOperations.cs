using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>
/// The arrays of tensors of TensorFlow 1 (tensorflow/core/ops/data_flow_ops.cc), in three versions that differ in what their handle is. The
/// flow only orders writing and reading.
/// </summary>
internal static class TensorArrayOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["TensorArray"] = Create,
        ["TensorArrayV2"] = Create,
        ["TensorArrayV3"] = Create,
        ["TensorArrayWrite"] = Call.One(Write),
        ["TensorArrayWriteV2"] = Call.One(Write),
        ["TensorArrayWriteV3"] = Call.One(Write),
        ["TensorArrayRead"] = Call.One(at => Of(at).Read(at, at.Int(1))),
        ["TensorArrayReadV2"] = Call.One(at => Of(at).Read(at, at.Int(1))),
        ["TensorArrayReadV3"] = Call.One(at => Of(at).Read(at, at.Int(1))),
        ["TensorArrayPack"] = Call.One(at => Gather(at, Enumerable.Range(0, Of(at).Length))),
        ["TensorArrayGather"] = Call.One(at => Gather(at, at.Ints(1))),
        ["TensorArrayGatherV2"] = Call.One(at => Gather(at, at.Ints(1))),
        ["TensorArrayGatherV3"] = Call.One(at => Gather(at, at.Ints(1))),
        ["TensorArrayUnpack"] = Call.One(at => Scatter(at, [.. Enumerable.Range(0, at[1].Shape[0])], at[1])),
        ["TensorArrayScatter"] = Call.One(at => Scatter(at, at.Ints(1), at[2])),
        ["TensorArrayScatterV2"] = Call.One(at => Scatter(at, at.Ints(1), at[2])),
        ["TensorArrayScatterV3"] = Call.One(at => Scatter(at, at.Ints(1), at[2])),
        ["TensorArrayConcat"] = Concat,
        ["TensorArrayConcatV2"] = Concat,
        ["TensorArrayConcatV3"] = Concat,
        ["TensorArraySplit"] = Call.One(Split),
        ["TensorArraySplitV2"] = Call.One(Split),
        ["TensorArraySplitV3"] = Call.One(Split),
        ["TensorArraySize"] = Call.One(at => GraphValue.Of(DType.Int32, Of(at).Length)),
        ["TensorArraySizeV2"] = Call.One(at => GraphValue.Of(DType.Int32, Of(at).Length)),
        ["TensorArraySizeV3"] = Call.One(at => GraphValue.Of(DType.Int32, Of(at).Length)),
        ["TensorArrayClose"] = _ => [],
        ["TensorArrayCloseV2"] = _ => [],
        ["TensorArrayCloseV3"] = _ => [],
    };

    private static GraphValue?[] Create(Call at)
    {
        var size = at.Int(0);
        at.Run.Budget.Spend(size);
        _ = at.Run.Budget.Count([size]);
        return [GraphValue.OfHandle(new TensorArray(at.Node.Type("dtype", DType.Float32), size, at.Node.Bool("dynamic_size")), size), Flow];
    }

    private static GraphValue Flow => GraphValue.Of(DType.Float32, [], new float[1]);

    private static TensorArray Of(Call at) => at[0].Handle as TensorArray ?? throw at.Misfit("it has no array of tensors");

    private static GraphValue Write(Call at)
    {
        Of(at).Write(at, at.Int(1), at[2]);
        return at[3];
    }

    private static GraphValue Gather(Call at, IEnumerable<int> indices)
    {
        var array = Of(at);
        GraphValue[] parts = [.. indices.Select(index => array.Read(at, index))];
        return parts.Length > 0 ? JoinOperations.Stacked(at, parts, 0) : at.New(array.Type, [0, .. ElementShape(at)]);
    }

    private static int[] ElementShape(Call at) =>
        at.Node.Attribute("element_shape").Shape is { UnknownRank: false } shape
            ? [.. shape.Dim.Select(dim => (int)Math.Clamp(dim.Size, 0, int.MaxValue))]
            : [];

    private static GraphValue Scatter(Call at, int[] indices, GraphValue value)
    {
        var (array, rows) = (Of(at), JoinOperations.Unstacked(at, value, 0));
        if (rows.Length != indices.Length)
        {
            throw at.Misfit($"it puts {rows.Length} rows at {indices.Length} places");
        }

        for (var k = 0; k < rows.Length; k++)
        {
            array.Write(at, indices[k], rows[k]);
        }

        return at[at.Count - 1];
    }

    private static GraphValue?[] Concat(Call at)
    {
        var array = Of(at);
        GraphValue[] parts = [.. Enumerable.Range(0, array.Length).Select(index => array.Read(at, index))];
        return
        [
            JoinOperations.Concatenated(at, parts, 0),
            GraphValue.Of(DType.Int64, [parts.Length], parts.Select(part => (long)part.Shape[0]).ToArray()),
        ];
    }

    private static GraphValue Split(Call at)
    {
        var (array, value, lengths, start) = (Of(at), at[1], at.Ints(2), 0);
        var inner = JoinOperations.Product(value.Shape, 1);
        for (var k = 0; k < lengths.Length; k++)
        {
            var part = at.NewLike(value, [lengths[k], .. value.Shape[1..]]);
            Array.Copy(value.Data, start * inner, part.Data, 0, part.Count);
            array.Write(at, k, part);
            start += lengths[k];
        }

        return at[3];
    }

    /// <summary>An array of tensors.</summary>
    private sealed class TensorArray(DType type, int size, bool isDynamic)
    {
        private readonly List<GraphValue?> items = [.. new GraphValue?[size]];

        public DType Type => type;

        public int Length => items.Count;

        public void Write(Call at, int index, GraphValue value)
        {
            if (index < 0 || (index >= items.Count && !isDynamic) || index > at.Run.Budget.MaximumIterations + size)
            {
                throw at.Misfit($"place {index} of an array of {items.Count} tensors is written");
            }

            while (items.Count <= index)
            {
                items.Add(null);
            }

            at.Run.Budget.Hold(value);
            items[index] = value;
        }

        /// <summary>A tensor; zeros where none was written and another says the shape.</summary>
        public GraphValue Read(Call at, int index)
        {
            if (index < 0 || index >= items.Count)
            {
                throw at.Misfit($"place {index} of an array of {items.Count} tensors is read");
            }

            return items[index]
                ?? (
                    items.Find(item => item is not null) is { } other
                        ? at.NewLike(other, other.Shape)
                        : throw at.Misfit($"place {index} of an array of tensors is read before it is written"));
        }
    }
}
