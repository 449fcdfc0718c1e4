using LstmConvert.Files;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.Formats.FrozenGraphs;
using LstmConvert.Formats.Numpy;
using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Formats;

/// <summary>The kinds of source that are known. A new one is a file and a line here.</summary>
public static class SourceCatalog
{
    /// <summary>All kinds, in the order in which they are tried.</summary>
    public static IReadOnlyList<ISourceFormat> Formats { get; } =
    [
        new NpyFolder(),
        new Npz(),
        new CheckpointV2(),
        new CheckpointV1(),
        new SavedModelFolder(),
        new FrozenGraph(),
    ];

    /// <summary>Opens one source, whose kind is found by content.</summary>
    /// <param name="path">The path as the user typed it.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="UnreadableInputException">Nothing is there, or it is of no known kind, or it is broken.</exception>
    /// <exception cref="UndecidedException">It is of two kinds at once.</exception>
    public static TensorSet Open(string path, SourceOptions options)
    {
        if (NpyFiles.IsNpyArgument(path))
        {
            return NpyFiles.Open([path], options);
        }

        var kinds = Formats.Where(format => format.Matches(path)).ToArray();
        return kinds switch
        {
            [var format] => format.Open(path, options),
            [] => throw Unknown(path),
            _ => throw new UndecidedException(
                $"{path} holds more than one kind of source: {string.Join(" and ", kinds.Select(kind => "a " + kind.Name))}. Name the files of one kind, or move the others to a folder of their own."),
        };
    }

    private static UnreadableInputException Unknown(string path)
    {
        if (Directory.Exists(path))
        {
            var isEmpty = InputFile.Guard(path, () => !Directory.EnumerateFileSystemEntries(path).Any());
            return new UnreadableInputException(isEmpty
                ? $"{path} is an empty folder. Name a folder of .npy files, an .npz or a checkpoint."
                : $"{path} holds no .npy file and no checkpoint. Name a folder of .npy files, an .npz or a checkpoint.");
        }

        return CheckpointPath.StandIn(path) is { } standIn ? new UnreadableInputException(standIn)
            : Archive(path) is { } archive ? new UnreadableInputException($"{path} is {archive}. Unpack it, and name what is in it.")
            : GraphFile.KindOf(path) is not null ? new UnreadableInputException($"{path} is a graph, and its variables are in no file beside it. Name the checkpoint of the program, or look at the graph with 'lstmconvert inspect'.")
            : File.Exists(path + ".meta") ? new UnreadableInputException($"{path} has a graph, {path}.meta, and no variables: neither {path} nor {path}.index is there. Copy them beside the graph.")
            : File.Exists(path)
            ? new UnreadableInputException($"{path} is of no known kind: neither .npy, .npz, a checkpoint nor a graph. Its first bytes are {Convert.ToHexStringLower(InputFile.Head(path, 8))}; name the file that the program wrote.")
            : new UnreadableInputException($"{path} does not exist, and no checkpoint has that prefix. Check the path.");
    }

    private static string? Archive(string path) => InputFile.Head(path, 264) switch
    {
        [0x1f, 0x8b, ..] => "a gzip archive",
        [0x42, 0x5a, 0x68, ..] => "a bzip2 archive",
        [0xfd, 0x37, 0x7a, 0x58, 0x5a, ..] => "an xz archive",
        [0x50, 0x4b, 0x03, 0x04, ..] => "a zip archive without .npy files",
        { Length: 264 } head when head.AsSpan(257, 5).SequenceEqual("ustar"u8) => "a tar archive",
        _ => null,
    };
}
