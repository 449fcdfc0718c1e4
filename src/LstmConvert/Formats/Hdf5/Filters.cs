using System.Buffers.Binary;
using System.IO.Compression;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// How chunks are packed (File Format Specification 3.0, IV.A.2.l): <code>
/// version 1: 1 version, 1 count, 6 reserved; each: 2 number, 2 bytes of the name, 2 flags, 2 values; name padded to 8; 4 each, padded to 8
/// version 2: 1 version, 1 count;             each: 2 number, [2 bytes of the name, from number 256 on], 2 flags, 2 values; [name]; 4 each
/// </code>
/// Gzip (1), shuffle (2) and Fletcher-32 (3) are read; any other filter is refused by name.
/// </summary>
internal sealed class Filters
{
    private const int MaximumFilters = 32;
    private const int Gzip = 1;
    private const int Shuffle = 2;
    private const int Fletcher32 = 3;
    private const int ChecksumBytes = 4;

    private static readonly Dictionary<int, string> Known = new()
    {
        [4] = "szip",
        [5] = "nbit",
        [6] = "scale-offset",
        [32000] = "LZF",
        [32001] = "Blosc",
        [32004] = "LZ4",
        [32008] = "bitshuffle",
        [32013] = "ZFP",
        [32015] = "Zstandard"
    };

    private readonly Hdf5Bytes file;
    private readonly List<(int Number, uint[] Values)> steps = [];

    private Filters(Hdf5Bytes file) => this.file = file;

    /// <summary>The number of filters.</summary>
    public int Count => steps.Count;

    /// <summary>Reads the filters of a dataset; none if it has no such message.</summary>
    public static Filters Read(Superblock superblock, ObjectHeader header)
    {
        var filters = new Filters(superblock.File);
        if (header.Find(MessageType.Filters) is not { } fields)
        {
            return filters;
        }

        var version = fields.Version(1, 2);
        var count = fields.U8();
        fields.Skip(version == 1 ? 6 : 0);
        if (count is 0 or > MaximumFilters)
        {
            throw fields.Damaged($"has {count} filters; 1 to {MaximumFilters} are expected");
        }

        for (; count > 0; count--)
        {
            filters.Add(fields, version);
        }

        return filters;
    }

    /// <summary>Unpacks a chunk.</summary>
    /// <param name="stored">The bytes as they lie in the file.</param>
    /// <param name="mask">The filters that were left out for this chunk, a bit each.</param>
    /// <param name="chunkBytes">Its bytes when unpacked.</param>
    /// <param name="address">Where it lies, for messages.</param>
    public byte[] Unpack(byte[] stored, uint mask, int chunkBytes, long address)
    {
        var bytes = stored;
        for (var k = steps.Count - 1; k >= 0; k--)
        {
            if ((mask & (1u << k)) == 0)
            {
                bytes = steps[k].Number switch
                {
                    // What comes before it on the way to the disk may add a checksum: each filter's output is at most that much longer.
                    Gzip => Inflate(bytes, chunkBytes + (k * ChecksumBytes), address),
                    Shuffle => Unshuffle(bytes, steps[k].Values[0]),
                    _ => Checked(bytes, address),
                };
            }
        }

        return bytes.Length == chunkBytes ? bytes
            : throw Damaged(address, $"unpacks to {bytes.Length} bytes, and a chunk has {chunkBytes}");
    }

    private void Add(Hdf5Fields fields, int version)
    {
        var number = fields.U16();
        var nameBytes = version == 1 || number >= 256 ? fields.U16() : 0;
        fields.Skip(2);
        var count = fields.U16();
        var name = fields.Decode(fields.Bytes(version == 1 ? (nameBytes + 7) / 8 * 8 : nameBytes).Span).TrimEnd('\0');
        if (count > fields.Left / 4)
        {
            throw fields.Damaged($"has a filter of {count} values in {fields.Left} bytes");
        }

        var values = Enumerable.Range(0, count).Select(_ => fields.U32()).ToArray();
        fields.Skip(version == 1 && count % 2 == 1 ? 4 : 0);
        if (number is not (Gzip or Shuffle or Fletcher32))
        {
            throw file.Refused(
                "a dataset",
                $"is packed by the filter {number} ({(Known.TryGetValue(number, out var known) ? known : name)}); gzip, shuffle and fletcher32 are read",
                "Repack it with h5repack, as GZIP=4");
        }

        if (number == Shuffle && (values.Length == 0 || values[0] == 0))
        {
            throw fields.Damaged("has a shuffle filter without the size of an element");
        }

        steps.Add((number, values));
    }

    /// <summary>A zlib stream (RFC 1950): 2 bytes of head, deflated bytes, the Adler-32 of what comes out.</summary>
    private byte[] Inflate(byte[] stored, int most, long address)
    {
        if (stored.Length < 6 || (stored[0] & 0x0f) != 8 || ((stored[0] << 8) | stored[1]) % 31 != 0 || (stored[1] & 0x20) != 0)
        {
            throw Damaged(address, "is no zlib stream");
        }

        var bytes = new byte[most];
        var count = 0;
        try
        {
            using var stream = new DeflateStream(new MemoryStream(stored, 2, stored.Length - 6), CompressionMode.Decompress);
            count = stream.ReadAtLeast(bytes, most, throwOnEndOfStream: false);
            if (count == most && stream.ReadByte() >= 0)
            {
                throw Damaged(address, $"unpacks to more than {most} bytes");
            }
        }
        catch (InvalidDataException e)
        {
            throw new UnreadableInputException($"{Damaged(address, "is no zlib stream").Message} ({e.Message})", e);
        }

        var adler = Adler32(bytes.AsSpan(0, count));
        var said = BinaryPrimitives.ReadUInt32BigEndian(stored.AsSpan(stored.Length - 4));
        return adler == said ? count == most ? bytes : bytes[..count]
            : throw Damaged(address, $"has the Adler-32 {said:x8}, and its bytes give {adler:x8}");
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        const uint modulus = 65521;
        const int block = 5552;
        var (a, b) = (1u, 0u);
        while (bytes.Length > 0)
        {
            foreach (var value in bytes[..Math.Min(block, bytes.Length)])
            {
                a += value;
                b += a;
            }

            (a, b) = (a % modulus, b % modulus);
            bytes = bytes[Math.Min(block, bytes.Length)..];
        }

        return (b << 16) | a;
    }

    /// <summary>The first bytes of all elements, then the second ones …; what is left of a part of an element stays.</summary>
    private static byte[] Unshuffle(byte[] stored, uint size)
    {
        var count = (int)(stored.Length / size);
        if (size == 1 || count < 2)
        {
            return stored;
        }

        var bytes = new byte[stored.Length];
        for (var k = 0; k < count * (int)size; k++)
        {
            bytes[(k % count * (int)size) + (k / count)] = stored[k];
        }

        stored.AsSpan(count * (int)size).CopyTo(bytes.AsSpan(count * (int)size));
        return bytes;
    }

    /// <summary>A Fletcher-32 of the bytes before it; HDF5 before 1.6.3 wrote its halves the other way round.</summary>
    private byte[] Checked(byte[] stored, long address)
    {
        if (stored.Length < ChecksumBytes)
        {
            throw Damaged(address, "is shorter than its checksum");
        }

        var said = BinaryPrimitives.ReadUInt32LittleEndian(stored.AsSpan(stored.Length - ChecksumBytes));
        var computed = Hdf5Checksums.Fletcher32(stored.AsSpan(0, stored.Length - ChecksumBytes));
        var reversed = ((computed & 0x00ff00ff) << 8) | ((computed >> 8) & 0x00ff00ff);
        return said == computed || said == reversed ? stored[..^ChecksumBytes]
            : throw Damaged(address, $"has the Fletcher-32 {said:x8}, and its bytes give {computed:x8}");
    }

    private UnreadableInputException Damaged(long address, string problem) => file.Damaged("a chunk", address, problem);
}
