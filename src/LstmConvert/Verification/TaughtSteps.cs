using LstmConvert.Arrays;

namespace LstmConvert.Verification;

/// <summary>Some rows and units of a sample: what tells most conventions apart already.</summary>
/// <param name="Rows">The rows.</param>
/// <param name="Units">The units.</param>
internal sealed record Focus(int[] Rows, int[] Units);

/// <summary>
/// The steps of a sample where each begins from the recorded outputs of the one before, not from computed ones. So no product depends on a
/// convention, and no unit on another one: a few rows and units tell how far away a convention is. Cell states are carried on as computed.
/// A convention whose own outputs are the recorded ones is near here as well; the whole sample decides in the end.
/// </summary>
internal sealed class TaughtSteps
{
    private readonly ConventionWeights weights;
    private readonly UnitBlocks blocks;
    private readonly RecordedSample sample;
    private readonly bool isResidual;
    private readonly int[] rows;
    private readonly Lazy<TaughtStep>[] steps;

    /// <summary>Takes a sample.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="sample">The sample, in the direction in which it is walked.</param>
    /// <param name="isResidual">True if the input was added to the recorded outputs.</param>
    /// <param name="focus">What to compute.</param>
    public TaughtSteps(ConventionWeights weights, RecordedSample sample, bool isResidual, Focus focus)
    {
        (this.weights, this.sample, this.isResidual, rows) = (weights, sample, isResidual, focus.Rows);
        blocks = new UnitBlocks(weights, focus.Units);
        steps = [.. Enumerable.Range(0, sample.X.Steps).Select(t => new Lazy<TaughtStep>(() => Step(t)))];
    }

    /// <summary>How far each step is from what was recorded, measured by the sample's sizes.</summary>
    /// <param name="convention">A convention of the weights.</param>
    public IEnumerable<double> Distances(Convention convention)
    {
        var t = 0;
        foreach (var numbers in Run(convention))
        {
            yield return Largest(numbers, t) / sample.Sizes[t];
            t++;
        }
    }

    /// <summary>How far a convention is from what was recorded in the first steps.</summary>
    /// <param name="convention">The convention.</param>
    /// <param name="steps">How many steps.</param>
    public double Distance(Convention convention, int steps) => Distances(convention).Take(steps).Max();

    /// <summary>All differences of the first steps added, measured by the sample's sizes.</summary>
    /// <param name="convention">The convention.</param>
    /// <param name="steps">How many steps.</param>
    public double Sum(Convention convention, int steps) =>
        Run(convention)
            .Take(steps)
            .Select((numbers, t) => (numbers - this.steps[t].Value.Wanted).Abs())
            .Select((differences, t) => Valid(differences.Sum(), t).Sum() / sample.Sizes[t])
            .Sum();

    /// <summary>The numbers of the first step that are what was recorded. What is zero either way does not count.</summary>
    /// <param name="convention">The convention.</param>
    /// <param name="limit">How near is the same.</param>
    public int Met(Convention convention, double limit) =>
        Run(convention)
            .First()
            .AsDoubles()
            .Zip(steps[0].Value.Wanted.AsDoubles())
            .Count(both => Math.Abs(both.Second) > 100 * limit && Math.Abs(both.First - both.Second) <= limit * sample.Sizes[0]);

    private IEnumerable<NumericArray> Run(Convention convention)
    {
        var c = steps[0].Value.Carried * 0;
        foreach (var step in steps)
        {
            (var h, c) = convention.Next(step.Value.Sums, step.Value.Carried, c);
            yield return h;
        }
    }

    private TaughtStep Step(int t)
    {
        var x = Chosen(sample.X, t, rows);
        var h = t == 0 ? NumericArray.Zeros(Precision.Double, rows.Length, sample.Y.Width) : Output(t - 1);
        return new TaughtStep(new BlockSums(weights, x, h, blocks, isFirst: t == 0), blocks.Of(h), blocks.Of(Output(t)));
    }

    /// <summary>What the cell gave in a step, <c>(b, u)</c>: the recorded output without the input.</summary>
    private NumericArray Output(int t) =>
        isResidual ? Chosen(sample.Y, t, rows) - Chosen(sample.X, t, rows) : Chosen(sample.Y, t, rows);

    /// <summary>The largest difference in a step of the rows that have not ended; infinite where a number is none.</summary>
    private double Largest(NumericArray numbers, int t)
    {
        var (values, wanted, largest) = (numbers.AsDoubles(), steps[t].Value.Wanted.AsDoubles(), 0.0);
        for (var k = 0; k < values.Length; k++)
        {
            var difference = Math.Abs(values[k] - wanted[k]);
            if (!(difference <= largest) && t < sample.Lengths[rows[k / numbers.Width]])
            {
                largest = double.IsNaN(difference) ? double.PositiveInfinity : difference;
            }
        }

        return largest;
    }

    /// <summary>A number of each row that has not ended in a step.</summary>
    private IEnumerable<double> Valid(NumericArray values, int t) =>
        values.AsDoubles().Where((_, row) => t < sample.Lengths[rows[row]]);

    private static NumericArray Chosen(Sequence sequence, int step, int[] rows)
    {
        var values = new double[rows.Length * sequence.Width];
        for (var k = 0; k < rows.Length; k++)
        {
            sequence.Values.AsSpan(((rows[k] * sequence.Steps) + step) * sequence.Width, sequence.Width).CopyTo(values.AsSpan(k * sequence.Width));
        }

        return NumericArray.Of(values, rows.Length, sequence.Width);
    }

    /// <summary>A step: its products, the state that was carried into it and the output that was recorded, of the units in focus.</summary>
    private sealed record TaughtStep(BlockSums Sums, NumericArray Carried, NumericArray Wanted);
}
