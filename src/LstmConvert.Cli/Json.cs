using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LstmConvert.Cli;

/// <summary>One JSON document on standard output, schema <c>lstmconvert/1</c>.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(TextWriter output, string command, JsonObject content)
    {
        var document = new JsonObject { ["schema"] = "lstmconvert/1", ["command"] = command, ["version"] = ToolVersion.Current };
        foreach (var (key, value) in content.ToArray())
        {
            content.Remove(key);
            document[key] = value;
        }

        output.WriteLine(document.ToJsonString(Options));
    }

    public static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> node) => new([.. items.Select(node)]);

    /// <summary>A number, or its name where JSON has none (NaN, Infinity).</summary>
    public static JsonNode Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
