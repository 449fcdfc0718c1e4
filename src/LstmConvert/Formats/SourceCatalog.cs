using LstmConvert.Files;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.Formats.Flax;
using LstmConvert.Formats.FrozenGraphs;
using LstmConvert.Formats.Hdf5;
using LstmConvert.Formats.MxNet;
using LstmConvert.Formats.Numpy;
using LstmConvert.Formats.Onnx;
using LstmConvert.Formats.PyTorch;
using LstmConvert.Formats.SafeTensors;
using LstmConvert.Formats.StableBaselines;
using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Formats;

/// <summary>The kinds of source that are known. A new one is a file and a line here.</summary>
public static class SourceCatalog
{
    /// <summary>All kinds, in the order in which they are tried.</summary>
    internal static IReadOnlyList<ISourceFormat> Formats { get; } =
    [
        new NpyFolder(),
        new Npz(),
        new CheckpointV2(),
        new CheckpointV1(),
        new SavedModelFolder(),
        new FrozenGraph(),
        new SafeTensorsFile(),
        new PyTorchArchive(),
        new StableBaselinesArchive(),
        new OnnxModel(),
        new MxNetParameters(),
        new FlaxMessagePack(),
        new Hdf5Variables(),
    ];

    /// <summary>Opens one source, whose kind is found by content.</summary>
    /// <param name="paths">The path as the user typed it, or several <c>.npy</c> files that are one source.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="UnreadableInputException">Nothing is there, or it is of no known kind, or it is broken.</exception>
    /// <exception cref="UndecidedException">It is of two kinds at once.</exception>
    public static TensorSet Open(IReadOnlyList<string> paths, SourceOptions options) =>
        paths is [var only] && !NpyFiles.IsNpyArgument(only) ? OpenOne(only, options) : NpyFiles.Open(paths, options);

    /// <summary>Opens one source, whose kind is found by content.</summary>
    /// <param name="path">The path as the user typed it.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="UnreadableInputException">Nothing is there, or it is of no known kind, or it is broken.</exception>
    /// <exception cref="UndecidedException">It is of two kinds at once.</exception>
    public static TensorSet Open(string path, SourceOptions options) => Open([path], options);

    /// <summary>What kind of source a path is, as a noun; null for none.</summary>
    /// <param name="path">The path as the user typed it.</param>
    internal static string? KindOf(string path)
    {
        var source = new SourcePath(path);
        return Formats.FirstOrDefault(format => format.Match(source) is not null)?.Name;
    }

    private static TensorSet OpenOne(string path, SourceOptions options)
    {
        var source = new SourcePath(path);
        var matches = Formats.Select(format => format.Match(source)).OfType<SourceMatch>().OrderBy(match => match.IsBelow).ToArray();
        if (matches is [var first, ..] && matches.Skip(1).All(match => match.IsBelow && !first.IsBelow))
        {
            return OpenMatch(first, matches[1..], source, options);
        }

        return matches.Length == 0
            ? options.WithoutValues && GraphFile.KindOf(path) is not null ? GraphAlone(path, []) : throw Unknown(source)
            : throw new UndecidedException(
                $"{path} holds more than one kind of source: {string.Join(" and ", matches.Select(match => "a " + match.Format.Name))}. Name one: {string.Join(", ", matches.Select(match => match.Typed))}."
            );
    }

    private static TensorSet OpenMatch(SourceMatch match, SourceMatch[] below, SourcePath source, SourceOptions options)
    {
        // Where a graph is named whose checkpoint has no values, the graph is what is meant.
        var isMeta = options.WithoutValues && source.Text.EndsWith(".meta", StringComparison.Ordinal);
        try
        {
            var set = match.Open(isMeta ? options with { WithoutValues = false } : options);
            set.Notes =
            [
                .. set.Notes,
                .. below.Select(other =>
                    $"the {match.Format.Name} in {source.Text} is read; the {other.Format.Name} below it is another source: {other.Typed}."
                ),
            ];
            return set;
        }
        catch (UnreadableInputException e) when (isMeta)
        {
            return GraphAlone(source.Text, [e.Message]);
        }
    }

    /// <summary>A graph whose variables are in no file that is there.</summary>
    internal static TensorSet GraphAlone(string path, IReadOnlyList<string> notes) =>
        new(path, "graph", []) { GraphPath = path, Notes = notes };

    private static UnreadableInputException Unknown(SourcePath source)
    {
        var path = source.Text;
        if (source.IsFolder)
        {
            var isEmpty = InputFile.Guard(path, () => !Directory.EnumerateFileSystemEntries(path).Any());
            return new UnreadableInputException(isEmpty
                ? $"{path} is an empty folder. Name a folder of .npy files, an .npz or a checkpoint."
                : $"{path} holds no .npy file and no checkpoint. Name a folder of .npy files, an .npz or a checkpoint.");
        }

        return StandIn.Of(path, source.Head) is { } standIn ? new UnreadableInputException(standIn)
            : Pickle(source.Head) is { } pickle ? new UnreadableInputException($"{path} is {pickle}.")
            : GraphFile.KindOf(path) is not null
                ? new UnreadableInputException(
                    $"{path} is a graph, and its variables are in no file beside it. Name the checkpoint of the program, or look at the graph with 'lstmconvert inspect'."
                )
            : File.Exists(path + ".meta")
                ? new UnreadableInputException(
                    $"{path} has a graph, {path}.meta, and no variables: neither {path} nor {path}.index is there. Copy them beside the graph."
                )
            : ForeignFile.Of(path) is { } kind ? new UnreadableInputException($"{path} is {kind.Name}. {kind.Advice ?? OfKeras(path)}")
            : source.Head.Length > 0
                ? new UnreadableInputException(
                    $"{path} is of no known kind: none of .npy, .npz, checkpoint, graph, .safetensors, .pt, .onnx, .params, MessagePack of Flax, HDF5 of Chainer or ELMo. Its first bytes are {Convert.ToHexStringLower(source.Head[..Math.Min(8, source.Head.Length)])}; name the file that the program wrote."
                )
            : File.Exists(path)
                ? new UnreadableInputException(
                    $"{path} has no bytes that can be read: it is empty, or a pipe or a device, or closed to you. Name the file that the program wrote."
                )
            : InputFile.LinkTarget(path) is not null ? InputFile.Unreadable(path, new FileNotFoundException())
            : new UnreadableInputException($"{path} does not exist, and no checkpoint has that prefix.{NearPaths.Sentence(path)}");
    }

    private static string? Pickle(ReadOnlySpan<byte> head) =>
        head switch
        {
            [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, ..] =>
                "what PyTorch before 1.6 wrote, a pickle that would have to be run. Load it with torch and save it again: torch.save(torch.load(\"old.pt\", map_location=\"cpu\"), \"new.pt\")",
            [0x80, >= 2 and <= 5, ..] =>
                "a Python pickle, a program that lstmconvert never runs. Save its arrays by their names: numpy.savez(\"arrays.npz\", **arrays)",
            _ => null,
        };

    private static string OfKeras(string path) =>
        $"What Keras saved is no source of variables: 'lstmconvert inspect {path}' shows it, 'lstmconvert repair' writes it for the Keras of today, and 'lstmconvert keras2tf' takes its weights back to TensorFlow.";
}
