using System.Buffers.Binary;
using LstmConvert.Files;
using LstmConvert.TensorFlow;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// A tensor of texts (DT_STRING): the lengths as varints, the masked crc32c of the lengths (each as 4 bytes, 8 if it needs them),
/// the texts one after the other. A tensor of any other kind without a fixed size is only measured.
/// </summary>
internal sealed class TextTensor(TensorInfo info, ByteSource? file, BundleEntryProto entry, bool verify) : Tensor(info)
{
    /// <summary>The largest text tensor that is read: an object graph of a million objects takes less.</summary>
    private const int MaximumBytes = 256 << 20;

    /// <summary>True if the file with the texts is there.</summary>
    public bool HasValues => file is not MissingBytes;

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
            throw new UnreadableInputException(
                $"{Name} has {entry.Size} bytes of text for {Shape.ElementCount} elements; {MaximumBytes} bytes is the most that is read.");
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
            throw new UnreadableInputException(
                $"{Name} does not match its checksum, in {entry.Size} bytes at offset {entry.Offset} of {file.Name}. The file is damaged or of another save; copy or download it again."
            );
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
