namespace LstmConvert.Cli.Tests.Help;

/// <summary>A line that says nothing known is answered with what is near.</summary>
public sealed class NearWordTests
{
    [Theory]
    [InlineData("tf2kera x", "'tf2kera' is no command. Did you mean tf2keras?")]
    [InlineData("convert x", "'convert' is no command. The commands are tf2keras, plan, apply, repair, keras2tf")]
    [InlineData("help verfy", "'verfy' is no command. Did you mean verify?")]
    [InlineData("completions bsh", "completions takes bash, fish, pwsh, zsh, and 'bsh' is none of them. Did you mean bash")]
    [InlineData("cells LSTMCel", "Did you mean LSTMCell")]
    [InlineData("dialects sonet2", "Did you mean sonnet2")]
    [InlineData("tf2keras SOURCE --forgetbias 1", "tf2keras has no option --forgetbias. Did you mean --forget-bias?")]
    [InlineData("inspect SOURCE --input x.npy", "inspect has no option --input. verify, identify have it.")]
    [InlineData("tf2keras SOURCE -k", "tf2keras has no option -k.")]
    [InlineData("tf2keras --source", "a file of that name is written ./--source")]
    [InlineData("tf2keras SOURCE -o", "-o needs a value behind it")]
    [InlineData("tf2keras SOURCE -o --force", "'--force' behind it is an option")]
    [InlineData("tf2keras SOURCE -o a.h5 --out-dir b", "only one of them can be meant")]
    [InlineData("tf2keras SOURCE --to keras-mode", "Did you mean keras-model")]
    [InlineData("tf2keras SOURCE --jobs two", "--jobs takes a whole number, and 'two' is none.")]
    [InlineData("tf2keras SOURCE --wiring chian", "Did you mean chain?")]
    [InlineData("tf2keras SOURCE --activation tnh", "Did you mean tanh?")]
    [InlineData("tf2keras SOURCE --cell LSTMCel", "Did you mean LSTMCell")]
    [InlineData("tf2keras SOURCE --dialect tensorflow", "Did you mean tensorflow1?")]
    [InlineData("tf2keras SOURCE --fact direciton=backward", "Did you mean direction?")]
    [InlineData("tf2keras SOURCE --fact direction=bakward", "Did you mean backward?")]
    [InlineData("tf2keras SOURCE --layer cell_0/basic_lstm_cel=a", "Did you mean rnn/multi_rnn_cell/cell_0/basic_lstm_cell")]
    [InlineData("verify SOURCE", "verify needs SOURCE... KERAS")]
    [InlineData("keras2tf", "keras2tf needs")]
    [InlineData("repair SOURCE", "repair needs")]
    [InlineData("SOURCE", "'lstmconvert tf2keras")]
    public async Task Wrong_usage_says_what_is_meant(string line, string answer)
    {
        var source = Path.Combine(CommandTests.Root(), "samples", "checkpoint", "model.ckpt");
        var (code, output, error) = await CommandTests.Run([.. line.Split(' ').Select(word => word == "SOURCE" ? source : word)]);
        Assert.True(code == 2, $"{code}: {error}");
        Assert.Empty(output);
        Assert.True(error.Contains(answer, StringComparison.Ordinal), error);
        Assert.All(error.Split('\n', StringSplitOptions.RemoveEmptyEntries), text =>
            Assert.StartsWith("lstmconvert: ", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("samples/checkpoint --exclude rnn/multi_rnn_cell/cell_2/*", "matches no variable and decides nothing")]
    [InlineData("samples/checkpoint --cell GRUCell", "")]
    [InlineData("samples/seed-post/variables --forget-bias rnn/fw=auto --forget-bias rnn/fw=auto", "")]
    public async Task What_decides_nothing_is_said(string line, string answer)
    {
        var words = line.Split(' ');
        var (code, _, error) = await CommandTests.Run([
            "tf2keras",
            Path.Combine(CommandTests.Root(), words[0]),
            .. words[1..],
            "--dry-run",
        ]);
        Assert.True(code == 0 ? error.Contains(answer, StringComparison.Ordinal) : answer.Length == 0, $"{code}: {error}");
    }

    [Fact]
    public async Task A_fact_that_no_cell_has_is_refused()
    {
        var (code, _, error) = await CommandTests.Run(
            "tf2keras",
            Path.Combine(CommandTests.Root(), "samples", "batch", "gru"),
            "--forget-bias",
            "1",
            "--dry-run");
        Assert.Equal(2, code);
        Assert.Contains("forget_bias is said, and no layer has such a fact.", error, StringComparison.Ordinal);
        (code, _, error) = await CommandTests.Run(
            "tf2keras",
            Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables"),
            "--forget-bias",
            "rnn/fw=1",
            "--forget-bias",
            "rnn/fw=2",
            "--dry-run");
        Assert.Equal(2, code);
        Assert.Contains("forget_bias is said of rnn/fw as 1 and as 2. Say it once.", error, StringComparison.Ordinal);
    }
}
