using System.Security.Cryptography;
using System.Text.Json;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Conversion;

/// <summary>The same weights as a checkpoint and as arrays give the same Keras file.</summary>
public sealed class CheckpointConversionTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_weight_converted_from_a_checkpoint_equals_the_one_converted_from_arrays()
    {
        var (equal, refused) = (0, 0);
        foreach (
            var folder in new[] { "tf1", "tf-old", "tf2" }
                .SelectMany(group => Directory.GetDirectories(Path.Combine(Shared.Goldens, group)))
                .Order(StringComparer.Ordinal))
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "case.json")));
            var root = json.RootElement;
            if (
                !root.GetProperty("files").TryGetProperty("checkpoint", out var checkpoint)
                || !File.Exists(Path.Combine(folder, "variables.npz"))
                || root.TryGetProperty("npy_dtype_differs", out var differs) && differs.ValueKind == JsonValueKind.True)
            {
                continue;
            }

            var path = Path.Combine(folder, checkpoint.GetString()!);
            var options = new RecognitionOptions
            {
                Facts =
                [
                    .. ForgetBiases(root)
                        .Take(1)
                        .Select(value => new SaidFact(
                            null,
                            "forget_bias",
                            value.ToString(System.Globalization.CultureInfo.InvariantCulture))),
                ],
            };
            var (fromCheckpoint, said) = ConvertOne(SourceCatalog.Open(path, new SourceOptions()), options);
            var (fromArrays, saidOfArrays) = ConvertOne(
                SourceCatalog.Open(Path.Combine(folder, "variables.npz"), new SourceOptions()),
                options);
            // An object-based checkpoint knows the program's names, its arrays do not: the layers may come in another order.
            var isObjectBased = root.GetProperty("files").GetProperty("format").GetString()!.Contains("object", StringComparison.Ordinal);
            if (fromArrays is null || fromCheckpoint is null)
            {
                output.WriteLine($"{Path.GetFileName(folder)}: refused: {said}");
                if (!isObjectBased)
                {
                    Assert.Equal(saidOfArrays.Replace(Path.Combine(folder, "variables.npz"), path, StringComparison.Ordinal), said);
                }

                refused++;
                continue;
            }

            if (isObjectBased)
            {
                fromArrays.Sort(StringComparer.Ordinal);
                fromCheckpoint.Sort(StringComparer.Ordinal);
            }

            Assert.Equal(fromArrays, fromCheckpoint);
            equal++;
        }

        output.WriteLine($"{equal} equal, {refused} refused");
        Assert.True(equal > 200, $"only {equal} cases were compared");
    }

    private static IEnumerable<double> ForgetBiases(JsonElement root) =>
        (root.TryGetProperty("layers", out var layers) ? layers.EnumerateArray() : default)
            .Where(layer => layer.TryGetProperty("forget_bias", out var value) && value.ValueKind == JsonValueKind.Number)
            .Select(layer => layer.GetProperty("forget_bias").GetDouble());

    private static (List<string>? Weights, string Said) ConvertOne(TensorSet set, RecognitionOptions options)
    {
        var target = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.h5");
        try
        {
            using (var source = RecurrentSource.Of(set, null, options))
            {
                source.Plan().Write(target);
            }

            using var keras = KerasWeightsFile.Open(target);
            return ([.. keras.Layers.SelectMany(layer => layer.Weights).Select(weight =>
            {
                var bytes = new byte[weight.Info.ByteCount];
                weight.Read(0, bytes);
                return $"{weight.Shape} {Convert.ToHexStringLower(SHA256.HashData(bytes))}";
            })], "");
        }
        catch (LstmConvertException e)
        {
            return (null, e.Message);
        }
        finally
        {
            File.Delete(target);
        }
    }
}
