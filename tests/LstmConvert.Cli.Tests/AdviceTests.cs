using System.Globalization;

namespace LstmConvert.Cli.Tests;

/// <summary>What a refusal says is to be typed makes what would have been converted, or is not said.</summary>
public sealed class AdviceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_chain_beside_a_layer_alone_is_not_advised_to_fall_apart()
    {
        Cell("rnn/multi_rnn_cell/cell_0/lstm_cell", 3, 4);
        Cell("rnn/multi_rnn_cell/cell_1/lstm_cell", 4, 4);
        Cell("dec/lstm_cell", 4, 5);
        var (code, _, error) = await Convert("--strict");
        Assert.Equal(5, code);
        Assert.DoesNotContain("--wiring", error, StringComparison.Ordinal);
        Assert.Contains("--include 'dec/lstm_cell/*'", error, StringComparison.Ordinal);
        string[] said =
        [
            .. "--strict --forget-bias 1 --activation tanh --cell-clip none --residual no --fact direction=forward".Split(' '),
        ];
        Assert.Equal(0, (await Convert([.. said, "--include", "dec/lstm_cell/*"])).Code);
        var (rest, output, _) = await Convert([.. said, "--exclude", "dec/lstm_cell/*"]);
        Assert.Equal(0, rest);
        Assert.Contains("[chain", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Layers_that_are_each_alone_are_independent_and_the_advice_says_so()
    {
        Cell("enc/lstm_cell", 3, 4);
        Cell("dec/lstm_cell", 6, 5);
        Assert.Contains("--wiring independent", (await Convert("--strict")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_layer_is_only_asked_for_where_one_fits()
    {
        Cell("rnn/lstm_cell", 3, 4);
        Assert.Equal(0, (await Convert()).Code);
        Directory.Move(Path.Combine(folder, "source"), Path.Combine(folder, "other"));
        Cell("rnn/lstm_cell", 6, 5);
        var (code, output, error) = await CommandTests.Run(
            "verify",
            Path.Combine(folder, "source"),
            Path.Combine(folder, "out.h5"),
            "--layer",
            "rnn/lstm_cell=rnn_lstm_cell");
        Assert.Equal(1, code);
        Assert.Contains("has width 3, and the source's 6", output, StringComparison.Ordinal);
        Assert.DoesNotContain("--layer", output + error, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output, string Error)> Convert(params string[] options) =>
        CommandTests.Run(["tf2keras", Path.Combine(folder, "source"), "-o", Path.Combine(folder, "out.h5"), "--force", .. options]);

    private void Cell(string scope, int x, int u)
    {
        var random = new Random(x + u);
        void Write(string name, int[] shape)
        {
            var path = Path.Combine(folder, "source", scope, name + ".npy");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            CommandTests.WriteNpy(
                path,
                string.Create(CultureInfo.InvariantCulture, $"({string.Join(", ", shape)},)"),
                [.. Enumerable.Range(0, shape.Aggregate(1, (product, length) => product * length)).Select(_ => random.NextSingle() - 0.5f)]);
        }

        Write("kernel", [x + u, 4 * u]);
        Write("bias", [4 * u]);
    }
}
