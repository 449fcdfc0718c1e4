using LstmConvert.Arrays;

namespace LstmConvert.Verification;

/// <summary>An input and the outputs that were recorded for it, in the direction in which they are walked.</summary>
/// <param name="X">The input, <c>(b, t, x)</c>.</param>
/// <param name="Y">The outputs, <c>(b, t, u)</c>.</param>
/// <param name="Lengths">The valid length of each row.</param>
internal sealed record RecordedSample(Sequence X, Sequence Y, int[] Lengths)
{
    private readonly Lazy<double[]> sizes = new(() => SizesOf(Y, Lengths));

    /// <summary>The largest output up to each step, at least 1: what a difference in that step is measured by.</summary>
    public IReadOnlyList<double> Sizes => sizes.Value;

    /// <summary>The same sample from its end.</summary>
    public RecordedSample Reversed() => new(X.Reversed(Lengths), Y.Reversed(Lengths), Lengths);

    /// <summary>The outputs of a convention that carries on its own states, and how far each is from what was recorded, step by step:
    /// <c>(b, u)</c>, zero where a row has ended.</summary>
    /// <param name="convention">The convention; its direction is the sample's.</param>
    public IEnumerable<double[]> Differences(Convention convention)
    {
        foreach (var (t, output) in convention.Run(Enumerable.Range(0, X.Steps).Select(step => X.Step(step, Precision.Double))).Index())
        {
            var differences = new double[X.Batch * Y.Width];
            var numbers = output.AsDoubles();
            for (var k = 0; k < differences.Length; k++)
            {
                differences[k] = t < Lengths[k / Y.Width] ? Math.Abs(numbers[k] - Y[k / Y.Width, t, k % Y.Width]) : 0;
            }

            yield return differences;
        }
    }

    /// <summary>The largest difference on the whole sample, measured by the sizes, and as it is; infinite where a number is none.</summary>
    /// <param name="convention">The convention; its direction is the sample's.</param>
    public (double Measured, double Absolute) Distance(Convention convention)
    {
        var (measured, absolute) = (0.0, 0.0);
        foreach (var (t, step) in Differences(convention).Index())
        {
            var furthest = NumericArray.Of(step, step.Length).Largest().AsDoubles()[0];
            if (!double.IsFinite(furthest))
            {
                return (double.PositiveInfinity, double.PositiveInfinity);
            }

            (measured, absolute) = (Math.Max(measured, furthest / Sizes[t]), Math.Max(absolute, furthest));
        }

        return (measured, absolute);
    }

    private static double[] SizesOf(Sequence y, int[] lengths)
    {
        var (sizes, size) = (new double[y.Steps], 1.0);
        for (var t = 0; t < y.Steps; t++)
        {
            for (var b = 0; b < y.Batch; b++)
            {
                for (var k = 0; t < lengths[b] && k < y.Width; k++)
                {
                    size = Math.Max(size, Math.Abs(y[b, t, k]));
                }
            }

            sizes[t] = size;
        }

        return sizes;
    }
}
