using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LstmConvert.Conversion;
using LstmConvert.Files;
using LstmConvert.Formats;
using LstmConvert.Formats.Numpy;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Cli;

/// <summary><c>tf2keras</c>: converts one source, or several each on its own.</summary>
internal sealed partial class Tf2KerasCommand : Command
{
    private readonly Argument<string[]> sources = new("source") { Description = "A checkpoint (prefix, folder or any of its files), a SavedModel, a frozen .pb, a folder of .npy files, an .npz, or .npy files (NAME=FILE.npy, or bare: '__' or '.' stands for '/').", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string> output = new("--output", "-o") { Description = "The file to write: .h5 (weights), .weights.h5 (Keras 3's weights), .keras (whole model), .npz; with --to tfjs a folder.", HelpName = "FILE" };
    private readonly Option<string> outDir = new("--out-dir") { Description = "The folder for the results of several sources.", HelpName = "DIR" };
    private readonly Option<string> sourcesFrom = new("--sources-from") { Description = "A file with one source a line ('-' is standard input).", HelpName = "FILE" };
    private readonly Option<string> to = new("--to") { Description = "The format to write; the default follows the extension." };
    private readonly Option<bool> onlyRecurrent = new("--only-recurrent") { Description = "Of a whole model the recurrent layers alone." };
    private readonly Option<string> emitLayers = new("--emit-layers") { Description = "The Python module for layers that Keras lacks; by default NAME_layers.py beside NAME.h5.", HelpName = "FILE.py" };
    private readonly Option<string[]> layer = new("--layer") { Description = "The name of the Keras layer of a scope (repeatable).", HelpName = "SCOPE=NAME" };
    private readonly Option<bool> merge = new("--merge-bidirectional") { Description = "Both directions as one Keras Bidirectional where the sizes are equal (the default)." };
    private readonly Option<bool> noMerge = new("--no-merge-bidirectional") { Description = "Both directions as two layers." };
    private readonly Option<bool> printKeras = new("--print-keras") { Description = "Print only the Keras code that loads the file." };
    private readonly Option<bool> force = new("--force") { Description = "Replace a file that exists." };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Show what would be written, weight by weight, and write nothing." };
    private readonly Option<bool> noCheck = new("--no-check") { Description = "Do not read the file back." };
    private readonly Option<bool> json = new("--json") { Description = "One JSON document instead of text." };
    private readonly Option<bool> quiet = new("--quiet", "-q") { Description = "Nothing but errors." };
    private readonly Option<bool> verbose = new("--verbose", "-v") { Description = "Every variable that is left out." };
    private readonly Option<int> jobs = new("--jobs") { Description = "How many sources are converted at a time.", DefaultValueFactory = _ => 1 };
    private readonly SourceOptionSet source = new();

    public Tf2KerasCommand()
        : base("tf2keras", "Converts TensorFlow's recurrent weights, and the Keras models in SavedModels, to Keras files, and reads each file back.")
    {
        to.AcceptOnlyFromAmong([.. KerasTarget.All.Select(target => target.Name)]);
        Add(sources);
        foreach (var option in new Option[] { output, outDir, sourcesFrom })
        {
            Add(option);
        }

        source.AddTo(this);
        foreach (var option in new Option[] { to, emitLayers, onlyRecurrent, layer, merge, noMerge, printKeras, force, dryRun, noCheck, jobs, json, quiet, verbose })
        {
            Add(option);
        }

        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancel)
    {
        var named = new List<string>(parsed.GetValue(sources) ?? []);
        if (parsed.GetValue(sourcesFrom) is { } list)
        {
            named.AddRange(SourceList.Read(list));
        }

        if (named.Count == 0)
        {
            throw new UsageException("No source is named. Name a checkpoint, a folder of .npy files, an .npz, .npy files, or a list with --sources-from.");
        }

        if (named.Find(path => path.EndsWith('=') && !Path.Exists(path)) is { } unnamed)
        {
            throw new UsageException($"{unnamed} names no file behind the '='. Write NAME=FILE.npy.");
        }

        if (parsed.GetValue(jobs) < 1)
        {
            throw new UsageException($"--jobs {parsed.GetValue(jobs)}: at least 1.");
        }

        // Single .npy files are one source, everything else is a source of its own.
        var single = named.Where(NpyFiles.IsNpyArgument).ToArray();
        var groups = named.Where(path => !NpyFiles.IsNpyArgument(path)).Select(path => new[] { path }).ToList();
        if (single.Length > 0)
        {
            groups.Insert(0, single);
        }

        if (groups.Count == 1 && parsed.GetValue(sourcesFrom) is null)
        {
            var target = parsed.GetValue(output) ?? Path.Combine(parsed.GetValue(outDir) ?? "", DefaultName(groups[0], null, DefaultFormat(parsed)));
            var (content, text) = await Task.Run(() => ConvertOne(parsed, groups[0], target, cancel), cancel);
            if (content is not null)
            {
                Json.Write(parsed.InvocationConfiguration.Output, "tf2keras", content);
            }
            else
            {
                await parsed.InvocationConfiguration.Output.WriteAsync(text);
            }

            return ExitCode.Success;
        }

        return Batch(parsed, groups, cancel);
    }

    private int Batch(ParseResult parsed, List<string[]> groups, CancellationToken cancel)
    {
        if (parsed.GetValue(output) is not null)
        {
            throw new UsageException($"-o names one file, and there are {groups.Count} sources. Name a folder with --out-dir.");
        }

        if (parsed.GetValue(emitLayers) is not null)
        {
            throw new UsageException($"--emit-layers names one file, and there are {groups.Count} sources. Without it each result has its module beside it.");
        }

        var folder = parsed.GetValue(outDir) ?? "";
        var parent = CommonParent(groups);
        var targets = groups.Select(group => Path.Combine(folder, DefaultName(group, folder.Length > 0 ? parent : null, DefaultFormat(parsed)))).ToArray();
        var twice = targets.Zip(groups).GroupBy(pair => Path.GetFullPath(pair.First), StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null)
        {
            throw new OutputException($"{string.Join(" and ", twice.Select(pair => pair.Second[0]))} would both be written to {twice.First().First}. Convert one of them on its own with -o.");
        }

        var (out_, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var results = new ConcurrentDictionary<int, (int Code, string Message, JsonObject? Content)>();
        Parallel.For(0, groups.Count, new ParallelOptions { MaxDegreeOfParallelism = parsed.GetValue(jobs) }, k =>
        {
            try
            {
                if (cancel.IsCancellationRequested)
                {
                    results[k] = (ExitCode.Interrupted, "interrupted before it was begun", null);
                    return;
                }

                var (content, _) = ConvertOne(parsed, groups[k], targets[k], cancel);
                results[k] = (ExitCode.Success, targets[k], content);
            }
            catch (Exception e) when (e is LstmConvertException or OperationCanceledException)
            {
                results[k] = (ExitCode.Of(e), e is LstmConvertException refused ? RemedyText.Of(refused) : "interrupted", null);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                results[k] = (ExitCode.Bug, $"this is a bug of lstmconvert {ToolVersion.Current}: {e.GetType().Name}: {e.Message}", null);
            }
        });

        var failed = Enumerable.Range(0, groups.Count).Where(k => results[k].Code != ExitCode.Success).ToArray();
        if (parsed.GetValue(json))
        {
            Json.Write(out_, "tf2keras", new JsonObject
            {
                ["converted"] = groups.Count - failed.Length,
                ["failed"] = failed.Length,
                ["results"] = Json.Array(Enumerable.Range(0, groups.Count), k => new JsonObject
                {
                    ["source"] = string.Join(' ', groups[k]),
                    ["exit_code"] = results[k].Code,
                    ["output"] = results[k].Code == ExitCode.Success ? targets[k] : null,
                    ["error"] = results[k].Code == ExitCode.Success ? null : results[k].Message,
                    ["result"] = results[k].Content,
                }),
            });
        }
        else if (!parsed.GetValue(quiet))
        {
            foreach (var k in Enumerable.Range(0, groups.Count).Except(failed))
            {
                out_.WriteLine(Quote.Printed($"{string.Join(' ', groups[k])} -> {targets[k]}"));
            }

            out_.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{groups.Count - failed.Length} converted, {failed.Length} failed"));
        }

        foreach (var k in failed)
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"failed (exit {results[k].Code}): {Quote.Printed(string.Join(' ', groups[k]))}"));
            error.WriteLine($"    why:  {Quote.Printed(results[k].Message)}");
            error.WriteLine($"    next: lstmconvert {(results[k].Code == ExitCode.Output ? "tf2keras --force" : results[k].Code == ExitCode.Unreadable ? "inspect" : "inspect --all")} {string.Join(' ', groups[k].Select(path => Quote.Shell(path)))}{(results[k].Code == ExitCode.Output ? $" -o {Quote.Shell(targets[k])}" : "")}");
        }

        return ExitCode.Worst(results.Values.Select(result => result.Code));
    }

    private (JsonObject? Content, string Text) ConvertOne(ParseResult parsed, string[] paths, string target, CancellationToken cancel)
    {
        var error = parsed.InvocationConfiguration.Error;
        if (target.StartsWith("--", StringComparison.Ordinal))
        {
            throw new UsageException($"-o took '{target}' for its value. Name the file to write, as in -o lstm.h5.");
        }

        if (parsed.GetValue(merge) && parsed.GetValue(noMerge))
        {
            throw new UsageException("--merge-bidirectional and --no-merge-bidirectional exclude each other.");
        }

        var format = parsed.GetValue(to) is { } named ? KerasTarget.Find(named) : null;
        if (format?.IsFolder != true && (Directory.Exists(target) || Path.EndsInDirectorySeparator(target)))
        {
            OutputFile.Check(target, overwrite: true);
        }

        format ??= KerasTarget.ByName(target);
        if (format.Misnamed(target) is { } misnamed)
        {
            throw new UsageException(misnamed);
        }

        using var opened = Opened(parsed, paths);
        if (format.IsWholeModel && !parsed.GetValue(onlyRecurrent) && WholeModelPlan.Of(opened, format) is { } whole)
        {
            using (whole)
            {
                RefuseSource(parsed, paths, format, target);
                return Whole(parsed, whole, paths, target, format, cancel);
            }
        }

        foreach (var warning in opened.Model.Warnings)
        {
            error.WriteLine($"lstmconvert: warning: {Quote.Printed(warning)}");
        }

        var plan = opened.Plan(new ConversionOptions
        {
            LayerNames = SourceOptionSet.Scoped(parsed, layer),
            MergeBidirectional = !parsed.GetValue(noMerge),
            IsWhole = format.IsWholeModel && !parsed.GetValue(onlyRecurrent),
        });
        foreach (var note in plan.Notes)
        {
            error.WriteLine($"lstmconvert: note: {note}");
        }

        plan.RefuseFor(format);
        RefuseSource(parsed, paths, format, target);
        var code = plan.KerasCode(target, format, Layers(parsed));
        if (parsed.GetValue(printKeras))
        {
            return (parsed.GetValue(json) ? new JsonObject { ["keras_code"] = code } : null, code);
        }

        if (!parsed.GetValue(dryRun))
        {
            format.CheckPlace(target, parsed.GetValue(force));
        }

        var result = parsed.GetValue(dryRun) ? null : plan.Write(target, new WriteOptions { Target = format, LayersPath = Layers(parsed), Overwrite = parsed.GetValue(force), Check = !parsed.GetValue(noCheck) }, cancel);
        foreach (var (variable, count) in result?.NonFinite ?? [])
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lstmconvert: warning: {Quote.Printed(variable)} holds {count} numbers that are NaN or infinite; they were converted as they are, and the layer will compute NaN."));
        }

        return (parsed.GetValue(json) ? Content(plan, result, target, code) : null, parsed.GetValue(quiet) ? "" : Text(plan, result, target, code, format, parsed.GetValue(verbose), Next(parsed, paths, target)));
    }

    private RecurrentSource Opened(ParseResult parsed, string[] paths)
    {
        try
        {
            return source.Open(parsed, paths);
        }
        catch (UnreadableInputException e) when (paths is [var path] && KerasFileKind.Matches(path))
        {
            throw new UnreadableInputException(
                $"{path} is a Keras file already. 'lstmconvert repair {path} -o NEW.keras' writes its model for the Keras of today, 'lstmconvert keras2tf {path} -o TARGET' gives the variables of TensorFlow's cells, and 'lstmconvert verify' takes it on either side.", e);
        }
    }

    /// <summary>The line that names the module of a result.</summary>
    internal static string Said(LayerModule module) => $"{module.Path}: {string.Join(", ", module.ClassNames)}, which no Keras has; the code below imports it";

    private string? Layers(ParseResult parsed) => parsed.GetValue(emitLayers) is { } named ? LayerModule.Checked(named) : null;

    /// <summary>The command that verifies the result, with every option that decided a fact or a name.</summary>
    private string Next(ParseResult parsed, string[] paths, string target) => string.Join(' ',
    [
        "lstmconvert verify", .. paths.Select(path => Quote.Shell(path)), Quote.Shell(target), .. source.Words(parsed),
        .. (parsed.GetValue(layer) ?? []).SelectMany(text => new[] { "--layer", Quote.Shell(text) }),
    ]);

    /// <summary>A whole model is written: its configuration says every setting.</summary>
    private (JsonObject? Content, string Text) Whole(ParseResult parsed, WholeModelPlan plan, string[] paths, string target, KerasTarget format, CancellationToken cancel)
    {
        var code = plan.KerasCode(target, Layers(parsed));
        if (parsed.GetValue(printKeras))
        {
            return (parsed.GetValue(json) ? new JsonObject { ["keras_code"] = code } : null, code);
        }

        var result = parsed.GetValue(dryRun) ? null : plan.Write(target, new WriteOptions { Target = format, LayersPath = Layers(parsed), Overwrite = parsed.GetValue(force), Check = !parsed.GetValue(noCheck) }, cancel);
        var next = string.Join(' ', ["lstmconvert verify", .. paths.Select(path => Quote.Shell(path)), Quote.Shell(target)]);
        return (parsed.GetValue(json) ? WholeModelText.Content(plan, result, paths[0], target) : null, parsed.GetValue(quiet) ? "" : WholeModelText.Of(plan, result, target, next));
    }

    private static string Text(ConversionPlan plan, ConversionResult? result, string target, string code, KerasTarget format, bool verbose, string next)
    {
        var text = new StringWriter { NewLine = "\n" };
        foreach (var line in plan.Source.Model.Groups.SelectMany(ModelText.Lines))
        {
            text.WriteLine(line);
        }

        var leftOut = plan.Source.Model.LeftOut.Where(variable => !plan.VariablesAround.Contains(variable.Name)).ToArray();
        var noise = leftOut.Where(variable => !verbose && (variable.Reason.StartsWith("optimizer", StringComparison.Ordinal) || variable.Reason.StartsWith("moving", StringComparison.Ordinal))).ToArray();
        foreach (var variable in leftOut.Except(noise))
        {
            text.WriteLine($"left out: {ModelText.Shown(variable.Name)} ({variable.Reason})");
        }

        if (noise.Length > 0)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"left out: {noise.Length} optimizer slots and moving averages (-v names them)"));
        }

        text.WriteLine();
        foreach (var planned in plan.Layers)
        {
            text.WriteLine($"{planned.ClassName} {Quote.Printed(planned.Name)}");
            foreach (var weight in planned.Weights)
            {
                text.WriteLine(Quote.Printed($"  {weight.Path}  {weight.DType.Name()} {weight.Shape}  {weight.Path[(weight.Path.LastIndexOf('/') + 1)..^2]} = {weight.Recipe}"));
            }
        }

        text.WriteLine();
        if (result is null)
        {
            text.WriteLine($"Dry run: {Quote.Printed(target)} was not written.");
        }
        else
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Quote.Printed(target)}: {result.ByteCount:N0} bytes"));
            text.WriteLine(result.Check is { } check ? $"read back: {check}" : "not read back (--no-check)");
            if (result.Layers is { } module)
            {
                text.WriteLine(Said(module));
            }
        }

        if (!plan.HasLayersAround && ModelText.Around(plan.Source.Model) is { } around)
        {
            text.WriteLine(around);
        }

        text.WriteLine();
        text.WriteLine($"In {format.Loader}:");
        text.WriteLine();
        text.Write(code);
        if (result is not null)
        {
            text.WriteLine();
            text.WriteLine($"Next: {next}");
        }

        return text.ToString();
    }

    private static JsonObject Content(ConversionPlan plan, ConversionResult? result, string target, string code) => new()
    {
        ["source"] = plan.Source.Variables.Path,
        ["output"] = target,
        ["dry_run"] = result is null,
        ["bytes"] = result?.ByteCount,
        ["layers_module"] = result?.Layers?.Path,
        ["read_back"] = result?.Check is { } check ? new JsonObject { ["bit_for_bit"] = check.Moved, ["forget_bias_folded"] = check.Folded, ["computed"] = check.Computed } : null,
        ["groups"] = ModelText.Groups(plan.Source.Model),
        ["assumed"] = ModelText.Assumed(plan.Source.Model),
        ["layers"] = Json.Array(plan.Layers, planned => new JsonObject
        {
            ["name"] = planned.Name,
            ["class_name"] = planned.ClassName,
            ["weights"] = Json.Array(planned.Weights, weight => new JsonObject
            {
                ["path"] = weight.Path,
                ["dtype"] = weight.DType.Name(),
                ["shape"] = new JsonArray([.. weight.Shape.Dimensions.ToArray().Select(length => (JsonNode)length)]),
                ["recipe"] = weight.Recipe,
            }),
        }),
        ["left_out"] = ModelText.LeftOut(plan.Source.Model, plan.VariablesAround),
        ["notes"] = Json.Array(plan.Notes, note => JsonValue.Create(note)),
        ["warnings"] = Json.Array(plan.Source.Model.Warnings, warning => JsonValue.Create(warning)),
        ["keras_code"] = code,
    };

    private void RefuseSource(ParseResult parsed, string[] paths, KerasTarget format, string target)
    {
        foreach (var file in format.FilesAt(target))
        {
            OutputFile.RefuseSources(file, () => SourceFiles.Of([.. paths, .. new[] { source.GraphName(parsed), parsed.GetValue(sourcesFrom) }.OfType<string>()]));
        }
    }

    private KerasTarget DefaultFormat(ParseResult parsed) => parsed.GetValue(to) is { } named ? KerasTarget.Find(named) : KerasTarget.Default;

    private static string DefaultName(string[] group, string? parent, KerasTarget format)
    {
        var path = group[0].Contains('=', StringComparison.Ordinal) && !Path.Exists(group[0]) ? group[0][(group[0].IndexOf('=', StringComparison.Ordinal) + 1)..] : group[0];
        var full = Path.GetFullPath(path).TrimEnd(Path.DirectorySeparatorChar);
        var name = ShardEnd().Replace(parent is null ? Path.GetFileName(full) : Path.GetRelativePath(parent, full), "");
        foreach (var extension in new[] { ".npz", ".npy", ".index", ".meta", ".pb" })
        {
            name = name.EndsWith(extension, StringComparison.OrdinalIgnoreCase) ? name[..^extension.Length] : name;
        }

        return format.DefaultName(name);
    }

    private static string CommonParent(List<string[]> groups)
    {
        var parents = groups.Select(group => Path.GetDirectoryName(Path.GetFullPath(group[0]).TrimEnd(Path.DirectorySeparatorChar)) ?? "/").Select(path => path.Split(Path.DirectorySeparatorChar)).ToArray();
        var shared = 0;
        while (parents.All(path => path.Length > shared && path[shared] == parents[0][shared]))
        {
            shared++;
        }

        return Path.DirectorySeparatorChar + Path.Combine(parents[0][..shared]).TrimStart(Path.DirectorySeparatorChar);
    }

    /// <summary>The end of a checkpoint's data file or of a V1 shard.</summary>
    [GeneratedRegex("(\\.data)?-([0-9]{5}|[?]{5})-of-[0-9]{5}$", RegexOptions.ExplicitCapture)]
    private static partial Regex ShardEnd();
}
