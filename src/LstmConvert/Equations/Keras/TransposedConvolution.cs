using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>A convolution the other way round, channels last (keras 3.15.1 src/layers/convolutional/base_conv_transpose.py; lengths as in
/// src/backend/common/backend_utils.py): each place of the input adds a window to the output.</summary>
/// <param name="kernel"><c>(k, …, f, x)</c>.</param>
/// <param name="bias"><c>(f,)</c>, or null.</param>
/// <param name="windows">How the convolution walks whose way back this is.</param>
internal sealed class TransposedConvolution(NumericArray kernel, NumericArray? bias, Windows windows)
{
    /// <summary>The convolution.</summary>
    /// <param name="x"><c>(b, …, x)</c>.</param>
    /// <returns><c>(b, …, f)</c>.</returns>
    public NumericArray Call(NumericArray x)
    {
        var inner = x.Dimensions.Skip(1).SkipLast(1).ToArray();
        int[] lengths = [.. inner.Select(Length)];
        var (places, filters) = (windows.Places(lengths), kernel.Dimensions[^2]);
        var positions = windows.Size.Aggregate(1, (product, size) => product * size);
        if (kernel.Width != x.Width || places.Length != inner.Aggregate(1, (product, length) => product * length))
        {
            throw new UnsupportedModelException($"A transposed convolution with a kernel for {kernel.Width} channels gets {x.Width}.");
        }

        var added = x.Reshape(x.RowCount * places.Length, x.Width).Dot(kernel.Reshape(positions * filters, x.Width).Transpose()).ToDoubles();
        var size = lengths.Aggregate(filters, (product, length) => checked(product * length));
        var result = new double[checked(x.RowCount * size)];
        var at = 0;
        for (var row = 0; row < x.RowCount; row++)
        {
            foreach (var place in places.SelectMany(window => window))
            {
                for (var filter = 0; filter < filters && place >= 0; filter++)
                {
                    result[(row * size) + (place * filters) + filter] += added[at + filter];
                }

                at += filters;
            }
        }

        var y = NumericArray.From(result, x.Precision, [x.RowCount, .. lengths, filters]);
        return bias is null ? y : y + bias;
    }

    private int Length(int length, int axis)
    {
        var (extent, stride) = (((windows.Size[axis] - 1) * windows.Dilation[axis]) + 1, windows.Strides[axis]);
        return (length * stride) + (windows.Padding == "valid" ? Math.Max(0, extent - stride) : 0);
    }
}
