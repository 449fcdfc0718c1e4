using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>A convolution over one, two or three axes, channels last (keras 3.15.1 src/layers/convolutional/base_conv.py): a product of
/// each window with the kernel.</summary>
/// <param name="kernel"><c>(k, …, x / groups, f)</c>.</param>
/// <param name="bias"><c>(f,)</c>, or null.</param>
/// <param name="windows">How the kernel walks.</param>
/// <param name="groups">The number of groups of channels, each with filters of its own.</param>
internal sealed class Convolution(NumericArray kernel, NumericArray? bias, Windows windows, int groups = 1)
{
    /// <summary>The convolution.</summary>
    /// <param name="x"><c>(b, …, x)</c>.</param>
    /// <returns><c>(b, …, f)</c>.</returns>
    public NumericArray Call(NumericArray x)
    {
        var lengths = x.Dimensions.Skip(1).SkipLast(1).ToArray();
        var (places, counts) = (windows.Places(lengths), windows.Counts(lengths));
        var (batch, channels, perGroup) = (x.RowCount, x.Width, kernel.Dimensions[^2]);
        if (perGroup * groups != channels)
        {
            throw new UnsupportedModelException($"A convolution with a kernel for {perGroup * groups} channels gets {channels}.");
        }

        var source = x.ToDoubles();
        var positions = windows.Size.Aggregate(1, (product, size) => product * size);
        var size = lengths.Aggregate(channels, (product, length) => product * length);
        var results = new NumericArray[groups];
        for (var group = 0; group < groups; group++)
        {
            var patches = new double[checked(batch * places.Length * positions * perGroup)];
            var at = 0;
            for (var row = 0; row < batch; row++)
            {
                foreach (var window in places)
                {
                    foreach (var place in window)
                    {
                        if (place >= 0)
                        {
                            source.AsSpan((row * size) + (place * channels) + (group * perGroup), perGroup).CopyTo(patches.AsSpan(at));
                        }

                        at += perGroup;
                    }
                }
            }

            var filters = kernel.Width / groups;
            var matrix = kernel.Columns(group * filters, filters).Reshape(positions * perGroup, filters);
            results[group] = NumericArray.From(patches, x.Precision, batch * places.Length, positions * perGroup).Dot(matrix);
        }

        var product = groups == 1 ? results[0] : NumericArray.Concatenate(results);
        return (bias is null ? product : product + bias).Reshape([batch, .. counts, kernel.Width]);
    }
}
