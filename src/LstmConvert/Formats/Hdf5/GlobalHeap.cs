namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// Where texts of varying length lie (File Format Specification 3.0, III.E): <code>
/// collection  4 "GCOL", 1 version 1, 3 reserved, bytes in all; objects, each at a multiple of 8
/// object      2 number, 2 references, 4 reserved, length; bytes. Number 0 is the free space at the end
/// </code>
/// </summary>
/// <param name="file">The file.</param>
internal sealed class GlobalHeap(Hdf5Bytes file)
{
    private const string What = "a global heap";

    private readonly Dictionary<long, Dictionary<uint, ReadOnlyMemory<byte>>> collections = [];

    /// <summary>The first bytes of an object.</summary>
    public ReadOnlyMemory<byte> Read(ulong address, uint index, uint length)
    {
        if (address > (ulong)file.End)
        {
            throw file.Damaged("a text of varying length", -1, $"points to {address}, and the file ends at {file.End}");
        }

        if (!collections.TryGetValue((long)address, out var objects))
        {
            collections.Add((long)address, objects = Collection((long)address));
        }

        return objects.TryGetValue(index, out var found) && found.Length >= length ? found[..(int)length]
            : throw file.Damaged(What, (long)address, $"has no object {index} of {length} bytes");
    }

    private Dictionary<uint, ReadOnlyMemory<byte>> Collection(long address)
    {
        var head = file.Structure(address, 8 + file.LengthSize, What);
        head.Signature("GCOL"u8);
        head.Version(1, 1);
        head.Skip(3);
        var fields = file.Structure(address, head.Size(), What);
        var objects = new Dictionary<uint, ReadOnlyMemory<byte>>();
        var headBytes = (8 + file.LengthSize + 7) / 8 * 8;
        fields.MoveTo(Math.Min(fields.Length, headBytes));
        while (fields.Left >= headBytes)
        {
            var (at, index) = (fields.At, fields.U16());
            fields.Skip(6);
            var length = fields.Size();
            if (index == 0)
            {
                if (length != fields.Length - at)
                {
                    throw fields.Damaged($"has {length} free bytes at {at} of {fields.Length}");
                }

                break;
            }

            fields.MoveTo(at + headBytes);
            if (length > fields.Left || !objects.TryAdd((uint)index, fields.Bytes((int)length)))
            {
                throw fields.Damaged($"has the object {index} of {length} bytes at {at} of {fields.Length}, or has it twice");
            }

            fields.Skip(Math.Min(fields.Left, (int)((8 - (length % 8)) % 8)));
        }

        return objects;
    }
}
