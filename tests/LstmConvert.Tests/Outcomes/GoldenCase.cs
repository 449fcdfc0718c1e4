using System.Globalization;
using System.Text.Json;

namespace LstmConvert.Tests.Outcomes;

/// <summary>One program that was run and recorded: its case.json, what of it a person would name as the source, and the facts that are
/// known of it.</summary>
internal sealed class GoldenCase
{
    /// <summary>Whole models and files of other libraries, the likeliest first.</summary>
    private static readonly string[] Files =
    [
        "model.tflite",
        "model.safetensors",
        "model.onnx",
        "model.params",
        "model.npz",
        "model.zip",
        "model.msgpack",
        "model.json",
        "frozen.pb",
        "variables.npz",
    ];

    /// <summary>Programs of other libraries, and those with a cell of every kind in wrappers, that compute something else before or after
    /// the cells.</summary>
    private static readonly string[] Surrounded = ["garage", "stable-baselines", "tfjs", "tflearn-dnn-save", "zoo"];

    private readonly JsonElement root;

    public GoldenCase(string folder)
    {
        Folder = folder;
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "case.json")));
        root = document.RootElement.Clone();
        Layers =
            root.TryGetProperty("layers", out var layers) && layers.ValueKind == JsonValueKind.Array ? [.. layers.EnumerateArray()] : [];
    }

    public string Folder { get; }

    public string Name => Path.GetFileName(Folder);

    public JsonElement[] Layers { get; }

    public bool IsWholeModel => Folder.Contains("saved-models", StringComparison.Ordinal);

    /// <summary>float32, float16, …</summary>
    public string DType => Text(root, "dtype") ?? "float32";

    /// <summary>How the cells feed each other, where it is known.</summary>
    public string? Wiring => Text(root, "recurrent_wiring") ?? Text(root, "wiring") ?? (Layers.Length == 1 ? "chain"
        : Layers.Length == 0 || Layers.Any(layer => Text(layer, "cell") == "Dense") ? null
        : Layers.All(layer => Text(layer, "direction") == "fw") && Layers.Select(Level).Distinct().Count() == Layers.Length ? "chain"
        : Layers.Length == 2 && Layers.Select(layer => Text(layer, "direction")).Distinct().Count() == 2 ? "bidirectional" : null);

    /// <summary>The program was one step on x[:, 0].</summary>
    public bool IsOneStep => Text(root, "loop")?.Contains("one step on", StringComparison.Ordinal) == true;

    /// <summary>Where the recorded values lie, or null.</summary>
    public string? Recorded =>
        new[] { Folder, Path.Combine(Path.GetDirectoryName(Folder)!, Text(root, "source") ?? ".") }
            .Select(folder => Path.Combine(folder, "io.npz"))
            .FirstOrDefault(File.Exists);

    /// <summary>The program's own checkpoint, SavedModel, graph or file.</summary>
    public string Own
    {
        get
        {
            var files = root.TryGetProperty("files", out var named) && named.ValueKind == JsonValueKind.Object ? named : default;
            var checkpoint = files.ValueKind == JsonValueKind.Object ? Text(files, "checkpoint") : null;
            if (checkpoint is not null && !checkpoint.StartsWith("saved_model", StringComparison.Ordinal))
            {
                return At(checkpoint);
            }

            return Directory.Exists(At("saved_model")) ? At("saved_model")
                : Directory.EnumerateFiles(Folder, "*.index").Select(index => index[..^6]).FirstOrDefault()
                    ?? (
                        files.ValueKind == JsonValueKind.Object && (Text(files, "meta_graph") ?? Text(files, "frozen")) is { } graph
                            ? At(graph)
                            : At(Files.First(file => File.Exists(At(file)))));
        }
    }

    /// <summary>The variables alone, or null.</summary>
    public string? Variables => File.Exists(At("variables.npz")) ? At("variables.npz") : null;

    /// <summary>Why the recorded outputs need not be those of the layers alone, or null. A dense layer at the end is no such reason: the
    /// judge applies it.</summary>
    public string? Around => Text(root, "wiring") == "custom" && Text(root, "recurrent_wiring") is null ? "custom wiring"
        : Surrounded.FirstOrDefault(name => Name.Contains(name, StringComparison.Ordinal)) ?? (IsWholeModel ? Surrounding : null);

    /// <summary>A row's length is the number of its steps that are not all zero, and nothing else tells it.</summary>
    public bool EndsWithZeros => Name == "tflearn-lstm-dynamic";

    /// <summary>The program gives its second stack the rows from their ends, and turns what it gives back: the checkpoint's own graph reads
    /// the reversed rows from an input.</summary>
    public bool ReversesSecondInput => Name.StartsWith("bilm-", StringComparison.Ordinal);

    /// <summary>A layer of a whole model that is not recurrent, by the names of its weights.</summary>
    private string? Surrounding
    {
        get
        {
            var names = root.GetProperty("weights").EnumerateArray().Select(weight => weight[0].GetString()!).ToArray();
            var recurrent = names
                .Where(name => name.Contains("/recurrent_kernel", StringComparison.Ordinal))
                .Select(Parent)
                .ToHashSet(StringComparer.Ordinal);
            return names.FirstOrDefault(name => !recurrent.Contains(Parent(name))) is { } other ? $"{Parent(other)} of the model" : null;
        }
    }

    /// <summary>What the case's facts are as options of the command, as far as it has them.</summary>
    public IReadOnlyList<string> Options
    {
        get
        {
            var options = new List<string>();
            void Add(string option, JsonElement layer, string value)
            {
                if (Product.Has(option))
                {
                    options.AddRange([option, Outer(Scope(layer)) is { Length: > 0 } scope ? $"{scope}={value}" : value]);
                }
            }

            if (Wiring is "chain" or "independent" or "bidirectional" or "stack-bidirectional")
            {
                options.AddRange(["--wiring", Wiring]);
            }

            foreach (var layer in Layers.Where(layer => Text(layer, "cell") != "Dense"))
            {
                if (Text(layer, "cell") == "TFLiteLSTMCell")
                {
                    // It has the forget bias as the initial value of a variable, and adds nothing.
                    Name_(layer, "activation", value => Add("--activation", layer, value));
                    continue;
                }

                Number(layer, "forget_bias", value => Add("--forget-bias", layer, value));
                Number(layer, "cell_clip", value => Add("--cell-clip", layer, value));
                Number(layer, "cell_clip_value", value => Add("--cell-clip", layer, value));
                Number(layer, "proj_clip", value => Add("--proj-clip", layer, value));
                foreach (
                    var (length, axis) in layer.TryGetProperty("input_shape", out var image) && image.ValueKind == JsonValueKind.Array
                        ? image.EnumerateArray().SkipLast(1).Index().Select(one => (one.Item.GetInt32(), one.Index + 1))
                        : [])
                {
                    options.AddRange(["--fact", string.Create(CultureInfo.InvariantCulture, $"{Scope(layer)}:length_{axis}={length}")]);
                }

                Number(layer, "attn_length", value => options.AddRange(["--fact", $"attn_length={value}"]));
                if (layer.TryGetProperty("frequency_skip", out _))
                {
                    Number(layer, "frequency_skip", value => options.AddRange(["--fact", $"{Scope(layer)}:frequency_skip={value}"]));
                    Number(layer, "input_size", value => options.AddRange(["--fact", $"{Scope(layer)}:input_size={value}"]));
                    if (layer.TryGetProperty("couple_input_forget_gates", out var coupled))
                    {
                        options.AddRange(["--fact", $"{Scope(layer)}:gates={(coupled.GetBoolean() ? 3 : 4)}"]);
                    }
                }

                Number(layer, "hidden_clip_value", value => options.AddRange(["--fact", $"{Scope(layer)}:hidden_clip={value}"]));
                if (layer.TryGetProperty("config", out var config) && config.TryGetProperty("leaky", out var leaky))
                {
                    // The scope in the program's words; the golden's keys are those of the object graph.
                    options.AddRange(["--fact", $"leaky={leaky.GetDouble().ToString(CultureInfo.InvariantCulture)}"]);
                }

                Name_(layer, "activation", value => Add("--activation", layer, value));
                Name_(layer, "recurrent_activation", value => Add("--recurrent-activation", layer, value));
                if (Wiring == "chain" && Text(layer, "direction") == "bw")
                {
                    options.AddRange([
                        "--fact",
                        Scope(layer) is { Length: > 0 } scope ? $"{scope}:direction=backward" : "direction=backward",
                    ]);
                }

                if (layer.TryGetProperty("residual", out var residual))
                {
                    Add("--residual", layer, residual.ValueKind == JsonValueKind.True ? "yes" : "none");
                }
            }

            return options;
        }
    }

    /// <summary>A layer's scope as its variables name it: what all of their names have in common, without the scope of a linear layer of
    /// old releases.</summary>
    public static string Scope(JsonElement layer)
    {
        var variables =
            layer.TryGetProperty("checkpoint_variables", out var stored) || layer.TryGetProperty("variables", out stored)
                ? stored
                : default;
        if (variables.ValueKind != JsonValueKind.Object || !variables.EnumerateObject().Any())
        {
            return Text(layer, "scope") ?? "";
        }

        var parents = variables
            .EnumerateObject()
            .SelectMany(variable =>
                variable.Value.ValueKind == JsonValueKind.Array
                    ? variable.Value.EnumerateArray().Select(key => key.ToString())
                    : [variable.Value.ToString()])
            .Select(key => Parent(key.Replace("/.ATTRIBUTES/VARIABLE_VALUE", "", StringComparison.Ordinal)).Split('/'))
            .ToArray();
        var shared = Enumerable
            .Range(0, parents.Min(parent => parent.Length))
            .TakeWhile(k => parents.All(parent => parent[k] == parents[0][k]))
            .Count();
        var scope = string.Join('/', parents[0][..shared]);
        return scope.EndsWith("/Linear", StringComparison.Ordinal) ? scope[..^7] : scope;
    }

    /// <summary>A cell inside an attention's wrapper is one cell with it.</summary>
    private string Outer(string scope) =>
        Layers
            .Where(layer => Text(layer, "cell") == "AttentionCellWrapper")
            .Select(layer => Text(layer, "scope")!)
            .FirstOrDefault(outer => scope.StartsWith(outer + "/", StringComparison.Ordinal))
        ?? scope;

    public static int Level(JsonElement layer) => layer.TryGetProperty("level", out var level) ? level.GetInt32() : 0;

    public static string? Text(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Parent(string key) => key.Contains('/', StringComparison.Ordinal) ? key[..key.LastIndexOf('/')] : "";

    private static void Number(JsonElement layer, string key, Action<string> add)
    {
        if (
            layer.TryGetProperty(key, out var value)
            && value.ValueKind is JsonValueKind.Number or JsonValueKind.Null
            && (value.ValueKind == JsonValueKind.Number || key != "forget_bias"))
        {
            add(
                value.ValueKind == JsonValueKind.Null || (key != "forget_bias" && value.GetDouble() <= 0)
                    ? "none"
                    : value.GetDouble().ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Name_(JsonElement layer, string key, Action<string> add)
    {
        if (Text(layer, key) is { } value)
        {
            add(value);
        }
    }

    private string At(string name) => Path.Combine(Folder, name);
}
