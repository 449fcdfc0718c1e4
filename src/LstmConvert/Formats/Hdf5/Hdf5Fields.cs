using System.Buffers.Binary;
using System.Text;

namespace LstmConvert.Formats.Hdf5;

/// <summary>The fields of a structure, front to back, little-endian. A field beyond its end is refused.</summary>
/// <param name="file">The file.</param>
/// <param name="bytes">The structure's bytes.</param>
/// <param name="what">What it is, for messages.</param>
/// <param name="address">Where it begins.</param>
internal sealed class Hdf5Fields(Hdf5Bytes file, ReadOnlyMemory<byte> bytes, string what, long address)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The file.</summary>
    public Hdf5Bytes File => file;

    /// <summary>What it is, for messages.</summary>
    public string What => what;

    /// <summary>Where it begins.</summary>
    public long Address => address;

    /// <summary>The next field's place.</summary>
    public int At { get; private set; }

    /// <summary>All bytes.</summary>
    public int Length => bytes.Length;

    /// <summary>The bytes that are left.</summary>
    public int Left => bytes.Length - At;

    public byte U8() => Take(1)[0];

    /// <summary>The next byte, without passing it.</summary>
    public byte Peek()
    {
        var next = U8();
        At--;
        return next;
    }

    public int U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    /// <summary>An unsigned number of 1 to 8 bytes.</summary>
    public ulong Number(int size)
    {
        var value = 0UL;
        var field = Take(size);
        for (var k = size - 1; k >= 0; k--)
        {
            value = (value << 8) | field[k];
        }

        return value;
    }

    /// <summary>A length or count; refused if it has no meaning in a file.</summary>
    public long Size(int size) => Number(size) is var value && value <= long.MaxValue ? (long)value
        : throw Damaged($"holds the length {value}");

    /// <summary>A length of the file's own size.</summary>
    public long Size() => Size(file.LengthSize);

    /// <summary>An address; <see cref="Hdf5Bytes.Undefined"/> for none.</summary>
    public long Place()
    {
        var field = Take(file.AddressSize);
        if (!field.ContainsAnyExcept((byte)0xff))
        {
            return Hdf5Bytes.Undefined;
        }

        At -= file.AddressSize;
        var value = Number(file.AddressSize);
        return value <= (ulong)file.End ? (long)value : throw Damaged($"points to {value}, and the file ends at {file.End}");
    }

    /// <summary>An address that must be there.</summary>
    public long PlaceThere() => Place() is >= 0 and var place ? place : throw Damaged("points nowhere");

    public void Skip(int count) => Take(count);

    public ReadOnlyMemory<byte> Bytes(int count)
    {
        Take(count);
        return bytes.Slice(At - count, count);
    }

    /// <summary>A part of this structure as fields of its own.</summary>
    public Hdf5Fields Part(int count, string part) => new(file, Bytes(count), part, address);

    /// <summary>The structure before a place in it.</summary>
    public ReadOnlySpan<byte> Before(int end) => bytes.Span[..end];

    /// <summary>Moves to a place in the structure.</summary>
    public void MoveTo(int place)
    {
        At = 0;
        Take(place);
    }

    public void Signature(ReadOnlySpan<byte> signature)
    {
        if (!Take(signature.Length).SequenceEqual(signature))
        {
            throw Damaged($"begins with {Convert.ToHexStringLower(Before(At))}, not with {Encoding.ASCII.GetString(signature)}");
        }
    }

    /// <summary>A version, one of a range.</summary>
    public int Version(int first, int last) => U8() is var version && version >= first && version <= last ? version
        : throw Damaged(first == last ? $"has version {version}, not {first}" : $"has version {version}, not {first} to {last}");

    /// <summary>Flags of which only some are known.</summary>
    public int Flags(int known) => U8() is var flags && (flags & ~known) == 0 ? flags
        : throw Damaged($"has the flags 0x{flags:x2}, of which 0x{flags & ~known:x2} is not known");

    /// <summary>The checksum of all that stands before it (Jenkins' lookup3), since a place.</summary>
    public void Checksum(int from = 0)
    {
        var computed = Hdf5Checksums.Lookup3(bytes.Span[from..At]);
        var stored = U32();
        if (stored != computed && file.VerifiesChecksums)
        {
            throw Damaged($"has the checksum {stored:x8}, and its bytes give {computed:x8}");
        }
    }

    /// <summary>A name of a known number of bytes that ends with a NUL, or with its last byte.</summary>
    public string Text(int count, bool isTerminated)
    {
        var field = Take(count);
        var text = isTerminated && count > 0 ? field[..^1] : field;
        return (!isTerminated || (count > 0 && field[^1] == 0)) && !text.Contains((byte)0) ? Decode(text)
            : throw Damaged("holds a name that does not end where it should");
    }

    /// <summary>UTF-8, whatever the file says; what is no UTF-8 is refused.</summary>
    public string Decode(ReadOnlySpan<byte> text)
    {
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException)
        {
            throw Damaged($"holds a text that is no UTF-8 ({Convert.ToHexStringLower(text[..Math.Min(text.Length, 16)])})");
        }
    }

    /// <summary>A sentence about this structure.</summary>
    public UnreadableInputException Damaged(string problem) => file.Damaged(what, address, problem);

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count < 0 || count > Left)
        {
            throw Damaged($"ends after {bytes.Length} bytes, and {(long)At + count} are needed");
        }

        At += count;
        return bytes.Span.Slice(At - count, count);
    }
}
