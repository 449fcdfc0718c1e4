using System.Buffers.Binary;
using System.Text;
using LstmConvert.Files;

namespace LstmConvert.Formats.Flax;

/// <summary>What a value of MessagePack is.</summary>
internal enum MessagePackKind
{
    /// <summary>nil, a truth value or a number with a point; its bytes follow.</summary>
    Other,

    /// <summary>A whole number, read.</summary>
    Number,

    /// <summary>A text; its bytes follow.</summary>
    Text,

    /// <summary>Bytes; they follow.</summary>
    Bytes,

    /// <summary>An extension; its bytes follow.</summary>
    Extension,

    /// <summary>A list; its values follow.</summary>
    List,

    /// <summary>A map; its keys and values follow.</summary>
    Map,
}

/// <summary>The head of a value.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Length">The number of bytes, values, or pairs that follow.</param>
internal readonly record struct MessagePackValue(MessagePackKind Kind, long Length)
{
    /// <summary>The number.</summary>
    public long Number { get; init; }

    /// <summary>The type of an extension.</summary>
    public sbyte Type { get; init; }
}

/// <summary>Reads MessagePack (github.com/msgpack/msgpack spec.md) front to back; every length is compared with the bytes that are
/// left.</summary>
/// <param name="file">The file.</param>
/// <param name="start">The first byte.</param>
/// <param name="end">The byte behind the last.</param>
internal sealed class MessagePackReader(ByteSource file, long start, long end)
{
    /// <summary>Where the next value, or what belongs to the last one, begins.</summary>
    public long Position { get; private set; } = start;

    /// <summary>How many values were read; its user counts.</summary>
    public int Values { get; set; }

    /// <summary>Reads the head of the next value.</summary>
    /// <exception cref="UnreadableInputException">It is none, or longer than what is left.</exception>
    public MessagePackValue Next()
    {
        var first = (byte)Unsigned(1);
        return first switch
        {
            < 0x80 => Number(first),
            < 0x90 => Within(MessagePackKind.Map, first & 0x0f, 2),
            < 0xa0 => Within(MessagePackKind.List, first & 0x0f, 1),
            < 0xc0 => Within(MessagePackKind.Text, first & 0x1f, 1),
            0xc0 or 0xc2 or 0xc3 => new(MessagePackKind.Other, 0),
            0xc4 or 0xc5 or 0xc6 => Within(MessagePackKind.Bytes, Unsigned(1 << (first - 0xc4)), 1),
            0xc7 or 0xc8 or 0xc9 => Extension(Unsigned(1 << (first - 0xc7))),
            0xca or 0xcb => Within(MessagePackKind.Other, first == 0xca ? 4 : 8, 1),
            0xcc or 0xcd or 0xce or 0xcf => Number(Unsigned(1 << (first - 0xcc))),
            0xd0 => Number((sbyte)Unsigned(1)),
            0xd1 => Number((short)Unsigned(2)),
            0xd2 => Number((int)Unsigned(4)),
            0xd3 => Number(Unsigned(8)),
            >= 0xd4 and <= 0xd8 => Extension(1L << (first - 0xd4)),
            0xd9 or 0xda or 0xdb => Within(MessagePackKind.Text, Unsigned(1 << (first - 0xd9)), 1),
            0xdc or 0xdd => Within(MessagePackKind.List, Unsigned(first == 0xdc ? 2 : 4), 1),
            0xde or 0xdf => Within(MessagePackKind.Map, Unsigned(first == 0xde ? 2 : 4), 2),
            >= 0xe0 => Number((sbyte)first),
            _ => throw Damaged($"{first:x2} begins no value"),
        };
    }

    /// <summary>Reads a text.</summary>
    /// <param name="most">The longest that is read, in bytes.</param>
    public string Text(int most)
    {
        if (Next() is not { Kind: MessagePackKind.Text } value || value.Length > most)
        {
            throw Damaged($"a text of at most {most} bytes is expected");
        }

        var bytes = new byte[value.Length];
        file.Read(Position, bytes);
        Position += bytes.Length;
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Steps over bytes.</summary>
    /// <param name="count">How many; what a head said.</param>
    public void Skip(long count) => Position += count;

    private static MessagePackValue Number(long number) => new(MessagePackKind.Number, 0) { Number = number };

    private MessagePackValue Extension(long length)
    {
        var type = (sbyte)Unsigned(1);
        return Within(MessagePackKind.Extension, length, 1) with { Type = type };
    }

    private MessagePackValue Within(MessagePackKind kind, long length, int each) => length >= 0 && length <= (end - Position) / each
        ? new(kind, length)
        : throw Damaged($"{length} follow, and {end - Position} bytes are left");

    private long Unsigned(int count)
    {
        if (end - Position < count)
        {
            throw Damaged("it ends within a value");
        }

        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        file.Read(Position, bytes[(8 - count)..]);
        Position += count;
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }

    private UnreadableInputException Damaged(string problem) =>
        new($"{file.Name} is damaged at byte {Position}: {problem}. Copy or export it again.");
}
