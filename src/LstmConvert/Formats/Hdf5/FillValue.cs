namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// What stands where nothing was written (File Format Specification 3.0, IV.A.2.e and f): <code>
/// old         4 length, value
/// version 1-2 1 version, 1 when allocated, 1 when written: 0 at allocation, 1 never, 2 if set; 1 defined; [4 length, value], in 1 always
/// version 3   1 version, 1 flags: 0-1 when allocated, 2-3 when written, 16 undefined, 32 defined; [4 length, value]
/// </code>
/// </summary>
/// <param name="Value">One element as it lies in the file; zeros unless it is said.</param>
/// <param name="IsWritten">False if the file says that elements which are not there have no value.</param>
internal sealed record FillValue(ReadOnlyMemory<byte> Value, bool IsWritten)
{
    private const int Never = 1;
    private const int IfSet = 2;

    public static FillValue Read(ObjectHeader header, Datatype type)
    {
        var zeros = new byte[Math.Min(type.Size, 1 << 16)];
        if (header.Find(MessageType.FillValue) is { } fields)
        {
            var version = fields.Version(1, 3);
            var flags = version == 3 ? fields.Flags(0x3f) : 0;
            fields.Skip(version == 3 ? 0 : 1);
            var (written, defined) = version == 3 ? ((flags >> 2) & 3, (flags & 0x20) != 0) : (fields.U8(), fields.U8() != 0);
            if (written > IfSet || (version == 3 && (flags & 0x30) == 0x30))
            {
                throw fields.Damaged($"is written at the unknown time {written}, flags 0x{flags:x2}");
            }

            var length = defined || version == 1 ? (int)fields.U32() : 0;
            if (length < (version == 1 ? -1 : 0))
            {
                throw fields.Damaged($"has a value of {length} bytes");
            }

            return new FillValue(length > 0 ? Element(fields, length, type)
                : zeros, written != Never && (version != 3 || (flags & 0x10) == 0) && length >= 0 && (version != 2 || defined));
        }

        return header.Find(MessageType.OldFillValue) is { } old && old.U32() is var size and > 0
            ? new FillValue(Element(old, (int)Math.Min(size, int.MaxValue), type), true) : new FillValue(zeros, true);
    }

    private static ReadOnlyMemory<byte> Element(Hdf5Fields fields, int length, Datatype type) =>
        length == type.Size ? fields.Bytes(length)
            : throw fields.Damaged($"has a fill value of {length} bytes for elements of {type.Size}");
}
