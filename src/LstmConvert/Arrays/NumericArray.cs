using System.Globalization;
using System.Numerics.Tensors;

namespace LstmConvert.Arrays;

/// <summary>
/// An array of float32 or float64, of any shape, in C order, whose operators read like NumPy's. No operation changes an array
/// that is there, and both operands of one have the same precision. A float64 array whose numbers are all float32 (stored weights) may
/// keep them as that: half the memory for products to read, and the same array serves both precisions.
/// </summary>
internal sealed partial class NumericArray
{
    private readonly float[]? singles;
    private readonly double[]? doubles;
    private readonly int[] dimensions;

    private NumericArray(float[] values, int[] dimensions, Precision precision = Precision.Single)
    {
        (singles, Precision) = (values, precision);
        this.dimensions = Checked(dimensions, values.Length);
    }

    private NumericArray(double[] values, int[] dimensions)
    {
        (doubles, Precision) = (values, Precision.Double);
        this.dimensions = Checked(dimensions, values.Length);
    }

    /// <summary>What it computes in.</summary>
    public Precision Precision { get; }

    /// <summary>The length of each axis.</summary>
    public IReadOnlyList<int> Dimensions => dimensions;

    /// <summary>The number of axes.</summary>
    public int Rank => dimensions.Length;

    /// <summary>The number of elements.</summary>
    public int Count => singles?.Length ?? doubles!.Length;

    /// <summary>The length of the first axis.</summary>
    public int RowCount => dimensions[0];

    /// <summary>The length of the last axis.</summary>
    public int Width => dimensions[^1];

    /// <summary>The values where they are kept as float32, not to be changed; else null.</summary>
    public float[]? Narrow => singles;

    /// <summary>Takes values, rounded to the precision.</summary>
    /// <param name="values">C order.</param>
    /// <param name="precision">What to compute in.</param>
    /// <param name="dimensions">The length of each axis.</param>
    public static NumericArray From(ReadOnlySpan<double> values, Precision precision, params ReadOnlySpan<int> dimensions)
    {
        if (precision == Precision.Double)
        {
            return new NumericArray(values.ToArray(), dimensions.ToArray());
        }

        var rounded = new float[values.Length];
        for (var k = 0; k < rounded.Length; k++)
        {
            rounded[k] = (float)values[k];
        }

        return new NumericArray(rounded, dimensions.ToArray());
    }

    /// <summary>Takes values as they are, without a copy: they are not to be changed any more.</summary>
    /// <param name="values">C order.</param>
    /// <param name="dimensions">The length of each axis.</param>
    public static NumericArray Of(double[] values, params ReadOnlySpan<int> dimensions) => new(values, dimensions.ToArray());

    /// <summary>Takes values as they are, without a copy: they are not to be changed any more.</summary>
    /// <param name="values">C order.</param>
    /// <param name="precision">What to compute in: float64 widens them where it reads them.</param>
    /// <param name="dimensions">The length of each axis.</param>
    public static NumericArray Of(float[] values, Precision precision, params ReadOnlySpan<int> dimensions) =>
        new(values, dimensions.ToArray(), precision);

    /// <summary>The same numbers to compute with in a precision, rounded where it holds less.</summary>
    /// <param name="precision">What to compute in.</param>
    public NumericArray In(Precision precision) =>
        Precision == precision ? this
        : singles is not null ? new NumericArray(singles, dimensions, precision)
        : From(doubles, precision, dimensions);

    /// <summary>Zeros.</summary>
    /// <param name="precision">What to compute in.</param>
    /// <param name="dimensions">The length of each axis.</param>
    public static NumericArray Zeros(Precision precision, params ReadOnlySpan<int> dimensions) => Empty(precision, dimensions.ToArray());

    /// <summary>The values in C order; float32 is exact in float64.</summary>
    public double[] ToDoubles()
    {
        var result = new double[Count];
        CopyTo(result);
        return result;
    }

    /// <summary>The values in C order, not to be changed: the array's own where it is float64.</summary>
    internal double[] AsDoubles() => doubles ?? ToDoubles();

    /// <summary>Copies the values in C order.</summary>
    /// <param name="target">At least <see cref="Count"/> long.</param>
    public void CopyTo(Span<double> target)
    {
        if (doubles is not null)
        {
            doubles.CopyTo(target);
            return;
        }

        TensorPrimitives.ConvertTruncating<float, double>(singles, target);
    }

    /// <inheritdoc />
    public override string ToString() => $"{Precision} {Text(dimensions)}";

    private static NumericArray Empty(Precision precision, int[] dimensions)
    {
        var count = Length(dimensions);
        return precision == Precision.Single
            ? new NumericArray(new float[count], dimensions)
            : new NumericArray(new double[count], dimensions);
    }

    private static string Text(ReadOnlySpan<int> dimensions) =>
        $"({string.Join(", ", dimensions.ToArray().Select(dimension => dimension.ToString(CultureInfo.InvariantCulture)))})";

    private static int Length(ReadOnlySpan<int> dimensions)
    {
        var count = 1;
        foreach (var dimension in dimensions)
        {
            count = checked(count * dimension);
        }

        return count;
    }

    private static int[] Checked(int[] dimensions, int count) =>
        Length(dimensions) == count
            ? dimensions
            : throw new ArgumentException($"{count} values do not fill an array of {Text(dimensions)}.");

    private float[] Singles() =>
        Precision == Precision.Single ? singles! : throw new ArgumentException("One operand is float32 and the other float64.");

    private double[] Doubles() =>
        Precision == Precision.Single ? throw new ArgumentException("One operand is float64 and the other float32.") : doubles ?? ToDoubles();
}
