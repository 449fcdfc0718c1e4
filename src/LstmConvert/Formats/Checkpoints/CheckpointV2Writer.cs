using System.Text;
using LstmConvert.Files;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// Writes a V2 checkpoint as TensorFlow's Saver does: one data file with the tensors back to back in the order of their names, an index
/// whose bytes are those TensorFlow would write (<see cref="CheckpointV2"/> shows the layout), and the state file <c>checkpoint</c>.
/// </summary>
public static class CheckpointV2Writer
{
    /// <summary>Writes the checkpoint; an index appears only after its data is complete. A state file that is there is left as it
    /// is.</summary>
    /// <param name="prefix">The files' common name, with its folder: <c>out/model.ckpt</c>.</param>
    /// <param name="tensors">The variables, in any order.</param>
    /// <param name="overwrite">True replaces what is there, the state file too.</param>
    /// <exception cref="OutputException">A file exists already, or cannot be written.</exception>
    /// <exception cref="UsageException">Two variables have one name.</exception>
    public static void Write(string prefix, IReadOnlyCollection<Tensor> tensors, bool overwrite = false)
    {
        var sorted = tensors.Select(tensor => (Key: Encoding.UTF8.GetBytes(tensor.Name), Tensor: tensor)).ToArray();
        Array.Sort(sorted, (one, two) => one.Key.AsSpan().SequenceCompareTo(two.Key));
        for (var k = 1; k < sorted.Length; k++)
        {
            if (sorted[k].Key.AsSpan().SequenceEqual(sorted[k - 1].Key))
            {
                throw new UsageException($"Two variables are called {sorted[k].Tensor.Name}; a checkpoint holds a name once. Rename one.");
            }
        }

        var (data, index) = (prefix + ".data-00000-of-00001", prefix + ".index");
        OutputFile.Check(data, overwrite);
        OutputFile.Write(index, overwrite, temporaryIndex => OutputFile.Write(data, overwrite, temporaryData =>
        {
            WriteBoth(sorted, temporaryData, temporaryIndex);

            // Until the new index is there the checkpoint is absent, not one with the data of another.
            File.Delete(Links.RealPath(index));
            return 0;
        }));
        var state = Path.Combine(Path.GetDirectoryName(prefix) ?? "", CheckpointState.FileName);
        if (overwrite || !Path.Exists(state))
        {
            OutputFile.Write(state, overwrite, temporary =>
            {
                File.WriteAllText(temporary, State(Path.GetFileName(prefix)));
                return 0;
            });
        }
    }

    private static void WriteBoth((byte[] Key, Tensor Tensor)[] sorted, string data, string index)
    {
        var entries = new List<KeyValuePair<byte[], byte[]>> { KeyValuePair.Create(Array.Empty<byte>(), Message.Write(Header(1))) };
        using (var file = EmptyFile.Open(data))
        {
            foreach (var (key, tensor) in sorted)
            {
                entries.Add(KeyValuePair.Create(key, Message.Write(Entry(tensor, file))));
            }
        }

        File.WriteAllBytes(index, LevelDbTableWriter.Write(entries));
    }

    /// <summary>The bytes of an index.</summary>
    /// <param name="header">The header.</param>
    /// <param name="entries">The entries in the order of their keys.</param>
    internal static byte[] Index(BundleHeaderProto header, IEnumerable<KeyValuePair<byte[], BundleEntryProto>> entries) =>
        LevelDbTableWriter.Write(
            entries
                .Select(entry => KeyValuePair.Create(entry.Key, Message.Write(entry.Value)))
                .Prepend(KeyValuePair.Create(Array.Empty<byte>(), Message.Write(header))));

    private static BundleHeaderProto Header(int shards) =>
        new()
        {
            NumShards = shards,
            Version = new VersionDef { Producer = CheckpointV2.Version },
        };

    private static BundleEntryProto Entry(Tensor tensor, FileStream file)
    {
        // TensorFlow writes the shape of a scalar too, as an empty message.
        var shape = new TensorShapeProto();
        foreach (var length in tensor.Shape.Dimensions)
        {
            shape.Dim.Add(new TensorShapeProto.Types.Dim { Size = length });
        }

        var offset = file.Position;
        var crc = 0u;
        var block = new byte[Math.Min(tensor.Info.ByteCount, Rows.BlockBytes)];
        for (long at = 0; at < tensor.Info.ByteCount;)
        {
            var part = block.AsSpan(0, (int)Math.Min(block.Length, tensor.Info.ByteCount - at));
            tensor.Read(at, part);
            crc = Crc32C.Append(part, crc);
            file.Write(part);
            at += part.Length;
        }

        return new BundleEntryProto
        {
            Dtype = TensorFlowDType.Write(tensor.DType),
            Shape = shape,
            Offset = offset,
            Size = tensor.Info.ByteCount,
            Crc32C = Crc32C.Mask(crc),
        };
    }

    /// <summary>The state file, protobuf's text format; bytes outside ASCII as octal escapes.</summary>
    private static string State(string name)
    {
        var escaped = new StringBuilder();
        foreach (var b in Encoding.UTF8.GetBytes(name))
        {
            escaped.Append(
                b is (byte)'"' or (byte)'\\' ? $"\\{(char)b}"
                : b is < 0x20 or > 0x7e ? $"\\{Convert.ToString(b, 8).PadLeft(3, '0')}"
                : ((char)b).ToString());
        }

        return $"model_checkpoint_path: \"{escaped}\"\nall_model_checkpoint_paths: \"{escaped}\"\n";
    }
}
