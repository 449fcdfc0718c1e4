using System.Text.Json;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Equations.TensorFlow2;
using LstmConvert.Tests.Arrays;

namespace LstmConvert.Tests.Equations;

/// <summary>The equations of TensorFlow's cells, in TensorFlow's loop, against what real TensorFlow recorded: outputs with their zeros, and
/// final states.</summary>
public sealed class TensorFlowGoldenTests(ITestOutputHelper output)
{
    private const double Limit = 2e-6;

    [Theory]
    [InlineData("tf1", 85)]
    [InlineData("tf-old", 160)]
    [InlineData("tf2", 20)]
    public void Cells_compute_what_TensorFlow_recorded(string set, int atLeast)
    {
        var (compared, classes) = (0, new SortedDictionary<string, double>(StringComparer.Ordinal));
        foreach (var folder in Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, set)).Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
            if (Layers(document.RootElement, folder) is not { } layers)
            {
                continue;
            }

            var io = Recorded.Open(Path.Combine(folder, "io.npz"));
            if (io.Has("b_init_all_ch") || (io.Has("a_outputs") && io["a_outputs"].Rank != 3))
            {
                continue; // the states of all levels in one array; a model that gives its last output
            }

            var (worst, limit) = (0d, document.RootElement.GetProperty("dtype").GetString() == "float64" ? 1e-12 : Limit);
            foreach (var sample in new[] { "a_", "b_" }.Where(sample => io.Has(sample + "x")))
            {
                worst = Math.Max(
                    worst,
                    Compare(
                        layers,
                        io,
                        sample,
                        isSonnet: document.RootElement.TryGetProperty("loop", out var loop)
                            && loop.GetString()!.StartsWith("snt.", StringComparison.Ordinal)));
            }

            var largest = new[] { "a_outputs", "a_outputs_fw" }
                .Where(io.Has)
                .SelectMany(io.Values)
                .Select(Math.Abs)
                .DefaultIfEmpty(0)
                .Max();
            Assert.True(worst <= limit * Math.Max(1, largest), FormattableString.Invariant($"{Path.GetFileName(folder)}: {worst:g3}"));
            compared++;
            foreach (var layer in layers)
            {
                classes[layer.Class] = Math.Max(classes.GetValueOrDefault(layer.Class), worst);
            }
        }

        output.WriteLine(
            string.Join("\n", classes.Select(pair => FormattableString.Invariant($"{pair.Key}: {pair.Value:g3}"))) + $"\n{compared} cases");
        Assert.True(compared >= atLeast, FormattableString.Invariant($"{compared} cases"));
    }

    private sealed record Layer(string Id, string Class, int Level, bool IsBackward, IStepEquations Cell, string[] States, bool IsResidual);

    /// <summary>The layers of a program that is a plain chain, or bidirectional; null for others.</summary>
    private static Layer[]? Layers(JsonElement program, string folder)
    {
        var wiring = program.TryGetProperty("wiring", out var given) ? given.GetString() : "chain";
        var dtype = program.TryGetProperty("dtype", out var named) ? named.GetString() : null;
        var isDeepRnn =
            folder.EndsWith("-deep-rnn-residual", StringComparison.Ordinal) || folder.EndsWith("-deep-rnn-skip", StringComparison.Ordinal);
        if (
            isDeepRnn
            || wiring is "custom" or "independent"
            || dtype is not ("float32" or "float64")
            || !File.Exists(Path.Combine(folder, "io.npz"))
            || !File.Exists(Path.Combine(folder, "variables.npz")))
        {
            return null;
        }

        var (variables, layers) = (Recorded.Open(Path.Combine(folder, "variables.npz")), new List<Layer>());
        foreach (var layer in program.GetProperty("layers").EnumerateArray())
        {
            if (Bind(layer, variables) is not { } cell)
            {
                return null;
            }

            string[] states =
                cell is LstmCell or LstmBlockCell or BlockLstmV2 or CoupledInputForgetGateLstmCell ? ["c", "h"]
                : cell is SonnetLstm ? ["h", "c"]
                : ["h"];
            layers.Add(
                new Layer(
                    layer.GetProperty("id").GetString()!,
                    layer.GetProperty("cell").GetString()!,
                    layer.GetProperty("level").GetInt32(),
                    layer.GetProperty("direction").GetString() == "bw",
                    cell,
                    states,
                    layer.TryGetProperty("residual", out var residual) && residual.GetBoolean()));
        }

        var areIndependent = layers.DistinctBy(layer => (layer.Level, layer.IsBackward)).Count() < layers.Count;
        return layers.Count == 0 || areIndependent ? null : [.. layers.OrderBy(layer => layer.Level)];
    }

    private static IStepEquations? Bind(JsonElement layer, Recorded variables)
    {
        string[] Keys(string role) =>
            layer.GetProperty("variables").TryGetProperty(role, out var name)
                ? name.ValueKind == JsonValueKind.Array
                    ? [.. name.EnumerateArray().Select(part => part.GetString()!)]
                    : [name.GetString()!]
                : [];
        bool Has(string role) => Keys(role) is { Length: > 0 } keys && keys.All(variables.Has);
        NumericArray W(string role) => NumericArray.Stack([.. Keys(role).Select(key => variables[key])]);
        NumericArray Shards(string role) => NumericArray.Stack([.. Enumerable.Range(0, 9).Select(k => $"{role}_{k}").Where(Has).Select(W)]);
        NumericArray? Maybe(string role) => Has(role) ? W(role) : null;
        double? Number(string name) =>
            layer.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        var activation = Activations.Get(
            layer.TryGetProperty("activation", out var function) && function.ValueKind == JsonValueKind.String
                ? function.GetString()!
                : "tanh");
        var forgetBias = Number("forget_bias") ?? 0;
        var peepholes =
            layer.TryGetProperty("use_peepholes", out var uses) && uses.GetBoolean() && Has("w_i_diag")
                ? new LstmPeepholes(W("w_i_diag"), W("w_f_diag"), W("w_o_diag"))
                : null;
        return layer.GetProperty("cell").GetString() switch
        {
            "BasicLSTMCell" or "LSTMCell" when Has("kernel") && !Has("recurrent_kernel") => new LstmCell(
                W("kernel"),
                W("bias"),
                forgetBias,
                activation)
            {
                Peepholes = peepholes,
                Projection = Maybe("projection/kernel"),
                CellClip = Number("cell_clip"),
                ProjectionClip = Number("proj_clip"),
            },
            "LSTMBlockCell" or "LSTMBlockFusedCell" or "BlockLSTM" or "CudnnCompatibleLSTMCell" when Has("kernel") => new LstmBlockCell(
                W("kernel"),
                W("bias"),
                forgetBias)
            {
                Peepholes = peepholes,
                CellClip = Number("cell_clip") ?? 0,
            },
            "BlockLSTMV2" when Has("kernel") => new BlockLstmV2(W("kernel"), W("bias"))
            {
                Peepholes = peepholes,
                CellClip = Number("cell_clip") ?? 0,
            },
            "GRUCell" or "GRUBlockCellV2" when Has("gates/kernel") => new GruCell(
                W("gates/kernel"),
                W("gates/bias"),
                W("candidate/kernel"),
                W("candidate/bias"),
                activation),
            "GRUBlockCell" when Has("w_ru") => new GruCell(W("w_ru"), W("b_ru"), W("w_c"), W("b_c"), activation),
            "BasicRNNCell" when Has("kernel") => new BasicRnnCell(W("kernel"), W("bias"), activation),
            "UGRNNCell" => new UgrnnCell(W("kernel"), W("bias"), forgetBias, activation),
            "CoupledInputForgetGateLSTMCell" when Has("W_0") && !Has("state/gamma") => new CoupledInputForgetGateLstmCell(
                Shards("W"),
                W("B"),
                forgetBias,
                activation)
            {
                ForgetPeephole = Maybe("W_F_diag"),
                OutputPeephole = Maybe("W_O_diag"),
                Projection = Has("W_P_0") ? Shards("W_P") : null,
                ProjectionClip = Number("proj_clip"),
            },
            "CudnnCompatibleGRUCell" => new CudnnCompatibleGruCell(
                W("gates/kernel"), W("gates/bias"), W("candidate/input_projection/kernel"), W("candidate/input_projection/bias"),
                W("candidate/hidden_projection/kernel"), W("candidate/hidden_projection/bias"), activation),
            "snt.GRU" => new SonnetGru(W("w_i"), W("w_h"), W("b")),
            "snt.LSTM" or "snt.UnrolledLSTM" => new SonnetLstm(W("w_i"), W("w_h"), W("b")) { Projection = Maybe("projection") },
            "snt.VanillaRNN" => new VanillaRnn(W("input_to_hidden/w"), W("hidden_to_hidden/w"), W("b"), activation),
            _ => null,
        };
    }

    private static double Compare(Layer[] layers, Recorded io, string sample, bool isSonnet)
    {
        var x = io.Sequence(sample + "x");
        int[]? lengths = io.Has(sample + "sequence_length") ? io.Integers(sample + "sequence_length")
            : io.Has(sample + "seq_len_max") ? [.. Enumerable.Repeat(io.Integers(sample + "seq_len_max")[0], x.Batch)] : null;
        var worst = 0d;
        Sequence Feed(Layer layer, Sequence input)
        {
            var run = Loop.Run(
                layer.Cell,
                input,
                lengths,
                [.. layer.States.Select(state => Initial(layer, state, input.Batch))],
                layer.IsBackward);
            foreach (
                var (state, k) in layer
                    .States.Select((state, k) => (state, k))
                    .Where(pair => io.Has($"{sample}final_{layer.Id}_{pair.state}")))
            {
                worst = Math.Max(worst, Difference(io.Values($"{sample}final_{layer.Id}_{state}"), run.FinalStates[k].ToDoubles()));
            }

            if (io.Has(sample + "cs"))
            {
                worst = Math.Max(worst, Valid(io.Sequence(sample + "cs"), run.StatesPerStep[0], lengths));
            }

            return layer.IsResidual ? run.Output.Plus(input) : run.Output;
        }

        NumericArray Initial(Layer layer, string state, int batch)
        {
            var (key, concatenated) = ($"{sample}init_{layer.Id}_{state}", $"{sample}init_{layer.Id}_ch");
            var precision = io[sample + "x"].Precision;
            var width = state == "h" ? layer.Cell.OutputWidth : Width(layer.Cell);
            return io.Has(key) ? io[key]
                : io.Has(concatenated) ? io[concatenated].Columns(state == "c" ? 0 : width, width)
                : NumericArray.Zeros(precision, batch, width);
        }

        Sequence Stack(IEnumerable<Layer> stack) => stack.Aggregate(x, (input, layer) => Feed(layer, input));
        var directions = layers.Select(layer => layer.IsBackward).Distinct().Count();
        if (directions == 2 && io.Has(sample + "outputs_fw"))
        {
            var (fw, bw) = (Stack(layers.Where(layer => !layer.IsBackward)), Stack(layers.Where(layer => layer.IsBackward)));
            return Math.Max(
                worst,
                Math.Max(Difference(io.Values(sample + "outputs_fw"), fw.Values), Difference(io.Values(sample + "outputs_bw"), bw.Values)));
        }

        var result = directions == 1 ? Stack(layers) : layers.GroupBy(layer => layer.Level).Aggregate(x, (input, level) =>
            Feed(level.Single(layer => !layer.IsBackward), input).Beside(Feed(level.Single(layer => layer.IsBackward), input)));

        // Sonnet's loop repeats the last output after a row's end.
        return Math.Max(
            worst,
            isSonnet ? Valid(io.Sequence(sample + "outputs"), result, lengths) : Difference(io.Values(sample + "outputs"), result.Values));
    }

    private static int Width(IStepEquations cell) => cell switch
    {
        LstmCell { Projection: { } projection } => projection.RowCount,
        CoupledInputForgetGateLstmCell { Projection: { } projection } => projection.RowCount,
        SonnetLstm { Projection: { } projection } => projection.RowCount,
        _ => cell.OutputWidth,
    };

    private static double Valid(Sequence expected, Sequence actual, int[]? lengths)
    {
        var worst = 0d;
        for (var b = 0; b < expected.Batch; b++)
        {
            for (var t = 0; t < (lengths?[b] ?? expected.Steps); t++)
            {
                for (var k = 0; k < expected.Width; k++)
                {
                    worst = Math.Max(worst, Math.Abs(expected[b, t, k] - actual[b, t, k]));
                }
            }
        }

        return worst;
    }

    private static double Difference(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        return expected.Zip(actual, (a, b) => Math.Abs(a - b)).DefaultIfEmpty(0).Max();
    }
}
