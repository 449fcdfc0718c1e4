using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>
/// Cells with more rows and units than are looked at first: what only the others show is found, and what they contradict is no match. The
/// cells are run by plain arithmetic of this file.
/// </summary>
public sealed class IdentificationFocusTests
{
    private const int Batch = 12;
    private const int Steps = 8;
    private const int Inputs = 5;
    private const int Units = 100;

    /// <summary>A unit that is not among those that are looked at first, while its outputs are small.</summary>
    private const int Hidden = 51;

    [Theory]
    [InlineData(1, 0, "forget_bias = 1", null)]
    [InlineData(1.37, 0, "forget_bias = 1.37", null)]
    [InlineData(1, 0.8, "forget_bias = 1", "cell_clip = 0.8")]
    public void What_only_one_of_many_units_shows_is_found(double forgetBias, double clip, string bias, string? limit)
    {
        var cell = Assert.Single(Identified(forgetBias, clip, _ => { }));
        Assert.True(cell.IsMatch, $"{string.Join(", ", cell.Words)} at {cell.Distance}");
        Assert.Empty(cell.Rivals);
        Assert.Contains("gates i j f o", cell.Words);
        Assert.Contains(bias, cell.Words);
        Assert.Equal(limit is not null, cell.Words.Any(word => word.StartsWith("cell_clip", StringComparison.Ordinal)));
        Assert.True(limit is null || cell.Words.Contains(limit));
    }

    [Fact]
    public void A_convention_that_one_number_of_the_whole_sample_contradicts_is_no_match()
    {
        var cell = Assert.Single(Identified(1, 0, outputs => outputs[^(Units - Hidden)] += 0.01f));
        Assert.False(cell.IsMatch);
        Assert.InRange(cell.Distance, 0.0099, 0.0101);
    }

    private static IReadOnlyList<IdentifiedCell> Identified(double forgetBias, double clip, Action<float[]> change)
    {
        var random = new Random(3);
        float[] Drawn(int count, double scale) => [.. Enumerable.Range(0, count).Select(_ => (float)(scale * ((2 * random.NextDouble()) - 1)))];
        var (kernel, bias) = (Drawn((Inputs + Units) * 4 * Units, 0.12), Drawn(4 * Units, 0.2));
        var x = Drawn(Batch * Steps * Inputs, 1);

        // It takes in much, forgets little and shows little: its state grows, and no other one's does.
        (bias[Hidden], bias[Units + Hidden], bias[(2 * Units) + Hidden], bias[(3 * Units) + Hidden]) = (2, 1, 1, -2);
        var outputs = Run(x, kernel, bias, forgetBias, clip);
        change(outputs);
        using var variables = new TensorSet(
            "memory",
            "variables in memory",
            [Of("cell/kernel", kernel, Inputs + Units, 4 * Units), Of("cell/bias", bias, 4 * Units)]);
        using var io = new TensorSet(
            "memory",
            "arrays in memory",
            [Of("x", x, Batch, Steps, Inputs), Of("outputs", outputs, Batch, Steps, Units)]);
        return Identification.Of(variables, new RecordedValues(io, null), new RecordedValues(io, null));
    }

    /// <summary>i j f o, from zero states.</summary>
    private static float[] Run(float[] x, float[] kernel, float[] bias, double forgetBias, double clip)
    {
        var outputs = new float[Batch * Steps * Units];
        for (var b = 0; b < Batch; b++)
        {
            var (h, c) = (new double[Units], new double[Units]);
            for (var t = 0; t < Steps; t++)
            {
                double[] given = [.. x.AsSpan(((b * Steps) + t) * Inputs, Inputs).ToArray().Select(value => (double)value), .. h];
                for (var u = 0; u < Units; u++)
                {
                    double Sum(int block) => bias[(block * Units) + u] + given.Select((value, row) => value * kernel[(row * 4 * Units) + (block * Units) + u]).Sum();
                    c[u] = (Sigmoid(Sum(2) + forgetBias) * c[u]) + (Sigmoid(Sum(0)) * Math.Tanh(Sum(1)));
                    c[u] = clip > 0 ? Math.Clamp(c[u], -clip, clip) : c[u];
                    h[u] = Sigmoid(Sum(3)) * Math.Tanh(c[u]);
                    outputs[(((b * Steps) + t) * Units) + u] = (float)h[u];
                }
            }
        }

        return outputs;
    }

    private static double Sigmoid(double value) => 1 / (1 + Math.Exp(-value));

    private static MemoryTensor Of(string name, float[] values, params long[] shape) =>
        new(new TensorInfo(name, DType.Float32, new Shape(shape)), values.SelectMany(BitConverter.GetBytes).ToArray());
}
