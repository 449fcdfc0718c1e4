using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>Sums, means and extremes over axes.</summary>
internal static class ReductionOperations
{
    private delegate double Reduction(ReadOnlySpan<double> numbers);

    public static IReadOnlyDictionary<string, Kernel> Table { get; } =
        new Dictionary<string, Kernel>(StringComparer.Ordinal)
        {
            ["Sum"] = By(Sum),
            ["Mean"] = By(numbers => Sum(numbers) / numbers.Length),
            ["Prod"] = By(Product),
            ["Max"] = By(Largest),
            ["Min"] = By(Smallest),
            ["All"] = By(Smallest, 1),
            ["Any"] = By(Largest, 0),
            ["EuclideanNorm"] = By(numbers => Math.Sqrt(SumOfSquares(numbers))),
            ["L2Loss"] = Call.One(at =>
                GraphValue.Of(DType.Float64, [], new[] { SumOfSquares(at[0].ToDoubles()) / 2 }).Cast(at[0].Type, at.Precision)),
            ["Cumsum"] = Call.One(at => Cumulative(at, 0, (a, b) => a + b)),
            ["Cumprod"] = Call.One(at => Cumulative(at, 1, (a, b) => a * b)),
            ["ArgMax"] = Call.One(at => Place(at, (a, b) => a > b)),
            ["ArgMin"] = Call.One(at => Place(at, (a, b) => a < b)),
        };

    private static double Sum(ReadOnlySpan<double> numbers)
    {
        var sum = 0.0;
        foreach (var number in numbers)
        {
            sum += number;
        }

        return sum;
    }

    private static double SumOfSquares(ReadOnlySpan<double> numbers)
    {
        var sum = 0.0;
        foreach (var number in numbers)
        {
            sum += number * number;
        }

        return sum;
    }

    private static double Product(ReadOnlySpan<double> numbers)
    {
        var product = 1.0;
        foreach (var number in numbers)
        {
            product *= number;
        }

        return product;
    }

    private static double Largest(ReadOnlySpan<double> numbers)
    {
        var largest = double.NegativeInfinity;
        foreach (var number in numbers)
        {
            largest = Math.Max(largest, number);
        }

        return largest;
    }

    private static double Smallest(ReadOnlySpan<double> numbers)
    {
        var smallest = double.PositiveInfinity;
        foreach (var number in numbers)
        {
            smallest = Math.Min(smallest, number);
        }

        return smallest;
    }

    /// <summary>A reduction in float64, rounded once; whole numbers are exact up to 2^53. Truth values are 1 and 0.</summary>
    private static Kernel By(Reduction reduction, double? ofNothing = null) =>
        Call.One(at =>
        {
            var (value, axes) = (at[0], Axes(at, 1));
            var keeps = at.Node.Bool("keep_dims", at.Node.Bool("keepdims"));
            int[] kept = [.. Enumerable.Range(0, value.Rank).Where(axis => !axes.Contains(axis))];
            int[] shape = keeps
                ? [.. value.Shape.Select((length, axis) => axes.Contains(axis) ? 1 : length)]
                : [.. kept.Select(axis => value.Shape[axis])];
            int[] order = [.. kept, .. axes.Order()];
            var moved = order.Index().All(one => one.Index == one.Item) ? value : ShapeOperations.Transposed(at, value, order);
            var result = new double[at.Run.Budget.Count(shape)];
            var numbers = moved.ToDoubles();
            at.Run.Budget.Spend(numbers.Length);
            var width = result.Length == 0 ? 0 : numbers.Length / result.Length;
            for (var k = 0; k < result.Length; k++)
            {
                result[k] = width == 0 && ofNothing is { } nothing ? nothing : reduction(numbers.AsSpan(k * width, width));
            }

            return GraphValue.Of(DType.Float64, shape, result).Cast(value.Type, at.Precision);
        });

    private static HashSet<int> Axes(Call at, int input)
    {
        var rank = at[0].Rank;
        return [.. at[input].Integers.Select(axis => at.Axis(axis, rank))];
    }

    private static GraphValue Cumulative(Call at, double start, Func<double, double, double> join)
    {
        var (value, axis) = (at[0], at.Axis(at[1].Integers[0], at[0].Rank));
        var (isExclusive, isReverse) = (at.Node.Bool("exclusive"), at.Node.Bool("reverse"));
        var (numbers, length) = (value.ToDoubles(), value.Shape[axis]);
        var result = new double[at.Run.Budget.Count(value.Shape)];
        var inner = JoinOperations.Product(value.Shape, axis + 1);
        for (var row = 0; length > 0 && row < numbers.Length / length; row++)
        {
            var (first, sum) = ((row / inner * inner * length) + (row % inner), start);
            for (var k = 0; k < length; k++)
            {
                var place = first + ((isReverse ? length - 1 - k : k) * inner);
                var next = join(sum, numbers[place]);
                result[place] = isExclusive ? sum : next;
                sum = next;
            }
        }

        return GraphValue.Of(DType.Float64, value.Shape, result).Cast(value.Type, at.Precision);
    }

    private static GraphValue Place(Call at, Func<double, double, bool> isBetter)
    {
        var (value, axis) = (at[0], at.Axis(at[1].Integers[0], at[0].Rank));
        var (numbers, length) = (value.ToDoubles(), value.Shape[axis]);
        int[] shape = [.. value.Shape.Where((_, k) => k != axis)];
        var result = at.New(at.Node.Type("output_type", DType.Int64), shape);
        var inner = JoinOperations.Product(value.Shape, axis + 1);
        for (var row = 0; row < result.Count; row++)
        {
            var (first, best) = ((row / inner * inner * length) + (row % inner), 0);
            for (var k = 1; k < length; k++)
            {
                best = isBetter(numbers[first + (k * inner)], numbers[first + (best * inner)]) ? k : best;
            }

            result.Integers[row] = best;
        }

        return result;
    }
}
