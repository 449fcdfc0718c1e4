using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>Comparisons, logic, and choices by them.</summary>
internal static class ComparisonOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["Equal"] = Call.One(at => Equal(at, true)),
        ["NotEqual"] = Call.One(at => Equal(at, false)),
        ["Less"] = Compare((a, b) => a < b, (a, b) => a < b),
        ["LessEqual"] = Compare((a, b) => a <= b, (a, b) => a <= b),
        ["Greater"] = Compare((a, b) => a > b, (a, b) => a > b),
        ["GreaterEqual"] = Compare((a, b) => a >= b, (a, b) => a >= b),
        ["LogicalAnd"] = Call.One(at => Logic(at, (a, b) => a && b)),
        ["LogicalOr"] = Call.One(at => Logic(at, (a, b) => a || b)),
        ["LogicalNot"] = Call.One(at => GraphValue.Of(DType.Bool, at[0].Shape, Array.ConvertAll(at[0].Booleans, a => !a))),
        ["IsNan"] = Test(double.IsNaN),
        ["IsInf"] = Test(double.IsInfinity),
        ["IsFinite"] = Test(double.IsFinite),
        ["Select"] = Call.One(Select),
        ["SelectV2"] = Call.One(at => Choose(at, at[0], at[1], at[2])),
        ["Where"] = Call.One(Where),
        ["ApproximateEqual"] = Compare((a, b) => Math.Abs(a - b) < 1e-5, (a, b) => a == b),
    };

    /// <summary>True if an operation's output is true or false.</summary>
    public static bool IsTruth(string operation) => Table.ContainsKey(operation) && operation is not ("Select" or "SelectV2" or "Where");

    private static Kernel Compare(Func<double, double, bool> real, Func<long, long, bool> whole) =>
        Call.One(at => Compare(at, real, whole));

    private static GraphValue Compare(Call at, Func<double, double, bool> real, Func<long, long, bool> whole)
    {
        var (a, b) = (at[0], at[1]);
        var result = a.Data is long[] integers
            ? ArithmeticOperations.Pairs(at, a, b, integers, b.Integers, whole, out var shape)
            : ArithmeticOperations.Pairs(at, a, b, a.ToDoubles(), b.ToDoubles(), real, out shape);
        return GraphValue.Of(DType.Bool, shape, result);
    }

    private static GraphValue Equal(Call at, bool yes)
    {
        if (at[0].Data is not byte[][] texts)
        {
            return Compare(at, (a, b) => a == b == yes, (a, b) => a == b == yes);
        }

        var result = ArithmeticOperations.Pairs(
            at,
            at[0],
            at[1],
            texts,
            at[1].Texts,
            (a, b) => a.AsSpan().SequenceEqual(b) == yes,
            out var shape);
        return GraphValue.Of(DType.Bool, shape, result);
    }

    private static GraphValue Logic(Call at, Func<bool, bool, bool> function)
    {
        var result = ArithmeticOperations.Pairs(at, at[0], at[1], at[0].Booleans, at[1].Booleans, function, out var shape);
        return GraphValue.Of(DType.Bool, shape, result);
    }

    private static Kernel Test(Func<double, bool> test) =>
        Call.One(at => GraphValue.Of(DType.Bool, at[0].Shape, at[0].ToDoubles().Select(test).ToArray()));

    /// <summary>The old choice takes whole rows where its condition is a vector.</summary>
    private static GraphValue Select(Call at)
    {
        var (condition, value) = (at[0], at[1]);
        var isRows = condition.Rank == 1 && value.Rank > 1 && condition.Count == value.Shape[0];
        return Choose(
            at,
            isRows ? condition.WithShape([condition.Count, .. Enumerable.Repeat(1, value.Rank - 1)]) : condition,
            value,
            at[2]);
    }

    private static GraphValue Choose(Call at, GraphValue condition, GraphValue then, GraphValue otherwise)
    {
        // A choice between lists of tensors is one of the whole list.
        if (then.Handle is not null)
        {
            return condition.Booleans[0] ? then : otherwise;
        }

        var shape = new Arrays.Broadcast(new Arrays.Broadcast(condition.Shape, then.Shape).Dimensions, otherwise.Shape).Dimensions;
        var test = ArithmeticOperations.Spread(at, condition, condition.Booleans, shape);
        return then.Data switch
        {
            float[] a => Of(a, otherwise.Singles),
            double[] a => Of(a, otherwise.Doubles),
            long[] a => Of(a, otherwise.Integers),
            bool[] a => Of(a, otherwise.Booleans),
            _ => Of(then.Texts, otherwise.Texts),
        };

        GraphValue Of<T>(T[] a, T[] b)
        {
            var (x, y) = (ArithmeticOperations.Spread(at, then, a, shape), ArithmeticOperations.Spread(at, otherwise, b, shape));
            var result = new T[at.Run.Budget.Count(shape)];
            for (var k = 0; k < result.Length; k++)
            {
                result[k] = test[k] ? x[k] : y[k];
            }

            return GraphValue.Of(then.Type, shape, result);
        }
    }

    /// <summary>The places of what is not zero.</summary>
    private static GraphValue Where(Call at)
    {
        var (value, numbers) = (at[0], at[0].ToDoubles());
        var places = Enumerable.Range(0, numbers.Length).Where(k => numbers[k] != 0).ToArray();
        var result = at.New(DType.Int64, places.Length, value.Rank);
        for (var row = 0; row < places.Length; row++)
        {
            for (var (axis, rest) = (value.Rank - 1, places[row]); axis >= 0; axis--)
            {
                result.Integers[(row * value.Rank) + axis] = rest % value.Shape[axis];
                rest /= value.Shape[axis];
            }
        }

        return result;
    }
}
