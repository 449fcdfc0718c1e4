using System.Text.Json;

namespace LstmConvert.Cli.Tests;

public sealed class CommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Seed => Path.Combine(Root(), "samples", "seed-post");

    private static string Variables => Path.Combine(Seed, "variables");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Without_the_forget_bias_the_seeds_differences_are_shown()
    {
        Assert.Equal(0, (await Run("tf2keras", Variables, "--forget-bias", "0", "-o", At("o.h5"))).Code);
        var (code, output, _) = await Run(
            "verify",
            Variables,
            At("o.h5"),
            "--input",
            Path.Combine(Seed, "x.npy"),
            "--show-difference",
            "--json");
        Assert.Equal(1, code);
        using var report = JsonDocument.Parse(output);
        var layers = report
            .RootElement.GetProperty("layers")
            .EnumerateArray()
            .ToDictionary(layer => layer.GetProperty("scope").GetString()!);
        foreach (
            var (scope, printed) in new[]
            {
                ("rnn/fw", new[] { -0.0370398, -0.02871804, 0.00494046 }),
                ("rnn/bw", [-0.03148754, -0.0340828, 0.05445436]),
            })
        {
            var shown = layers[scope]
                .GetProperty("last_hidden_difference")[0]
                .EnumerateArray()
                .Select(value => value.GetDouble())
                .ToArray();
            Assert.All(shown.Zip(printed), pair => Assert.Equal(pair.Second, pair.First, 1e-7));
            Assert.Contains("forget bias", layers[scope].GetProperty("cause").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task With_the_forget_bias_the_seed_is_the_same()
    {
        Assert.Equal(0, (await Run("tf2keras", Variables, "-o", At("o.h5"))).Code);
        Assert.Equal(0, (await Run("verify", Variables, At("o.h5"))).Code);
        Assert.Equal(0, (await Run("verify", Variables, At("o.h5"), "--input", Path.Combine(Seed, "x.npy"))).Code);
    }

    [Fact]
    public async Task One_step_from_a_zero_state_is_inconclusive()
    {
        WriteNpy(At("x.npy"), "(2, 1, 2)", [0.5f, -1, 2, 0.25f]);
        Assert.Equal(0, (await Run("tf2keras", Variables, "-o", At("o.h5"))).Code);
        var (code, output, _) = await Run("verify", Variables, At("o.h5"), "--input", At("x.npy"));
        Assert.Equal(5, code);
        Assert.Contains("Verdict: inconclusive", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("samples/seed-post/variables", "--recurrent-activation", "hard_sigmoid")]
    [InlineData("samples/batch/gru", "--reset-after", "true")]
    [InlineData("samples/batch/gru", "--recurrent-activation", "hard_sigmoid")]
    [InlineData("samples/batch/language-model", "--forget-bias", "0")]
    public async Task A_wrong_convention_shows_more_than_a_thousandth(string source, string option, string value)
    {
        source = Path.Combine(Root(), source);
        Assert.Equal(0, (await Run("tf2keras", source, "-o", At("o.h5"))).Code);
        var (code, output, _) = await Run("verify", source, At("o.h5"), option, value, "--json");
        Assert.Equal(1, code);
        using var report = JsonDocument.Parse(output);
        Assert.All(report.RootElement.GetProperty("layers").EnumerateArray(), layer =>
            Assert.True(layer.GetProperty("float64")[0].GetProperty("max_abs_diff").GetDouble() > 1e-3));
    }

    [Fact]
    public async Task A_source_whose_gates_are_exchanged_is_different()
    {
        Assert.Equal(0, (await Run("tf2keras", Variables, "-o", At("o.h5"))).Code);
        Copy(Variables, At("v"));
        var path = At("v/rnn/fw/kernel.npy");
        var bytes = File.ReadAllBytes(path);
        for (var row = 0; row < 5; row++)
        {
            var start = bytes.Length - (5 * 12 * 4) + (row * 48);
            var gates = bytes[start..(start + 24)];
            gates[12..].CopyTo(bytes, start);
            gates[..12].CopyTo(bytes, start + 12);
        }

        File.WriteAllBytes(path, bytes);
        Assert.Equal(1, (await Run("verify", At("v"), At("o.h5"))).Code);
    }

    [Fact]
    public async Task Assuming_is_refused_under_strict()
    {
        Assert.Equal(5, (await Run("tf2keras", Variables, "-o", At("o.h5"), "--strict")).Code);
        Assert.Equal(
            0,
            (
                await Run(
                    "tf2keras",
                    Variables,
                    "-o",
                    At("o.h5"),
                    "--strict",
                    "--forget-bias",
                    "1",
                    "--activation",
                    "tanh",
                    "--cell-clip",
                    "none",
                    "--residual",
                    "no",
                    "--wiring",
                    "independent",
                    "--fact",
                    "direction=forward")).Code);
    }

    [Fact]
    public async Task An_existing_target_is_kept_without_force()
    {
        File.WriteAllText(At("o.h5"), "mine");
        var (code, _, error) = await Run("tf2keras", Variables, "-o", At("o.h5"));
        Assert.Equal(6, code);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(At("o.h5")));
        Assert.Equal(0, (await Run("tf2keras", Variables, "-o", At("o.h5"), "--force")).Code);
    }

    [Fact]
    public async Task The_keras_code_is_printed_alone()
    {
        var (code, output, _) = await Run("tf2keras", Path.Combine(Root(), "samples/batch/gru"), "-o", "gru.h5", "--print-keras");
        Assert.Equal(0, code);
        Assert.Equal(
            """
            from keras.layers import Input, GRU
            from keras.models import Model
            x = Input(shape=(None, 6))
            y, _ = GRU(4, activation="tanh", recurrent_activation="sigmoid", reset_after=False, return_sequences=True, return_state=True, name="rnn_gru_cell")(x)
            model = Model(x, y)
            model.load_weights("gru.h5", by_name=True)

            """,
            output);
    }

    [Fact]
    public async Task A_batch_goes_on_after_a_failure()
    {
        Directory.CreateDirectory(At("empty"));
        var (code, output, error) = await Run(
            "tf2keras",
            Variables,
            At("empty"),
            Path.Combine(Root(), "samples/batch/tagger.npz"),
            "--out-dir",
            At("out"),
            "--jobs",
            "2");
        Assert.Equal(3, code);
        Assert.Contains("2 converted, 1 failed", output, StringComparison.Ordinal);
        Assert.Contains("is an empty folder", error, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(At("out"), "*.h5", SearchOption.AllDirectories).Length);
    }

    public static TheoryData<string, byte[], int, string> BadFiles => new()
    {
        { "truncated", Npy("<f4", "(5, 12)", 100), 3, "is cut" },
        { "too long", Npy("<f4", "(5, 12)", 300), 3, "no single array" },
        { "huge header", [0x93, .. "NUMPY"u8, 2, 0, 0xff, 0xff, 0xff, 0x7f, .. new byte[40]], 3, "header has 2147483647 bytes" },
        { "negative length", Npy("<f4", "(-5, 12)", 0), 3, "negative length -5" },
        { "overflow", Npy("<f4", "(4611686018427387904, 12)", 0), 3, "more elements than can be counted" },
        { "objects", Npy("|O", "(5,)", 10), 3, "pickle" },
        { "bfloat16", Npy("<V2", "(5, 12)", 120), 3, "--dtype bfloat16" },
        { "wrong width", Npy("<f4", "(5, 11)", 220), 4, "not a multiple of 4" },
        { "no npy", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 3, "is no .npy file" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task A_bad_file_is_refused_in_one_sentence_and_leaves_nothing(string name, byte[] kernel, int expected, string words)
    {
        Directory.CreateDirectory(At("v/rnn/lstm_cell"));
        File.WriteAllBytes(At("v/rnn/lstm_cell/kernel.npy"), kernel);
        WriteNpy(At("v/rnn/lstm_cell/bias.npy"), "(12,)", new float[12]);
        var (code, output, error) = await Run("tf2keras", At("v"), "-o", At("out/o.h5"));
        Assert.True(code == expected, $"{name}: {code} {error}");
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Empty(output);
        Assert.False(Directory.Exists(At("out")) && Directory.EnumerateFileSystemEntries(At("out")).Any());
    }

    [Fact]
    public async Task Missing_variables_unknown_paths_and_wrong_words_have_their_exit_codes()
    {
        Copy(Variables, At("v"));
        File.Move(At("v/rnn/fw/kernel.npy"), At("v/rnn/fw/weights.npy"));
        File.Delete(At("v/rnn/bw/bias.npy"));
        var (undecided, _, which) = await Run("tf2keras", At("v"), "-o", At("fw.h5"));
        Assert.Equal(5, undecided);
        Assert.Contains("--cell rnn/fw=LSTMCell", which, StringComparison.Ordinal);
        Assert.Equal(0, (await Run("tf2keras", At("v"), "-o", At("fw.h5"), "--cell", "rnn/fw=LSTMCell")).Code);
        Directory.CreateDirectory(At("w/rnn/lstm_cell"));
        File.Copy(At("v/rnn/bw/kernel.npy"), At("w/rnn/lstm_cell/kernel.npy"));
        Assert.Equal(4, (await Run("tf2keras", At("w"), "-o", At("o.h5"))).Code);
        Assert.Equal(3, (await Run("tf2keras", At("nowhere"), "-o", At("o.h5"))).Code);
        Assert.Equal(2, (await Run("tf2keras", Variables, "--no-such-option")).Code);
        Assert.Equal(2, (await Run("tf2keras", Variables, "-o", At("o.h5"), "--forget-bias", "rnn/zz=1")).Code);
        Assert.Equal(2, (await Run("tf2keras", Variables, "-o", At("o.weights.h5"), "--to", "keras-weights")).Code);
        Assert.Equal(2, (await Run("tf2keras", Variables, "-o", At("o.h5"), "--to", "keras3-model")).Code);
        Assert.Equal(2, (await Run("tf2keras", Variables, "-o", At("o.txt"))).Code);
        Assert.Equal(6, (await Run("tf2keras", Variables, "-o", folder)).Code);
    }

    private static byte[] Npy(string descr, string shape, int dataBytes)
    {
        var header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}";
        header = header.PadRight(117) + "\n";
        return
        [
            0x93,
            .. "NUMPY"u8,
            1,
            0,
            (byte)header.Length,
            (byte)(header.Length >> 8),
            .. System.Text.Encoding.Latin1.GetBytes(header),
            .. new byte[dataBytes],
        ];
    }

    internal static void WriteNpy(string path, string shape, float[] values) =>
        File.WriteAllBytes(path, [.. Npy("<f4", shape, 0), .. values.SelectMany(BitConverter.GetBytes)]);

    internal static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private string At(string name) => Path.Combine(folder, name);

    internal static async Task<(int Code, string Output, string Error)> Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var code = await CommandLine.RunAsync(arguments, output, error);
        return (code, output.ToString(), error.ToString());
    }

    internal static string Root()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "LstmConvert.sln")))
        {
            at = Path.GetDirectoryName(at)!;
        }

        return at;
    }
}
