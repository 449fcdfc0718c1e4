namespace LstmConvert.Formats.Hdf5;

/// <summary>A group or a dataset, whichever names lead to it.</summary>
internal sealed class Hdf5Object(Superblock superblock, ObjectHeader header)
{
    private IReadOnlyDictionary<string, Link>? links;
    private IReadOnlyDictionary<string, AttributeMessage>? attributes;

    public ObjectHeader Header => header;

    /// <summary>What it is; a datatype that stands for itself is neither group nor dataset.</summary>
    public Hdf5Kind Kind { get; } = KindOf(superblock, header);

    public IReadOnlyDictionary<string, Link> Links => links ??= Hdf5.Links.Read(superblock, header);

    public IReadOnlyDictionary<string, AttributeMessage> Attributes => attributes ??= AttributeMessage.Read(superblock, header);

    private static Hdf5Kind KindOf(Superblock superblock, ObjectHeader header)
    {
        if (Hdf5.Links.AreIn(header))
        {
            return Hdf5Kind.Group;
        }

        if (header.Has(MessageType.Datatype) && header.Has(MessageType.Dataspace))
        {
            return Hdf5Kind.Dataset;
        }

        _ = Datatype.Read(header.Find(MessageType.Datatype)
            ?? throw superblock.File.Damaged("an object header", header.Address, "is of no group, dataset or datatype"));
        return Hdf5Kind.Other;
    }
}
