namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// An entry of a symbol node (File Format Specification 3.0, III.C): <code>
/// address of the name in the heap, address of the object header, 4 cache: 0 nothing, 1 group, 2 soft link, 4 reserved, 16 cached
/// </code>
/// </summary>
/// <param name="NameOffset">Where the name is in the local heap.</param>
/// <param name="Header">The object's header.</param>
/// <param name="IsSoft">True for a soft link.</param>
/// <param name="TargetOffset">Where a soft link's text is in the local heap.</param>
internal sealed record SymbolEntry(long NameOffset, long Header, bool IsSoft, long TargetOffset)
{
    public static SymbolEntry Read(Hdf5Fields fields)
    {
        var name = fields.Size();
        var header = fields.Place();
        var cache = fields.U32();
        fields.Skip(4);
        var target = (long)fields.U32();
        fields.Skip(12);
        return cache > 2 || (header < 0 && cache != 2)
            ? throw fields.Damaged($"has an entry of the unknown kind {cache}, or without an object")
            : new SymbolEntry(name, header, cache == 2, target);
    }
}
