using System.Globalization;
using System.Text.Json;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>
/// Whole-model files of twelve Kerases: their configuration is read, their weights attached, and what the model computes is held against
/// what that Keras predicted.
/// </summary>
public sealed class KerasGoldenTests(ITestOutputHelper output)
{
    private const double Limit = 2e-6;

    /// <summary>What is not computed, and why; a case that is not here must be right in every version.</summary>
    private static readonly Dictionary<string, string> NotComputed = new()
    {
        ["float16"] = "half precision rounds every step",
        ["mixed-float16"] = "half precision rounds every step",
        ["bfloat16"] = "half precision rounds every step",
        ["peephole"] = "PeepholeLSTMCell",
    };

    [Theory]
    [InlineData("1.2.2")]
    [InlineData("2.0.8")]
    [InlineData("2.2.4")]
    [InlineData("2.2.4-tf")]
    [InlineData("2.3.1")]
    [InlineData("2.4.0")]
    [InlineData("2.11.0")]
    [InlineData("2.13.1")]
    [InlineData("2.15.0")]
    [InlineData("3.0.5")]
    [InlineData("3.6.0")]
    [InlineData("3.15.1")]
    public void A_whole_model_computes_what_its_Keras_predicted(string version)
    {
        var wrong = new List<string>();
        var right = 0;
        foreach (
            var folder in Directory.EnumerateDirectories(Path.Combine(Shared.Goldens, $"keras-{version}")).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(folder);
            if (NotComputed.TryGetValue(name, out var reason) || !File.Exists(Path.Combine(folder, "model.h5")))
            {
                output.WriteLine($"{name}: not computed ({reason ?? "no model.h5"})");
                continue;
            }

            try
            {
                var difference = Compare(folder);
                right += difference <= Limit ? 1 : 0;
                if (!(difference <= Limit))
                {
                    wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {difference:g3}"));
                }
            }
            catch (LstmConvertException e)
            {
                wrong.Add($"{name}: {e.Message}");
            }
        }

        output.WriteLine($"{right} right");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(right >= 20, $"{right} cases were compared.");
    }

    /// <summary>The largest difference of all outputs.</summary>
    internal static double Compare(string folder)
    {
        using var file = LegacyWeightsFile.Open(Path.Combine(folder, "model.h5"));
        using var io = SourceCatalog.Open(Path.Combine(folder, "io.npz"), new SourceOptions());
        var model = file.ReadWithValues() ?? throw new UnreadableInputException($"{folder} holds no configuration.");
        var inputs = model.Inputs.Select((input, k) => (input.Name, Value: new Value(Array(io, k == 0 ? ["x", "x_0"] : [$"x_{k}"]))))
            .ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.Ordinal);
        var outputs = ModelWalker.Run(model, inputs, Precision.Double);
        return outputs.Select((value, k) => Difference(value.Data, Array(io, k == 0 ? ["outputs", "outputs_0"] : [$"outputs_{k}"]))).Max();
    }

    internal static double Difference(NumericArray one, NumericArray other)
    {
        Assert.Equal(other.Dimensions, one.Dimensions);
        return one.ToDoubles().Zip(other.ToDoubles(), (a, b) => Math.Abs(a - b)).DefaultIfEmpty(0).Max();
    }

    internal static NumericArray Array(TensorSet set, params IReadOnlyList<string> names)
    {
        var tensor = names.Select(set.Find).First(found => found is not null)!;
        return NumericArray.From(
            tensor.DType is DType.Int32 ? Integers(tensor) : tensor.ToDoubles(),
            Precision.Double,
            [.. tensor.Shape.Dimensions.ToArray().Select(length => (int)length)]);
    }

    private static double[] Integers(Tensor tensor)
    {
        var bytes = new byte[tensor.Shape.ElementCount * sizeof(int)];
        tensor.Read(0, bytes);
        return [.. Enumerable.Range(0, (int)tensor.Shape.ElementCount).Select(k => (double)BitConverter.ToInt32(bytes, k * sizeof(int)))];
    }
}
