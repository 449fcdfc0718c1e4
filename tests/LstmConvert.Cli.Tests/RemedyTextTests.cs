using LstmConvert.Cli;

namespace LstmConvert.Cli.Tests;

/// <summary>What helps against a refusal, in the words of the command line.</summary>
public sealed class RemedyTextTests
{
    [Fact]
    public void One_scope_needs_one_of_its_cells() =>
        Assert.Equal(
            "No. Say which cell it is: --cell a=LSTMCell or --cell a=UGRNNCell.",
            RemedyText.Of(new UndecidedException("No.", [new SayCellRemedy("a", ["LSTMCell", "UGRNNCell"])])));

    [Fact]
    public void Several_scopes_need_one_option_each() =>
        Assert.Equal(
            "No. Say it of each scope that is a cell, one option for each: --cell fw=LSTMCell or --cell fw=UGRNNCell; --cell 'b w'=LSTMCell.",
            RemedyText.Of(
                new UndecidedException("No.", [new SayCellRemedy("fw", ["LSTMCell", "UGRNNCell"]), new SayCellRemedy("b w", ["LSTMCell"])]))
        );

    [Theory]
    [InlineData(Setting.OutputFolder, "out", "A folder is named with --out-dir out.")]
    [InlineData(Setting.Overwrite, null, "--force replaces it.")]
    [InlineData(Setting.Unchecked, null, "--no-crc reads it as it is.")]
    [InlineData(Setting.ElementType, "bfloat16", "Say so with --dtype bfloat16.")]
    [InlineData(Setting.Sample, "a_", "Name one: --sample a_.")]
    [InlineData(Setting.Include, "rnn*", "As in --include 'rnn*'.")]
    public void A_setting_is_named_by_its_option(Setting setting, string? value, string sentence) =>
        Assert.Equal($"No. {sentence}", RemedyText.Of(new OutputException("No.", remedies: [new SettingRemedy(setting, value)])));
}
