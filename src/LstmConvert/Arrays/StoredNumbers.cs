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
    public static NumericArray ToArray(this Tensor tensor, Precision precision)
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
}
