namespace LstmConvert.Equations.Keras;

/// <summary>Which steps count, as a Masking or Embedding layer says it: any steps, not only the first ones.</summary>
internal sealed class Mask
{
    private readonly bool[][] steps;

    private Mask(bool[][] steps) => this.steps = steps;

    /// <summary>Takes it.</summary>
    /// <param name="values"><c>(b, t)</c>: true counts.</param>
    public static Mask Of(bool[,] values) =>
        new([
            .. Enumerable
                .Range(0, values.GetLength(1))
                .Select(t => Enumerable.Range(0, values.GetLength(0)).Select(b => values[b, t]).ToArray()),
        ]);

    /// <summary>The first steps of each row count.</summary>
    /// <param name="lengths">How many.</param>
    /// <param name="stepCount">t.</param>
    public static Mask Of(int[] lengths, int stepCount) =>
        new([.. Enumerable.Range(0, stepCount).Select(t => Array.ConvertAll(lengths, length => t < length))]);

    /// <summary>The rows that count at one step, <c>(b,)</c>.</summary>
    /// <param name="t">The step.</param>
    public bool[] Step(int t) => steps[t];
}
