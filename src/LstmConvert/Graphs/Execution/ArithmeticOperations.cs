using LstmConvert.Arrays;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>Arithmetic, element by element, with NumPy's broadcasting.</summary>
internal static class ArithmeticOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } =
        new Dictionary<string, Kernel>(StringComparer.Ordinal)
        {
            ["Add"] = Binary<Add>((a, b) => a + b),
            ["AddV2"] = Binary<Add>((a, b) => a + b),
            ["AddN"] = Call.One(AddAll),
            ["Sub"] = Binary<Subtract>((a, b) => a - b),
            ["Mul"] = Binary<Multiply>((a, b) => a * b),
            ["RealDiv"] = Binary<Divide>(Quotient),
            ["Div"] = Binary<Divide>(Quotient),
            ["TruncateDiv"] = Binary<Divide>(Quotient),
            ["DivNoNan"] = Slow((a, b) => b == 0 ? 0 : a / b, Quotient),
            ["MulNoNan"] = Slow((a, b) => b == 0 ? 0 : a * b, (a, b) => a * b),
            ["FloorDiv"] = Slow((a, b) => Math.Floor(a / b), FloorQuotient),
            ["FloorMod"] = Slow((a, b) => a - (Math.Floor(a / b) * b), (a, b) => a - (FloorQuotient(a, b) * b)),
            ["Mod"] = Slow(
                (a, b) => a % b,
                (a, b) =>
                    b == 0 ? throw new ArithmeticException()
                    : b == -1 ? 0
                    : a % b),
            ["Maximum"] = Binary<Maximum>(Math.Max),
            ["Minimum"] = Binary<Minimum>(Math.Min),
            ["Pow"] = Slow(Math.Pow, IntegerPower),
            ["Atan2"] = Slow(Math.Atan2, null),
            ["SquaredDifference"] = Slow((a, b) => (a - b) * (a - b), (a, b) => (a - b) * (a - b)),
            ["BiasAdd"] = Call.One(BiasAdd),
            ["BiasAddV1"] = Call.One(BiasAdd),
            ["Neg"] = Unary<Negate>(a => -a),
            ["Abs"] = Unary<Absolute>(a => Math.Abs(Math.Max(a, -long.MaxValue))),
            ["Exp"] = Unary<Exponential>(null),
            ["Log"] = Unary<Logarithm>(null),
            ["Log1p"] = Unary<LogarithmOfOnePlus>(null),
            ["Expm1"] = Unary<ExponentialMinusOne>(null),
            ["Erf"] = Unary<ErrorFunction>(null),
            ["Sqrt"] = Unary<SquareRoot>(null),
            ["Sin"] = Unary<Sine>(null),
            ["Cos"] = SlowUnary(Math.Cos, null),
            ["Square"] = SlowUnary(a => a * a, a => a * a),
            ["Rsqrt"] = SlowUnary(a => 1 / Math.Sqrt(a), null),
            ["Reciprocal"] = SlowUnary(a => 1 / a, null),
            ["Inv"] = SlowUnary(a => 1 / a, null),
            ["Sign"] = SlowUnary(a => double.IsNaN(a) ? a : Math.Sign(a), a => Math.Sign(a)),
            ["Floor"] = SlowUnary(Math.Floor, a => a),
            ["Ceil"] = SlowUnary(Math.Ceiling, a => a),
            ["Round"] = SlowUnary(Math.Round, a => a),
            ["Rint"] = SlowUnary(Math.Round, null),
            ["ClipByValue"] = Call.One(at => Combine<Maximum>(at, Combine<Minimum>(at, at[0], at[2], Math.Min), at[1], Math.Max)),
            ["Cast"] = Call.One(at => Cast(at, at.Node.Type("DstT", at[0].Type))),
            ["Bitcast"] = Call.One(at =>
                at.Node.Type("type", at[0].Type) == at[0].Type ? at[0] : throw at.Unsupported("bits taken as another type")),
            ["CheckNumerics"] = Call.One(at => at[0]),
        };

    /// <summary>The sum of two values.</summary>
    public static GraphValue Sum(Call at, GraphValue a, GraphValue b) => Combine<Add>(at, a, b, (x, y) => x + y);

    /// <summary>The numbers as another type, as a cast rounds them.</summary>
    public static GraphValue Cast(Call at, DType type)
    {
        at.Run.Budget.Spend(at[0].Count);
        var result = at[0].Cast(type, at.Precision);

        // Half precision rounds in place what is new, and here the numbers may be another value's.
        return type is DType.Float16 or DType.BFloat16 && result.Data is float[] values && ReferenceEquals(values, at[0].Data)
            ? GraphValue.Of(type, result.Shape, (float[])values.Clone())
            : result;
    }

    /// <summary>A function of two values.</summary>
    public static GraphValue Combine<TOperation>(Call at, GraphValue a, GraphValue b, Func<long, long, long>? whole)
        where TOperation : IBinary
    {
        if (!a.IsFloat)
        {
            return Integers(at, a, b, whole);
        }

        var plan = new Broadcast(a.Shape, b.Shape);
        var result = at.NewLike(a, plan.Dimensions);
        if (a.Data is float[] singles)
        {
            plan.Apply<float, TOperation>(singles, b.Singles, result.Singles);
        }
        else
        {
            plan.Apply<double, TOperation>(a.Doubles, b.Doubles, result.Doubles);
        }

        return result;
    }

    /// <summary>A function of one value of floating point.</summary>
    public static GraphValue Map<TOperation>(Call at, GraphValue a)
        where TOperation : IUnary
    {
        var result = at.NewLike(a, a.Shape);
        if (a.Data is float[] singles)
        {
            TOperation.Invoke<float>(singles, result.Singles);
        }
        else
        {
            TOperation.Invoke<double>(a.Doubles, result.Doubles);
        }

        return result;
    }

    /// <summary>A function of one value of floating point, number by number.</summary>
    public static GraphValue Map(Call at, GraphValue a, Func<double, double> function)
    {
        var result = at.NewLike(a, a.Shape);
        if (a.Data is float[] singles)
        {
            var target = result.Singles;
            for (var k = 0; k < singles.Length; k++)
            {
                target[k] = (float)function(singles[k]);
            }
        }
        else
        {
            var (from, target) = (a.Doubles, result.Doubles);
            for (var k = 0; k < from.Length; k++)
            {
                target[k] = function(from[k]);
            }
        }

        return result;
    }

    /// <summary>A function of pairs of elements, with broadcasting.</summary>
    public static TResult[] Pairs<T, TResult>(
        Call at,
        GraphValue a,
        GraphValue b,
        T[] left,
        T[] right,
        Func<T, T, TResult> function,
        out int[] shape)
    {
        shape = new Broadcast(a.Shape, b.Shape).Dimensions;
        var result = new TResult[at.Run.Budget.Count(shape)];
        var (x, y) = (Spread(at, a, left, shape), Spread(at, b, right, shape));
        for (var k = 0; k < result.Length; k++)
        {
            result[k] = function(x[k], y[k]);
        }

        return result;
    }

    /// <summary>The elements repeated to a larger shape.</summary>
    public static T[] Spread<T>(Call at, GraphValue value, T[] elements, int[] shape)
    {
        if (value.Shape.AsSpan().SequenceEqual(shape))
        {
            return elements;
        }

        var target = new T[at.Run.Budget.Count(shape)];
        Strided.Copy(elements, 0, ShapeOperations.BroadcastSteps(at, value.Shape, shape), shape, target);
        return target;
    }

    private static GraphValue Integers(Call at, GraphValue a, GraphValue b, Func<long, long, long>? whole)
    {
        var function = whole ?? throw at.Unsupported("it computes with whole numbers");
        var result = Pairs(at, a, b, a.Integers, b.Integers, (x, y) => GraphValue.Wrapped(function(x, y), a.Type), out var shape);
        return GraphValue.Of(a.Type, shape, result);
    }

    private static Kernel Binary<TOperation>(Func<long, long, long> whole)
        where TOperation : IBinary => Call.One(at => Combine<TOperation>(at, at[0], at[1], whole));

    private static Kernel Unary<TOperation>(Func<long, long>? whole)
        where TOperation : IUnary => Call.One(at => at[0].IsFloat ? Map<TOperation>(at, at[0]) : Whole(at, whole));

    private static Kernel SlowUnary(Func<double, double> function, Func<long, long>? whole) =>
        Call.One(at => at[0].IsFloat ? Map(at, at[0], function) : Whole(at, whole));

    private static Kernel Slow(Func<double, double, double> function, Func<long, long, long>? whole) => Call.One(at =>
    {
        var (a, b) = (at[0], at[1]);
        if (!a.IsFloat)
        {
            return Integers(at, a, b, whole);
        }

        if (a.Data is float[] singles)
        {
            var result = Pairs(at, a, b, singles, b.Singles, (x, y) => (float)function(x, y), out var shape);
            return GraphValue.Of(a.Type, shape, result);
        }

        var doubles = Pairs(at, a, b, a.Doubles, b.Doubles, function, out var dimensions);
        return GraphValue.Of(a.Type, dimensions, doubles);
    });

    private static GraphValue Whole(Call at, Func<long, long>? whole)
    {
        var (function, a) = (whole ?? throw at.Unsupported("it computes with whole numbers"), at[0]);
        at.Run.Budget.Spend(a.Count);
        return GraphValue.Of(a.Type, a.Shape, Array.ConvertAll(a.Integers, x => GraphValue.Wrapped(function(x), a.Type)));
    }

    private static GraphValue AddAll(Call at)
    {
        var sum = at[0];
        for (var k = 1; k < at.Count; k++)
        {
            sum = Sum(at, sum, at[k]);
        }

        return sum;
    }

    private static GraphValue BiasAdd(Call at)
    {
        var (value, bias) = (at[0], at[1]);
        if (at.Node.Text("data_format", "NHWC").StartsWith("NC", StringComparison.Ordinal) && value.Rank > 2)
        {
            bias = bias.WithShape([bias.Count, .. Enumerable.Repeat(1, value.Rank - 2)]);
        }

        return Sum(at, value, bias);
    }

    private static long Quotient(long a, long b) => b == 0 ? throw new ArithmeticException() : b == -1 ? unchecked(-a) : a / b;

    private static long FloorQuotient(long a, long b)
    {
        var quotient = Quotient(a, b);
        return b != -1 && a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private static long IntegerPower(long a, long b)
    {
        var result = 1L;
        for (; b > 0; b >>= 1)
        {
            result = unchecked((b & 1) == 1 ? result * a : result);
            a = unchecked(a * a);
        }

        return result;
    }
}
