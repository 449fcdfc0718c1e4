namespace LstmConvert.Tests.Cells;

/// <summary>An LSTM of Chainer whose peepholes are matrices, and one with a peephole missing.</summary>
public sealed class ChainerPeepholeTests
{
    [Fact]
    public async Task Peepholes_that_are_matrices_compute_the_same_in_Keras_and_come_back()
    {
        using var source = Source("i", "f", "o");
        var converted = await source.ConvertAsync("peepholes.h5");
        Assert.True(converted.Code == 0, converted.Error);
        Assert.Contains("full_peepholes=True", converted.Output, StringComparison.Ordinal);
        var verified = await source.VerifyAsync("peepholes.h5");
        Assert.True(verified.Code == 0, verified.Output + verified.Error);
        var back = await source.BackAsync("peepholes.h5");
        Assert.True(back.Code == 0, back.Error);
        var (before, after) = (source.Stored(source.Source), source.Stored(source.Back));
        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), after.Keys.Order(StringComparer.Ordinal));
        Assert.All(before, variable => Assert.Equal(variable.Value, after[variable.Key]));
    }

    [Fact]
    public async Task Peepholes_of_which_one_is_missing_are_refused()
    {
        using var source = Source("i", "o");
        var converted = await source.ConvertAsync("peepholes.h5");
        Assert.Equal(4, converted.Code);
        Assert.Contains("of its three peepholes peep_f/W is missing", StoredVariables.Sentence(converted), StringComparison.Ordinal);
    }

    private static StoredVariables Source(params string[] peepholes)
    {
        var (source, random) = (new StoredVariables(), new Random(5));
        source.Add("some/rec/upward/W", CudnnPacking.Numbers(random, [24, 4]));
        source.Add("some/rec/upward/b", CudnnPacking.Numbers(random, [24]));
        source.Add("some/rec/lateral/W", CudnnPacking.Numbers(random, [24, 6]));
        foreach (var gate in peepholes)
        {
            source.Add($"some/rec/peep_{gate}/W", CudnnPacking.Numbers(random, [6, 6]));
        }

        return source;
    }
}
