using System.Buffers;
using System.Buffers.Binary;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>Writes a <see cref="LevelDbTable"/> as TensorFlow does (tensorflow/core/lib/io/table_builder.cc): never compressed, blocks of
/// 256 KiB, a restart every 16 entries.</summary>
internal sealed class LevelDbTableWriter
{
    private const int BlockBytes = 262_144;
    private const int RestartInterval = 16;

    private readonly ArrayBufferWriter<byte> file = new();
    private readonly Block data = new(RestartInterval);
    private readonly Block index = new(1);
    private byte[]? last;
    private (long Offset, long Size)? pending;

    /// <summary>The bytes of a table.</summary>
    /// <param name="entries">Keys and values in ascending order of the keys' bytes.</param>
    public static byte[] Write(IEnumerable<KeyValuePair<byte[], byte[]>> entries)
    {
        var writer = new LevelDbTableWriter();
        foreach (var (key, value) in entries)
        {
            writer.Add(key, value);
        }

        return writer.Finish();
    }

    private void Add(byte[] key, byte[] value)
    {
        if (last is not null && last.AsSpan().SequenceCompareTo(key) >= 0)
        {
            throw new ArgumentException("The keys of a table ascend.");
        }

        // A large entry starts a block of its own.
        if (!data.IsEmpty && key.Length + value.Length >= 2 * BlockBytes)
        {
            Flush();
        }

        if (pending is { } handle)
        {
            index.Add(Separator(last!, key), Handle(handle));
            pending = null;
        }

        data.Add(key, value);
        last = key;
        if (data.Size >= BlockBytes)
        {
            Flush();
        }
    }

    private void Flush()
    {
        if (!data.IsEmpty)
        {
            pending = WriteBlock(data);
        }
    }

    private byte[] Finish()
    {
        Flush();
        var metaindex = WriteBlock(new Block(RestartInterval));
        if (pending is { } handle)
        {
            index.Add(Successor(last!), Handle(handle));
        }

        var footer = new byte[LevelDbTable.FooterBytes];
        byte[] handles = [.. Handle(metaindex), .. Handle(WriteBlock(index))];
        handles.CopyTo(footer, 0);
        LevelDbTable.Magic.CopyTo(footer.AsSpan(LevelDbTable.FooterBytes - 8));
        file.Write(footer);
        return file.WrittenSpan.ToArray();
    }

    private (long Offset, long Size) WriteBlock(Block block)
    {
        var offset = file.WrittenCount;
        var contents = block.Finish();
        Span<byte> trailer = stackalloc byte[LevelDbTable.TrailerBytes];
        trailer[0] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(trailer[1..], Crc32C.Mask(Crc32C.Append(trailer[..1], Crc32C.Append(contents))));
        file.Write(contents);
        file.Write(trailer);
        return (offset, contents.Length);
    }

    private static byte[] Handle((long Offset, long Size) block)
    {
        var bytes = new ArrayBufferWriter<byte>();
        Varint.Write(bytes, (ulong)block.Offset);
        Varint.Write(bytes, (ulong)block.Size);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>A short key between two: the first cut behind its first different byte, that byte one higher, where that stays below the
    /// second.</summary>
    private static byte[] Separator(byte[] low, byte[] high)
    {
        var at = low.AsSpan().CommonPrefixLength(high);
        return at < low.Length && at < high.Length && low[at] < 0xff && low[at] + 1 < high[at] ? [.. low[..at], (byte)(low[at] + 1)] : low;
    }

    /// <summary>A short key that is not below: cut behind the first byte that can be one higher.</summary>
    private static byte[] Successor(byte[] key)
    {
        var at = key.AsSpan().IndexOfAnyExcept((byte)0xff);
        return at < 0 ? key : [.. key[..at], (byte)(key[at] + 1)];
    }

    /// <summary>A block that grows entry by entry.</summary>
    private sealed class Block(int interval)
    {
        private readonly ArrayBufferWriter<byte> bytes = new();
        private readonly List<uint> restarts = [0];
        private byte[] last = [];
        private int sinceRestart;

        public bool IsEmpty => bytes.WrittenCount == 0;

        public long Size => bytes.WrittenCount + (4 * restarts.Count) + 4;

        public void Add(byte[] key, byte[] value)
        {
            var shared = 0;
            if (sinceRestart < interval)
            {
                shared = last.AsSpan().CommonPrefixLength(key);
            }
            else
            {
                restarts.Add((uint)bytes.WrittenCount);
                sinceRestart = 0;
            }

            Varint.Write(bytes, (ulong)shared);
            Varint.Write(bytes, (ulong)(key.Length - shared));
            Varint.Write(bytes, (ulong)value.Length);
            bytes.Write(key.AsSpan(shared));
            bytes.Write(value);
            last = key;
            sinceRestart++;
        }

        public byte[] Finish()
        {
            Span<byte> number = stackalloc byte[4];
            foreach (var restart in restarts.Append((uint)restarts.Count))
            {
                BinaryPrimitives.WriteUInt32LittleEndian(number, restart);
                bytes.Write(number);
            }

            var contents = bytes.WrittenSpan.ToArray();
            bytes.ResetWrittenCount();
            restarts.Clear();
            restarts.Add(0);
            last = [];
            sinceRestart = 0;
            return contents;
        }
    }
}
