using System.Text.RegularExpressions;
using LstmConvert.Files;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>Which of TensorFlow's two formats.</summary>
internal enum CheckpointKind
{
    /// <summary>One table, or one for each shard, with the values in it.</summary>
    V1,

    /// <summary>An index and data files.</summary>
    V2,

    /// <summary>A SavedModel, whose variables are a V2 checkpoint.</summary>
    SavedModel,
}

/// <summary>A checkpoint that was found.</summary>
/// <param name="Kind">Its format.</param>
/// <param name="Prefix">What its files' names have in common, with the folder.</param>
/// <param name="Files">The tables of a V1 checkpoint; nothing for the others.</param>
internal sealed record CheckpointLocation(CheckpointKind Kind, string Prefix, IReadOnlyList<string> Files)
{
    /// <summary>How it was found, where that is worth saying.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The graph beside it, or null.</summary>
    public string? Graph { get; init; }

    /// <summary>Why it cannot be opened, or null.</summary>
    public LstmConvertException? Failure { get; init; }
}

/// <summary>
/// Finds the checkpoint behind whatever a user types: its prefix, its folder, the state file, <c>.index</c>, <c>.data-…</c>, <c>.meta</c>,
/// <c>saved_model.pb</c>, a SavedModel's folder, a V1 file or shard, or a pattern with <c>?</c>. TensorFlow itself takes the prefix and the folder only.
/// </summary>
internal static partial class CheckpointPath
{
    private const int MaximumFiles = 100_000;

    /// <summary>Finds the checkpoint, or returns null if the path means none. Never throws.</summary>
    /// <param name="path">The path as the user typed it.</param>
    public static CheckpointLocation? Find(string path)
    {
        try
        {
            var found = Directory.Exists(path) ? InFolder(path) : File.Exists(path) ? OfFile(path) : OfPrefix(path);
            return found is { Failure: null, Graph: null } ? found with { Graph = GraphBeside(found) } : found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Says in words when a file holds something that stands in its place: a Git LFS pointer, a web page.</summary>
    /// <exception cref="UnreadableInputException">It does.</exception>
    public static void RefuseStandIns(string path)
    {
        if (StandIn(path) is { } problem)
        {
            throw new UnreadableInputException(problem);
        }
    }

    /// <summary>What stands in a file's place, as a sentence; null if nothing does.</summary>
    public static string? StandIn(string path)
    {
        var head = System.Text.Encoding.Latin1.GetString(InputFile.Head(path, 512));
        var start = head.TrimStart('\u00ef', '\u00bb', '\u00bf', ' ', '\r', '\n', '\t');
        return head.StartsWith("version https://git-lfs", StringComparison.Ordinal)
            ? $"{path} is a Git LFS pointer{(LfsSize().Match(head) is { Success: true } size ? $" to a file of {size.Groups["bytes"].Value} bytes" : "")}, not the file itself. Fetch it with 'git lfs pull'."
            : start.StartsWith("<!DOCTYPE", StringComparison.OrdinalIgnoreCase) || start.StartsWith("<html", StringComparison.OrdinalIgnoreCase)
            ? $"{path} is a web page saved under that name, not the file itself. Download the file behind it."
            : null;
    }

    private static CheckpointLocation? InFolder(string folder)
    {
        var graph = Path.Combine(folder, "saved_model.pb");
        if (File.Exists(graph))
        {
            return SavedModel(folder, graph);
        }

        var state = Path.Combine(folder, CheckpointState.FileName);
        return File.Exists(state) && CheckpointState.Read(state) is { } named ? OfState(state, named) : Newest(folder);
    }

    private static CheckpointLocation SavedModel(string folder, string graph)
    {
        var prefix = Path.Combine(folder, "variables", "variables");
        return new CheckpointLocation(CheckpointKind.SavedModel, prefix, [])
        {
            Graph = graph,
            Failure = File.Exists(prefix + ".index") ? null : new UnreadableInputException(
                $"{folder} is a SavedModel without variables: {prefix}.index is missing. Copy the whole folder, 'variables' included."),
        };
    }

    private static CheckpointLocation? OfState(string state, string named)
    {
        var folder = Path.GetDirectoryName(state) ?? "";
        var isRooted = Path.IsPathRooted(named) || WindowsRoot().IsMatch(named);
        if (OfPrefix(isRooted ? named : Path.Combine(folder, named)) is { } found)
        {
            return found;
        }

        // Absolute paths go stale when a folder is copied, possibly from a system with other separators.
        var name = named[(named.LastIndexOfAny(['/', '\\']) + 1)..];
        if (name != named && OfPrefix(Path.Combine(folder, name)) is { } beside)
        {
            return beside with { Notes = [$"{state} names {named}, which is not there; {beside.Prefix} beside it is read.", .. beside.Notes] };
        }

        var others = Prefixes(folder);
        return new CheckpointLocation(CheckpointKind.V2, Path.Combine(folder, name), [])
        {
            Failure = new UnreadableInputException($"{state} names {named}, and no such checkpoint is there. "
                + (others.Count == 0 ? "Copy its .index and .data files beside the state file." : $"Name one that is: {string.Join(", ", others.Take(5).Select(other => other.Prefix))}{(others.Count > 5 ? ", …" : "")}.")),
        };
    }

    private static CheckpointLocation? OfFile(string path)
    {
        var name = Path.GetFileName(path);
        if (name == "saved_model.pb")
        {
            return SavedModel(Path.GetDirectoryName(path) ?? "", path);
        }

        if (name.EndsWith(".index", StringComparison.Ordinal))
        {
            return OfIndex(path[..^".index".Length]);
        }

        if (DataFile().Match(name) is { Success: true } data)
        {
            var prefix = path[..^data.Length];
            return File.Exists(prefix + ".index") ? OfIndex(prefix) : Failed(prefix, $"{path} is a data file, and {prefix}.index, which says what is in it, is missing. Copy it beside the data file.");
        }

        if (name.EndsWith(".meta", StringComparison.Ordinal))
        {
            return OfPrefix(path[..^".meta".Length]);
        }

        if (LevelDbTable.Matches(path))
        {
            return OfTable(path);
        }

        return CheckpointState.Read(path) is { } named ? OfState(path, named) : File.Exists(path + ".index") ? OfIndex(path) : null;
    }

    private static CheckpointLocation OfIndex(string prefix)
    {
        var index = prefix + ".index";
        return StandIn(index) is { } problem ? Failed(prefix, problem)
            : LevelDbTable.Matches(index) ? new CheckpointLocation(CheckpointKind.V2, prefix, [])
            : Failed(prefix, $"{index} is no index of a checkpoint: it does not end in the magic number of a table. Copy or download it again.");
    }

    /// <summary>A table without <c>.index</c> in its name: a V1 file, or an index under another name.</summary>
    private static CheckpointLocation OfTable(string path)
    {
        if (IsBundle(path))
        {
            return Failed(path, $"{path} is the index of a V2 checkpoint under another name. Call it PREFIX.index, beside its PREFIX.data-00000-of-00001.");
        }

        if (ShardName().Match(path) is not { Success: true } shard)
        {
            return new CheckpointLocation(CheckpointKind.V1, path, [path]);
        }

        return Sharded(path[..^shard.Length], int.Parse(shard.Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static CheckpointLocation? OfPrefix(string prefix)
    {
        if (prefix.Length == 0)
        {
            return null;
        }

        if (File.Exists(prefix + ".index"))
        {
            return OfIndex(prefix);
        }

        if (File.Exists(prefix) && LevelDbTable.Matches(prefix))
        {
            return OfTable(prefix);
        }

        var folder = Path.GetDirectoryName(prefix) is { Length: > 0 } named ? named : ".";
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var name = Path.GetFileName(prefix);
        if (name.AsSpan().ContainsAny('?', '*'))
        {
            return ByPattern(folder, name, prefix);
        }

        var shards = Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file).StartsWith(name + "-", StringComparison.Ordinal) && ShardName().Match(file) is { Success: true } match && Path.GetFileName(file).Length == name.Length + match.Length).Take(MaximumFiles).ToArray();
        return shards.Length > 0 && LevelDbTable.Matches(shards[0])
            ? Sharded(prefix, int.Parse(ShardName().Match(shards[0]).Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture))
            : Directory.EnumerateFiles(folder, name + ".data-*").Any(file => DataFile().IsMatch(Path.GetFileName(file)))
            ? Failed(prefix, $"{prefix} has data files, and {prefix}.index, which says what is in them, is missing. Copy it beside them.")
            : null;
    }

    private static CheckpointLocation? ByPattern(string folder, string pattern, string typed)
    {
        var tables = Directory.EnumerateFiles(folder, pattern).Where(LevelDbTable.Matches).Take(MaximumFiles).Order(StringComparer.Ordinal).ToArray();
        var shards = tables.Where(table => ShardName().IsMatch(table) && !IsBundle(table)).ToArray();
        var prefixes = shards.Select(shard => shard[..^ShardName().Match(shard).Length]).Distinct(StringComparer.Ordinal).ToArray();
        return (tables, prefixes) switch
        {
            (_, [var prefix]) when shards.Length == tables.Length => Sharded(Path.Combine(Path.GetDirectoryName(typed) ?? "", Path.GetFileName(prefix)), int.Parse(ShardName().Match(shards[0]).Groups["count"].Value, System.Globalization.CultureInfo.InvariantCulture)),
            ([var only], _) => OfFile(only),
            ([], _) => null,
            _ => new CheckpointLocation(CheckpointKind.V2, typed, []) { Failure = new UndecidedException($"{typed} means {tables.Length} checkpoints: {string.Join(", ", tables.Take(5))}{(tables.Length > 5 ? ", …" : "")}. Name one.") },
        };
    }

    private static CheckpointLocation Sharded(string prefix, int count)
    {
        if (count is < 1 or > CheckpointV2.MaximumShards)
        {
            return Failed(prefix, $"{prefix} has {count} shards by its files' names; 1 to {CheckpointV2.MaximumShards} are possible.");
        }

        var files = Enumerable.Range(0, count).Select(shard => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{prefix}-{shard:D5}-of-{count:D5}")).ToArray();
        var missing = files.FirstOrDefault(file => !File.Exists(file));
        return missing is null
            ? new CheckpointLocation(CheckpointKind.V1, prefix, files)
            : Failed(prefix, $"{missing} is missing: the V1 checkpoint {prefix} has {count} shards. Copy them all into one folder.", CheckpointKind.V1);
    }

    /// <summary>The checkpoint with the highest number, where no state file says which is the newest.</summary>
    private static CheckpointLocation? Newest(string folder)
    {
        var found = Prefixes(folder);
        if (found.Count <= 1)
        {
            return found.Count == 0 ? null : found[0];
        }

        var stems = found.Select(one => Digits().Replace(Path.GetFileName(one.Prefix), "#")).Distinct(StringComparer.Ordinal).ToArray();
        return stems.Length == 1
            ? found[^1] with { Notes = [$"{folder} has no state file and {found.Count} checkpoints; the one with the highest number, {found[^1].Prefix}, is read.", .. found[^1].Notes] }
            : new CheckpointLocation(CheckpointKind.V2, folder, []) { Failure = new UndecidedException($"{folder} holds {found.Count} checkpoints and no state file that says which is meant: {string.Join(", ", found.Take(5).Select(one => one.Prefix))}{(found.Count > 5 ? ", …" : "")}. Name one.") };
    }

    /// <summary>The checkpoints of a folder, by the numbers in their names.</summary>
    private static List<CheckpointLocation> Prefixes(string folder)
    {
        var files = Directory.EnumerateFiles(folder.Length == 0 ? "." : folder).Take(MaximumFiles).Select(file => Path.Combine(folder, Path.GetFileName(file))).ToArray();
        var found = new Dictionary<string, CheckpointLocation>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var extension = Path.GetExtension(file);
            var location = extension == ".index" ? OfIndex(file[..^".index".Length])
                : DataFile().IsMatch(file) || extension is ".meta" or ".npy" or ".npz" or ".pb" or ".h5" or ".json" or ".py" or ".txt" or ".pbtxt" ? null
                : LevelDbTable.Matches(file) && !IsBundle(file) ? OfTable(file)
                : null;
            if (location is not null)
            {
                found.TryAdd(location.Prefix, location);
            }
        }

        return [.. found.Values.OrderBy(one => Digits().Replace(one.Prefix, digits => digits.Value.PadLeft(20, '0')), StringComparer.Ordinal)];
    }

    /// <summary>The graph with the same prefix, or the only one in the folder.</summary>
    private static string? GraphBeside(CheckpointLocation found)
    {
        if (File.Exists(found.Prefix + ".meta"))
        {
            return found.Prefix + ".meta";
        }

        var folder = Path.GetDirectoryName(found.Prefix) ?? "";
        var graphs = Directory.EnumerateFiles(folder.Length == 0 ? "." : folder)
            .Where(file => Path.GetExtension(file) is ".meta" or ".pb" && Path.GetFileName(file) is not ("keras_metadata.pb" or "fingerprint.pb"))
            .Take(2)
            .ToArray();
        return graphs is [var only] ? Path.Combine(folder, Path.GetFileName(only)) : null;
    }

    /// <summary>True if a table is a V2 index: the value under the empty key starts with the header's number of shards, not with a V1 record.</summary>
    private static bool IsBundle(string table)
    {
        try
        {
            foreach (var (key, value) in LevelDbTable.Open(table, verify: false).Entries())
            {
                return key.Length == 0 && value.Length > 0 && value.Span[0] == 0x08;
            }
        }
        catch (UnreadableInputException)
        {
            // What is broken is said when it is opened.
        }

        return false;
    }

    private static CheckpointLocation Failed(string prefix, string problem, CheckpointKind kind = CheckpointKind.V2) =>
        new(kind, prefix, []) { Failure = new UnreadableInputException(problem) };

    [GeneratedRegex("\\.data-[0-9]{5}-of-[0-9]{5}$", RegexOptions.CultureInvariant)]
    private static partial Regex DataFile();

    [GeneratedRegex("-[0-9]{5}-of-(?<count>[0-9]{5})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ShardName();

    [GeneratedRegex("[0-9]{1,18}", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();

    [GeneratedRegex("^([A-Za-z]:)?[\\\\/]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex WindowsRoot();

    [GeneratedRegex("^size (?<bytes>[0-9]{1,18})$", RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex LfsSize();
}
