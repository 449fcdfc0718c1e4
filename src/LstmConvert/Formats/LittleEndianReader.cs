using System.Buffers.Binary;
using System.Text;
using LstmConvert.Files;

namespace LstmConvert.Formats;

/// <summary>Reads numbers from a file front to back; a number that is a count is compared with the bytes that are left.</summary>
/// <param name="file">The file.</param>
/// <param name="start">The first byte.</param>
internal sealed class LittleEndianReader(ByteSource file, long start)
{
    /// <summary>Where the next number begins, in bytes.</summary>
    public long Position { get; private set; } = start;

    /// <summary>An unsigned number of 4 bytes.</summary>
    public uint UInt32()
    {
        Span<byte> bytes = stackalloc byte[4];
        Next(bytes);
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>A signed number of 8 bytes.</summary>
    public long Int64()
    {
        Span<byte> bytes = stackalloc byte[8];
        Next(bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <summary>A count of 8 bytes.</summary>
    /// <param name="most">The largest count that is read.</param>
    /// <param name="each">The least bytes of each.</param>
    /// <param name="what">What is counted.</param>
    /// <exception cref="UnreadableInputException">There are not so many bytes.</exception>
    public int Count(int most, int each, string what)
    {
        var count = Int64();
        return count >= 0 && count <= Math.Min(most, (file.Length - Position) / each)
            ? (int)count
            : throw new UnreadableInputException(
                $"{file.Name} is damaged: it would hold {(ulong)count} {what} in {file.Length - Position} bytes; {most} is the most that is read. Copy or export it again."
            );
    }

    /// <summary>A text with its length in 8 bytes.</summary>
    /// <param name="most">The longest text that is read, in bytes.</param>
    public string Text(int most)
    {
        var bytes = new byte[Count(most, 1, "bytes of a name")];
        Next(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Steps over bytes that are there.</summary>
    /// <param name="count">How many.</param>
    public void Skip(long count) => Position = checked(Position + count);

    private void Next(Span<byte> bytes)
    {
        file.Read(Position, bytes);
        Position += bytes.Length;
    }
}
