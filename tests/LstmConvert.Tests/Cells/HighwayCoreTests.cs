namespace LstmConvert.Tests.Cells;

/// <summary>A recurrent highway of several layers, which the number of its variables tells, and one with a layer missing.</summary>
public sealed class HighwayCoreTests
{
    private const string Scope = "some/highway_core";

    [Fact]
    public async Task A_highway_of_three_layers_computes_the_same_in_Keras_and_comes_back()
    {
        using var source = Source(5, 4, 0, 1, 2);
        var converted = await source.ConvertAsync("highway.h5");
        Assert.True(converted.Code == 0, converted.Error);
        Assert.Contains("RecurrentHighwayCell(4, num_layers=3)", converted.Output, StringComparison.Ordinal);
        var verified = await source.VerifyAsync("highway.h5");
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
        var back = await source.BackAsync("highway.h5");
        Assert.True(back.Code == 0, back.Error);
        var (before, after) = (source.Stored(source.Source), source.Stored(source.Back));
        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), after.Keys.Order(StringComparer.Ordinal));
        Assert.All(before, variable => Assert.Equal(variable.Value, after[variable.Key]));
    }

    [Fact]
    public async Task A_highway_with_a_layer_missing_is_refused()
    {
        using var source = Source(5, 4, 0, 2);
        var converted = await source.ConvertAsync("highway.h5");
        Assert.Equal(4, converted.Code);
        Assert.Contains(
            "it has a wt2, and its layers before are not complete",
            StoredVariables.Sentence(converted),
            StringComparison.Ordinal);
    }

    private static StoredVariables Source(int inputs, int units, params int[] layers)
    {
        var (source, random) = (new StoredVariables(), new Random(3));
        source.Add($"{Scope}/wt", CudnnPacking.Numbers(random, [inputs, units]));
        source.Add($"{Scope}/wh", CudnnPacking.Numbers(random, [inputs, units]));
        foreach (var layer in layers)
        {
            foreach (var part in "th")
            {
                source.Add(FormattableString.Invariant($"{Scope}/w{part}{layer}"), CudnnPacking.Numbers(random, [units, units]));
                source.Add(FormattableString.Invariant($"{Scope}/b{part}{layer}"), CudnnPacking.Numbers(random, [units]));
            }
        }

        return source;
    }
}
