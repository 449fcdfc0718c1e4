using System.Numerics;
using System.Numerics.Tensors;
using LstmConvert.Tensors;

namespace LstmConvert.Arrays;

/// <summary>Reads stored numbers to compute with.</summary>
internal static class StoredNumbers
{
    /// <summary>
    /// All numbers of a tensor. A matrix of float16, bfloat16 or float32 stays in float32, which is exact, and is widened where float64
    /// arithmetic reads it.
    /// </summary>
    /// <param name="tensor">The tensor, of floating-point numbers.</param>
    /// <param name="precision">What to compute in.</param>
    /// <exception cref="UnreadableInputException">It cannot be read, or holds no floating-point numbers.</exception>
    /// <exception cref="OverflowException">It has more numbers than an array can hold.</exception>
    public static NumericArray ToArray(this Tensors.Tensor tensor, Precision precision)
    {
        int[] dimensions = [.. tensor.Shape.Dimensions.ToArray().Select(length => checked((int)length))];
        if (tensor.DType == DType.Float64 || (precision == Precision.Double && dimensions.Length < 2))
        {
            return NumericArray.Of(tensor.ToDoubles(), dimensions).In(precision);
        }

        var values = new float[checked((int)tensor.Shape.ElementCount)];
        tensor.ReadSingles(0, values);
        return NumericArray.Of(values, precision, dimensions);
    }

    /// <summary>How many numbers are NaN or infinite.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="values">The numbers.</param>
    public static int CountNonFinite<T>(ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (TensorPrimitives.IsFiniteAll(values))
        {
            return 0;
        }

        var count = 0;
        foreach (var value in values)
        {
            count += T.IsFinite(value) ? 0 : 1;
        }

        return count;
    }
}
