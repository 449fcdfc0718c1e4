using System.Buffers;
using System.Globalization;
using System.Text;
using LstmConvert.Files;
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
internal sealed class CheckpointV2 : ISourceFormat
{
    /// <summary>The version of the format that is read (kTensorBundleVersion); it never changed.</summary>
    public const int Version = 1;

    /// <summary>The largest number of data files.</summary>
    public const int MaximumShards = 99_999;

    /// <inheritdoc/>
    public string Name => "V2 checkpoint";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) =>
        path.Checkpoint is { Kind: CheckpointKind.V2 } location
            ? new SourceMatch(this, location.Prefix, options =>
                location.Failure is { } failure ? throw failure : Open(path.Text, location, Name, options))
            : null;

    /// <summary>Opens the bundle that was found.</summary>
    internal static TensorSet Open(string path, CheckpointLocation location, string kind, SourceOptions options)
    {
        var index = location.Prefix + ".index";
        var table = LevelDbTable.Open(location.Index ?? new FileBytes(index), options.VerifyChecksums);
        var entries = new List<(byte[] Key, BundleEntryProto Entry)>();
        BundleHeaderProto? header = null;
        foreach (var (key, value) in table.Entries())
        {
            if (header is null)
            {
                header =
                    key.Length == 0
                        ? Message.Parse<BundleHeaderProto>(value, index, "the header")
                        : throw Broken(index, "its first entry is not the header");
            }
            else
            {
                entries.Add((key, Message.Parse<BundleEntryProto>(value, index, Text(key))));
            }
        }

        CheckHeader(header ?? throw Broken(index, "it has no entries"), index);
        var shards = Shards(location.Prefix, header, entries, options.WithoutValues);
        return Assemble(path, location, kind, options, header, entries, shards, table);
    }

    private static TensorSet Assemble(
        string path,
        CheckpointLocation location,
        string kind,
        SourceOptions options,
        BundleHeaderProto header,
        List<(byte[] Key, BundleEntryProto Entry)> entries,
        Dictionary<int, ByteSource> shards,
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
                    ? throw Broken(
                        index,
                        $"{name} is {info.DType.Name()} {info.Shape}, {info.ByteCount} bytes, and its entry says {entry.Size}")
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
        var readable = text.Where(pair => pair.Value.HasValues).ToDictionary(StringComparer.Ordinal);
        var objects = readable.TryGetValue(ObjectGraph.Key, out var graph) ? ObjectGraph.Read(graph.ReadTexts(), index) : null;
        var set = SourceSet.Of(path, kind, tensors);
        return new TensorSet(path, kind, set.Tensors, set.LeftOut)
        {
            WithoutNumbers = [.. text.Values],
            Details = string.Create(
                CultureInfo.InvariantCulture,
                $"{location.Prefix}, {(header.NumShards == 1 ? "1 data file" : $"{header.NumShards} data files")}, {(header.Endianness == 1 ? "big" : "little")}-endian, {entries.Count} entries{(table.IsCompressed ? ", compressed index" : "")}"
            ),
            Notes = location.Notes,
            GraphPath = location.Graph,
            ProgramNames = objects?.ProgramNames ?? new Dictionary<string, string>(StringComparer.Ordinal),
            ObjectsFrom = () =>
                location is { Kind: CheckpointKind.SavedModel, Graph: { } saved }
                    ? SavedModelFile.Objects(saved, objects, readable)
                    : objects?.Tree(readable),
            LayerConfigurations = ObjectGraph.Configurations(readable.Values),
            MissingValues = [.. shards.Values.OfType<MissingBytes>().Select(shard => shard.Problem)],
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
            throw new UnreadableInputException(
                $"{index} asks for a reader of version {version.MinConsumer}; the format is known up to version {Version}. Save the checkpoint again with a TensorFlow that writes version {Version}."
            );
        }
    }

    /// <summary>The data files that hold tensors, each as long as its entries need.</summary>
    private static Dictionary<int, ByteSource> Shards(
        string prefix,
        BundleHeaderProto header,
        List<(byte[] Key, BundleEntryProto Entry)> entries,
        bool withoutValues)
    {
        var needed = new Dictionary<int, (long End, string Name)>();
        foreach (var (key, entry) in entries)
        {
            if (entry.Slices.Count > 0)
            {
                continue;
            }

            if (
                entry.ShardId < 0
                || entry.ShardId >= header.NumShards
                || entry.Offset < 0
                || entry.Size < 0
                || entry.Offset > long.MaxValue - entry.Size)
            {
                throw Broken(
                    prefix + ".index",
                    $"the place of {Text(key)} (file {entry.ShardId} of {header.NumShards}, offset {entry.Offset}, {entry.Size} bytes) cannot be"
                );
            }

            if (entry.Size > 0 && entry.Offset + entry.Size > needed.GetValueOrDefault(entry.ShardId).End)
            {
                needed[entry.ShardId] = (entry.Offset + entry.Size, Text(key));
            }
        }

        var shards = new Dictionary<int, ByteSource>();
        foreach (var (shard, (end, name)) in needed.OrderBy(pair => pair.Key))
        {
            try
            {
                shards[shard] = Shard(ShardPath(prefix, shard, header.NumShards), end, name);
            }
            catch (UnreadableInputException e) when (withoutValues)
            {
                shards[shard] = new MissingBytes(prefix, e.Message);
            }
        }

        return shards;
    }

    private static FileBytes Shard(string path, long end, string name)
    {
        StandIn.Refuse(path);
        var file = new FileBytes(path);
        return file.Length >= end
            ? file
            : throw new UnreadableInputException(
                $"{path} is cut off: it has {file.Length} bytes, and {name} ends at byte {end}. Copy or download it again, from the same save as the index."
            );
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
            [] => throw new UnreadableInputException(
                $"{path} is missing: the index names {count} data file{(count == 1 ? "" : "s")}, and this one is not there. Copy it beside the index."
            ),
            _ => throw new UnreadableInputException(
                $"{path} is missing, and {string.Join(" and ", others.Select(Path.GetFileName))} are from other saves. Copy the files of one save."
            ),
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

    /// <summary>The elements of a text tensor of a checkpoint.</summary>
    internal static ReadOnlyMemory<byte>[] Texts(Tensor tensor) => tensor is TextTensor text ? text.ReadTexts() : [];

    internal static string Text(byte[] key) => Encoding.UTF8.GetString(key);

    internal static UnreadableInputException Broken(string file, string what, Exception? inner = null) =>
        new($"{file} is no intact checkpoint: {what}. Copy or download it again.", inner);
}
