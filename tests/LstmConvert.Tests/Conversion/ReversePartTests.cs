using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Conversion;

/// <summary>Keras files of which a part goes back to cells of TensorFlow, and what the command prints to type next.</summary>
public sealed class ReversePartTests : IDisposable
{
    /// <summary>Gives the GRU of a model two biases, and gates that no cell of TensorFlow with two has.</summary>
    private const string OtherGates = """
        import h5py, io, json, numpy as np, os, sys, zipfile
        source, target = os.path.join(sys.argv[1], 'golden.keras'), os.path.join(sys.argv[1], 'm.keras')
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, 'w') as new:
            for name in old.namelist():
                data = old.read(name)
                if name == 'config.json':
                    config = json.loads(data)
                    for layer in config['config']['layers']:
                        if layer['class_name'] == 'GRU':
                            layer['config'].update(recurrent_activation='relu', reset_after=True)
                    data = json.dumps(config)
                if name == 'model.weights.h5':
                    held = io.BytesIO(data)
                    with h5py.File(held, 'a') as file:
                        group = file['layers/gru/cell/vars']
                        bias = group['2'][()]
                        del group['2']
                        group['2'] = np.stack([bias, bias])
                    data = held.getvalue()
                new.writestr(name, data)
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_layer_that_does_not_go_back_is_left_out_as_the_refusal_says()
    {
        File.Copy(Path.Combine(Shared.Goldens, "keras-3.15.1", "hard-sigmoid", "model.keras"), Path.Combine(folder, "golden.keras"));
        Hdf5WriterTests.Python(folder, OtherGates);
        var (path, target) = (Path.Combine(folder, "m.keras"), Path.Combine(folder, "v.npz"));
        var refused = await Product.RunAsync("keras2tf", path, "-o", target);
        Assert.True(refused.Code == 4, refused.Output + refused.Error);
        Assert.Contains("gru_1 (GRU) does not go back", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Without it the rest converts: --exclude 'gru_1'.", refused.Error, StringComparison.Ordinal);

        var rest = await Product.RunAsync("keras2tf", path, "-o", target, "--exclude", "gru_1");
        Assert.True(rest.Code == 0, rest.Error);
        Assert.Contains("left out: gru_1 (not asked for)", rest.Output, StringComparison.Ordinal);
        Assert.All(NumberArray.ReadNpz(target).Keys, name => Assert.StartsWith("lstm_1/", name, StringComparison.Ordinal));
        var same = await Product.RunAsync("keras2tf", path, "-o", target, "--include", "lstm*", "--force");
        Assert.Equal(rest.Output, same.Output);
        await RunNext(same.Output, 1);

        var none = await Product.RunAsync("keras2tf", path, "-o", target, "--include", "gru_1", "--exclude", "other", "--force");
        Assert.Equal(4, none.Code);
        Assert.DoesNotContain("--exclude 'gru_1'", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pattern_that_matches_nothing_is_told()
    {
        var (code, _, error) = await Product.RunAsync(
            "keras2tf",
            Path.Combine(Shared.Goldens, "keras-3.15.1", "lstm", "model.keras"),
            "-o",
            Path.Combine(folder, "v.npz"),
            "--exclude",
            "nothing");
        Assert.Equal(0, code);
        Assert.Contains("the pattern 'nothing' matches no layer with weights", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2.2.4", "rnn-stacked-cells", "model.h5")]
    [InlineData("2.2.4", "rnn-mixed-cells", "model.h5")]
    [InlineData("3.15.1", "rnn-stacked-cells", "model.keras")]
    [InlineData("3.15.1", "rnn-mixed-cells", "model.keras")]
    [InlineData("3.15.1", "bidirectional-stack-2", "model.keras")]
    public async Task What_is_printed_to_type_next_verifies(string version, string name, string file)
    {
        var path = Path.Combine(Shared.Goldens, $"keras-{version}", name, file);
        var (code, output, error) = await Product.RunAsync("keras2tf", path, "-o", Path.Combine(folder, "v.npz"));
        Assert.True(code == 0, error);
        await RunNext(output, name.StartsWith("bidirectional", StringComparison.Ordinal) ? 2 : 1);
    }

    [Fact]
    public async Task A_stack_that_is_another_is_told_by_what_is_printed_to_type_next()
    {
        var path = Path.Combine(Shared.Goldens, "keras-3.15.1", "rnn-mixed-cells", "model.keras");
        var target = Path.Combine(folder, "v.npz");
        var made = await Product.RunAsync("keras2tf", path, "-o", target);
        Hdf5WriterTests.Python(target, """
            import sys, numpy as np
            v = dict(np.load(sys.argv[1]))
            name = next(n for n in v if 'cell_1' in n and n.endswith('kernel'))
            v[name][0, 0] += 0.01
            np.savez(sys.argv[1], **v)
            """);
        var next = Assert.Single(Next(made.Output));
        var verified = await Product.RunAsync(next);
        Assert.True(verified.Code == 1, verified.Output + verified.Error);
        Assert.Contains("rnn_1/multi_rnn_cell/cell_1/lstm_cell differs", verified.Output, StringComparison.Ordinal);
    }

    private static async Task RunNext(string output, int count)
    {
        var lines = Next(output);
        Assert.Equal(count, lines.Count);
        foreach (var line in lines)
        {
            var verified = await Product.RunAsync(line);
            Assert.True(verified.Code == 0, verified.Output + verified.Error);
        }
    }

    /// <summary>The commands behind <c>Next:</c>, in words.</summary>
    private static List<string[]> Next(string output) =>
        [
            .. output[output.IndexOf("Next: ", StringComparison.Ordinal)..]
                .Split('\n')
                .Where(line => line.Contains("lstmconvert verify", StringComparison.Ordinal))
                .Select(line => line[line.IndexOf("verify", StringComparison.Ordinal)..]
                    .Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(word => word.Trim('\''))
                    .ToArray()),
        ];
}
