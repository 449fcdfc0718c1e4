using System.Buffers;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>Base-128 integers, low groups first, as tables and protocol buffers store them; at most 10 bytes.</summary>
internal static class Varint
{
    /// <summary>Reads one, and moves behind it.</summary>
    /// <returns>False if it runs over the end, or over 64 bits, or is longer than its value needs (no writer does that, a flipped bit
    /// does).</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, ref int at, out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 64 && at < source.Length; shift += 7)
        {
            var b = source[at++];
            if (shift == 63 && b > 1)
            {
                return false;
            }

            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
            {
                return b != 0 || shift == 0;
            }
        }

        return false;
    }

    /// <summary>Writes one.</summary>
    public static void Write(IBufferWriter<byte> destination, ulong value)
    {
        var bytes = destination.GetSpan(10);
        var count = 0;
        while (value >= 0x80)
        {
            bytes[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[count++] = (byte)value;
        destination.Advance(count);
    }
}
