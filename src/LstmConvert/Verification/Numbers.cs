using LstmConvert.Tensors;
using NumSharp;

namespace LstmConvert.Verification;

/// <summary>Arrays in and out of NumSharp.</summary>
internal static class Numbers
{
    public static NDArray Matrix(double[] values, int rows, int columns, bool single) =>
        (single ? np.array(Array.ConvertAll(values, value => (float)value)) : np.array(values)).reshape(rows, columns);

    /// <summary>A weight as it is stored, a matrix or a vector.</summary>
    public static NDArray Weight(Tensor tensor, bool single)
    {
        var values = tensor.ToDoubles();
        var flat = single ? np.array(Array.ConvertAll(values, value => (float)value)) : np.array(values);
        return tensor.Shape.Rank < 2 ? flat : flat.reshape((int)tensor.Shape.Rows, (int)tensor.Shape.RowLength);
    }

    public static NDArray Zero(bool single) => Matrix(new double[1], 1, 1, single).reshape(1);

    public static double[] Doubles(NDArray array) =>
        array.dtype == typeof(float) ? Array.ConvertAll(array.ToArray<float>(), value => (double)value) : array.ToArray<double>();

    /// <summary>Picks row by row: the new value where the row is valid, else the old one.</summary>
    public static NDArray Where(bool[] valid, NDArray fresh, NDArray old)
    {
        if (Array.TrueForAll(valid, row => row))
        {
            return fresh;
        }

        var (a, b) = (Doubles(fresh), Doubles(old));
        var width = a.Length / valid.Length;
        for (var row = 0; row < valid.Length; row++)
        {
            if (!valid[row])
            {
                b.AsSpan(row * width, width).CopyTo(a.AsSpan(row * width));
            }
        }

        return Matrix(a, valid.Length, width, fresh.dtype == typeof(float));
    }
}
