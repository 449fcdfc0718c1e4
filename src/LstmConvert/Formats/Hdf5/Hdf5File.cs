using LstmConvert.Files;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// An HDF5 file that is read: groups, their attributes, and datasets as tensors (HDF5 File Format Specification 3.0, all that h5py, Keras
/// and this library write). Whatever the bytes are, they are read as HDF5 means them or refused in a sentence; nothing outside the file is
/// ever opened.
/// </summary>
internal sealed class Hdf5File : IDisposable
{
    /// <summary>A member of an archive up to this size, in bytes, is held in memory; a larger one is unpacked into a temporary
    /// file.</summary>
    private const int MostHeld = 64 << 20;

    private readonly ByteSource source;
    private readonly Dictionary<long, Hdf5Object> objects = [];
    private readonly Action? dispose;

    private Hdf5File(ByteSource source, Action? dispose, bool verifyChecksums)
    {
        (this.source, this.dispose) = (source, dispose);
        Superblock = Superblock.Read(source, verifyChecksums);
        Root = new Hdf5Node(this, "", Object(Superblock.Root), []);
    }

    /// <summary>The file, or the member of an archive.</summary>
    public string Path => source.Name;

    /// <summary>The group that all others are below.</summary>
    public Hdf5Node Root { get; }

    /// <summary>The beginning of the file.</summary>
    public Superblock Superblock { get; }

    /// <summary>Structures are read by one thread at a time; elements of datasets by any number.</summary>
    internal Lock Turn { get; } = new();

    /// <summary>True if a file begins like HDF5, or does so behind a user block.</summary>
    /// <param name="path">The path.</param>
    public static bool Matches(string path)
    {
        try
        {
            if (InputFile.LengthOrNone(path) <= 0)
            {
                return false;
            }

            using var file = new OpenFileBytes(path);
            return Superblock.Find(file) >= 0;
        }
        catch (UnreadableInputException)
        {
            return false;
        }
    }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, or is broken.</exception>
    public static Hdf5File Open(string path)
    {
        var file = new OpenFileBytes(path);
        return Open(file, file.Dispose, true);
    }

    /// <summary>Opens an HDF5 file that is a member of something else; the source stays the caller's.</summary>
    /// <param name="source">Its bytes.</param>
    /// <param name="verifyChecksums">False to read structures whose checksum is wrong.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, or is broken.</exception>
    public static Hdf5File Open(ByteSource source, bool verifyChecksums = true)
    {
        if (source.IsRandomAccess)
        {
            return Open(source, null, verifyChecksums);
        }

        if (source.Length <= MostHeld)
        {
            var bytes = new byte[source.Length];
            source.Read(0, bytes);
            return Open(new HeldBytes(source.Name, bytes), null, verifyChecksums);
        }

        var unpacked = new UnpackedBytes(source);
        return Open(unpacked, unpacked.Dispose, verifyChecksums);
    }

    /// <inheritdoc/>
    public void Dispose() => dispose?.Invoke();

    /// <summary>The object at an address, read once.</summary>
    internal Hdf5Object Object(long address)
    {
        lock (Turn)
        {
            if (!objects.TryGetValue(address, out var found))
            {
                objects.Add(address, found = new Hdf5Object(Superblock, ObjectHeader.Read(Superblock, address)));
            }

            return found;
        }
    }

    private static Hdf5File Open(ByteSource source, Action? dispose, bool verifyChecksums)
    {
        try
        {
            return new Hdf5File(source, dispose, verifyChecksums);
        }
        catch
        {
            dispose?.Invoke();
            throw;
        }
    }
}
