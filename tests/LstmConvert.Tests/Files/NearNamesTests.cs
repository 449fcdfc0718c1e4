using LstmConvert.Files;

namespace LstmConvert.Tests.Files;

/// <summary>What is near a name that is not there.</summary>
public sealed class NearNamesTests
{
    [Theory]
    [InlineData("tf2kera", "tf2keras")]
    [InlineData("TF2KERAS", "tf2keras")]
    [InlineData("vreify", "verify")]
    [InlineData("verfiy", "verify")]
    [InlineData("inspekt", "inspect")]
    [InlineData("comp", "completions")]
    [InlineData("keras", "")]
    [InlineData("convert", "")]
    [InlineData("x", "")]
    [InlineData("", "")]
    public void A_letter_wrong_exchanged_or_missing_is_near(string typed, string expected) =>
        Assert.Equal(expected, string.Join(" ", NearNames.Of(typed, ["tf2keras", "verify", "inspect", "completions"])));

    [Fact]
    public void The_nearest_stand_first_and_three_at_most() =>
        Assert.Equal(
            ["rnn/cell_1", "rnn/cell_2", "rnn/cell_3"],
            NearNames.Of("rnn/cell1", ["rnn/cell_2", "rnn/cell_1", "rnn/cell_3", "rnn/cell_4", "rnn/fw"]));

    [Fact]
    public void The_end_of_a_scope_is_near() =>
        Assert.Equal(["model/rnn/lstm_cell"], NearNames.Of("lstm_cell", ["model/rnn/lstm_cell", "model/rnn/gru_cell"]));

    [Fact]
    public void A_name_of_any_length_costs_little()
    {
        Assert.Empty(NearNames.Of(new string('a', 1_000_000), [new string('a', 1_000_001)]));
        Assert.Empty(NearNames.Of("abcdef", Enumerable.Range(0, 100_000).Select(k => new string('x', 150) + k)));
    }
}
