using System.Text.Json;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Tests.Arrays;

namespace LstmConvert.Tests.Equations;

/// <summary>Sequential models that each Keras from 2.0.8 to 3.15.1 predicted with, computed by both sets of equations: Keras's, and
/// TensorFlow 2's for the same layers.</summary>
public sealed class KerasGoldenTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("2.0.8", 2)]
    [InlineData("2.2.4", 2)]
    [InlineData("2.2.4-tf", 2)]
    [InlineData("2.3.1", 2)]
    [InlineData("2.4.0", 2)]
    [InlineData("2.11.0", 2)]
    [InlineData("2.13.1", 2)]
    [InlineData("2.15.0", 2)]
    [InlineData("3.0.5", 3)]
    [InlineData("3.6.0", 3)]
    [InlineData("3.15.1", 3)]
    public void Models_compute_what_Keras_predicted(string version, int generation)
    {
        var (compared, worstOfAll) = (0, 0d);
        foreach (
            var folder in Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, $"keras-{version}")).Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
            var dtype = document.RootElement.GetProperty("dtype").GetString();
            if (document.RootElement.GetProperty("model").GetString() != "Sequential" || dtype is not ("float32" or "float64"))
            {
                continue;
            }

            var io = Recorded.Open(Path.Combine(folder, "io.npz"));
            foreach (var isTensorFlow2 in new[] { false, true })
            {
                if (new Model(document.RootElement, io, generation, Repeats(version), isTensorFlow2).Predict() is { } predicted)
                {
                    var worst = io.Values("outputs").Zip(predicted, (a, b) => Math.Abs(a - b)).Max();
                    Assert.Equal(io.Values("outputs").Length, predicted.Length);
                    Assert.True(
                        worst <= (dtype == "float64" ? 1e-12 : 2e-6),
                        FormattableString.Invariant($"{Path.GetFileName(folder)}: {worst:g3}"));
                    (compared, worstOfAll) = (compared + 1, Math.Max(worstOfAll, worst));
                }
            }
        }

        output.WriteLine(FormattableString.Invariant($"{compared} models, {worstOfAll:g3}"));
        Assert.True(compared >= 40, FormattableString.Invariant($"{compared} models"));
    }

    /// <summary>True for the releases whose Bidirectional repeats outputs at masked steps: package keras before it became
    /// tf.keras.</summary>
    private static bool Repeats(string version) => version is "2.0.8" or "2.2.4" or "2.3.1";

    /// <summary>A sequential model of the layers whose equations are here.</summary>
    private sealed class Model(JsonElement program, Recorded io, int generation, bool repeats, bool isTensorFlow2)
    {
        public double[]? Predict()
        {
            var value = io.Has("x") && program.GetProperty("inputs")[0].GetProperty("kind").GetString() != "ids" ? io.Sequence("x") : null;
            NumericArray? vector = null;
            Mask? mask = null;
            foreach (var layer in program.GetProperty("layers").EnumerateArray())
            {
                if (value is null && vector is null)
                {
                    return null;
                }

                var (kind, config) = (layer.GetProperty("class_name").GetString()!, layer.GetProperty("config"));
                NumericArray[] weights = [.. layer.GetProperty("weights").EnumerateArray().Select(index => io[$"w_{index.GetInt32()}"])];
                switch (kind)
                {
                    case "Masking":
                        mask = Mask.Of(Valid(value!));
                        break;
                    case "Dropout":
                        break;
                    case "Dense" when vector is not null:
                        vector = Dense(config, weights).Call(vector);
                        break;
                    case "Dense":
                        value = Dense(config, weights).Call(value!);
                        break;
                    case "TimeDistributed" when config.GetProperty("layer").GetProperty("class_name").GetString() == "Dense":
                        value = Dense(config.GetProperty("layer").GetProperty("config"), weights).Call(value!);
                        break;
                    case "LSTM" or "GRU" or "SimpleRNN":
                        var run = Loop.Run(
                            Cell(kind, config, weights),
                            value!,
                            mask,
                            States(kind, config, value!, weights[0].Precision),
                            Is(config, "go_backwards"));
                        (value, vector) = (
                            Is(config, "return_sequences") ? run.Output : null,
                            Is(config, "return_sequences") ? null : run.LastOutput);
                        break;
                    case "Bidirectional":
                        (value, vector) = Both(config, weights, value!, mask);
                        break;
                    default:
                        return null;
                }
            }

            return value?.Values ?? vector!.ToDoubles();
        }

        private (Sequence? Value, NumericArray? Vector) Both(JsonElement config, NumericArray[] weights, Sequence x, Mask? mask)
        {
            var (inner, half) = (config.GetProperty("layer"), weights.Length / 2);
            var (kind, layer) = (inner.GetProperty("class_name").GetString()!, inner.GetProperty("config"));
            var (states, isSequence) = (States(kind, layer, x, weights[0].Precision), Is(layer, "return_sequences"));
            var (forward, backward) = Bidirectional.Run(
                Cell(kind, layer, weights[..half]),
                Cell(kind, layer, weights[half..]),
                x,
                mask,
                states,
                states,
                zeroOutputForMask: isSequence && !repeats);
            var merge = Enum.Parse<MergeMode>(config.GetProperty("merge_mode").GetString()!, ignoreCase: true);
            return isSequence
                ? (Bidirectional.Merge(merge, forward.Output, backward.Output, states[0].Precision)[0], null)
                : (null, Bidirectional.Merge(merge, forward.LastOutput!, backward.LastOutput!)[0]);
        }

        private static bool Is(JsonElement config, string name) =>
            config.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

        private static bool[,] Valid(Sequence x)
        {
            var mask = new bool[x.Batch, x.Steps];
            for (var b = 0; b < x.Batch; b++)
            {
                for (var t = 0; t < x.Steps; t++)
                {
                    mask[b, t] = Enumerable.Range(0, x.Width).Any(k => x[b, t, k] != 0);
                }
            }

            return mask;
        }

        private static NumericArray[] States(string kind, JsonElement config, Sequence x, Precision precision) =>
            [
                .. Enumerable
                    .Range(0, kind == "LSTM" ? 2 : 1)
                    .Select(_ => NumericArray.Zeros(precision, x.Batch, config.GetProperty("units").GetInt32())),
            ];

        private Activation Named(JsonElement config, string name) =>
            Activations.ByKeras(config.GetProperty(name).GetString()!, generation)!;

        private Dense Dense(JsonElement config, NumericArray[] weights) =>
            new(weights[0], weights.ElementAtOrDefault(1), Named(config, "activation"));

        private IStepEquations Cell(string kind, JsonElement config, NumericArray[] weights)
        {
            var (kernel, recurrent, bias, activation) = (
                weights[0],
                weights[1],
                weights.ElementAtOrDefault(2),
                Named(config, "activation"));
            if (kind == "SimpleRNN")
            {
                return isTensorFlow2
                    ? new LstmConvert.Equations.TensorFlow2.SimpleRnn(kernel, recurrent, bias, activation)
                    : new SimpleRnn(kernel, recurrent, bias, activation);
            }

            var (gate, isAfter) = (Named(config, "recurrent_activation"), Is(config, "reset_after"));
            return (kind, isTensorFlow2) switch
            {
                ("LSTM", false) => new Lstm(kernel, recurrent, bias, activation, gate),
                ("LSTM", true) => new LstmConvert.Equations.TensorFlow2.Lstm(kernel, recurrent, bias, activation, gate),
                (_, false) => new Gru(kernel, recurrent, bias, isAfter, activation, gate),
                _ => new LstmConvert.Equations.TensorFlow2.Gru(kernel, recurrent, bias, isAfter, activation, gate),
            };
        }
    }
}
