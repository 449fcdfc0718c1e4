using LstmConvert.Tests.Formats.Hdf5;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Verification;

/// <summary>Numbers that no variable holds, found from outputs that NumPy computed by TensorFlow's equations: forget biases far out, and a
/// limit of the state together with peepholes.</summary>
public sealed class IdentifiedNumbersTests : IDisposable
{
    private const string Program = """
        import sys, os, numpy as np
        folder, bias, clip, peep, seed, t = sys.argv[1], NUMBERS
        r = np.random.RandomState(seed)
        u, x, b = 5, 3, 3
        sig = lambda v: 1 / (1 + np.exp(-v))
        K, B = r.uniform(-1, 1, (x + u, 4 * u)).astype('f4'), r.uniform(-1, 1, 4 * u).astype('f4')
        W = [r.uniform(-1, 1, u).astype('f4') for _ in 'ifo']
        X = r.uniform(-1, 1, (b, t, x)).astype('f4')
        h, c, ys = np.zeros((b, u)), np.zeros((b, u)), []
        wi, wf, wo = [w.astype('f8') * peep for w in W]
        for k in range(t):
            i, j, f, o = np.split(np.concatenate([X[:, k], h], 1) @ K.astype('f8') + B, 4, 1)
            c = sig(f + wf * c + bias) * c + sig(i + wi * c) * np.tanh(j)
            c = c if clip is None else np.clip(c, -clip, clip)
            h = sig(o + wo * c) * np.tanh(c)
            ys.append(h)
        named = dict(kernel=K, bias=B)
        if peep:
            named.update(w_i_diag=W[0], w_f_diag=W[1], w_o_diag=W[2])
        np.savez(os.path.join(folder, 'v.npz'), **{'cell/lstm_cell/' + n: v for n, v in named.items()})
        np.save(os.path.join(folder, 'x.npy'), X)
        np.save(os.path.join(folder, 'y.npy'), np.stack(ys, 1).astype('f4'))
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("6.5", "forget_bias = 6.5")]
    [InlineData("8", "forget_bias = 8")]
    [InlineData("-5.5", "forget_bias = -5.5")]
    [InlineData("-7", "forget_bias = -7")]
    [InlineData("3", "forget_bias = 3")]
    public async Task Forget_biases_far_out_are_found(string bias, string words)
    {
        foreach (var seed in new[] { "1", "2", "3" })
        {
            var (code, output) = await Identified(bias, "None", "0", seed, "20");
            Assert.True(code == 0, output);
            Assert.Contains(words, output, StringComparison.Ordinal);
        }
    }

    /// <summary>Gates that are full to all digits that are compared: no number is stated as certain.</summary>
    [Theory]
    [InlineData("15")]
    [InlineData("30")]
    public async Task A_bias_that_the_sample_cannot_tell_is_ambiguous(string bias)
    {
        var (code, output) = await Identified(bias, "None", "0", "1", "6");
        Assert.True(code == 5, output);
        Assert.Contains("ambiguous", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "0.25", "1")]
    [InlineData("1", "0.4", "2")]
    [InlineData("0", "0.1", "3")]
    public async Task A_limit_of_the_state_is_found_with_peepholes(string bias, string clip, string seed)
    {
        var (code, output) = await Identified(bias, clip, "1", seed, "20");
        Assert.True(code == 0, output);
        Assert.Contains($"cell_clip = {clip}", output, StringComparison.Ordinal);
        Assert.Contains($"forget_bias = {bias}", output, StringComparison.Ordinal);
        Assert.Contains(
            "peepholes i f o = cell/lstm_cell/w_i_diag, cell/lstm_cell/w_f_diag, cell/lstm_cell/w_o_diag",
            output,
            StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> Identified(params string[] numbers)
    {
        Hdf5WriterTests.Python(folder, Program.Replace("NUMBERS", string.Join(", ", numbers), StringComparison.Ordinal));
        var (code, output, error) = await Product.RunAsync(
            "identify",
            Path.Combine(folder, "v.npz"),
            "--input",
            Path.Combine(folder, "x.npy"),
            "--expect",
            Path.Combine(folder, "y.npy"));
        return (code, output + error);
    }
}
