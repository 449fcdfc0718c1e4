using NumSharp;

namespace LstmConvert.Verification;

/// <summary>A batch of sequences, <c>(b, t, w)</c>, kept in float64 (float32 values are kept exactly).</summary>
/// <param name="Batch">b.</param>
/// <param name="Steps">t.</param>
/// <param name="Width">w.</param>
/// <param name="Values">C order.</param>
public sealed record Sequence(int Batch, int Steps, int Width, double[] Values)
{
    /// <summary>Zeros.</summary>
    /// <param name="batch">b.</param>
    /// <param name="steps">t.</param>
    /// <param name="width">w.</param>
    public static Sequence Zeros(int batch, int steps, int width) => new(batch, steps, width, new double[checked(batch * steps * width)]);

    /// <summary>One number.</summary>
    /// <param name="b">The row.</param>
    /// <param name="t">The step.</param>
    /// <param name="k">The unit.</param>
    public double this[int b, int t, int k] => Values[(((b * Steps) + t) * Width) + k];

    /// <summary>One step of all rows, <c>(b, w)</c>.</summary>
    /// <param name="t">The step.</param>
    /// <param name="single">True for float32.</param>
    internal NDArray Step(int t, bool single)
    {
        var step = new double[Batch * Width];
        for (var b = 0; b < Batch; b++)
        {
            Values.AsSpan(((b * Steps) + t) * Width, Width).CopyTo(step.AsSpan(b * Width));
        }

        return Numbers.Matrix(step, Batch, Width, single);
    }

    internal void SetStep(int t, NDArray values)
    {
        var step = Numbers.Doubles(values);
        for (var b = 0; b < Batch; b++)
        {
            step.AsSpan(b * Width, Width).CopyTo(Values.AsSpan(((b * Steps) + t) * Width));
        }
    }

    /// <summary>Each row reversed within its length; what follows stays.</summary>
    /// <param name="lengths">The valid length of each row.</param>
    public Sequence Reversed(int[] lengths)
    {
        var result = this with { Values = (double[])Values.Clone() };
        for (var b = 0; b < Batch; b++)
        {
            for (var t = 0; t < lengths[b]; t++)
            {
                Values.AsSpan(((b * Steps) + lengths[b] - 1 - t) * Width, Width).CopyTo(result.Values.AsSpan(((b * Steps) + t) * Width));
            }
        }

        return result;
    }

    /// <summary>Two sequences side by side on the last axis.</summary>
    /// <param name="other">The right one.</param>
    public Sequence Beside(Sequence other)
    {
        var result = Zeros(Batch, Steps, Width + other.Width);
        for (var row = 0; row < Batch * Steps; row++)
        {
            Values.AsSpan(row * Width, Width).CopyTo(result.Values.AsSpan(row * result.Width));
            other.Values.AsSpan(row * other.Width, other.Width).CopyTo(result.Values.AsSpan((row * result.Width) + Width));
        }

        return result;
    }

    /// <summary>The sum of two sequences.</summary>
    /// <param name="other">The other one, of the same shape.</param>
    public Sequence Plus(Sequence other) => this with { Values = [.. Values.Zip(other.Values, (a, b) => a + b)] };

    /// <summary>The first rows and steps.</summary>
    /// <param name="batch">At most so many rows.</param>
    /// <param name="steps">At most so many steps.</param>
    public Sequence Head(int batch, int steps)
    {
        var (rows, count) = (Math.Min(batch, Batch), Math.Min(steps, Steps));
        var result = Zeros(rows, count, Width);
        for (var b = 0; b < rows; b++)
        {
            Values.AsSpan(b * Steps * Width, count * Width).CopyTo(result.Values.AsSpan(b * count * Width));
        }

        return result;
    }
}
