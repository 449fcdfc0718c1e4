using System.Globalization;
using System.Text.Json;
using LstmConvert.Formats;
using LstmConvert.Tensors;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

/// <summary>Conventions found from weights, inputs and outputs that TensorFlow recorded, and from planted ones.</summary>
public sealed class IdentificationTests(ITestOutputHelper output)
{
    private static readonly string[] Kinds =
    [
        "BasicLSTMCell",
        "LSTMCell",
        "GRUCell",
        "BasicRNNCell",
        "LSTMBlockCell",
        "GRUBlockCell",
        "CudnnCompatibleLSTMCell",
        "CudnnCompatibleGRUCell",
    ];

    [Fact]
    public void The_posts_gates_were_right_and_the_forget_bias_was_missing()
    {
        var folder = Path.Combine(Shared.Goldens, "seed-post");
        using var variables = SourceCatalog.Open(Path.Combine(folder, "variables.npz"), new SourceOptions());
        using var io = SourceCatalog.Open(Path.Combine(folder, "io.npz"), new SourceOptions());
        var found = Identification.Of(variables, new RecordedValues(io, null), new RecordedValues(io, "tf_"));
        Assert.Equal(["rnn/bw", "rnn/fw"], found.Select(cell => cell.Scope));
        Assert.All(found, cell =>
        {
            Assert.True(cell.IsMatch);
            Assert.Contains("gates i j f o", cell.Words);
            Assert.Contains("forget_bias = 1", cell.Words);
            Assert.Equal("LSTMCell", cell.CellName);
        });
    }

    [Fact]
    public void What_TensorFlow_recorded_tells_its_convention()
    {
        var (right, ambiguous, wrong) = (0, 0, new List<string>());
        foreach (
            var folder in new[] { "tf1", "tf-old" }
                .SelectMany(set => Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, set)))
                .Order(StringComparer.Ordinal)
                .Where(
                    (folder, k) =>
                        !folder.Contains("bfloat16", StringComparison.Ordinal)
                        && (
                            k % 3 == 0
                            || folder.Contains($"{Path.DirectorySeparatorChar}tf1{Path.DirectorySeparatorChar}", StringComparison.Ordinal)))
        )
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
            if (
                Case(document.RootElement) is not { } layer
                || !File.Exists(Path.Combine(folder, "variables.npz"))
                || !File.Exists(Path.Combine(folder, "io.npz")))
            {
                continue;
            }

            using var variables = SourceCatalog.Open(Path.Combine(folder, "variables.npz"), new SourceOptions());
            using var io = SourceCatalog.Open(Path.Combine(folder, "io.npz"), new SourceOptions());
            if (io.Find("a_x") is not { Shape.Rank: 3, DType: DType.Float32 or DType.Float64 } || io.Find("a_outputs") is null)
            {
                continue;
            }

            var found = Identification.Of(variables, new RecordedValues(io, "a_"), new RecordedValues(io, "a_"));
            var name = Path.GetRelativePath(Shared.Goldens, folder);
            if (found.FirstOrDefault(cell => cell.IsMatch) is not { } best)
            {
                wrong.Add(
                    $"{name}: nothing matches{(found.Count > 0 ? string.Create(CultureInfo.InvariantCulture, $", nearest {found[0].Distance:g3}") : "")}"
                );
            }
            else if (
                best.Words.Contains($"activation = {layer.Activation}")
                && (
                    layer.ForgetBias is not { } bias
                    || best.Words.Contains(string.Create(CultureInfo.InvariantCulture, $"forget_bias = {bias:g6}"))))
            {
                right++;
                ambiguous += best.Rivals.Count > 0 ? 1 : 0;
            }
            else if (best.Rivals.Count > 0)
            {
                ambiguous++;
            }
            else
            {
                wrong.Add($"{name}: {string.Join(", ", best.Words)}");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{right} right, {ambiguous} of them or more ambiguous"));
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(right >= 25, $"{right} programs were identified.");
    }

    /// <summary>The only layer of a case, if it is a plain cell.</summary>
    private static (string Activation, double? ForgetBias)? Case(JsonElement root)
    {
        if (
            !root.TryGetProperty("layers", out var layers)
            || layers.GetArrayLength() != 1
            || (root.TryGetProperty("wiring", out var wiring) && wiring.GetString() is "custom"))
        {
            return null;
        }

        var layer = layers[0];
        var isPlain =
            layer.TryGetProperty("cell", out var cell)
            && Kinds.Contains(cell.GetString())
            && !Any(layer, "use_peepholes", "num_proj", "cell_clip", "proj_clip", "residual", "gate_order")
            && layer.GetProperty("variables").EnumerateObject().All(variable => variable.Value.ValueKind == JsonValueKind.String);
        return !isPlain
            ? null
            : (
                layer.TryGetProperty("activation", out var activation) && activation.ValueKind == JsonValueKind.String
                    ? activation.GetString()!
                    : "tanh",
                layer.TryGetProperty("forget_bias", out var bias) && bias.ValueKind == JsonValueKind.Number ? bias.GetDouble() : null);
    }

    private static bool Any(JsonElement layer, params string[] names) =>
        names.Any(name =>
            layer.TryGetProperty(name, out var value)
            && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.False)
            && !(value.ValueKind == JsonValueKind.Number && value.GetDouble() is 0 or -1));
}
