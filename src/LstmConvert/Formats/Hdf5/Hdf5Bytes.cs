using LstmConvert.Files;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// The bytes of an HDF5 file, by address: every address and length is compared with the stored end of the file before anything is
/// allocated, and all structures together may have so many bytes as an honest file of this length could need.
/// </summary>
/// <param name="source">The file, or the member of an archive.</param>
internal sealed class Hdf5Bytes(ByteSource source)
{
    /// <summary>The address that means none: all bits set in the file.</summary>
    public const long Undefined = -1;

    /// <summary>Bytes of structures that any file may have, whatever its length.</summary>
    public const long StructureBytes = 32L << 20;

    /// <summary>Times that the file's own length may be read as structures: a symbol node or a heap that several objects share.</summary>
    public const int StructureReads = 16;

    /// <summary>What a structure costs beside its bytes, in bytes: nothing is free, not even one without content.</summary>
    private const int Overhead = 64;

    private long left = StructureBytes + (StructureReads * source.Length);

    /// <summary>What a message calls the file.</summary>
    public string Name => source.Name;

    /// <summary>The number of bytes of the file.</summary>
    public long FileLength => source.Length;

    /// <summary>Where address 0 lies: the superblock, behind the user block.</summary>
    public long Base { get; set; }

    /// <summary>The first address behind all that HDF5 knows of.</summary>
    public long End { get; set; } = source.Length;

    /// <summary>False to read structures whose checksum is wrong: what is behind the checksums must hold by itself.</summary>
    public bool VerifiesChecksums { get; init; } = true;

    /// <summary>Bytes of an address.</summary>
    public int AddressSize { get; set; } = 8;

    /// <summary>Bytes of a length.</summary>
    public int LengthSize { get; set; } = 8;

    /// <summary>Reads a structure.</summary>
    /// <param name="address">Where it begins.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <exception cref="UnreadableInputException">It is not within the file, or the file asks for too much.</exception>
    public Hdf5Fields Structure(long address, long length, string what)
    {
        Within(address, length, what);
        Charge(length, what);
        var bytes = new byte[length];
        source.Read(Base + address, bytes);
        return new Hdf5Fields(this, bytes, what, address);
    }

    /// <summary>Reads elements of a dataset.</summary>
    /// <param name="address">Where they begin.</param>
    /// <param name="destination">Filled completely.</param>
    public void Elements(long address, Span<byte> destination) => source.Read(Base + address, destination);

    /// <summary>Refuses what does not lie within the file.</summary>
    public void Within(long address, long length, string what)
    {
        if (address < 0 || length < 0 || address > End || length > End - address)
        {
            throw Damaged(what, address, $"has {length} bytes, and the file ends at {End}");
        }
    }

    /// <summary>Counts work that a file asks for, and refuses more than an honest file of this length could need.</summary>
    public void Charge(long bytes, string what)
    {
        if ((left -= bytes + Overhead) < 0)
        {
            throw new UnreadableInputException(
                $"{Name}: with {what} the structures of the file add up to more than {StructureBytes + (StructureReads * FileLength)} bytes, and it has {FileLength}: they are read again and again. The file is damaged or made to hang; save it again."
            );
        }
    }

    /// <summary>A sentence about a damaged structure.</summary>
    public UnreadableInputException Damaged(string what, long address, string problem) =>
        new($"{Name}: {what} at offset {(address < 0 ? "(none)" : Base + address)} {problem}. The file is damaged; copy or save it again.");

    /// <summary>A sentence about something that is not read.</summary>
    public UnreadableInputException Refused(string what, string problem,
        string remedy = "Save it again with Keras or h5py, without that") =>
        new($"{Name}: {what} {problem}. {remedy}.");
}
