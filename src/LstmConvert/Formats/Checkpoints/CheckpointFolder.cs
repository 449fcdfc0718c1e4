using System.Text.RegularExpressions;
using LstmConvert.Files;
using LstmConvert.TensorFlow;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>Which checkpoint a folder means: a SavedModel, the one that the state file names, or the only one.</summary>
internal static partial class CheckpointFolder
{
    /// <summary>The most checkpoints that a message names.</summary>
    private const int MaximumNamed = 5;

    /// <summary>The checkpoint in a folder itself; null if there is none.</summary>
    public static CheckpointLocation? Find(string folder)
    {
        var graph = Path.Combine(folder, GraphFile.SavedModelName);
        if (File.Exists(graph))
        {
            var others = Prefixes(folder);
            return others.Count == 0
                ? SavedModel(folder, graph)
                : Undecided(
                    folder,
                    $"a SavedModel and {(others.Count == 1 ? "a checkpoint" : $"{others.Count} checkpoints")}",
                    [graph, .. others]);
        }

        var state = Path.Combine(folder, CheckpointState.FileName);
        if (File.Exists(state) && CheckpointState.Read(state) is { } named)
        {
            return OfState(state, named);
        }

        return Prefixes(folder) switch
        {
            [] => null,
            [var only] => CheckpointPath.OfPrefix(only),
            var several => Undecided(
                folder,
                $"{several.Count} checkpoints, and no state file that says which is meant",
                [.. several.AsEnumerable().Reverse()]),
        };
    }

    /// <summary>The checkpoint that a state file names.</summary>
    /// <param name="state">The state file.</param>
    /// <param name="named">The path that stands in it.</param>
    public static CheckpointLocation OfState(string state, string named)
    {
        var folder = Path.GetDirectoryName(state) ?? "";
        var isRooted = Path.IsPathRooted(named) || WindowsRoot().IsMatch(named);
        if (CheckpointPath.OfPrefix(isRooted ? named : Path.Combine(folder, named)) is { } found)
        {
            return found;
        }

        // Absolute paths go stale when a folder is copied, possibly from a system with other separators.
        var name = named[(named.LastIndexOfAny(['/', '\\']) + 1)..];
        if (name != named && CheckpointPath.OfPrefix(Path.Combine(folder, name)) is { } beside)
        {
            return beside with
            {
                Notes = [$"{state} names {named}, which is not there; {beside.Prefix} beside it is read.", .. beside.Notes],
            };
        }

        var others = Prefixes(folder);
        return CheckpointLocation.Failed(
            Path.Combine(folder, name),
            $"{state} names {named}, and no such checkpoint is there. {(others.Count == 0 ? "Copy its .index and .data files beside the state file." : $"Name one that is: {List(others)}.")}"
        );
    }

    /// <summary>A SavedModel by its folder and graph.</summary>
    public static CheckpointLocation SavedModel(string folder, string graph)
    {
        var prefix = Path.Combine(folder, "variables", "variables");
        if (!File.Exists(prefix + ".index"))
        {
            return CheckpointLocation.Failed(
                prefix,
                $"{folder} is a SavedModel without variables: {prefix}.index is missing. Copy the whole folder, 'variables' included.",
                CheckpointKind.SavedModel) with
            {
                Graph = graph,
            };
        }

        return CheckpointPath.OfIndex(prefix) with { Kind = CheckpointKind.SavedModel, Graph = graph };
    }

    /// <summary>The graph of the SavedModel that has <c>variables/variables</c> as its checkpoint; null for any other prefix.</summary>
    /// <param name="prefix">A checkpoint's prefix.</param>
    public static string? SavedModelAbove(string prefix)
    {
        const string variables = "variables";
        if (Path.GetFileName(prefix) != variables)
        {
            return null;
        }

        var folder = Path.GetDirectoryName(prefix) ?? "";
        var typed = Path.GetFileName(folder) == variables ? folder : Path.GetFullPath(folder.Length == 0 ? "." : folder);
        return new[] { typed, Links.RealPath(typed) }.Where(path => Path.GetFileName(path) == variables)
            .Select(path => Path.Combine(Path.GetDirectoryName(path) ?? "", GraphFile.SavedModelName))
            .FirstOrDefault(File.Exists);
    }

    private static CheckpointLocation Undecided(string folder, string what, IReadOnlyList<string> names) =>
        new(CheckpointKind.V2, folder, []) { Failure = new UndecidedException($"{folder} holds {what}. Name one: {List(names)}.") };

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(MaximumNamed)) + (names.Count > MaximumNamed ? ", …" : "");

    /// <summary>The prefixes of a folder's checkpoints, by the numbers in their names.</summary>
    private static List<string> Prefixes(string folder)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (
            var file in Directory
                .EnumerateFiles(folder.Length == 0 ? "." : folder)
                .Take(CheckpointPath.MaximumFiles)
                .Select(file => Path.Combine(folder, Path.GetFileName(file))))
        {
            var extension = Path.GetExtension(file);
            if (extension == ".index")
            {
                found.Add(file[..^".index".Length]);
            }
            else if (
                !CheckpointPath.IsDataFile(file)
                && extension is not (".meta" or ".npy" or ".npz" or ".pb" or ".h5" or ".json" or ".py" or ".txt" or ".pbtxt")
                && LevelDbTable.Matches(file)
                && !CheckpointPath.IsBundle(file))
            {
                found.Add(CheckpointPath.OfTable(file).Prefix);
            }
        }

        return [.. found.Order(NaturalOrder.Comparer)];
    }

    [GeneratedRegex("^([A-Za-z]:)?[\\\\/]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex WindowsRoot();
}
