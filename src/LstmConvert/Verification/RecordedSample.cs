using LstmConvert.Arrays;

namespace LstmConvert.Verification;

/// <summary>An input and the outputs that were recorded for it, in the direction in which they are walked.</summary>
/// <param name="X">The input, <c>(b, t, x)</c>.</param>
/// <param name="Y">The outputs, <c>(b, t, u)</c>.</param>
/// <param name="Lengths">The valid length of each row.</param>
internal sealed record RecordedSample(Sequence X, Sequence Y, int[] Lengths)
{
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

    /// <summary>The largest difference on the whole sample; infinite where a number is none.</summary>
    /// <param name="convention">The convention; its direction is the sample's.</param>
    public double Distance(Convention convention)
    {
        var largest = 0.0;
        foreach (var step in Differences(convention))
        {
            var furthest = NumericArray.Of(step, step.Length).Largest().AsDoubles()[0];
            if (!double.IsFinite(furthest))
            {
                return double.PositiveInfinity;
            }

            largest = Math.Max(largest, furthest);
        }

        return largest;
    }
}
