using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using LstmConvert.Files;
using LstmConvert.Formats.Numpy;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// A V2 checkpoint, the "tensor bundle" that TensorFlow 0.12 and later writes (tensorflow/core/util/tensor_bundle):
/// <code>
/// PREFIX.index                  a table: "" -> BundleHeaderProto, name -> BundleEntryProto (dtype, shape, shard, offset, size, masked crc32c)
/// PREFIX.data-00000-of-00002    the tensors' bytes, nothing else; the number of files stands in the header
/// </code>
/// A partitioned variable has an entry with its slices, and each slice an entry of its own. Bytes are read when they are asked for;
/// before a tensor's first byte is handed out, all its bytes are compared with its checksum.
/// </summary>
public sealed class CheckpointV2 : ISourceFormat
{
    /// <summary>The version of the format that is read (kTensorBundleVersion); it never changed.</summary>
    public const int Version = 1;

    /// <summary>The largest number of data files.</summary>
    public const int MaximumShards = 99_999;

    /// <inheritdoc/>
    public string Name => "V2 checkpoint";

    /// <inheritdoc/>
    public bool Matches(string path) => CheckpointPath.Find(path) is { Kind: CheckpointKind.V2 };

    /// <inheritdoc/>
    public TensorSet Open(string path, SourceOptions options)
    {
        var location = CheckpointPath.Find(path) ?? throw new UnreadableInputException($"{path} is no checkpoint. Name its prefix, its folder or one of its files.");
        return location.Failure is { } failure ? throw failure : Open(path, location, Name, options);
    }

    /// <summary>Opens the bundle that was found.</summary>
    internal static TensorSet Open(string path, CheckpointLocation location, string kind, SourceOptions options)
    {
        var index = location.Prefix + ".index";
        var table = LevelDbTable.Open(index, options.VerifyChecksums);
        var entries = new List<(byte[] Key, BundleEntryProto Entry)>();
        BundleHeaderProto? header = null;
        foreach (var (key, value) in table.Entries())
        {
            if (header is null)
            {
                header = key.Length == 0 ? Parse(BundleHeaderProto.Parser, value, index, "the header") : throw Broken(index, "its first entry is not the header");
            }
            else
            {
                entries.Add((key, Parse(BundleEntryProto.Parser, value, index, Text(key))));
            }
        }

        CheckHeader(header ?? throw Broken(index, "it has no entries"), index);
        var shards = Shards(location.Prefix, header, entries);
        return Assemble(path, location, kind, options, header, entries, shards, table);
    }

    private static TensorSet Assemble(
        string path,
        CheckpointLocation location,
        string kind,
        SourceOptions options,
        BundleHeaderProto header,
        List<(byte[] Key, BundleEntryProto Entry)> entries,
        Dictionary<int, FileBytes> shards,
        LevelDbTable table)
    {
        var index = table.Name;
        var bySlice = new Dictionary<string, BundleEntryProto>(StringComparer.Ordinal);
        foreach (var (key, entry) in entries.Where(entry => entry.Key is [0, ..]))
        {
            bySlice[Convert.ToHexString(key)] = entry;
        }

        Tensor Whole(string name, BundleEntryProto entry)
        {
            var info = new TensorInfo(name, TensorFlowDType.Read(entry.Dtype), ShapeOf(entry, index, name));
            var isFixed = info.DType.ItemSize() > 0;
            return isFixed && Bytes(info, index) != entry.Size
                ? throw Broken(index, $"{name} is {info.DType.Name()} {info.Shape}, {info.ByteCount} bytes, and its entry says {entry.Size}")
                : isFixed
                ? new BundleTensor(info, shards.GetValueOrDefault(entry.ShardId), entry, header.Endianness == 1, options.VerifyChecksums)
                : new TextTensor(info, shards.GetValueOrDefault(entry.ShardId), entry, options.VerifyChecksums);
        }

        var tensors = new List<Tensor>();
        foreach (var (key, entry) in entries)
        {
            var name = VariableName.WithoutOutput(Text(key));
            if (entry.Slices.Count > 0)
            {
                var info = new TensorInfo(name, TensorFlowDType.Read(entry.Dtype), ShapeOf(entry, index, name));
                var parts = new List<(Tensor, TensorSlice)>();
                foreach (var proto in entry.Slices.Take(SlicedTensor.MaximumParts + 1))
                {
                    var slice = TensorSlice.Read(proto);
                    var part = bySlice.Remove(Convert.ToHexString(slice.Key(key)), out var found)
                        ? found
                        : throw Broken(index, $"the part {slice} of {name} has no entry");
                    parts.Add((Whole(name, part), slice));
                }

                _ = Bytes(info, index);
                tensors.Add(SlicedTensor.Assemble(info, parts, index));
            }
            else if (key is not [0, ..])
            {
                tensors.Add(Whole(name, entry));
            }
        }

        if (bySlice.Count > 0)
        {
            throw Broken(index, $"{bySlice.Count} of its entries are parts of no variable");
        }

        var text = tensors.OfType<TextTensor>().ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        var objects = text.TryGetValue(ObjectGraph.Key, out var graph) ? ObjectGraph.Read(graph.ReadTexts(), index) : null;
        var set = NpyFolder.Set(path, kind, tensors);
        return new TensorSet(path, kind, set.Tensors, set.LeftOut)
        {
            WithoutNumbers = [.. text.Values],
            Details = string.Create(CultureInfo.InvariantCulture, $"{location.Prefix}, {(header.NumShards == 1 ? "1 data file" : $"{header.NumShards} data files")}, {(header.Endianness == 1 ? "big" : "little")}-endian, {entries.Count} entries{(table.IsCompressed ? ", compressed index" : "")}"),
            Notes = location.Notes,
            GraphPath = location.Graph,
            ProgramNames = objects?.ProgramNames ?? new Dictionary<string, string>(StringComparer.Ordinal),
            LayerConfigurations = ObjectGraph.Configurations(text.Values),
        };
    }

    private static void CheckHeader(BundleHeaderProto header, string index)
    {
        if (header.NumShards is < 1 or > MaximumShards)
        {
            throw Broken(index, $"its header says {header.NumShards} data files; 1 to {MaximumShards} are possible");
        }

        if (header.Endianness is not (0 or 1))
        {
            throw Broken(index, $"its header says the byte order {header.Endianness}; 0 (little) and 1 (big) exist");
        }

        if (header.Version is { } version && (version.MinConsumer > Version || version.BadConsumers.Contains(Version)))
        {
            throw new UnreadableInputException($"{index} asks for a reader of version {version.MinConsumer}; the format is known up to version {Version}. Save the checkpoint again with a TensorFlow that writes version {Version}.");
        }
    }

    /// <summary>The data files that hold tensors, each as long as its entries need.</summary>
    private static Dictionary<int, FileBytes> Shards(string prefix, BundleHeaderProto header, List<(byte[] Key, BundleEntryProto Entry)> entries)
    {
        var needed = new Dictionary<int, (long End, string Name)>();
        foreach (var (key, entry) in entries)
        {
            if (entry.Slices.Count > 0)
            {
                continue;
            }

            if (entry.ShardId < 0 || entry.ShardId >= header.NumShards || entry.Offset < 0 || entry.Size < 0 || entry.Offset > long.MaxValue - entry.Size)
            {
                throw Broken(prefix + ".index", $"the place of {Text(key)} (file {entry.ShardId} of {header.NumShards}, offset {entry.Offset}, {entry.Size} bytes) cannot be");
            }

            if (entry.Size > 0 && entry.Offset + entry.Size > needed.GetValueOrDefault(entry.ShardId).End)
            {
                needed[entry.ShardId] = (entry.Offset + entry.Size, Text(key));
            }
        }

        var shards = new Dictionary<int, FileBytes>();
        foreach (var (shard, (end, name)) in needed.OrderBy(pair => pair.Key))
        {
            var path = ShardPath(prefix, shard, header.NumShards);
            CheckpointPath.RefuseStandIns(path);
            var file = new FileBytes(path);
            if (file.Length < end)
            {
                throw new UnreadableInputException($"{path} is cut off: it has {file.Length} bytes, and {name} ends at byte {end}. Copy or download it again, from the same save as the index.");
            }

            shards[shard] = file;
        }

        return shards;
    }

    private static string ShardPath(string prefix, int shard, int count)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{prefix}.data-{shard:D5}-of-{count:D5}");
        if (File.Exists(path))
        {
            return path;
        }

        // MergeBundles counts parts without tensors too, so that the header's number may be larger than the one in the names.
        var folder = Path.GetDirectoryName(Path.GetFullPath(prefix))!;
        var pattern = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(prefix)}.data-{shard:D5}-of-?????");
        var others = InputFile.Guard(folder, () => Directory.GetFiles(folder, pattern));
        return others switch
        {
            [var only] => Path.Combine(Path.GetDirectoryName(prefix) ?? "", Path.GetFileName(only)),
            [] => throw new UnreadableInputException($"{path} is missing: the index names {count} data file{(count == 1 ? "" : "s")}, and this one is not there. Copy it beside the index."),
            _ => throw new UnreadableInputException($"{path} is missing, and {string.Join(" and ", others.Select(Path.GetFileName))} are from other saves. Copy the files of one save."),
        };
    }

    private static Shape ShapeOf(BundleEntryProto entry, string index, string name) =>
        TensorValues.ShapeOf(entry.Shape) ?? throw Broken(index, $"the shape of {name} cannot be");

    /// <summary>The number of bytes, if it can be counted.</summary>
    internal static long Bytes(TensorInfo info, string index)
    {
        try
        {
            return info.ByteCount;
        }
        catch (OverflowException e)
        {
            throw Broken(index, $"{info.Name} {info.Shape} has more bytes than can be counted", e);
        }
    }

    /// <summary>Reads a message; what is no such message is said with the file's name.</summary>
    internal static T Parse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> value, string file, string what)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(new ReadOnlySequence<byte>(value));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Broken(file, $"the record of {what} is unreadable", e);
        }
    }

    /// <summary>The elements of a text tensor of a checkpoint.</summary>
    internal static ReadOnlyMemory<byte>[] Texts(Tensor tensor) => tensor is TextTensor text ? text.ReadTexts() : [];

    internal static string Text(byte[] key) => Encoding.UTF8.GetString(key);

    internal static UnreadableInputException Broken(string file, string what, Exception? inner = null) =>
        new($"{file} is no intact checkpoint: {what}. Copy or download it again.", inner);

    /// <summary>Bytes of a data file, compared with their checksum before the first is handed out.</summary>
    private sealed class BundleTensor(TensorInfo info, FileBytes? file, BundleEntryProto entry, bool isBigEndian, bool verify) : Tensor(info)
    {
        private readonly Lock turn = new();
        private bool isVerified = !verify;

        public override void Read(long offset, Span<byte> destination)
        {
            if (!Volatile.Read(ref isVerified))
            {
                Check();
            }

            if (destination.Length > 0)
            {
                file!.Read(entry.Offset + offset, destination);
            }

            if (isBigEndian)
            {
                var size = DType is DType.Complex64 or DType.Complex128 ? DType.ItemSize() / 2 : DType.ItemSize();
                for (var k = 0; k < destination.Length && size > 1; k += size)
                {
                    destination.Slice(k, size).Reverse();
                }
            }
        }

        public override void Check()
        {
            lock (turn)
            {
                var block = ArrayPool<byte>.Shared.Rent((int)Math.Min(Math.Max(entry.Size, 1), 1 << 20));
                try
                {
                    var crc = 0u;
                    for (long at = 0; at < entry.Size;)
                    {
                        var part = block.AsSpan(0, (int)Math.Min(block.Length, entry.Size - at));
                        file!.Read(entry.Offset + at, part);
                        crc = Crc32C.Append(part, crc);
                        at += part.Length;
                    }

                    if (verify && Crc32C.Mask(crc) != entry.Crc32C)
                    {
                        throw new UnreadableInputException(
                            $"{Name} does not match its checksum: {Crc32C.Mask(crc):x8} over {entry.Size} bytes at offset {entry.Offset} of {file?.Name ?? "no file"}, {entry.Crc32C:x8} in the index. The file is damaged or of another save; copy or download it again, or read it as it is with --no-crc.");
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(block);
                }

                Volatile.Write(ref isVerified, true);
            }
        }
    }

    /// <summary>
    /// A tensor of texts (DT_STRING): the lengths as varints, the masked crc32c of the lengths (each as 4 bytes, 8 if it needs them),
    /// the texts one after the other. A tensor of any other kind without a fixed size is only measured.
    /// </summary>
    private sealed class TextTensor(TensorInfo info, FileBytes? file, BundleEntryProto entry, bool verify) : Tensor(info)
    {
        /// <summary>The largest text tensor that is read: an object graph of a million objects takes less.</summary>
        private const int MaximumBytes = 256 << 20;

        public override void Read(long offset, Span<byte> destination) =>
            throw new UnreadableInputException($"{Name} holds no numbers.");

        public override void Check()
        {
            if (entry.Dtype == TensorFlowDType.String)
            {
                _ = ReadTexts();
            }
        }

        public ReadOnlyMemory<byte>[] ReadTexts()
        {
            if (entry.Dtype != TensorFlowDType.String || entry.Size == 0)
            {
                return [];
            }

            if (entry.Size > MaximumBytes || Shape.ElementCount > entry.Size)
            {
                throw new UnreadableInputException($"{Name} has {entry.Size} bytes of text for {Shape.ElementCount} elements; {MaximumBytes} bytes is the most that is read.");
            }

            var bytes = new byte[entry.Size];
            file!.Read(entry.Offset, bytes);
            var (at, crc, total) = (0, 0u, 0L);
            var lengths = new int[Shape.ElementCount];
            Span<byte> number = stackalloc byte[8];
            for (var k = 0; k < lengths.Length; k++)
            {
                if (!Varint.TryRead(bytes, ref at, out var length) || length > (ulong)bytes.Length)
                {
                    throw Unreadable();
                }

                lengths[k] = (int)length;
                total += lengths[k];
                BinaryPrimitives.WriteUInt64LittleEndian(number, length);
                crc = Crc32C.Append(number[..4], crc);
            }

            if (bytes.Length - at - 4 != total)
            {
                throw Unreadable();
            }

            var ofLengths = bytes.AsSpan(at, 4);
            at += 4;
            if (verify && (BinaryPrimitives.ReadUInt32LittleEndian(ofLengths) != Crc32C.Mask(crc)
                || Crc32C.Mask(Crc32C.Append(bytes.AsSpan(at), Crc32C.Append(ofLengths, crc))) != entry.Crc32C))
            {
                throw new UnreadableInputException($"{Name} does not match its checksum, in {entry.Size} bytes at offset {entry.Offset} of {file.Name}. The file is damaged or of another save; copy or download it again.");
            }

            var texts = new ReadOnlyMemory<byte>[lengths.Length];
            for (var k = 0; k < lengths.Length; k++)
            {
                texts[k] = bytes.AsMemory(at, lengths[k]);
                at += lengths[k];
            }

            return texts;
        }

        private UnreadableInputException Unreadable() =>
            new($"{Name} is no intact text tensor, in {entry.Size} bytes at offset {entry.Offset} of {file!.Name}. Copy or download it again.");
    }
}
