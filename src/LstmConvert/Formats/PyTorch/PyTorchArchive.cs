using System.IO.Compression;
using System.Text;
using LstmConvert.Files;
using LstmConvert.Formats.Numpy;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.PyTorch;

/// <summary>
/// What <c>torch.save</c> writes since PyTorch 1.6 (pytorch torch/serialization.py, <c>_save</c>): a zip archive, nothing in it packed.
/// <code>
/// NAME/data.pkl    the table: names, dtypes, shapes, and which storage is whose; read by <see cref="PickledTable"/>, never run
/// NAME/data/0 …    the storages: elements one after another
/// NAME/byteorder   "little" or "big"; missing before 2.0: little
/// NAME/version     a number
/// </code>
/// An archive with <c>policy.pth</c> in it (stable-baselines3) is one such archive inside another.
/// </summary>
internal sealed class PyTorchArchive : ISourceFormat
{
    /// <summary>The largest archive inside another that is held in memory, in bytes.</summary>
    public const long MaximumInner = 256 << 20;

    /// <summary>The largest tensor that may be larger than its storage because it repeats it (a stride of 0), in bytes.</summary>
    public const long MaximumRepeated = 16 << 20;

    private const string Table = "data.pkl";
    private const string Policy = "policy.pth";

    private static readonly Dictionary<string, DType> DTypes = new(StringComparer.Ordinal)
    {
        ["DoubleStorage"] = DType.Float64,
        ["FloatStorage"] = DType.Float32,
        ["HalfStorage"] = DType.Float16,
        ["BFloat16Storage"] = DType.BFloat16,
        ["LongStorage"] = DType.Int64,
        ["IntStorage"] = DType.Int32,
        ["ShortStorage"] = DType.Int16,
        ["CharStorage"] = DType.Int8,
        ["ByteStorage"] = DType.UInt8,
        ["BoolStorage"] = DType.Bool,
    };

    /// <inheritdoc/>
    public string Name => "PyTorch archive";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path)
    {
        if (!path.Head.StartsWith("PK\u0003\u0004"u8))
        {
            return null;
        }

        using var archive = ZipInput.TryOpen(path.Text);
        return archive?.Entries.Any(entry => IsTable(entry) || entry.FullName == Policy) is true
            ? new SourceMatch(this, path.Text, _ => Open(path.Text))
            : null;
    }

    private static bool IsTable(ZipArchiveEntry entry) =>
        entry.FullName == Table || entry.FullName.EndsWith("/" + Table, StringComparison.Ordinal);

    private TensorSet Open(string path)
    {
        var archive = ZipInput.Open(path);
        try
        {
            if (archive.Entries.Any(IsTable))
            {
                return Read(path, archive, path);
            }

            var inner = archive.GetEntry(Policy)!;
            return Read(path, InnerArchive.Open(path, inner, MaximumInner), $"{path}, entry {Policy}");
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    private TensorSet Read(string path, ZipArchive archive, string file)
    {
        if (archive.Entries.Count > Npz.MaximumEntries)
        {
            throw new UnreadableInputException(
                $"{file} has {archive.Entries.Count} entries; {Npz.MaximumEntries} is the most that is read. Save the weights alone.");
        }

        var table = archive.Entries.First(IsTable);
        var folder = table.FullName[..^Table.Length];
        if (archive.Entries.Any(entry => entry.FullName.StartsWith(folder + "code/", StringComparison.Ordinal)))
        {
            throw new UnreadableInputException(
                $"{file} is a TorchScript program, which lstmconvert never runs. Save its weights: torch.save(torch.jit.load(\"model.pt\").state_dict(), \"weights.pt\")."
            );
        }

        if (archive.GetEntry(folder + "byteorder") is { Length: 3 } order && Encoding.ASCII.GetString(All(file, order, 3)) == "big")
        {
            throw new UnreadableInputException(
                $"{file} was saved on a big-endian machine. Load it with torch there or here, and save it as safetensors.");
        }

        var found = PickledTable.Read(All(file, table, PickledTable.MaximumBytes), $"{file}, entry {table.FullName}");
        var storages = new Dictionary<string, ZipEntryBytes>(StringComparer.Ordinal);
        var (tensors, leftOut) = (new List<Tensor>(), new List<LeftOut>());
        foreach (var (name, tensor) in found)
        {
            if (!DTypes.TryGetValue(tensor.Storage, out var dtype))
            {
                leftOut.Add(new LeftOut(name, $"torch.{tensor.Storage} is no type of weights"));
                continue;
            }

            if (!storages.TryGetValue(tensor.Key, out var storage))
            {
                storages[tensor.Key] = storage = new ZipEntryBytes(
                    file,
                    archive.GetEntry($"{folder}data/{tensor.Key}")
                        ?? throw new UnreadableInputException(
                            $"{file}: the numbers of {name} are missing (entry {folder}data/{tensor.Key}). Copy or save it again."));
            }

            tensors.Add(Of(name, tensor, dtype, storage));
        }

        var set = SourceSet.Of(path, Name, tensors, [.. storages.Values, archive]);
        return leftOut.Count == 0
            ? set
            : new TensorSet(path, Name, set.Tensors, [.. set.LeftOut, .. leftOut], [.. storages.Values, archive]);
    }

    private static Tensor Of(string name, PickledTensor tensor, DType dtype, ZipEntryBytes storage)
    {
        var there = storage.Length / dtype.ItemSize();
        var isSound =
            tensor.Shape.Count <= RawTensor.MaximumRank
            && tensor.Offset >= 0
            && tensor.Offset <= there
            && RawTensor.SizeWithin(tensor.Shape, dtype, Math.Max(storage.Length, MaximumRepeated)) >= 0;
        if (!isSound || !StridedTensor.IsWithin(tensor.Shape, tensor.Strides, there - tensor.Offset))
        {
            throw new UnreadableInputException(
                $"{storage.Name}: {name} would be {dtype.Name()} ({string.Join(", ", tensor.Shape.Take(RawTensor.MaximumRank))}) from element {tensor.Offset} on, and {there} are there. Copy or save it again."
            );
        }

        var info = new TensorInfo(name, dtype, new Shape([.. tensor.Shape]));
        return StridedTensor.IsContiguous(tensor.Shape, tensor.Strides)
            ? new RawTensor(info, storage, tensor.Offset * dtype.ItemSize())
            : new StridedTensor(info, storage, tensor.Offset, tensor.Strides);
    }

    private static byte[] All(string file, ZipArchiveEntry entry, long most)
    {
        if (entry.Length > most)
        {
            throw new UnreadableInputException(
                $"{file}, entry {entry.FullName} has {entry.Length} bytes; {most} is the most that is read. Save the weights alone.");
        }

        using var source = new ZipEntryBytes(file, entry);
        var bytes = new byte[InnerArchive.Sound(source, entry)];
        source.Read(0, bytes);
        return bytes;
    }
}
