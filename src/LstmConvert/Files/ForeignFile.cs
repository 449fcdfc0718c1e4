using System.Buffers.Binary;
using System.Text;

namespace LstmConvert.Files;

/// <summary>What a file is that was named where something else is wanted, told by its first bytes, and what to do with it.</summary>
/// <param name="Name">The kind as a noun: <c>a Python pickle</c>.</param>
/// <param name="Advice">What to do, as a sentence; null for a kind that is read elsewhere, where the caller knows better.</param>
internal sealed record ForeignFile(string Name, string? Advice = null)
{
    private const string Unpack = "Unpack it, and name what is in it.";
    private const string OriginalModel = "Name the checkpoint, SavedModel or Keras file that it was made from.";
    private const int HeadBytes = 4096;

    /// <summary>The largest header of a safetensors file, in bytes: safetensors/src/tensor.rs.</summary>
    private const ulong MaximumSafetensorsHeader = 100_000_000;

    /// <summary>The kind of a file; null for what is not known, or has no bytes.</summary>
    /// <param name="path">The file.</param>
    public static ForeignFile? Of(string path) => Of(path, InputFile.Head(path, HeadBytes));

    /// <summary>The kind of a file; null for what is not known, or has no bytes.</summary>
    /// <param name="path">The file's name, which decides nothing but how a text is called.</param>
    /// <param name="head">Its first bytes.</param>
    public static ForeignFile? Of(string path, ReadOnlySpan<byte> head) =>
        (Numbers(head) ?? Packed(head) ?? Model(head) ?? Text(path, head)) is { } kind
            ? kind with
            {
                Advice = kind.Advice?.Replace("FILE", InPython(path), StringComparison.Ordinal),
            }
            : null;

    /// <summary>A file's name as it stands between quotes in Python; FILE where that takes thought.</summary>
    private static string InPython(string path) =>
        Path.GetFileName(path) is { Length: < 100 } name && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? name
            : "FILE";

    private static ForeignFile? Numbers(ReadOnlySpan<byte> head) =>
        head is [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', ..] ? new("a NumPy array")
        : head is [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, ..] ? new("an HDF5 file")
        : head.StartsWith("MATLAB "u8)
            ? new("a file of MATLAB", "Save each array of it with numpy.save, or all with numpy.savez; scipy.io.loadmat reads them.")
        : null;

    private static ForeignFile? Packed(ReadOnlySpan<byte> head) => head switch
    {
        [0x1f, 0x8b, ..] => new("a gzip archive", Unpack),
        [0x42, 0x5a, 0x68, ..] => new("a bzip2 archive", Unpack),
        [0xfd, 0x37, 0x7a, 0x58, 0x5a, ..] => new("an xz archive", Unpack),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => new("a zstd archive", Unpack),
        [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, ..] => new("a 7z archive", Unpack),
        [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07, ..] => new("a RAR archive", Unpack),
        [0x50, 0x4b, 0x03, 0x04, ..] => Zip(head),
        { Length: > 264 } when head.Slice(257, 5).SequenceEqual("ustar"u8) => new("a tar archive", Unpack),
        _ => null,
    };

    /// <summary>A zip archive, by the name of its first entry: PyTorch begins with its pickle, Keras with its metadata.</summary>
    private static ForeignFile Zip(ReadOnlySpan<byte> head)
    {
        var length = head.Length >= 30 ? BinaryPrimitives.ReadUInt16LittleEndian(head[26..]) : 0;
        var first = Encoding.UTF8.GetString(head.Slice(Math.Min(30, head.Length), Math.Min(length, Math.Max(0, head.Length - 30))));
        return PyTorchEntries.Any(entry => first.EndsWith(entry, StringComparison.Ordinal)) ? PyTorch
            : first.EndsWith("/data/0", StringComparison.Ordinal)
            || first.Contains("/code/", StringComparison.Ordinal)
            || first.EndsWith("/constants.pkl", StringComparison.Ordinal)
                ? TorchScript
            : first is "metadata.json" or "config.json" ? new("a Keras file (.keras)")
            : first.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) ? new("a NumPy archive (.npz)")
            : new("a zip archive without .npy files", Unpack);
    }

    /// <summary>What a file of torch.save may begin with, below a folder of its own name.</summary>
    private static readonly string[] PyTorchEntries = ["/data.pkl", "/version", "/byteorder", "/.format_version"];

    private static ForeignFile PyTorch { get; } = new("a file of PyTorch", Torch("torch.load('FILE', map_location='cpu')"));

    private static ForeignFile TorchScript { get; } =
        new("a TorchScript program of PyTorch", Torch("torch.jit.load('FILE', map_location='cpu').state_dict()"));

    private static string Torch(string loaded) =>
        $"It can run code when it is opened and is never read: where PyTorch is, write numpy.savez('weights.npz', **{{name: w.numpy() for name, w in {loaded}.items()}}), and name weights.npz.";

    private static ForeignFile? Model(ReadOnlySpan<byte> head) =>
        head is [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, ..] ? PyTorch
        : head is [0x80, >= 2 and <= 5, ..] || IsOldPickle(head)
            ? new(
                "a Python pickle",
                "It can run code when it is opened and is never read: where it was written, load it and save its arrays with numpy.savez('weights.npz', **arrays)."
            )
        : head.Length >= 8 && head.Slice(4, 4).SequenceEqual("TFL3"u8) ? new("a model of TensorFlow Lite", OriginalModel)
        : head is [0x08, >= 1 and < 64, 0x12, ..] && IsProducer(head) ? new("an ONNX model", OriginalModel)
        : head.Length > 8 && head[8] == '{' && BinaryPrimitives.ReadUInt64LittleEndian(head) is > 1 and <= MaximumSafetensorsHeader
            ? new(
                "a safetensors file",
                "Where safetensors is, write numpy.savez('weights.npz', **safetensors.numpy.load_file('FILE')), and name weights.npz.")
        : head is [0x12, 0x01, 0, 0, 0, 0, 0, 0, ..]
            ? new(
                "a file of MXNet",
                "Where MXNet is, write numpy.savez('weights.npz', **{name: w.asnumpy() for name, w in mxnet.nd.load('FILE').items()}), and name weights.npz."
            )
        : head is [>= 0x81 and <= 0x8f, >= 0xa1 and <= 0xbf, ..] && IsKey(head)
            ? new("a MessagePack of Flax or another program", "Save its arrays where it was written: numpy.savez('weights.npz', **arrays).")
        : head.Length > 24 && BinaryPrimitives.ReadUInt64LittleEndian(head) is > 8 and < 4096 && head[12] == 0x09
            ? new("an event file of TensorBoard", "It holds no weights: name the checkpoint beside it.")
        : null;

    /// <summary>MessagePack's map begins with a short text as its first key.</summary>
    private static bool IsKey(ReadOnlySpan<byte> head) =>
        (head[1] & 0x1f) is var length
        && head.Length > 2 + length
        && head.Slice(2, length).IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0;

    /// <summary>The two oldest forms of a pickle have no header: a dictionary, a list, or the name of a function.</summary>
    private static bool IsOldPickle(ReadOnlySpan<byte> head) =>
        head is [(byte)'(', (byte)'d' or (byte)'l' or (byte)'i', (byte)'p', (byte)'0', ..] or [(byte)'}' or (byte)']', (byte)'q', 0, ..]
        || head.StartsWith("ccopy_reg\n"u8)
        || head.StartsWith("cnumpy"u8);

    /// <summary>ONNX's second field is the producer's name: a short text, where a SavedModel has a message.</summary>
    private static bool IsProducer(ReadOnlySpan<byte> head)
    {
        int length = head.Length > 3 ? head[3] : 0;
        return length is > 0 and < 100
            && head.Length > 4 + length
            && head.Slice(4, length).IndexOfAnyExceptInRange((byte)' ', (byte)'~') < 0
            && head[4 + length] is 0x1a or 0x22 or 0x28 or 0x32 or 0x3a or 0x42;
    }

    private static ForeignFile? Text(string path, ReadOnlySpan<byte> head)
    {
        if (head.Length == 0 || head.IndexOfAnyExceptInRange((byte)' ', (byte)'~') >= 0 && !IsText(head))
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(head).TrimStart('\ufeff', ' ', '\r', '\n', '\t');
        var isJson = text.StartsWith('{') || text.StartsWith('[');
        return isJson && text.Contains("weightsManifest", StringComparison.Ordinal)
            || isJson && text.Contains("modelTopology", StringComparison.Ordinal)
                ? new("a model of TensorFlow.js", OriginalModel)
            : isJson && text.Contains("\"class_name\"", StringComparison.Ordinal)
                ? new(
                    "the architecture of a Keras model without its weights",
                    "Name the file with the weights: the .h5 or .keras that the program saved.")
            : isJson ? new("a JSON text", "Name the file that the program saved its weights in.")
            : path.EndsWith(".py", StringComparison.OrdinalIgnoreCase) ? new("a Python program", "Name the checkpoint that it saved.")
            : new("a text", "Name the file that the program saved its weights in; single arrays are saved with numpy.save.");
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (b is < (byte)' ' and not ((byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)'\f') or 0x7f)
            {
                return false;
            }
        }

        // The last letter may be cut off.
        var text = Encoding.UTF8.GetString(bytes);
        return text.Length > 1 && !text.AsSpan(0, text.Length - 1).Contains('\ufffd');
    }
}
