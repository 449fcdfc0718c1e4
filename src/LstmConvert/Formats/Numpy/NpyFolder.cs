using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Numpy;

/// <summary>
/// A folder of <c>.npy</c> files, one variable each: the path below the folder is the variable's name
/// (<c>rnn/lstm_cell/kernel.npy</c>). In a folder without subfolders <c>__</c> stands for <c>/</c>.
/// </summary>
public sealed class NpyFolder : ISourceFormat
{
    /// <summary>The largest number of files that is read from one folder.</summary>
    public const int MaximumFiles = 100_000;

    /// <summary>The deepest folder that is searched.</summary>
    public const int MaximumDepth = 64;

    private static readonly EnumerationOptions Enumeration = new() { RecurseSubdirectories = true, MaxRecursionDepth = MaximumDepth, AttributesToSkip = FileAttributes.None };

    /// <inheritdoc/>
    public string Name => "folder of .npy files";

    /// <inheritdoc/>
    public bool Matches(string path) => Directory.Exists(path) && Files(path).Any();

    /// <inheritdoc/>
    public TensorSet Open(string path, SourceOptions options)
    {
        var files = InputFile.Guard(path, () => Files(path).Take(MaximumFiles + 1).ToArray());
        if (files.Length == 0)
        {
            throw new UnreadableInputException($"{path} holds no .npy file. Name a folder of .npy files, an .npz or a checkpoint.");
        }

        if (files.Length > MaximumFiles)
        {
            throw new UnreadableInputException($"{path} holds more than {MaximumFiles} .npy files. Name a smaller folder.");
        }

        var names = files.Select(file => Path.GetRelativePath(path, file)[..^4].Replace(Path.DirectorySeparatorChar, '/')).ToArray();
        var isFlat = !names.Any(name => name.Contains('/', StringComparison.Ordinal));
        var tensors = files.Zip(names, (file, name) => Open(file, isFlat ? VariableName.FromFlat(name) : VariableName.WithoutOutput(name), options))
            .OrderBy(tensor => tensor.Name, StringComparer.Ordinal)
            .ToArray();
        return Set(path, Name, tensors);
    }

    /// <summary>Opens one <c>.npy</c> file as a variable.</summary>
    internal static NpyTensor Open(string file, string name, SourceOptions options) =>
        NpyTensor.Open(name, new FileBytes(file), options.VoidDType);

    /// <summary>A set of arrays, without those that hold no numbers.</summary>
    internal static TensorSet Set(string path, string format, IReadOnlyList<Tensor> arrays, IReadOnlyList<IDisposable>? files = null)
    {
        if (arrays.CountBy(array => array.Name, StringComparer.Ordinal).FirstOrDefault(pair => pair.Value > 1) is { Key: { } name })
        {
            throw new UnreadableInputException($"{path} holds the variable {name} twice (with and without ':0', or '__' and '/'). Remove one of the two.");
        }

        return new TensorSet(
            path,
            format,
            [.. arrays.Where(array => array.DType.ItemSize() > 0)],
            [.. arrays.Where(array => array.DType.ItemSize() == 0).Select(array => new LeftOut(array.Name, $"{array.DType.Name()} array, no numbers"))],
            files);
    }

    private static IEnumerable<string> Files(string folder)
    {
        try
        {
            return Directory.EnumerateFiles(folder, "*.npy", Enumeration);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
