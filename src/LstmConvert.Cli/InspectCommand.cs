using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Cli.Help;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Reports;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary><c>inspect</c>: what is inside a file.</summary>
internal sealed class InspectCommand : Command
{
    private readonly Argument<string[]> file = new("file")
    {
        Description =
            "A checkpoint (prefix, folder or any of its files), a SavedModel, a frozen .pb or .pbtxt, a folder of .npy files, .npy files, an .npz, a Keras file (.h5, .weights.h5, .keras), or a TensorFlow.js model.",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };
    private readonly Option<bool> all = new("--all") { Description = "Optimizer slots and moving averages too." };
    private readonly Option<bool> check = new("--check")
    {
        Description = "Read every byte and compare it with its checksum, optimizer slots included.",
    };
    private readonly SourceOptionSet source = new();
    private readonly ReportOption report = new();

    public InspectCommand()
        : base("inspect", "Shows what is inside: tensors, recognised layers, facts with their evidence.")
    {
        Add(file);
        source.LetGraphStandAlone();
        source.AddTo(this);
        this.Add(OptionGroup.Looking, all, check);
        report.AddTo(this, "Draws what feeds what, and shows layers, facts with their evidence and variables as one page of HTML.");
        this.Add(OptionGroup.Everywhere, json);
        this.Example("lstmconvert inspect model.ckpt", "Variables, layers, facts and what says them:");
        this.Example("lstmconvert inspect model.ckpt --check", "And every byte against its checksum:");
        this.Example("lstmconvert inspect model.ckpt --graph", "What the graph beside it computes around the cells:");
        this.Example("lstmconvert inspect lstm.h5", "A Keras file:");
        SetAction(RunAsync);
    }

    private Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        // 'inspect --graph FILE' reads as the option's value: there it is the file.
        var paths = parsed.GetValue(file) is { Length: > 0 } named ? named
            : source.GraphName(parsed) is { } only ? [only]
            : throw new UsageException("No file is named. Name a checkpoint, a graph, a folder of .npy files, an .npz or a Keras .h5.");
        var (output, page) = (parsed.InvocationConfiguration.Output, report.Target(parsed, [.. paths, source.GraphName(parsed)]));
        if (paths is [var path] && KerasFileKind.Matches(path))
        {
            Keras(path, output, parsed.GetValue(json), keras => Page(parsed, page, commands => InspectionPage.Of(keras, path, commands)));
            return Task.FromResult(ExitCode.Success);
        }

        using var opened = source.Open(parsed, paths, withoutValues: true);
        if (opened is { Variables.IsGraphAlone: true, Graph: { } graphOnly })
        {
            Page(parsed, page, commands => InspectionPage.Of(graphOnly, string.Join(' ', paths), commands));
            WriteGraph(graphOnly, output, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Success);
        }

        foreach (var missing in opened.Variables.MissingValues)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: warning: names and shapes only: {Quote.Printed(missing)}");
        }

        Page(parsed, page, commands => InspectionPage.Of(opened, string.Join(' ', paths), commands));
        var checkedBytes = parsed.GetValue(check) ? Check(opened.Variables, cancel) : (long?)null;
        if (parsed.GetValue(json))
        {
            Json.Write(output, "inspect", Document(parsed, opened, checkedBytes), Code(parsed, opened));
        }
        else
        {
            Write(parsed, opened, checkedBytes);
        }

        foreach (var warning in opened.Model.Warnings)
        {
            parsed.InvocationConfiguration.Error.WriteLine($"lstmconvert: warning: {Quote.Printed(warning)}");
        }

        // What is shown is shown; what is only assumed is an exit code where nothing may be.
        return Task.FromResult(Code(parsed, opened));
    }

    private int Code(ParseResult parsed, RecurrentSource opened) =>
        source.IsStrict(parsed) && (opened.Model.Assumed.Any() || opened.Model.Questions.Count > 0) ? ExitCode.Undecided : ExitCode.Success;

    private void Page(ParseResult parsed, string? path, Func<IReadOnlyList<ReportedCommand>, InspectionPage> page)
    {
        if (path is null)
        {
            return;
        }

        page([ReportOption.Typed(parsed, "Look again, and write this page")]).Write(path, report.Replaces(parsed));
        if (!parsed.GetValue(json))
        {
            parsed.InvocationConfiguration.Output.WriteLine($"Report: {Quote.Printed(path)}");
        }
    }

    private JsonObject Document(ParseResult parsed, RecurrentSource opened, long? checkedBytes)
    {
        var (tensors, model) = (opened.Variables, opened.Model);
        return new JsonObject
        {
            ["path"] = tensors.Path,
            ["format"] = tensors.Format,
            ["details"] = tensors.Details,
            ["graph"] = opened.Graph?.Path,
            ["checked_bytes"] = checkedBytes,
            ["graph_cells"] =
                source.NamesGraph(parsed) && opened.Graph is { } drawn ? GraphText.Document(drawn, RecurrentSource.CellsOf(drawn)) : null,
            ["tensors"] = Json.Array(tensors.Tensors, tensor => Tensor(tensor, tensors.ProgramNames)),
            ["without_numbers"] = Json.Array(tensors.WithoutNumbers, tensor => JsonValue.Create(tensor.Name)),
            ["layer_configurations"] = new JsonObject(
                tensors.LayerConfigurations.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
            ["groups"] = ModelText.Groups(model),
            ["assumed"] = ModelText.Assumed(model),
            ["left_out"] = ModelText.LeftOut(model),
            ["warnings"] = Json.Array(model.Warnings, warning => JsonValue.Create(warning)),
            ["questions"] = Json.Array(model.Questions, question => JsonValue.Create(question.Sentence)),
            ["problem"] = model.Problem,
        };
    }

    private void Write(ParseResult parsed, RecurrentSource opened, long? checkedBytes)
    {
        var (output, tensors, model) = (parsed.InvocationConfiguration.Output, opened.Variables, opened.Model);
        var hidden = parsed.GetValue(all)
            ? []
            : tensors.Tensors.Where(tensor => IsFolded(tensor.Name)).Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        output.WriteLine($"{Quote.Printed(tensors.Path)}: {tensors.Format}, {tensors.Tensors.Count} variables");
        if (tensors.Details.Length > 0)
        {
            output.WriteLine($"  {tensors.Details}");
        }

        if (opened.Graph is { } graph)
        {
            output.WriteLine($"  graph: {Quote.Printed(graph.Path)}");
        }

        if (checkedBytes is { } count)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  checked: {count:N0} bytes read, every checksum right"));
        }

        Table(output, tensors.Tensors.Where(tensor => !hidden.Contains(tensor.Name)), tensors.ProgramNames);
        foreach (var text in tensors.WithoutNumbers)
        {
            output.WriteLine($"  {ModelText.Shown(text.Name)}  {text.DType.Name()}  {text.Shape}");
        }

        if (hidden.Count > 0)
        {
            output.WriteLine($"  … and {hidden.Count} optimizer slots and moving averages (--all shows them)");
        }

        output.WriteLine();
        if (model.Groups.Count > 0)
        {
            output.WriteLine("Recurrent layers");
        }

        foreach (var line in model.Groups.SelectMany(ModelText.Lines))
        {
            output.WriteLine($"  {line}");
        }

        foreach (var variable in model.LeftOut.Where(variable => !hidden.Contains(variable.Name)))
        {
            output.WriteLine($"  left out: {ModelText.Shown(variable.Name)} ({variable.Reason})");
        }

        if (source.NamesGraph(parsed))
        {
            output.WriteLine();
            if (opened.Graph is { } drawn)
            {
                WriteGraph(drawn, output, asJson: false);
            }
            else
            {
                output.WriteLine("No graph lies beside the variables; name one with --graph FILE.");
            }
        }

        foreach (
            var problem in model
                .Questions.Select(question => question.Sentence)
                .Concat(model.Problem is { } none && model.Questions.Count == 0 ? [none] : []))
        {
            output.WriteLine($"No layers: {Quote.Printed(problem)}");
        }
    }

    private static void Keras(string path, TextWriter output, bool asJson, Action<KerasInspection> report)
    {
        using var keras = KerasInspection.Open(path);
        report(keras);
        if (asJson)
        {
            Json.Write(output, "inspect", new JsonObject
            {
                ["path"] = path,
                ["format"] = keras.Format,
                ["keras_version"] = keras.KerasVersion,
                ["inputs"] = Json.Array(keras.Inputs, input => JsonValue.Create(input)),
                ["problem"] = keras.Problem,
                ["left_out"] = Json.Array(keras.LeftOut, left => new JsonObject { ["name"] = left.Name, ["reason"] = left.Reason }),
                ["layers"] = Json.Array(keras.Layers, layer => new JsonObject
                {
                    ["name"] = layer.Name,
                    ["class_name"] = layer.ClassName,
                    ["settings"] = Json.Array(layer.Settings, setting => JsonValue.Create(setting)),
                    ["reads"] = Json.Array(layer.Reads, read => JsonValue.Create(read)),
                    ["weights"] = Json.Array(layer.Weights, Tensor),
                    ["provenance"] = new JsonObject(layer.Provenance.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value))),
                }),
            });
            return;
        }

        output.WriteLine(
            $"{Quote.Printed(path)}: {keras.Format}{(keras.KerasVersion is { } version ? $" of Keras {ModelText.Shown(version)}" : "")}, {keras.Layers.Count(layer => layer.Weights.Count > 0)} layers with weights"
        );
        foreach (var input in keras.Inputs)
        {
            output.WriteLine($"input {ModelText.Shown(input)}");
        }

        foreach (var layer in keras.Layers)
        {
            var settings = layer.Settings.Count > 0 ? $"({Quote.Printed(string.Join(", ", layer.Settings))})" : "";
            output.WriteLine(
                $"{ModelText.Shown(layer.Name)}{(layer.ClassName is null ? "" : $"  {Quote.Printed(layer.ClassName)}{settings}")}{(layer.Reads.Count > 0 ? $"  reads {string.Join(", ", layer.Reads.Select(ModelText.Shown))}" : "")}"
            );
            Table(output, layer.Weights);
            foreach (var (key, value) in layer.Provenance)
            {
                output.WriteLine($"      {Quote.Printed(key)} = {Quote.Printed(value)}");
            }
        }

        foreach (var left in keras.LeftOut)
        {
            output.WriteLine($"left out: {ModelText.Shown(left.Name)} ({left.Reason})");
        }

        if (keras.Problem is { } problem)
        {
            output.WriteLine($"The model itself is not shown: {Quote.Printed(problem)}");
        }
    }

    private static void WriteGraph(Graph graph, TextWriter output, bool asJson)
    {
        var cells = RecurrentSource.CellsOf(graph);
        if (asJson)
        {
            Json.Write(
                output,
                "inspect",
                new JsonObject
                {
                    ["path"] = graph.Path,
                    ["format"] = graph.Kind,
                    ["graph_cells"] = GraphText.Document(graph, cells),
                });
            return;
        }

        foreach (var line in GraphText.Lines(graph, cells))
        {
            output.WriteLine(line);
        }
    }

    private static bool IsFolded(string name) =>
        RecurrentSource.TrainingVariable(name) is { } reason
        && (reason.StartsWith("optimizer", StringComparison.Ordinal) || reason.StartsWith("moving", StringComparison.Ordinal));

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
        var rows = tensors
            .Select(tensor =>
                (
                    Name: ModelText.Shown(tensor.Name),
                    DType: tensor.DType.Name(),
                    Shape: tensor.Shape.ToString(),
                    Bytes: tensor.Info.ByteCount.ToString("N0", CultureInfo.InvariantCulture)))
            .ToArray();
        var (name, dtype, shape, bytes) = (
            Width(rows.Select(row => row.Name)),
            Width(rows.Select(row => row.DType)),
            Width(rows.Select(row => row.Shape)),
            Width(rows.Select(row => row.Bytes)));
        foreach (var row in rows)
        {
            output.WriteLine(
                $"  {row.Name.PadRight(name)}  {row.DType.PadRight(dtype)}  {row.Shape.PadRight(shape)}  {row.Bytes.PadLeft(bytes)} bytes{(programNames?.GetValueOrDefault(row.Name) is { } programName && ModelText.Shown(programName) != row.Name ? $"  = {ModelText.Shown(programName)}" : "")}"
            );
        }
    }

    private static int Width(IEnumerable<string> column) => column.Select(text => text.Length).DefaultIfEmpty(0).Max();
}
