using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>The largest or the mean number of each window, channel by channel (keras 3.15.1 src/layers/pooling/base_pooling.py). What lies
/// outside counts for nothing, in a mean too: so do TensorFlow (tf.nn.avg_pool: the mean of the values that are there), TensorFlow.js and
/// Keras on JAX, which divides by the number of values (src/backend/jax/nn.py average_pool). Keras on PyTorch fills up uneven ends with
/// copies of the last value (src/backend/torch/nn.py, _apply_same_padding) and counts these: another mean, in its last window.</summary>
/// <param name="windows">How the window walks.</param>
/// <param name="isMean">True for the mean.</param>
internal sealed class Pooling(Windows windows, bool isMean)
{
    /// <summary>The pooling.</summary>
    /// <param name="x"><c>(b, …, x)</c>.</param>
    /// <returns><c>(b, …, x)</c>.</returns>
    public NumericArray Call(NumericArray x)
    {
        var lengths = x.Dimensions.Skip(1).SkipLast(1).ToArray();
        var (places, counts, channels) = (windows.Places(lengths), windows.Counts(lengths), x.Width);
        var (source, size) = (x.ToDoubles(), lengths.Aggregate(x.Width, (product, length) => product * length));
        var result = new double[checked(x.RowCount * places.Length * channels)];
        for (var row = 0; row < x.RowCount; row++)
        {
            for (var window = 0; window < places.Length; window++)
            {
                var inside = places[window].Where(place => place >= 0).ToArray();
                for (var channel = 0; channel < channels; channel++)
                {
                    var values = inside.Select(place => source[(row * size) + (place * channels) + channel]);
                    result[(((row * places.Length) + window) * channels) + channel] = isMean ? values.Average() : values.Max();
                }
            }
        }

        return NumericArray.From(result, x.Precision, [x.RowCount, .. counts, channels]);
    }

    /// <summary>The largest or the mean number of all places, channel by channel.</summary>
    /// <param name="x"><c>(b, …, x)</c>.</param>
    /// <param name="isMean">True for the mean.</param>
    /// <param name="mask">The steps that count, <c>[b, t]</c>, for a mean; null for all.</param>
    /// <returns><c>(b, x)</c>.</returns>
    public static NumericArray Global(NumericArray x, bool isMean, bool[,]? mask = null)
    {
        var (channels, source) = (x.Width, x.ToDoubles());
        var places = source.Length / Math.Max(1, x.RowCount * channels);
        var result = new double[x.RowCount * channels];
        for (var row = 0; row < x.RowCount; row++)
        {
            var counted = Enumerable.Range(0, places).Where(place => mask is null || mask[row, place]).ToArray();
            for (var channel = 0; channel < channels; channel++)
            {
                var values = counted.Select(place => source[(((row * places) + place) * channels) + channel]);
                result[(row * channels) + channel] = isMean ? values.Sum() / counted.Length : values.Max();
            }
        }

        return NumericArray.From(result, x.Precision, x.RowCount, channels);
    }
}
