using System.Globalization;
using System.Text;
using LstmConvert.Files;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// A V1 checkpoint, which TensorFlow before 0.12 writes (tensorflow/core/util/saved_tensor_slice.proto): one table, or one for each shard.
/// <code>
/// ""                          SavedTensorSlices { meta: name, shape, dtype and slices of every tensor }
/// key of a tensor's slice     SavedTensorSlices { data: the values, in the field of their type, without dtype and shape }
/// </code>
/// Its only checksums are those of the table's blocks.
/// </summary>
internal sealed class CheckpointV1 : ISourceFormat
{
    /// <inheritdoc/>
    public string Name => "V1 checkpoint";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) =>
        path.Checkpoint is { Kind: CheckpointKind.V1 } location
            ? new SourceMatch(this, location.Prefix, options =>
                location.Failure is { } failure ? throw failure : Open(path.Text, location, options))
            : null;

    private TensorSet Open(string path, CheckpointLocation location, SourceOptions options)
    {
        var variables = new Dictionary<string, (TensorInfo Info, List<(Tensor Values, TensorSlice Slice)> Parts)>(StringComparer.Ordinal);
        var last = new LastDecoded();
        foreach (var file in location.Files)
        {
            StandIn.Refuse(file);
            var table = LevelDbTable.Open(file, options.VerifyChecksums);
            foreach (var meta in Meta(table).Tensor)
            {
                Add(variables, table, meta, last);
            }
        }

        var tensors = variables
            .OrderBy(variable => variable.Key, StringComparer.Ordinal)
            .Select(variable =>
                variable.Value.Info.DType.ItemSize() == 0
                    ? variable.Value.Parts[0].Values
                    : SlicedTensor.Assemble(variable.Value.Info, variable.Value.Parts, location.Prefix))
            .ToArray();
        var set = SourceSet.Of(path, Name, tensors);
        return new TensorSet(path, Name, set.Tensors, set.LeftOut)
        {
            Details = string.Create(
                CultureInfo.InvariantCulture,
                $"{location.Prefix}, {(location.Files.Count == 1 ? "1 file" : $"{location.Files.Count} shards")}"),
            Notes = location.Notes,
            GraphPath = location.Graph,
        };
    }

    private static SavedTensorSliceMeta Meta(LevelDbTable table)
    {
        foreach (var (key, value) in table.Entries())
        {
            return key.Length == 0 && Message.Parse<SavedTensorSlices>(value, table.Name, "all tensors").Meta is { } meta
                ? meta
                : throw CheckpointV2.Broken(table.Name, "its first entry is not the list of its tensors");
        }

        throw CheckpointV2.Broken(table.Name, "it has no entries");
    }

    private static void Add(
        Dictionary<string, (TensorInfo Info, List<(Tensor Values, TensorSlice Slice)> Parts)> variables,
        LevelDbTable table,
        SavedSliceMeta meta,
        LastDecoded last)
    {
        var name = VariableName.WithoutOutput(meta.Name);
        var info = Info(table, name, meta);
        if (!variables.TryGetValue(name, out var variable))
        {
            variables[name] = variable = (info, []);
        }
        else if (variable.Info != info)
        {
            throw CheckpointV2.Broken(
                table.Name,
                $"{name} is {info.DType.Name()} {info.Shape} here and {variable.Info.DType.Name()} {variable.Info.Shape} in another shard");
        }

        if (meta.Slice.Count is 0 or > SlicedTensor.MaximumParts)
        {
            throw CheckpointV2.Broken(table.Name, $"{name} has {meta.Slice.Count} parts; 1 to {SlicedTensor.MaximumParts} are read");
        }

        foreach (var slice in meta.Slice.Select(TensorSlice.Read))
        {
            var box = slice.Within(info.Shape)
                ?? throw CheckpointV2.Broken(table.Name, $"the part {slice} of {name} does not lie in its shape {info.Shape}");
            var part = info with { Shape = new Shape([.. box.Select(axis => axis.Length)]) };
            variable.Parts.Add((new SliceTensor(part, table, slice.Key(Encoding.UTF8.GetBytes(meta.Name)), last), slice));
        }
    }

    private static TensorInfo Info(LevelDbTable table, string name, SavedSliceMeta meta)
    {
        var shape = TensorValues.ShapeOf(meta.Shape) ?? throw CheckpointV2.Broken(table.Name, $"the shape of {name} cannot be");
        var info = new TensorInfo(name, TensorFlowDType.Read(meta.Type), shape);
        _ = CheckpointV2.Bytes(info, table.Name);
        return info;
    }

    /// <summary>The values that were decoded last: a tensor is read in many blocks, its parts in turns, and each is decoded once.</summary>
    private sealed class LastDecoded
    {
        /// <summary>The most values that are kept, in bytes; the last ones are kept whatever their size.</summary>
        private const long MaximumBytes = 64 << 20;

        private readonly Lock turn = new();
        private readonly List<(SliceTensor Owner, ReadOnlyMemory<byte> Values)> kept = [];

        public ReadOnlyMemory<byte> Of(SliceTensor tensor)
        {
            lock (turn)
            {
                var at = kept.FindIndex(one => one.Owner == tensor);
                if (at >= 0)
                {
                    return kept[at].Values;
                }

                while (kept.Count > 0 && kept.Sum(one => (long)one.Values.Length) + tensor.Info.ByteCount > MaximumBytes)
                {
                    kept.RemoveAt(0);
                }

                kept.Add((tensor, tensor.Decode()));
                return kept[^1].Values;
            }
        }
    }

    /// <summary>One slice, decoded when it is read.</summary>
    private sealed class SliceTensor(TensorInfo info, LevelDbTable table, byte[] key, LastDecoded last) : Tensor(info)
    {
        public override void Read(long offset, Span<byte> destination) =>
            last.Of(this).Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);

        public override void Check()
        {
            if (DType.ItemSize() > 0)
            {
                _ = last.Of(this);
            }
        }

        public ReadOnlyMemory<byte> Decode()
        {
            var value = table.Find(key) ?? throw CheckpointV2.Broken(table.Name, $"the values of {Name} are missing");
            var data = Message.Parse<SavedTensorSlices>(value, table.Name, Name).Data?.Data
                ?? throw CheckpointV2.Broken(table.Name, $"the record of {Name} holds no values");
            var bytes = TensorValues.Given(DType, data);
            return bytes.Length == Info.ByteCount
                ? bytes
                : throw CheckpointV2.Broken(
                    table.Name,
                    $"{Name} is {DType.Name()} {Shape}, {Info.ByteCount} bytes, and its values are {bytes.Length}");
        }
    }
}
