using LstmConvert.Arrays;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>What both sides are run on.</summary>
/// <param name="X">The input of a group.</param>
/// <param name="Lengths">The valid length of each row.</param>
/// <param name="States">The initial state of each cell.</param>
public sealed record Sample(Sequence X, int[] Lengths, IReadOnlyDictionary<RecognizedCell, CellState> States)
{
    /// <summary>The number of rows of a sample that is drawn.</summary>
    public const int Batch = 3;

    /// <summary>The number of time steps of a sample that is drawn.</summary>
    public const int Steps = 12;

    /// <summary>
    /// Draws inputs and initial states, both of scale 1 and none zero, so that a forget bias shows at the first step.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="seed">The same seed gives the same sample, in every version.</param>
    public static Sample Draw(RecognizedGroup group, ulong seed)
    {
        var next = seed;
        double[] Normal(int count)
        {
            var values = new double[count];
            for (var k = 0; k < count; k++)
            {
                // A float32 number, so that both precisions start from the same.
                values[k] = (float)(Math.Sqrt(-2 * Math.Log(1 - Uniform(ref next))) * Math.Cos(2 * Math.PI * Uniform(ref next)));
            }

            return values;
        }

        var width = group.Cells.First(cell => cell.Level == 0).InputSize;
        var x = new Sequence(Batch, Steps, width, Normal(Batch * Steps * width));
        var states = new Dictionary<RecognizedCell, CellState>(ReferenceEqualityComparer.Instance);
        foreach (var cell in group.Cells)
        {
            var h = Array.ConvertAll(Normal(Batch * cell.OutputSize), value => (double)(float)Math.Tanh(value));
            var c = Normal(Batch * cell.Units);
            states[cell] = new CellState(cell.Projection > cell.Units ? new double[h.Length] : h, HasCellState(cell) ? c : null);
        }

        return new Sample(x, [.. Enumerable.Repeat(Steps, Batch)], states);
    }

    /// <summary>True for cells whose state has a c beside h.</summary>
    /// <param name="cell">The cell.</param>
    public static bool HasCellState(RecognizedCell cell) => cell.ForgetBias is not null;

    /// <summary>SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), as a number in [0, 1).</summary>
    private static double Uniform(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * Math.Pow(2, -53);
    }
}
