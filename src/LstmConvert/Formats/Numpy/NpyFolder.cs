using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Numpy;

/// <summary>
/// A folder of <c>.npy</c> files, one variable each: the path below the folder is the variable's name
/// (<c>rnn/lstm_cell/kernel.npy</c>). In a folder without subfolders <c>__</c> stands for <c>/</c>.
/// </summary>
internal sealed class NpyFolder : ISourceFormat
{
    /// <summary>The largest number of files that is read from one folder.</summary>
    public const int MaximumFiles = 100_000;

    /// <summary>The most files beside a checkpoint that are looked into.</summary>
    private const int MaximumLookedInto = 1000;

    /// <inheritdoc/>
    public string Name => "folder of .npy files";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path)
    {
        if (!path.IsFolder)
        {
            return null;
        }

        var walk = FolderWalk.Of(path.Text, ".npy", MaximumFiles);
        var beside = walk.Files.Where(file => !file.Contains('/', StringComparison.Ordinal));
        if (path.Checkpoint is null)
        {
            return walk is { Files.Count: 0, Problem: null } ? null : Match(path.Text, walk, isBelow: !beside.Any());
        }

        // Beside a checkpoint only arrays of numbers are a source of their own: programs leave lists of objects there.
        return beside.Take(MaximumLookedInto).Any(file => HoldsNumbers(Path.Combine(path.Text, file)))
                ? Match(path.Text, walk, isBelow: false)
            : walk.Files.Any(file => file.Contains('/', StringComparison.Ordinal)) ? Match(path.Text, walk, isBelow: true)
            : null;
    }

    /// <summary>Opens one <c>.npy</c> file as a variable.</summary>
    internal static NpyTensor Open(string file, string name, SourceOptions options) =>
        NpyTensor.Open(name, new FileBytes(file), options.VoidDType);

    private SourceMatch Match(string path, FolderWalk walk, bool isBelow) =>
        new(
            this,
            Path.Combine(path, isBelow ? Shared([.. walk.Files.Where(file => file.Contains('/', StringComparison.Ordinal))]) : "*.npy"),
            options => Open(path, walk, options))
        {
            IsBelow = isBelow,
        };

    private static bool HoldsNumbers(string file)
    {
        try
        {
            return NpyHeader.Read(new FileBytes(file), DType.BFloat16).DType.ItemSize() > 0;
        }
        catch (UnreadableInputException)
        {
            return false;
        }
    }

    private TensorSet Open(string path, FolderWalk walk, SourceOptions options)
    {
        if (walk.Problem is { } problem)
        {
            throw new UnreadableInputException(problem);
        }

        var isFlat = !walk.Files.Any(file => file.Contains('/', StringComparison.Ordinal));
        var tensors = walk
            .Files.Select(file => (File: file, Stem: file[..^4]))
            .Select(file =>
                Open(
                    Path.Combine(path, file.File),
                    isFlat ? VariableName.FromFlat(file.Stem) : VariableName.WithoutOutput(file.Stem),
                    options))
            .OrderBy(tensor => tensor.Name, StringComparer.Ordinal)
            .ToArray();
        return SourceSet.Of(path, Name, tensors);
    }

    /// <summary>The deepest folder that all files lie in.</summary>
    private static string Shared(IReadOnlyList<string> files) =>
        files.Count == 0
            ? ""
            : files
                .Select(file => file[..(file.LastIndexOf('/') + 1)])
                .Aggregate(
                    (shared, folder) =>
                    {
                        while (!folder.StartsWith(shared, StringComparison.Ordinal))
                        {
                            shared = shared[..(shared.LastIndexOf('/', shared.Length - 2) + 1)];
                        }

                        return shared;
                    }).TrimEnd('/');
}
