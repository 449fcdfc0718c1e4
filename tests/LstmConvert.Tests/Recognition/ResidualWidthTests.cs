using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Recognition;

/// <summary>A residual addition that is said where widths cannot be added: of the first layer of a stack as of any other.</summary>
public sealed class ResidualWidthTests : IDisposable
{
    private const string Stack = """
        import sys, numpy as np
        r = np.random.RandomState(0)
        np.savez(sys.argv[1], **{f'rnn/multi_rnn_cell/cell_{k}/lstm_cell/{n}': r.uniform(-1, 1, s).astype('f4') for k, x in ((0, 3), (1, 4)) for n, s in (('kernel', (x + 4, 16)), ('bias', 16))})
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("yes")]
    [InlineData("rnn/multi_rnn_cell/cell_0/lstm_cell=yes")]
    public async Task Widths_that_cannot_be_added_are_refused_with_what_to_type(string said)
    {
        var (source, path) = (Path.Combine(folder, "v.npz"), Path.Combine(folder, "m.h5"));
        Hdf5WriterTests.Python(source, Stack);
        var refused = await Product.RunAsync("tf2keras", source, "--residual", said, "-o", path);
        Assert.True(refused.Code == 5, refused.Output + refused.Error);
        Assert.Contains(
            "cell_0/lstm_cell: the residual = yes (option), and an input of width 3 cannot be added to an output of width 4.",
            refused.Error,
            StringComparison.Ordinal);
        const string Remedy = "rnn/multi_rnn_cell/cell_0/lstm_cell=none";
        Assert.Contains($"--residual {Remedy}", refused.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(path));

        // In the place of what was said of the layer itself, beside what was said of all.
        string[] words = said == "yes" ? ["--residual", said, "--residual", Remedy] : ["--residual", Remedy];
        var made = await Product.RunAsync(["tf2keras", source, .. words, "-o", path]);
        Assert.True(made.Code == 0, made.Error);
        Assert.Equal(said == "yes", made.Output.Contains("Add()", StringComparison.Ordinal));
        Assert.Equal(0, (await Product.RunAsync(["verify", source, path, .. words])).Code);
        Assert.Equal(5, (await Product.RunAsync("verify", source, path, "--residual", said)).Code);
    }
}
