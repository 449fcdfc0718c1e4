using System.CommandLine;
using LstmConvert.Cli.Help;
using LstmConvert.KerasFiles;

namespace LstmConvert.Cli;

/// <summary>The options that say which sources there are, what their results are called, and which of them this run does.</summary>
internal sealed class BatchOptionSet
{
    /// <summary>Other sources that are named where they all have one target.</summary>
    private const int MaximumNamed = 2;

    private readonly Argument<string[]> sources = new("source")
    {
        Description =
            "A checkpoint (prefix, folder or any of its files), a SavedModel, a frozen .pb or .pbtxt, a folder of .npy files, an .npz, or .npy files (NAME=FILE.npy, or bare: '__' or '.' stands for '/').",
        Arity = ArgumentArity.ZeroOrMore,
    };
    private readonly Option<string> outDir = new("--out-dir")
    {
        Description = "The folder for the results of several sources; each keeps its path below the current folder, or --base.",
        HelpName = "DIR",
    };
    private readonly Option<string> root = new("--base")
    {
        Description = "The folder below which sources keep their paths in --out-dir (default: the current one).",
        HelpName = "DIR",
    };
    private readonly Option<string> sourcesFrom = new("--sources-from")
    {
        Description = "A file with one source a line ('-' is standard input).",
        HelpName = "FILE",
    };
    private readonly Option<string> shard = new("--shard")
    {
        Description = "Only the K-th of N parts of the list, for N runs side by side.",
        HelpName = "K/N",
    };

    public void AddTo(Command command)
    {
        command.Add(sources);
        command.Add(OptionGroup.Batch, sourcesFrom, outDir, root, shard);
    }

    /// <summary>The file with the list, or null.</summary>
    public string? ListFile(ParseResult parsed) => parsed.GetValue(sourcesFrom);

    /// <summary>The folder of results, or null.</summary>
    public string? Folder(ParseResult parsed) => parsed.GetValue(outDir);

    /// <summary>True where this is a batch, however many sources there are in it.</summary>
    public bool IsList(ParseResult parsed) => parsed.GetValue(sourcesFrom) is not null || parsed.GetValue(shard) is not null;

    /// <summary>What is to be converted.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="output">The file that is named, for the only source; null without.</param>
    /// <param name="format">The format of names that are made.</param>
    /// <exception cref="UsageException">There is no source, or one name for several.</exception>
    public IReadOnlyList<Entry> Entries(ParseResult parsed, string? output, KerasTarget format)
    {
        var named = new List<string>(parsed.GetValue(sources) ?? []);
        if (parsed.GetValue(sourcesFrom) is { } list)
        {
            named.AddRange(SourceList.Read(list));
        }

        if (named.Count == 0)
        {
            throw new UsageException(
                "No source is named. Name a checkpoint, a folder of .npy files, an .npz, .npy files, or a list with --sources-from.");
        }

        if (named.Find(path => path.EndsWith('=') && !Path.Exists(path)) is { } unnamed)
        {
            throw new UsageException($"{unnamed} names no file behind the '='. Write NAME=FILE.npy.");
        }

        if (parsed.GetValue(root) is not null && parsed.GetValue(outDir) is null)
        {
            throw new UsageException("--base says where sources keep their paths below --out-dir, and --out-dir is not given.");
        }

        if (output is not null && parsed.GetValue(outDir) is not null)
        {
            throw new UsageException(
                "-o names the file and --out-dir a folder for files that are named after their sources: only one of them can be meant.");
        }

        var groups = OutputNames.Groups(named);
        if (output is not null)
        {
            return groups is [var only] && !IsList(parsed)
                ? [new Entry(only, output)]
                : throw new UsageException(
                    $"-o names one file, and there {(groups.Count == 1 ? "is a list of sources" : $"are {groups.Count} sources")}. Name a folder with --out-dir."
                );
        }

        var entries = groups
            .Select(group => new Entry(group, OutputNames.Of(group, parsed.GetValue(outDir), parsed.GetValue(root), format)))
            .ToArray();
        Mark(entries, parsed.GetValue(outDir), format);
        return parsed.GetValue(shard) is { } part ? Shard.Parse(part).Of(entries) : entries;
    }

    /// <summary>Says of entries with one target that none can be written, and how each gets a name of its own.</summary>
    private static void Mark(Entry[] entries, string? folder, KerasTarget format)
    {
        var targets = entries.Select(entry => Path.GetFullPath(entry.Target)).ToArray();
        var byTarget = Enumerable.Range(0, entries.Length).ToLookup(k => targets[k], StringComparer.Ordinal);
        var remedy = new Lazy<string>(() =>
            OutputNames.BaseOf(entries, folder, format) is { } root
                ? $"With --out-dir {(folder is null ? "DIR" : Quote.Shell(folder))} --base {Quote.Shell(root)} each keeps its path below that folder."
                : "Convert it on its own with -o.");
        for (var k = 0; k < entries.Length; k++)
        {
            var others = byTarget[targets[k]].Where(other => other != k).Take(MaximumNamed).Select(other => entries[other].Name).ToArray();
            if (others.Length == 0)
            {
                continue;
            }

            var more = byTarget[targets[k]].Count() - 1 - others.Length;
            var from = string.Join(" and ", more == 0 ? others : [.. others, $"{more} more"]);
            entries[k] = entries[k] with
            {
                Clash = $"{entries[k].Target} would be written from {from} as well, so from none of them. {remedy.Value}",
            };
        }
    }
}
