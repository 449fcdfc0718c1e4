using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Cells;
using LstmConvert.Formats;
using LstmConvert.Formats.FrozenGraphs;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary><c>inspect</c>: what is inside a file.</summary>
internal sealed class InspectCommand : Command
{
    private readonly Argument<string[]> file = new("file") { Description = "A checkpoint (prefix, folder or any of its files), a SavedModel, a frozen .pb, a folder of .npy files, .npy files, an .npz, or a Keras .h5.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };
    private readonly Option<bool> all = new("--all") { Description = "Optimizer slots and moving averages too." };
    private readonly Option<bool> check = new("--check") { Description = "Read every byte and compare it with its checksum, optimizer slots included." };
    private readonly SourceOptionSet source = new();

    public InspectCommand()
        : base("inspect", "Shows what is inside: tensors, recognised layers, facts with their evidence.")
    {
        Add(file);
        source.LetGraphStandAlone();
        source.AddTo(this);
        Add(all);
        Add(check);
        Add(json);
        SetAction(RunAsync);
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        // 'inspect --graph FILE' reads as the option's value: there it is the file.
        var paths = parsed.GetValue(file) is { Length: > 0 } named ? named
            : source.GraphName(parsed) is { } only ? [only]
            : throw new UsageException("No file is named. Name a checkpoint, a graph, a folder of .npy files, an .npz or a Keras .h5.");
        var output = parsed.InvocationConfiguration.Output;
        if (paths is [var path] && KerasWeightsFile.Matches(path))
        {
            Keras(path, output, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Success);
        }

        using var tensors = source.Open(parsed, paths, withoutValues: true);
        if (tensors is { IsGraphAlone: true, GraphPath: { } graphOnly })
        {
            WriteGraph(Graph.Open(graphOnly), output, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Success);
        }

        foreach (var missing in tensors.MissingValues)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: warning: names and shapes only: {missing}");
        }

        var checkedBytes = parsed.GetValue(check) ? Check(tensors, cancel) : (long?)null;
        RecognizedModel? model = null;
        string? problem = null;
        try
        {
            model = Recognizer.Recognize(tensors, source.Recognition(parsed, tensors));
        }
        catch (LstmConvertException e) when (e is UnsupportedModelException or UndecidedException)
        {
            problem = e.Message;
        }

        if (parsed.GetValue(json))
        {
            Json.Write(output, "inspect", new JsonObject
            {
                ["path"] = tensors.Path,
                ["format"] = tensors.Format,
                ["details"] = tensors.Details,
                ["graph"] = tensors.GraphPath,
                ["checked_bytes"] = checkedBytes,
                ["graph_cells"] = source.NamesGraph(parsed) && source.OpenGraph(parsed, tensors) is { } drawnGraph ? GraphText.Document(drawnGraph, CellFinder.Find(drawnGraph, GraphPatterns.Cells, GraphPatterns.Activations)) : null,
                ["tensors"] = Json.Array(tensors.Tensors, tensor => Tensor(tensor, tensors.ProgramNames)),
                ["without_numbers"] = Json.Array(tensors.WithoutNumbers, tensor => JsonValue.Create(tensor.Name)),
                ["layer_configurations"] = new JsonObject(tensors.LayerConfigurations.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
                ["groups"] = model is null ? new JsonArray() : ModelText.Groups(model),
                ["left_out"] = model is null ? new JsonArray() : ModelText.LeftOut(model),
                ["warnings"] = Json.Array(model?.Warnings ?? [], warning => JsonValue.Create(warning)),
                ["problem"] = problem,
            });
            return Task.FromResult(ExitCode.Success);
        }

        var hidden = parsed.GetValue(all) ? [] : tensors.Tensors.Where(tensor => IsFolded(tensor.Name)).Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        output.WriteLine($"{tensors.Path}: {tensors.Format}, {tensors.Tensors.Count} variables");
        if (tensors.Details.Length > 0)
        {
            output.WriteLine($"  {tensors.Details}");
        }

        if (tensors.GraphPath is { } graph)
        {
            output.WriteLine($"  graph: {graph}");
        }

        if (checkedBytes is { } count)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  checked: {count:N0} bytes read, every checksum right"));
        }

        Table(output, tensors.Tensors.Where(tensor => !hidden.Contains(tensor.Name)), tensors.ProgramNames);
        foreach (var text in tensors.WithoutNumbers)
        {
            output.WriteLine($"  {text.Name}  {text.DType.Name()}  {text.Shape}");
        }

        if (hidden.Count > 0)
        {
            output.WriteLine($"  … and {hidden.Count} optimizer slots and moving averages (--all shows them)");
        }

        output.WriteLine();
        if (model is not null)
        {
            output.WriteLine("Recurrent layers");
            foreach (var line in model.Groups.SelectMany(ModelText.Lines))
            {
                output.WriteLine($"  {line}");
            }

            foreach (var variable in model.LeftOut.Where(variable => !hidden.Contains(variable.Name)))
            {
                output.WriteLine($"  left out: {variable.Name} ({variable.Reason})");
            }
        }

        if (source.NamesGraph(parsed))
        {
            output.WriteLine();
            if (source.OpenGraph(parsed, tensors) is { } drawn)
            {
                WriteGraph(drawn, output, asJson: false);
            }
            else
            {
                output.WriteLine("No graph lies beside the variables; name one with --graph FILE.");
            }
        }

        foreach (var warning in model?.Warnings ?? [])
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: warning: {warning}");
        }

        if (problem is not null)
        {
            output.WriteLine($"No layers: {problem}");
        }

        return Task.FromResult(ExitCode.Success);
    }

    private static void Keras(string path, TextWriter output, bool asJson)
    {
        using var keras = KerasWeightsFile.Open(path);
        if (asJson)
        {
            Json.Write(output, "inspect", new JsonObject
            {
                ["path"] = path,
                ["format"] = "Keras weights (legacy HDF5)",
                ["keras_version"] = keras.KerasVersion,
                ["layers"] = Json.Array(keras.Layers, layer => new JsonObject
                {
                    ["name"] = layer.Name,
                    ["weights"] = Json.Array(layer.Weights, Tensor),
                    ["provenance"] = new JsonObject(layer.Provenance.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
                }),
            });
            return;
        }

        output.WriteLine($"{path}: Keras weights (legacy HDF5), keras_version {keras.KerasVersion ?? "absent"}, {keras.Layers.Count} layers with weights");
        foreach (var layer in keras.Layers)
        {
            output.WriteLine(layer.Name);
            Table(output, layer.Weights);
            foreach (var (key, value) in layer.Provenance)
            {
                output.WriteLine($"      {key} = {value}");
            }
        }
    }

    private static void WriteGraph(Graph graph, TextWriter output, bool asJson)
    {
        var cells = CellFinder.Find(graph, GraphPatterns.Cells, GraphPatterns.Activations);
        if (asJson)
        {
            Json.Write(output, "inspect", new JsonObject { ["path"] = graph.Path, ["format"] = graph.Kind, ["graph_cells"] = GraphText.Document(graph, cells) });
            return;
        }

        foreach (var line in GraphText.Lines(graph, cells))
        {
            output.WriteLine(line);
        }
    }

    private static bool IsFolded(string name) =>
        Recognizer.TrainingVariable(name) is { } reason && (reason.StartsWith("optimizer", StringComparison.Ordinal) || reason.StartsWith("moving", StringComparison.Ordinal));

    /// <summary>Reads everything, and counts the bytes.</summary>
    private static long Check(TensorSet tensors, CancellationToken cancel)
    {
        long count = 0;
        foreach (var tensor in tensors.Tensors.Concat(tensors.WithoutNumbers))
        {
            cancel.ThrowIfCancellationRequested();
            tensor.Check();
            count += tensor.Info.ByteCount;
        }

        return count;
    }

    private static JsonObject Tensor(Tensor tensor) => Tensor(tensor, new Dictionary<string, string>(StringComparer.Ordinal));

    private static JsonObject Tensor(Tensor tensor, IReadOnlyDictionary<string, string> programNames) => new()
    {
        ["name"] = tensor.Name,
        ["program_name"] = programNames.GetValueOrDefault(tensor.Name),
        ["dtype"] = tensor.DType.Name(),
        ["shape"] = new JsonArray([.. tensor.Shape.Dimensions.ToArray().Select(length => (JsonNode)length)]),
        ["bytes"] = tensor.Info.ByteCount,
    };

    private static void Table(TextWriter output, IEnumerable<Tensor> tensors, IReadOnlyDictionary<string, string>? programNames = null)
    {
        var rows = tensors.Select(tensor => (tensor.Name, DType: tensor.DType.Name(), Shape: tensor.Shape.ToString(), Bytes: tensor.Info.ByteCount.ToString("N0", CultureInfo.InvariantCulture))).ToArray();
        var (name, dtype, shape, bytes) = (Width(rows.Select(row => row.Name)), Width(rows.Select(row => row.DType)), Width(rows.Select(row => row.Shape)), Width(rows.Select(row => row.Bytes)));
        foreach (var row in rows)
        {
            output.WriteLine($"  {row.Name.PadRight(name)}  {row.DType.PadRight(dtype)}  {row.Shape.PadRight(shape)}  {row.Bytes.PadLeft(bytes)} bytes{(programNames?.GetValueOrDefault(row.Name) is { } programName && programName != row.Name ? $"  = {programName}" : "")}");
        }
    }

    private static int Width(IEnumerable<string> column) => column.Select(text => text.Length).DefaultIfEmpty(0).Max();
}
