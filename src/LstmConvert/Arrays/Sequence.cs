namespace LstmConvert.Arrays;

/// <summary>A batch of sequences, <c>(b, t, …)</c>, kept in float64 (float32 values are kept exactly). A step of a row is mostly a
/// vector.</summary>
public sealed class Sequence
{
    /// <summary>Takes values.</summary>
    /// <param name="batch">b.</param>
    /// <param name="steps">t.</param>
    /// <param name="stepShape">The shape of one step of one row.</param>
    /// <param name="values">C order.</param>
    public Sequence(int batch, int steps, IReadOnlyList<int> stepShape, double[] values)
    {
        (Batch, Steps, StepShape, Values) = (batch, steps, stepShape, values);
        Width = stepShape.Aggregate(1, (product, length) => checked(product * length));
        if (values.Length != (long)batch * steps * Width)
        {
            throw new ArgumentException($"{values.Length} values do not fill ({batch}, {steps}, {string.Join(", ", stepShape)}).");
        }
    }

    /// <summary>Takes values whose steps are vectors.</summary>
    /// <param name="batch">b.</param>
    /// <param name="steps">t.</param>
    /// <param name="width">w.</param>
    /// <param name="values">C order.</param>
    public Sequence(int batch, int steps, int width, double[] values)
        : this(batch, steps, [width], values)
    {
    }

    /// <summary>b.</summary>
    public int Batch { get; }

    /// <summary>t.</summary>
    public int Steps { get; }

    /// <summary>The shape of one step of one row; <c>(w,)</c> for a vector.</summary>
    public IReadOnlyList<int> StepShape { get; }

    /// <summary>The number of elements of one step of one row.</summary>
    public int Width { get; }

    /// <summary>C order.</summary>
    public double[] Values { get; }

    /// <summary>Zeros whose steps are vectors.</summary>
    /// <param name="batch">b.</param>
    /// <param name="steps">t.</param>
    /// <param name="width">w.</param>
    public static Sequence Zeros(int batch, int steps, int width) => Zeros(batch, steps, [width]);

    /// <summary>Zeros.</summary>
    /// <param name="batch">b.</param>
    /// <param name="steps">t.</param>
    /// <param name="stepShape">The shape of one step of one row.</param>
    public static Sequence Zeros(int batch, int steps, IReadOnlyList<int> stepShape) =>
        new(
            batch,
            steps,
            stepShape,
            new double[checked(batch * steps * stepShape.Aggregate(1, (product, length) => checked(product * length)))]);

    /// <summary>One number.</summary>
    /// <param name="b">The row.</param>
    /// <param name="t">The step.</param>
    /// <param name="k">The element of the step, in C order.</param>
    public double this[int b, int t, int k] => Values[(((b * Steps) + t) * Width) + k];

    /// <summary>One step of all rows, <c>(b, …)</c>.</summary>
    /// <param name="t">The step.</param>
    /// <param name="precision">What to compute in.</param>
    internal NumericArray Step(int t, Precision precision)
    {
        var step = new double[Batch * Width];
        for (var b = 0; b < Batch; b++)
        {
            Of(b, t).CopyTo(step.AsSpan(b * Width));
        }

        return NumericArray.Of(step, [Batch, .. StepShape]).In(precision);
    }

    /// <summary>All steps as an array, <c>(b, t, …)</c>.</summary>
    /// <param name="precision">What to compute in.</param>
    internal NumericArray ToArray(Precision precision) => NumericArray.Of(Values, [Batch, Steps, .. StepShape]).In(precision);

    /// <summary>An array as a sequence.</summary>
    /// <param name="data"><c>(b, t, …)</c>; <c>(b, w)</c> has one step.</param>
    internal static Sequence Of(NumericArray data) => data.Rank == 2
        ? new Sequence(data.Dimensions[0], 1, data.Width, data.AsDoubles())
        : new Sequence(data.Dimensions[0], data.Dimensions[1], [.. data.Dimensions.Skip(2)], data.AsDoubles());

    /// <summary>Takes one step of all rows.</summary>
    /// <param name="t">The step.</param>
    /// <param name="values"><c>(b, …)</c>.</param>
    internal void SetStep(int t, NumericArray values)
    {
        var step = values.AsDoubles();
        for (var b = 0; b < Batch; b++)
        {
            step.AsSpan(b * Width, Width).CopyTo(Of(b, t));
        }
    }

    /// <summary>Each row reversed within its length; what follows stays.</summary>
    /// <param name="lengths">The valid length of each row.</param>
    public Sequence Reversed(IReadOnlyList<int> lengths)
    {
        var result = new Sequence(Batch, Steps, StepShape, (double[])Values.Clone());
        for (var b = 0; b < Batch; b++)
        {
            for (var t = 0; t < lengths[b]; t++)
            {
                Of(b, lengths[b] - 1 - t).CopyTo(result.Of(b, t));
            }
        }

        return result;
    }

    /// <summary>Each row reversed.</summary>
    public Sequence Reversed() => Reversed([.. Enumerable.Repeat(Steps, Batch)]);

    /// <summary>Two sequences side by side on the last axis.</summary>
    /// <param name="other">The right one, equal in all other axes.</param>
    public Sequence Beside(Sequence other)
    {
        if (other.Batch != Batch || other.Steps != Steps || !StepShape.SkipLast(1).SequenceEqual(other.StepShape.SkipLast(1)))
        {
            throw new ArgumentException(
                $"({Batch}, {Steps}, {string.Join(", ", StepShape)}) and ({other.Batch}, {other.Steps}, {string.Join(", ", other.StepShape)}) do not go beside each other."
            );
        }

        var (left, right) = (StepShape[^1], other.StepShape[^1]);
        var result = Zeros(Batch, Steps, [.. StepShape.SkipLast(1), left + right]);
        for (var row = 0; left + right > 0 && row < result.Values.Length / (left + right); row++)
        {
            Values.AsSpan(row * left, left).CopyTo(result.Values.AsSpan(row * (left + right)));
            other.Values.AsSpan(row * right, right).CopyTo(result.Values.AsSpan((row * (left + right)) + left));
        }

        return result;
    }

    /// <summary>The sum of two sequences.</summary>
    /// <param name="other">The other one, of the same shape.</param>
    public Sequence Plus(Sequence other) => new(Batch, Steps, StepShape, [.. Values.Zip(other.Values, (a, b) => a + b)]);

    /// <summary>The first rows and steps.</summary>
    /// <param name="batch">At most so many rows.</param>
    /// <param name="steps">At most so many steps.</param>
    public Sequence Head(int batch, int steps)
    {
        var result = Zeros(Math.Min(batch, Batch), Math.Min(steps, Steps), StepShape);
        for (var b = 0; b < result.Batch; b++)
        {
            Values.AsSpan(b * Steps * Width, result.Steps * Width).CopyTo(result.Values.AsSpan(b * result.Steps * Width));
        }

        return result;
    }

    private Span<double> Of(int b, int t) => Values.AsSpan(((b * Steps) + t) * Width, Width);
}
