using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>Models that were trained on Theano, written again: what is changed of their kernels is said.</summary>
public sealed class TheanoRepairTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("tensorflow", "conv-lstm-2d", 0)]
    [InlineData("theano", "conv-lstm-2d", 1)]
    [InlineData("theano", "lstm", 0)]
    public async Task Repair_says_which_kernels_it_turned(string backend, string golden, int count)
    {
        var (old, path) = (Path.Combine(folder, "old.h5"), Path.Combine(folder, "new.keras"));
        await File.WriteAllBytesAsync(old, await File.ReadAllBytesAsync(Path.Combine(Shared.Goldens, "keras-2.2.4", golden, "model.h5")));
        Hdf5WriterTests.Python(
            old,
            $"import sys, h5py\nwith h5py.File(sys.argv[1], 'a') as f: f['model_weights'].attrs['backend'] = '{backend}'.encode()");
        var (code, output, error) = await Product.RunAsync("repair", old, "-o", path);
        Assert.True(code == 0, output + error);
        var said = output.Split('\n').Where(line => line.Contains("trained on Theano", StringComparison.Ordinal)).ToArray();
        Assert.Equal(count, said.Length);
        Assert.All(said, line => Assert.StartsWith("changed: conv_lstm2d_1: its kernels were trained on Theano", line, StringComparison.Ordinal));
        Assert.Contains("Verdict: same", output, StringComparison.Ordinal);
    }
}
