using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Flax;

/// <summary>
/// What <c>flax.serialization.to_bytes</c> writes (google/flax flax/serialization.py, <c>_MsgpackExtType</c>; MessagePack's specification):
/// maps of maps, whose
/// leaves are extensions of type 1, each a MessagePack of its own: an array of shape, name of the dtype, and elements in C order,
/// little-endian.
/// The path of the keys is the variable's name: <c>params/cell/ii/kernel</c>. Arrays above 1 GiB, which it splits, are refused by name.
/// </summary>
internal sealed class FlaxMessagePack : ISourceFormat
{
    /// <summary>The deepest nesting of maps and lists that is read.</summary>
    public const int MaximumDepth = 64;

    /// <summary>The most values that are read.</summary>
    public const int MaximumValues = 200_000;

    /// <summary>The longest key that is read, in bytes.</summary>
    public const int MaximumKeyBytes = 4096;

    private const sbyte ArrayType = 1;
    private const string Chunked = "__msgpack_chunked_array__";

    private static readonly Dictionary<string, DType> DTypes = new(StringComparer.Ordinal)
    {
        ["float64"] = DType.Float64,
        ["float32"] = DType.Float32,
        ["float16"] = DType.Float16,
        ["bfloat16"] = DType.BFloat16,
        ["int64"] = DType.Int64,
        ["int32"] = DType.Int32,
        ["int16"] = DType.Int16,
        ["int8"] = DType.Int8,
        ["uint64"] = DType.UInt64,
        ["uint32"] = DType.UInt32,
        ["uint16"] = DType.UInt16,
        ["uint8"] = DType.UInt8,
        ["bool"] = DType.Bool,
    };

    /// <inheritdoc/>
    public string Name => "MessagePack file of Flax";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) => IsMapOfNames(path.Head)
        ? new SourceMatch(this, path.Text, _ => Open(path.Text))
        : null;

    /// <summary>A map with something in it, whose first key is a text that can be printed.</summary>
    private static bool IsMapOfNames(ReadOnlySpan<byte> head)
    {
        var key = head.Length < 8 ? [] : head[0] switch
        {
            > 0x80 and <= 0x8f => head[1..],
            0xde => head[3..],
            0xdf => head[5..],
            _ => [],
        };
        return key.Length > 2 && key[0] is > 0xa0 and <= 0xbf && key[1] is >= 0x20 and < 0x7f;
    }

    private TensorSet Open(string path)
    {
        var file = new OpenFileBytes(path);
        try
        {
            var reader = new MessagePackReader(file, 0, file.Length);
            var found = new List<Tensor>();
            var leftOut = new List<LeftOut>();
            Walk(reader, file, "", 0, found, leftOut);
            if (reader.Position != file.Length)
            {
                throw new UnreadableInputException(
                    $"{path} is damaged: {file.Length - reader.Position} bytes stand behind its end. Copy or export it again.");
            }

            if (found.Count == 0)
            {
                throw new UnreadableInputException(
                    $"{path} is a MessagePack file without arrays of Flax. Name what flax.serialization.to_bytes wrote.");
            }

            var set = SourceSet.Of(path, Name, found, [file]);
            return leftOut.Count == 0 ? set : new TensorSet(path, Name, set.Tensors, [.. set.LeftOut, .. leftOut], [file]);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static void Walk(MessagePackReader reader, ByteSource file, string at, int depth, List<Tensor> found, List<LeftOut> leftOut)
    {
        if (depth > MaximumDepth || ++reader.Values > MaximumValues)
        {
            throw new UnreadableInputException(
                $"{file.Name} is nested deeper than {MaximumDepth}, or has more than {MaximumValues} values. Save the parameters alone.");
        }

        var value = reader.Next();
        switch (value.Kind)
        {
            case MessagePackKind.Map:
                for (var k = 0L; k < value.Length; k++)
                {
                    var key = reader.Text(MaximumKeyBytes);
                    if (key == Chunked)
                    {
                        throw new UnreadableInputException(
                            $"{file.Name}: {at} is an array that Flax split because it has more than 1 GiB, which is not read. Save its parameters as an .npz."
                        );
                    }

                    Walk(reader, file, at.Length == 0 ? key : $"{at}/{key}", depth + 1, found, leftOut);
                }

                break;
            case MessagePackKind.List:
                for (var k = 0L; k < value.Length; k++)
                {
                    Walk(reader, file, $"{at}/{k}", depth + 1, found, leftOut);
                }

                break;
            case MessagePackKind.Extension when value.Type == ArrayType:
                Add(at, new MessagePackReader(file, reader.Position, reader.Position + value.Length), file, found, leftOut);
                reader.Skip(value.Length);
                break;
            default:
                reader.Skip(value.Length);
                leftOut.Add(new LeftOut(at, "no array"));
                break;
        }
    }

    private static void Add(string name, MessagePackReader reader, ByteSource file, List<Tensor> found, List<LeftOut> leftOut)
    {
        var damaged = new UnreadableInputException(
            $"{file.Name} is damaged: {name} is no array of shape, dtype and elements. Copy or export it again.");
        if (
            reader.Next() is not { Kind: MessagePackKind.List, Length: 3 }
            || reader.Next() is not { Kind: MessagePackKind.List, Length: <= RawTensor.MaximumRank } axes)
        {
            throw damaged;
        }

        var shape = new long[axes.Length];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            shape[axis] = reader.Next() is { Kind: MessagePackKind.Number, Number: >= 0 and var length } ? length : throw damaged;
        }

        var type = reader.Text(MaximumKeyBytes);
        if (reader.Next() is not { Kind: MessagePackKind.Bytes or MessagePackKind.Text } elements)
        {
            throw damaged;
        }

        if (!DTypes.TryGetValue(type, out var dtype))
        {
            leftOut.Add(new LeftOut(name, $"{type} is no type of weights"));
            return;
        }

        if (RawTensor.SizeWithin(shape, dtype, elements.Length) != elements.Length)
        {
            throw new UnreadableInputException(
                $"{file.Name} is damaged: {name} is {type} ({string.Join(", ", shape)}) and has {elements.Length} bytes. Copy or export it again."
            );
        }

        found.Add(new RawTensor(new TensorInfo(name, dtype, new Shape(shape)), file, reader.Position));
    }
}
