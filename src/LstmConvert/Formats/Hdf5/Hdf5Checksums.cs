using System.Buffers.Binary;
using System.Numerics;

namespace LstmConvert.Formats.Hdf5;

/// <summary>The two checksums of HDF5: lookup3 over structures, Fletcher-32 over chunks.</summary>
internal static class Hdf5Checksums
{
    /// <summary>Bob Jenkins' lookup3 (<c>hashlittle</c>, burtleburtle.net/bob/c/lookup3.c) with the initial value 0.</summary>
    public static uint Lookup3(ReadOnlySpan<byte> key)
    {
        var a = 0xdeadbeef + (uint)key.Length;
        var (b, c) = (a, a);
        Span<byte> last = stackalloc byte[12];
        while (key.Length > 12)
        {
            a += BinaryPrimitives.ReadUInt32LittleEndian(key);
            b += BinaryPrimitives.ReadUInt32LittleEndian(key[4..]);
            c += BinaryPrimitives.ReadUInt32LittleEndian(key[8..]);
            (a, b, c) = Mix(a, b, c);
            key = key[12..];
        }

        if (key.Length == 0)
        {
            return c;
        }

        last.Clear();
        key.CopyTo(last);
        a += BinaryPrimitives.ReadUInt32LittleEndian(last);
        b += BinaryPrimitives.ReadUInt32LittleEndian(last[4..]);
        c += BinaryPrimitives.ReadUInt32LittleEndian(last[8..]);
        return Final(a, b, c);
    }

    /// <summary>Fletcher-32 over big-endian 16-bit words, as <c>H5_checksum_fletcher32</c> computes it.</summary>
    public static uint Fletcher32(ReadOnlySpan<byte> bytes)
    {
        var (sum, total) = (0u, 0u);
        for (var words = bytes.Length / 2; words > 0;)
        {
            var block = Math.Min(words, 360);
            words -= block;
            for (; block > 0; block--, bytes = bytes[2..])
            {
                sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
                total += sum;
            }

            (sum, total) = (Fold(sum), Fold(total));
        }

        if (bytes.Length > 0)
        {
            sum += (uint)bytes[0] << 8;
            total += sum;
            (sum, total) = (Fold(sum), Fold(total));
        }

        return (Fold(total) << 16) | Fold(sum);
    }

    private static uint Fold(uint sum) => (sum & 0xffff) + (sum >> 16);

    private static (uint A, uint B, uint C) Mix(uint a, uint b, uint c)
    {
        a = (a - c) ^ BitOperations.RotateLeft(c, 4);
        c += b;
        b = (b - a) ^ BitOperations.RotateLeft(a, 6);
        a += c;
        c = (c - b) ^ BitOperations.RotateLeft(b, 8);
        b += a;
        a = (a - c) ^ BitOperations.RotateLeft(c, 16);
        c += b;
        b = (b - a) ^ BitOperations.RotateLeft(a, 19);
        a += c;
        c = (c - b) ^ BitOperations.RotateLeft(b, 4);
        b += a;
        return (a, b, c);
    }

    private static uint Final(uint a, uint b, uint c)
    {
        c = (c ^ b) - BitOperations.RotateLeft(b, 14);
        a = (a ^ c) - BitOperations.RotateLeft(c, 11);
        b = (b ^ a) - BitOperations.RotateLeft(a, 25);
        c = (c ^ b) - BitOperations.RotateLeft(b, 16);
        a = (a ^ c) - BitOperations.RotateLeft(c, 4);
        b = (b ^ a) - BitOperations.RotateLeft(a, 14);
        return (c ^ b) - BitOperations.RotateLeft(b, 24);
    }
}
