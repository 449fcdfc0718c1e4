using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LstmConvert.Cli;

/// <summary>
/// One JSON document on standard output, of the schema <c>lstmconvert/2</c> (<c>Schemas/lstmconvert-2.json</c>): the same members on
/// success and on
/// failure, a list where there may be several.
/// </summary>
internal static class Json
{
    /// <summary>The name of the schema.</summary>
    public const string Schema = "lstmconvert/2";

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The members that a command's document has beside the frame's, and whether they are lists.</summary>
    private static readonly Dictionary<string, (string Key, bool IsList)[]> Shapes = new(StringComparer.Ordinal)
    {
        ["tf2keras"] = [("results", true)],
        ["apply"] = [("results", true)],
        ["plan"] = [("entries", true)],
        ["verify"] =
        [
            ("source", false),
            ("keras", false),
            ("verdict", false),
            ("sentence", false),
            ("assumed", true),
            ("reasons", true),
            ("sample", false),
            ("groups", true),
            ("layers", true),
            ("worst", false),
            ("graph", false),
            ("witnesses", true),
            ("outputs", true),
            ("expectations", true),
            ("notes", true),
            ("report", false),
        ],
        ["inspect"] =
        [
            ("path", false),
            ("format", false),
            ("details", false),
            ("keras_version", false),
            ("inputs", true),
            ("layers", true),
            ("graph", false),
            ("graph_cells", false),
            ("checked_bytes", false),
            ("tensors", true),
            ("without_numbers", true),
            ("layer_configurations", false),
            ("groups", true),
            ("assumed", true),
            ("left_out", true),
            ("questions", true),
            ("problem", false),
        ],
        ["identify"] = [("source", false), ("cells", true), ("next", false)],
        ["keras2tf"] = [("source", false), ("output", false), ("files", true), ("cells", true), ("left_out", true)],
        ["repair"] =
        [
            ("source", false),
            ("output", false),
            ("dry_run", false),
            ("bytes", false),
            ("layers_module", false),
            ("read_back", false),
            ("whole_model", false),
            ("needs_keras_3", false),
            ("changes", true),
            ("layers", true),
            ("keras_code", false),
            ("verification", false),
        ],
        ["cells"] = [("cells", true)],
        ["dialects"] = [("dialects", true)],
    };

    /// <summary>Writes the document of a command.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="command">The command.</param>
    /// <param name="content">What it found; its warnings and its error move to the frame.</param>
    /// <param name="code">Its exit code.</param>
    public static void Write(TextWriter output, string command, JsonObject content, int code = ExitCode.Success) =>
        output.WriteLine(Text(Document(command, content, code)));

    /// <summary>The document of a command.</summary>
    public static JsonObject Document(string command, JsonObject content, int code)
    {
        var document = new JsonObject
        {
            ["schema"] = Schema,
            ["command"] = command,
            ["version"] = ToolVersion.Current,
            ["exit_code"] = code,
            ["warnings"] = new JsonArray(),
            ["error"] = null,
        };
        Move(content, document);
        Fill(document, Shapes.GetValueOrDefault(command) ?? []);
        return document;
    }

    /// <summary>Writes the document of a command that failed, where one was asked for.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="args">The command line.</param>
    /// <param name="failure">What went wrong.</param>
    public static void WriteFailure(TextWriter output, string[] args, Failure failure)
    {
        if (!args.Contains("--json"))
        {
            return;
        }

        try
        {
            Write(output, args.FirstOrDefault(Shapes.ContainsKey) ?? "", new JsonObject { ["error"] = failure.Sentence }, failure.Code);
        }
        catch (OutputException)
        {
            // Standard output is what failed: the sentence on the error stream says so.
        }
    }

    /// <summary>As text, laid out.</summary>
    public static string Text(JsonNode document) => document.ToJsonString(Options);

    /// <summary>Moves the members of one object into another.</summary>
    public static void Move(JsonObject? from, JsonObject to)
    {
        foreach (var (key, value) in from?.ToArray() ?? [])
        {
            from!.Remove(key);
            to[key] = value;
        }
    }

    /// <summary>Gives an object the members that it lacks: an empty list, or null.</summary>
    public static void Fill(JsonObject document, IReadOnlyList<(string Key, bool IsList)> shape)
    {
        foreach (var (key, isList) in shape.Where(one => document[one.Key] is null))
        {
            document[key] = isList ? new JsonArray() : null;
        }
    }

    public static JsonArray Array<T>(IEnumerable<T> items, Func<T, JsonNode?> node) => new([.. items.Select(node)]);

    /// <summary>A number, or its name where JSON has none (NaN, Infinity).</summary>
    public static JsonNode Number(double value) =>
        double.IsFinite(value)
            ? JsonValue.Create(value)
            : JsonValue.Create(value.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
