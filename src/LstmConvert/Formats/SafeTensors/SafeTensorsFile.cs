using System.Buffers.Binary;
using System.Text.Json;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.SafeTensors;

/// <summary>
/// A <c>.safetensors</c> file (huggingface/safetensors README, "Format"), the form in which PyTorch's modules are shared.
/// <code>
/// 0      8   N, the size of the header, little-endian
/// 8      N   JSON: {"name": {"dtype": "F32", "shape": [24, 3], "data_offsets": [begin, end]}, …, "__metadata__": {…}}
/// 8+N        the elements, C order, little-endian; offsets count from here, without a gap and without a byte behind
/// </code>
/// </summary>
internal sealed class SafeTensorsFile : ISourceFormat
{
    /// <summary>The largest header that its own reader takes, in bytes.</summary>
    public const long MaximumHeaderBytes = 100_000_000;

    private const int SizeBytes = 8;
    private const string Metadata = "__metadata__";

    private static readonly Dictionary<string, DType> DTypes = new(StringComparer.Ordinal)
    {
        ["F64"] = DType.Float64,
        ["F32"] = DType.Float32,
        ["F16"] = DType.Float16,
        ["BF16"] = DType.BFloat16,
        ["I64"] = DType.Int64,
        ["I32"] = DType.Int32,
        ["I16"] = DType.Int16,
        ["I8"] = DType.Int8,
        ["U64"] = DType.UInt64,
        ["U32"] = DType.UInt32,
        ["U16"] = DType.UInt16,
        ["U8"] = DType.UInt8,
        ["BOOL"] = DType.Bool,
        ["F8_E5M2"] = DType.Float8E5M2,
        ["F8_E4M3"] = DType.Float8E4M3FN,
    };

    /// <inheritdoc/>
    public string Name => ".safetensors file";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) => IsNamed(path) || Begins(path)
        ? new SourceMatch(this, path.Text, _ => Open(path.Text))
        : null;

    private static bool IsNamed(SourcePath path) =>
        path.Head.Length > 0 && path.Text.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);

    private static bool Begins(SourcePath path) => path.Head is [_, _, _, _, _, _, _, _, (byte)'{', (byte)'"' or (byte)'}', ..]
        && BinaryPrimitives.ReadInt64LittleEndian(path.Head) is var size and > 1
        && size <= Math.Min(MaximumHeaderBytes, InputFile.LengthOrNone(path.Text) - SizeBytes);

    private TensorSet Open(string path)
    {
        var file = new OpenFileBytes(path);
        try
        {
            var (tensors, leftOut) = Read(file);
            return new TensorSet(path, Name, tensors, leftOut, [file]);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static (IReadOnlyList<Tensor> Tensors, IReadOnlyList<LeftOut> LeftOut) Read(ByteSource file)
    {
        Span<byte> prefix = stackalloc byte[SizeBytes];
        file.Read(0, prefix);
        var size = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (size < 2 || size > MaximumHeaderBytes || size > file.Length - SizeBytes)
        {
            throw new UnreadableInputException(
                $"{file.Name} is no complete .safetensors file: its header would have {size} bytes, the file has {file.Length}, and {MaximumHeaderBytes} is the most. Copy or download it again."
            );
        }

        var header = new byte[size];
        file.Read(SizeBytes, header);
        try
        {
            using var document = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
            return Tensors(document.RootElement, file, SizeBytes + size);
        }
        catch (Exception e)
            when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw new UnreadableInputException(
                $"{file.Name} has a header that is not that of a .safetensors file ({e.Message.TrimEnd('.')}). Copy or download it again.",
                e);
        }
    }

    private static (IReadOnlyList<Tensor>, IReadOnlyList<LeftOut>) Tensors(JsonElement header, ByteSource file, long start)
    {
        var (tensors, leftOut, places) = (new List<Tensor>(), new List<LeftOut>(), new List<(string Name, long Begin, long End)>());
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in header.EnumerateObject().Where(entry => entry.Name != Metadata))
        {
            var (dtype, shape, begin, end) = Entry(entry.Value);
            if (!names.Add(entry.Name))
            {
                throw new UnreadableInputException($"{file.Name} names the tensor {entry.Name} twice. Save it again with safetensors.");
            }

            if (begin < 0 || end < begin || end > file.Length - start)
            {
                throw new UnreadableInputException(
                    $"{file.Name} is cut off: {entry.Name} lies at bytes {begin} to {end}, and there are {file.Length - start}. Copy or download it again."
                );
            }

            places.Add((entry.Name, begin, end));
            if (!DTypes.TryGetValue(dtype, out var known))
            {
                leftOut.Add(new LeftOut(entry.Name, $"{dtype} is no type of weights"));
                continue;
            }

            if (RawTensor.SizeWithin(shape, known, end - begin) != end - begin)
            {
                throw new UnreadableInputException(
                    $"{file.Name} is damaged: {entry.Name} is {dtype} ({string.Join(", ", shape)}) and has {end - begin} bytes. Copy or download it again."
                );
            }

            tensors.Add(new RawTensor(new TensorInfo(entry.Name, known, new Shape(shape)), file, start + begin));
        }

        CheckPlaces(places, file, start);
        return (tensors, leftOut);
    }

    private static (string DType, long[] Shape, long Begin, long End) Entry(JsonElement entry) => (
        entry.GetProperty("dtype"u8).GetString() ?? "",
        [.. entry.GetProperty("shape"u8).EnumerateArray().Select(length => length.GetInt64())],
        entry.GetProperty("data_offsets"u8)[0].GetInt64(),
        entry.GetProperty("data_offsets"u8)[1].GetInt64());

    /// <summary>The tensors cover the file without a gap: two that share bytes, and bytes that nothing names, are refused as its own reader
    /// does.</summary>
    private static void CheckPlaces(List<(string Name, long Begin, long End)> places, ByteSource file, long start)
    {
        var at = 0L;
        foreach (var (name, begin, end) in places.OrderBy(place => place.Begin).ThenBy(place => place.End))
        {
            if (begin != at)
            {
                throw new UnreadableInputException(
                    $"{file.Name} is damaged: {name} begins at byte {begin} where the one before it ends at {at}. Copy or download it again."
                );
            }

            at = end;
        }

        if (at != file.Length - start)
        {
            throw new UnreadableInputException(
                $"{file.Name} is damaged: its tensors have {at} bytes, and {file.Length - start} are there. Copy or download it again.");
        }
    }
}
