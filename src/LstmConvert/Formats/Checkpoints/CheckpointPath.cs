using System.Globalization;
using System.Text.RegularExpressions;
using LstmConvert.Files;
using LstmConvert.TensorFlow;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// Finds the checkpoint behind whatever a user types: its prefix, its folder, the state file, <c>.index</c>, <c>.data-…</c>, <c>.meta</c>,
/// <c>saved_model.pb</c>, a SavedModel's folder, a V1 file or shard, or a pattern with <c>?</c>. TensorFlow itself takes the prefix and the
/// folder only.
/// </summary>
internal static partial class CheckpointPath
{
    /// <summary>The most files of a folder that are looked at.</summary>
    public const int MaximumFiles = 100_000;

    /// <summary>The largest index that is kept in memory once it is open, in bytes; a larger one is read block by block.</summary>
    private const int MaximumHeldIndex = 1 << 20;

    /// <summary>Finds the checkpoint, or returns null if the path means none. Never throws.</summary>
    /// <param name="path">The path as the user typed it.</param>
    public static CheckpointLocation? Find(string path)
    {
        try
        {
            var found = Directory.Exists(path)
                ? CheckpointFolder.Find(Path.TrimEndingDirectorySeparator(path))
                : BehindLink(path, File.Exists(path) ? OfFile(path) : OfPrefix(path));
            return found is { Failure: null, Graph: null } ? found with { Graph = GraphBeside.Find(found.Prefix) } : found;
        }
        catch (Exception e) when (InputFile.IsOfFileSystem(e))
        {
            return null;
        }
    }

    /// <summary>The checkpoint of a prefix; null if there is none.</summary>
    public static CheckpointLocation? OfPrefix(string prefix)
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

        var files = Directory
            .EnumerateFiles(folder)
            .Select(file => Path.GetFileName(file))
            .Where(file => file.StartsWith(name, StringComparison.Ordinal))
            .Take(MaximumFiles)
            .ToArray();
        var shard = files.Select(file => ShardName().Match(file)).FirstOrDefault(match => match.Success && match.Index == name.Length);
        return shard is not null && LevelDbTable.Matches(prefix + shard.Value) ? Sharded(prefix, Count(shard))
            : files.Any(file => DataFile().Match(file) is { Success: true } match && match.Index == name.Length)
                ? CheckpointLocation.Failed(
                    prefix,
                    $"{prefix} has data files, and {prefix}.index, which says what is in them, is missing. Copy it beside them.")
            : null;
    }

    /// <summary>The checkpoint of an index that is there.</summary>
    public static CheckpointLocation OfIndex(string prefix)
    {
        var index = prefix + ".index";
        var length = InputFile.LengthOrNone(index);
        ByteSource bytes = length is > 0 and <= MaximumHeldIndex
            ? new HeldBytes(index, InputFile.ReadAll(index, MaximumHeldIndex))
            : new FileBytes(index);
        var head = new byte[Math.Min(StandIn.HeadBytes, bytes.Length)];
        bytes.Read(0, head);
        if (StandIn.Of(index, head) is { } problem)
        {
            return CheckpointLocation.Failed(prefix, problem);
        }

        if (!LevelDbTable.Matches(bytes))
        {
            return CheckpointLocation.Failed(
                prefix,
                $"{index} is no index of a checkpoint: it does not end in the magic number of a table. Copy or download it again.");
        }

        return CheckpointFolder.SavedModelAbove(prefix) is { } graph
            ? new CheckpointLocation(CheckpointKind.SavedModel, prefix, []) { Index = bytes, Graph = graph }
            : new CheckpointLocation(CheckpointKind.V2, prefix, []) { Index = bytes };
    }

    /// <summary>A table without <c>.index</c> in its name: a V1 file, or an index under another name.</summary>
    public static CheckpointLocation OfTable(string path)
    {
        if (IsBundle(path))
        {
            return CheckpointLocation.Failed(
                path,
                $"{path} is the index of a V2 checkpoint under another name. Call it PREFIX.index, beside its PREFIX.data-00000-of-00001.");
        }

        return ShardName().Match(path) is { Success: true } shard ? Sharded(path[..shard.Index], Count(shard))
            : new CheckpointLocation(CheckpointKind.V1, path, [path])
            {
                Notes = File.Exists(path + ".index")
                    ? [$"{path} is a V1 checkpoint and is read; {path}.index beside it is another one."]
                    : [],
            };
    }

    /// <summary>True for the name of a V2 checkpoint's data file.</summary>
    public static bool IsDataFile(string path) => DataFile().IsMatch(path);

    /// <summary>True if a table is a V2 index: the value under the empty key starts with the header's number of shards, not with a V1
    /// record.</summary>
    public static bool IsBundle(string table)
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

    /// <summary>What was found, unless the path is a link whose own name leads to nothing whole: then what lies where it points
    /// to.</summary>
    private static CheckpointLocation? BehindLink(string path, CheckpointLocation? found)
    {
        var link = new[] { path, path + ".index" }.FirstOrDefault(file => InputFile.LinkTarget(file) is not null);
        var isWhole = found is { Failure: null } && (found.Kind != CheckpointKind.V2 || HasData(found.Prefix));
        return
            link is not null
            && !isWhole
            && File.ResolveLinkTarget(link, returnFinalTarget: true) is FileInfo { Exists: true } target
            && OfFile(target.FullName) is { Failure: null } behind
            ? behind with
            {
                Notes = [$"{link} is a link to {target.FullName}, which is read.", .. behind.Notes],
            }
            : found;
    }

    private static bool HasData(string prefix)
    {
        var folder = Path.GetDirectoryName(prefix) is { Length: > 0 } named ? named : ".";
        return Directory.EnumerateFiles(folder, Path.GetFileName(prefix) + ".data-*").Any();
    }

    private static CheckpointLocation? OfFile(string path)
    {
        var name = Path.GetFileName(path);
        if (name == GraphFile.SavedModelName)
        {
            return CheckpointFolder.SavedModel(Path.GetDirectoryName(path) ?? "", path);
        }

        if (name.EndsWith(".index", StringComparison.Ordinal))
        {
            return OfIndex(path[..^".index".Length]);
        }

        if (DataFile().Match(path) is { Success: true } data)
        {
            var prefix = path[..data.Index];
            return File.Exists(prefix + ".index")
                ? OfIndex(prefix)
                : CheckpointLocation.Failed(
                    prefix,
                    $"{path} is a data file, and {prefix}.index, which says what is in it, is missing. Copy it beside the data file.");
        }

        if (name.EndsWith(".meta", StringComparison.Ordinal))
        {
            return OfPrefix(path[..^".meta".Length]) is { } found ? found with { Graph = path } : null;
        }

        if (LevelDbTable.Matches(path))
        {
            return OfTable(path);
        }

        return CheckpointState.Read(path) is { } named ? CheckpointFolder.OfState(path, named)
            : File.Exists(path + ".index") ? OfIndex(path)
            : null;
    }

    private static CheckpointLocation? ByPattern(string folder, string pattern, string typed)
    {
        var tables = Directory
            .EnumerateFiles(folder, pattern)
            .Where(LevelDbTable.Matches)
            .Take(MaximumFiles)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var shards = tables.Where(table => ShardName().IsMatch(table) && !IsBundle(table)).ToArray();
        var prefixes = shards.Select(shard => shard[..ShardName().Match(shard).Index]).Distinct(StringComparer.Ordinal).ToArray();
        return (tables, prefixes) switch
        {
            (_, [var prefix]) when shards.Length == tables.Length => Sharded(
                Path.Combine(Path.GetDirectoryName(typed) ?? "", Path.GetFileName(prefix)),
                Count(ShardName().Match(shards[0]))),
            ([var only], _) => OfFile(only),
            ([], _) => null,
            _ => new CheckpointLocation(CheckpointKind.V2, typed, [])
            {
                Failure = new UndecidedException(
                    $"{typed} means {tables.Length} checkpoints: {string.Join(", ", tables.Take(5))}{(tables.Length > 5 ? ", …" : "")}. Name one."
                ),
            },
        };
    }

    private static CheckpointLocation Sharded(string prefix, int count)
    {
        if (count is < 1 or > CheckpointV2.MaximumShards)
        {
            return CheckpointLocation.Failed(
                prefix,
                $"{prefix} has {count} shards by its files' names; 1 to {CheckpointV2.MaximumShards} are possible.");
        }

        var files = Enumerable
            .Range(0, count)
            .Select(shard => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{shard:D5}-of-{count:D5}"))
            .ToArray();
        var missing = files.FirstOrDefault(file => !File.Exists(file));
        return missing is null
            ? new CheckpointLocation(CheckpointKind.V1, prefix, files)
            : CheckpointLocation.Failed(
                prefix,
                $"{missing} is missing: the V1 checkpoint {prefix} has {count} shards. Copy them all into one folder.",
                CheckpointKind.V1);
    }

    private static int Count(Match shard) => int.Parse(shard.Groups["count"].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("\\.data-[0-9]{5}-of-[0-9]{5}$", RegexOptions.CultureInvariant)]
    private static partial Regex DataFile();

    [GeneratedRegex("-[0-9]{5}-of-(?<count>[0-9]{5})$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ShardName();
}
