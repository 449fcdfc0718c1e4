using LstmConvert.Arrays;

namespace LstmConvert.Verification;

/// <summary>How far two sequences lie apart on their valid steps.</summary>
/// <param name="What">What was compared: <c>outputs</c>, <c>c</c>, <c>final h</c>.</param>
/// <param name="MaxAbs">The largest absolute difference; NaN where either side is not finite.</param>
/// <param name="Place">Where: row, step, unit.</param>
/// <param name="Left">The one side's number there (TensorFlow's, or what is computed).</param>
/// <param name="Right">The other's (Keras', or what was recorded).</param>
/// <param name="MeanAbs">The mean absolute difference.</param>
/// <param name="PerStep">The largest absolute difference at each step.</param>
/// <param name="NotFinite">The number of values that are NaN or infinite on either side.</param>
public sealed record Difference(
    string What,
    double MaxAbs,
    (int Row, int Step, int Unit) Place,
    double Left,
    double Right,
    double MeanAbs,
    IReadOnlyList<double> PerStep,
    int NotFinite)
{
    /// <summary>The largest absolute value of either side on valid steps.</summary>
    public double Largest { get; private init; }

    /// <summary>A limit for values of this size: rounding grows with the numbers, as activations without a bound let them.</summary>
    /// <param name="limit">The limit for values up to 1.</param>
    public double Scaled(double limit) => limit * Math.Max(1, Largest);

    /// <summary>The one side.</summary>
    internal Sequence LeftSide => Sides.Left.Whole;

    /// <summary>The other.</summary>
    internal Sequence RightSide => Sides.Right.Whole;

    private (KeptSequence Left, KeptSequence Right) Sides { get; init; } = (KeptSequence.None, KeptSequence.None);

    /// <summary>The same difference, of what was computed in float32: both sides are kept in that.</summary>
    internal Difference InSingle() => this with { Sides = (Sides.Left.InSingle(), Sides.Right.InSingle()) };

    /// <summary>The valid length of each row.</summary>
    internal IReadOnlyList<int> Lengths { get; private init; } = [];

    /// <summary>Computes percentile, relative difference, cosine, ulps and counts.</summary>
    public DifferenceStatistics Statistics() => DifferenceStatistics.Of(LeftSide, RightSide, Lengths, PerStep);

    /// <summary>The first step whose difference exceeds a limit, or null.</summary>
    /// <param name="limit">The limit.</param>
    public int? FirstStepOver(double limit)
    {
        for (var t = 0; t < PerStep.Count; t++)
        {
            if (!(PerStep[t] <= limit))
            {
                return t;
            }
        }

        return null;
    }

    /// <summary>Compares two sequences of one shape.</summary>
    /// <param name="what">What they are.</param>
    /// <param name="left">One side.</param>
    /// <param name="right">The other.</param>
    /// <param name="lengths">The valid length of each row.</param>
    public static Difference Of(string what, Sequence left, Sequence right, int[] lengths)
    {
        if (left.Batch != right.Batch || left.Steps != right.Steps || left.Width != right.Width)
        {
            throw new UnreadableInputException(
                $"{what} is ({right.Batch}, {right.Steps}, {right.Width}) where ({left.Batch}, {left.Steps}, {left.Width}) is computed. They are of another program, or the layers feed each other in another way.",
                remedies: [new SettingRemedy(Setting.ExpectedValues), new SettingRemedy(Setting.Wiring)]);
        }

        var perStep = new double[left.Steps];
        double largest = 0, sum = 0, size = 0;
        long count = 0;
        var (place, notFinite) = ((0, 0, 0), 0);
        for (var b = 0; b < left.Batch; b++)
        {
            for (var t = 0; t < Math.Min(lengths[b], left.Steps); t++)
            {
                for (var k = 0; k < left.Width; k++)
                {
                    var difference = Math.Abs(left[b, t, k] - right[b, t, k]);
                    if (!double.IsFinite(difference))
                    {
                        notFinite++;
                        (perStep[t], largest, place) = double.IsNaN(largest)
                            ? (double.NaN, largest, place)
                            : (double.NaN, double.NaN, (b, t, k));
                        continue;
                    }

                    sum += difference;
                    count++;
                    size = Math.Max(size, Math.Max(Math.Abs(left[b, t, k]), Math.Abs(right[b, t, k])));
                    perStep[t] = Math.Max(perStep[t], difference);
                    if (difference > largest)
                    {
                        (largest, place) = (difference, (b, t, k));
                    }
                }
            }
        }

        var (row, step, unit) = place;
        var isEmpty = left.Values.Length == 0;
        return new Difference(
            what,
            largest,
            place,
            isEmpty ? 0 : left[row, step, unit],
            isEmpty ? 0 : right[row, step, unit],
            count == 0 ? 0 : sum / count,
            perStep,
            notFinite)
        {
            Largest = size,
            Sides = (new KeptSequence(left), new KeptSequence(right)),
            Lengths = lengths,
        };
    }

    /// <summary>Compares two states.</summary>
    /// <param name="what">What they are.</param>
    /// <param name="left">One side, <c>(b, w)</c>.</param>
    /// <param name="right">The other.</param>
    /// <param name="batch">b.</param>
    public static Difference Of(string what, double[] left, double[] right, int batch) =>
        Of(
            what,
            new Sequence(batch, 1, left.Length / batch, left),
            new Sequence(batch, 1, right.Length / batch, right),
            [.. Enumerable.Repeat(1, batch)]);
}
