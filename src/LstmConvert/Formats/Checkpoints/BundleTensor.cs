using System.Buffers;
using LstmConvert.Files;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>Bytes of a data file, compared with their checksum before the first is handed out.</summary>
internal sealed class BundleTensor(TensorInfo info, ByteSource? file, BundleEntryProto entry, bool isBigEndian, bool verify) : Tensor(info)
{
    private readonly Lock turn = new();
    private bool isVerified = !verify;

    /// <inheritdoc/>
    internal override bool IsReadAnywhere => file is { IsRandomAccess: true };

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
                        $"{Name} does not match its checksum: {Crc32C.Mask(crc):x8} over {entry.Size} bytes at offset {entry.Offset} of {file?.Name ?? "no file"}, {entry.Crc32C:x8} in the index. The file is damaged or of another save; copy or download it again.",
                        remedies: [new SettingRemedy(Setting.Unchecked)]);
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
