using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// What <c>options.json</c> beside ELMo's weights says of its cells (allenai/bilm-tf bilm/model.py:195-200, 522-538; bilm/training.py,
/// dump_weights): the two clips, whether
/// a level adds its input to its output, and that <c>RNN_1</c> runs from the end. <c>lstm.dim</c>, <c>projection_dim</c> and
/// <c>n_layers</c> stand in the weights as well.
/// <code>
/// RNN_{0,1}/RNN/MultiRNNCell/Cell{n}/…/{W_0, B, W_P_0}        …_weights.hdf5 has …_options.json beside it, weights.hdf5 has options.json
/// </code>
/// </summary>
internal static partial class ElmoOptions
{
    /// <summary>The longest options that are read, in bytes.</summary>
    public const int MaximumBytes = 1 << 20;

    /// <summary>What the options say of each cell; nothing where there are no such cells or no options.</summary>
    /// <param name="path">The weights.</param>
    /// <param name="variables">Their variables.</param>
    /// <exception cref="UnreadableInputException">The options cannot be read.</exception>
    public static IReadOnlyList<StatedCell> Of(string path, IReadOnlyList<Tensor> variables)
    {
        var kernels = variables
            .Select(variable => (variable.Name, Match: Kernel().Match(variable.Name)))
            .Where(one => one.Match.Success)
            .ToArray();
        if (kernels.Length == 0 || Beside(path) is not { } file)
        {
            return [];
        }

        var (cellClip, projectionClip, isResidual, isBidirectional) = Read(file);
        var source = Path.GetFileName(file);
        return
        [
            .. kernels.Select(one =>
            {
                var (direction, level) = (
                    one.Match.Groups["direction"].Value,
                    int.Parse(one.Match.Groups["level"].Value, CultureInfo.InvariantCulture));
                var scope = one.Name[..one.Name.LastIndexOf('/')];
                return new StatedCell(scope, source)
                {
                    IsConfiguration = true,
                    Pair = scope,
                    Facts = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["cell_clip"] = cellClip,
                        ["proj_clip"] = projectionClip,
                        ["residual"] = isResidual && level > 0 ? "yes" : "no",
                        ["direction"] = isBidirectional && direction == "1" ? "backward" : "forward",
                    },
                    FedBy =
                        level == 0
                            ? []
                            : kernels
                                .Where(other =>
                                    other.Match.Groups["direction"].Value == direction
                                    && other.Match.Groups["level"].Value == $"{level - 1}")
                                .Select(other => other.Name[..other.Name.LastIndexOf('/')])
                                .ToArray(),
                    Input = "x",
                };
            }),
        ];
    }

    private static (string CellClip, string ProjectionClip, bool IsResidual, bool IsBidirectional) Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(InputFile.ReadAll(file, MaximumBytes), new JsonDocumentOptions { MaxDepth = 16 });
            var lstm = document.RootElement.GetProperty("lstm"u8);
            return (
                Clip(lstm, "cell_clip"),
                Clip(lstm, "proj_clip"),
                lstm.TryGetProperty("use_skip_connections"u8, out var skips) && skips.GetBoolean(),
                !document.RootElement.TryGetProperty("bidirectional"u8, out var both) || both.GetBoolean());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new UnreadableInputException(
                $"{file} beside the weights is not ELMo's options ({e.Message.TrimEnd('.')}). Put those there that the weights were trained with, or move the file away.",
                e);
        }
    }

    /// <summary>A clip; 0, null and nothing are none.</summary>
    private static string Clip(JsonElement lstm, string name) =>
        lstm.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.GetDouble() is > 0 and var limit
            ? limit.ToString("R", CultureInfo.InvariantCulture)
            : "none";

    private static string? Beside(string path)
    {
        var (folder, name) = (Path.GetDirectoryName(path) ?? "", Path.GetFileName(path));
        string[] names = name.Contains("weights", StringComparison.Ordinal)
            ? [Path.ChangeExtension(name.Replace("weights", "options", StringComparison.Ordinal), ".json"), "options.json"]
            : ["options.json"];
        return names.Select(one => Path.Combine(folder, one)).FirstOrDefault(File.Exists);
    }

    [GeneratedRegex("^RNN_(?<direction>[01])/[^/]+/[^/]+/Cell(?<level>[0-9]{1,3})/.*W_0$", RegexOptions.ExplicitCapture)]
    private static partial Regex Kernel();
}
