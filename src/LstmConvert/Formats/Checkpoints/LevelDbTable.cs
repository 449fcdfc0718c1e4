using System.Buffers.Binary;
using LstmConvert.Files;
using Snappier;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>
/// A LevelDB table, the container of V2 index files and of V1 checkpoints (tensorflow/core/lib/io/format.cc, table.cc, block.cc):
/// <code>
/// data blocks     contents, type 1 byte (0 plain, 1 Snappy), masked crc32c 4 bytes over contents and type
/// metaindex block empty, the same trailer
/// index block     separator key -> handle of a data block, the same trailer
/// footer          48 bytes: handles of metaindex and index (offset, size as varints), zero padding, magic 57 fb 80 8b 24 75 47 db
/// </code>
/// A block is entries <c>shared, unshared, value length (varints), key delta, value</c>, then restart offsets (4 bytes each) and their
/// number.
/// </summary>
internal sealed class LevelDbTable
{
    /// <summary>Bytes of the footer.</summary>
    public const int FooterBytes = 48;

    /// <summary>Bytes after a block's contents: type and checksum.</summary>
    public const int TrailerBytes = 5;

    /// <summary>Snappy copies at most 64 bytes per 3 bytes of input; a block that claims more is broken.</summary>
    public const int MaximumGrowth = 22;

    /// <summary>The longest key, in bytes: a variable's name, or one of its slices.</summary>
    public const int MaximumKeyBytes = 1 << 15;

    /// <summary>Keys share their beginnings: all of them together are at most this many times as long as the file.</summary>
    public const int MaximumKeyGrowth = 32;

    /// <summary>Keys of this many bytes together are read whatever the file's length.</summary>
    public const int AlwaysReadKeyBytes = 16 << 20;

    /// <summary>The last eight bytes.</summary>
    internal static readonly byte[] Magic = [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb];

    private readonly ByteSource bytes;
    private readonly bool verify;
    private readonly List<(byte[] Last, Handle Block)> blocks = [];

    private LevelDbTable(ByteSource bytes, bool verify)
    {
        this.bytes = bytes;
        this.verify = verify;
    }

    /// <summary>The table's path.</summary>
    public string Name => bytes.Name;

    /// <summary>True if a data block that was read is compressed.</summary>
    public bool IsCompressed { get; private set; }

    /// <summary>True if the file ends like a table.</summary>
    /// <param name="path">A file's path.</param>
    public static bool Matches(string path)
    {
        try
        {
            return InputFile.LengthOrNone(path) >= FooterBytes && Matches(new FileBytes(path));
        }
        catch (UnreadableInputException)
        {
            return false;
        }
    }

    /// <summary>True if the bytes end like a table.</summary>
    public static bool Matches(ByteSource bytes)
    {
        var end = new byte[Magic.Length];
        if (bytes.Length < FooterBytes)
        {
            return false;
        }

        bytes.Read(bytes.Length - end.Length, end);
        return end.AsSpan().SequenceEqual(Magic);
    }

    /// <summary>Opens a table: reads the footer and the index block.</summary>
    /// <param name="path">The file's path.</param>
    /// <param name="verify">False leaves checksums unverified.</param>
    /// <exception cref="UnreadableInputException">The file is no table, is cut off, or a checksum does not match.</exception>
    public static LevelDbTable Open(string path, bool verify) => Open(new FileBytes(path), verify);

    /// <summary>Opens a table in any bytes.</summary>
    public static LevelDbTable Open(ByteSource bytes, bool verify)
    {
        var table = new LevelDbTable(bytes, verify);
        table.ReadIndex();
        return table;
    }

    /// <summary>All entries in the order of their keys, block by block.</summary>
    public IEnumerable<KeyValuePair<byte[], ReadOnlyMemory<byte>>> Entries()
    {
        byte[]? previous = null;
        long keyBytes = 0;
        foreach (var (_, block) in blocks)
        {
            foreach (var entry in Entries(ReadBlock(block), block))
            {
                keyBytes += entry.Key.Length;
                if (keyBytes > Math.Max(AlwaysReadKeyBytes, MaximumKeyGrowth * bytes.Length))
                {
                    throw Broken(
                        $"its keys have more than {keyBytes} bytes, {MaximumKeyGrowth} times the file's {bytes.Length}, which no program's names have"
                    );
                }

                if (previous is not null && previous.AsSpan().SequenceCompareTo(entry.Key) >= 0)
                {
                    throw Broken($"its keys are not in ascending order in the block at offset {block.Offset}");
                }

                previous = entry.Key;
                yield return entry;
            }
        }
    }

    /// <summary>The value under a key, or null.</summary>
    /// <param name="key">The key's bytes.</param>
    public ReadOnlyMemory<byte>? Find(byte[] key)
    {
        foreach (var (last, block) in blocks)
        {
            if (last.AsSpan().SequenceCompareTo(key) >= 0)
            {
                foreach (var entry in Entries(ReadBlock(block), block))
                {
                    if (entry.Key.AsSpan().SequenceEqual(key))
                    {
                        return entry.Value;
                    }
                }

                return null;
            }
        }

        return null;
    }

    private void ReadIndex()
    {
        if (bytes.Length < FooterBytes)
        {
            throw Broken($"it has {bytes.Length} bytes, and the footer alone takes {FooterBytes}");
        }

        var footer = new byte[FooterBytes];
        bytes.Read(bytes.Length - FooterBytes, footer);
        if (!footer.AsSpan(FooterBytes - Magic.Length).SequenceEqual(Magic))
        {
            throw Broken(
                $"it ends in {Convert.ToHexStringLower(footer.AsSpan(FooterBytes - Magic.Length))}, not in the magic number {Convert.ToHexStringLower(Magic)}"
            );
        }

        var end = bytes.Length - FooterBytes;
        var at = 0;
        var metaindex = ReadHandle(footer, ref at, end);
        var index = ReadHandle(footer, ref at, end);
        if (at > FooterBytes - Magic.Length || footer.AsSpan(at, FooterBytes - Magic.Length - at).ContainsAnyExcept((byte)0))
        {
            throw Broken("the padding of its footer is not zero");
        }

        if (Entries(ReadBlock(metaindex), metaindex).Any())
        {
            throw Broken("its metaindex block is not empty");
        }

        long free = 0;
        foreach (var (separator, value) in Entries(ReadBlock(index), index))
        {
            at = 0;
            var block = ReadHandle(value.Span, ref at, end);
            if (block.Offset < free || (blocks.Count > 0 && blocks[^1].Last.AsSpan().SequenceCompareTo(separator) >= 0))
            {
                throw Broken($"its blocks are not in ascending order at offset {block.Offset}");
            }

            free = block.Offset + block.Size + TrailerBytes;
            blocks.Add((separator, block));
        }
    }

    private Handle ReadHandle(ReadOnlySpan<byte> source, ref int at, long end)
    {
        if (
            Varint.TryRead(source, ref at, out var offset)
            && Varint.TryRead(source, ref at, out var size)
            && offset <= (ulong)end
            && size <= (ulong)end - offset
            && (ulong)end - offset - size >= TrailerBytes
            && size <= (ulong)Array.MaxLength - TrailerBytes)
        {
            return new Handle((long)offset, (int)size);
        }

        throw Broken("a block lies outside the file, or its place is unreadable");
    }

    private byte[] ReadBlock(Handle block)
    {
        var stored = new byte[block.Size + TrailerBytes];
        bytes.Read(block.Offset, stored);
        var contents = stored.AsSpan(0, block.Size);
        if (verify)
        {
            var expected = BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(block.Size + 1));
            var actual = Crc32C.Mask(Crc32C.Append(stored.AsSpan(0, block.Size + 1)));
            if (expected != actual)
            {
                throw Broken(
                    $"the block at offset {block.Offset} ({block.Size} bytes) has the checksum {actual:x8} where {expected:x8} is stored");
            }
        }

        switch (stored[block.Size])
        {
            case 0:
                Array.Resize(ref stored, block.Size);
                return stored;
            case 1:
                IsCompressed = true;
                return Decompress(contents, block.Offset);
            default:
                throw Broken($"the block at offset {block.Offset} has the type {stored[block.Size]}; 0 (plain) and 1 (Snappy) exist");
        }
    }

    private byte[] Decompress(ReadOnlySpan<byte> contents, long offset)
    {
        try
        {
            var at = 0;
            if (!Varint.TryRead(contents, ref at, out var length) || length > (ulong)contents.Length * MaximumGrowth)
            {
                throw Broken($"the compressed block at offset {offset} claims a size that it cannot have");
            }

            var result = new byte[length];
            return Snappy.Decompress(contents, result) == result.Length
                ? result
                : throw Broken($"the compressed block at offset {offset} ends early");
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw Broken($"the compressed block at offset {offset} cannot be decompressed", e);
        }
    }

    private IEnumerable<KeyValuePair<byte[], ReadOnlyMemory<byte>>> Entries(byte[] block, Handle handle)
    {
        var restarts = block.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(block.Length - 4)) : uint.MaxValue;
        if (restarts > (uint)(block.Length - 4) / 4)
        {
            throw Broken($"the block at offset {handle.Offset} has no room for its {restarts} restarts");
        }

        var limit = block.Length - 4 - (4 * (int)restarts);
        byte[] key = [];
        for (var at = 0; at < limit;)
        {
            if (!Varint.TryRead(block.AsSpan(0, limit), ref at, out var shared)
                || !Varint.TryRead(block.AsSpan(0, limit), ref at, out var unshared)
                || !Varint.TryRead(block.AsSpan(0, limit), ref at, out var length)
                || shared > (ulong)key.Length || unshared > (ulong)(limit - at) || length > (ulong)(limit - at) - unshared)
            {
                throw Broken($"an entry of the block at offset {handle.Offset} runs over its end");
            }

            if (shared + unshared > MaximumKeyBytes)
            {
                throw Broken(
                    $"a key of the block at offset {handle.Offset} has {shared + unshared} bytes; {MaximumKeyBytes} is the most that is read"
                );
            }

            var next = new byte[shared + unshared];
            key.AsSpan(0, (int)shared).CopyTo(next);
            block.AsSpan(at, (int)unshared).CopyTo(next.AsSpan((int)shared));
            key = next;
            at += (int)unshared;
            yield return KeyValuePair.Create(key, (ReadOnlyMemory<byte>)block.AsMemory(at, (int)length));
            at += (int)length;
        }
    }

    private UnreadableInputException Broken(string what, Exception? inner = null) =>
        new($"{bytes.Name} is no intact checkpoint table: {what}. Copy or download it again.", inner);

    /// <summary>Where a block lies; the size is without the trailer.</summary>
    private readonly record struct Handle(long Offset, int Size);
}
