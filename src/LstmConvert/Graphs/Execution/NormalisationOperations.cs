namespace LstmConvert.Graphs.Execution;

/// <summary>Normalisations.</summary>
internal static class NormalisationOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["FusedBatchNorm"] = BatchNorm,
        ["FusedBatchNormV2"] = BatchNorm,
        ["FusedBatchNormV3"] = BatchNorm,
        ["LRN"] = Call.One(LocalResponse),
    };

    /// <summary><c>(x - mean) / sqrt(variance + epsilon) * scale + offset</c>, channel by channel, in float64, rounded once; in training
    /// mean and variance are the batch's own.</summary>
    private static GraphValue?[] BatchNorm(Call at)
    {
        var (value, isFirst) = (at[0], at.Node.Text("data_format", "NHWC").StartsWith("NC", StringComparison.Ordinal));
        var channels = value.Shape[isFirst ? 1 : ^1];
        var inner = isFirst ? JoinOperations.Product(value.Shape, 2) : 1;
        var (numbers, scale, offset, mean, variance) = (
            value.ToDoubles(),
            at[1].ToDoubles(),
            at[2].ToDoubles(),
            at[3].ToDoubles(),
            at[4].ToDoubles());
        var epsilon = at.Node.Float("epsilon", 1e-4);
        at.Run.Budget.Spend(4L * numbers.Length);
        int Channel(int k) => k / inner % channels;
        if (at.Node.Bool("is_training", true))
        {
            (mean, variance) = (new double[channels], new double[channels]);
            var count = numbers.Length / Math.Max(1, channels);
            for (var k = 0; k < numbers.Length; k++)
            {
                mean[Channel(k)] += numbers[k] / count;
            }

            for (var k = 0; k < numbers.Length; k++)
            {
                variance[Channel(k)] += (numbers[k] - mean[Channel(k)]) * (numbers[k] - mean[Channel(k)]) / count;
            }
        }

        var result = new double[numbers.Length];
        for (var k = 0; k < numbers.Length; k++)
        {
            var c = Channel(k);
            result[k] = ((numbers[k] - mean[c]) / Math.Sqrt(variance[c] + epsilon) * scale[c]) + offset[c];
        }

        GraphValue Of(double[] of, params int[] shape) =>
            GraphValue.Numbers(of, shape).Cast(at[shape.Length > 1 ? 0 : 1].Type, at.Precision);
        return [Of(result, value.Shape), Of(mean, channels), Of(variance, channels), Of(mean, channels), Of(variance, channels), Of([], 0)];
    }

    /// <summary><c>x / (bias + alpha * sum of squares of neighbouring channels) ^ beta</c>.</summary>
    private static GraphValue LocalResponse(Call at)
    {
        var (value, radius) = (at[0], Math.Max(0, at.Node.Int("depth_radius", 5)));
        var (bias, alpha, beta) = (at.Node.Float("bias", 1), at.Node.Float("alpha", 1), at.Node.Float("beta", 0.5));
        var (numbers, depth) = (value.ToDoubles(), value.Shape[^1]);
        var result = new double[numbers.Length];
        at.Run.Budget.Spend((long)numbers.Length * (1 + (2 * Math.Min(radius, depth))));
        for (var k = 0; k < numbers.Length; k++)
        {
            var (row, channel, sum) = (k / depth * depth, k % depth, 0.0);
            for (var c = Math.Max(0, channel - radius); c <= Math.Min(depth - 1L, (long)channel + radius); c++)
            {
                sum += numbers[row + c] * numbers[row + c];
            }

            result[k] = numbers[k] / Math.Pow(bias + (alpha * sum), beta);
        }

        return GraphValue.Numbers(result, value.Shape).Cast(value.Type, at.Precision);
    }
}
