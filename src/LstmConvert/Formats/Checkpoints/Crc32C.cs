using System.Buffers.Binary;
using System.Numerics;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// The checksum of TensorFlow's checkpoints: CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), stored masked
/// (tensorflow/core/lib/hash/crc32c.h). <c>System.IO.Hashing.Crc32</c> is another polynomial.
/// </summary>
internal static class Crc32C
{
    private const uint MaskDelta = 0xa282ead8;

    /// <summary>The checksum of bytes, or of bytes that follow others.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="preceding">The checksum of what precedes them.</param>
    public static uint Append(ReadOnlySpan<byte> bytes, uint preceding = 0)
    {
        var crc = ~preceding;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    /// <summary>The form that is stored, so that a checksum over checksums stays meaningful.</summary>
    /// <param name="crc">The checksum.</param>
    public static uint Mask(uint crc) => unchecked(BitOperations.RotateRight(crc, 15) + MaskDelta);
}
