namespace LstmConvert.Formats.Hdf5;

/// <summary>The messages of an object header by their number (File Format Specification 3.0, IV.A.2).</summary>
internal enum MessageType
{
    None = 0x00,
    Dataspace = 0x01,
    LinkInfo = 0x02,
    Datatype = 0x03,
    OldFillValue = 0x04,
    FillValue = 0x05,
    Link = 0x06,
    ExternalFiles = 0x07,
    Layout = 0x08,
    GroupInfo = 0x0a,
    Filters = 0x0b,
    Attribute = 0x0c,
    SharedTable = 0x0f,
    Continuation = 0x10,
    SymbolTable = 0x11,
    TreeK = 0x13,
    Driver = 0x14,
    AttributeInfo = 0x15,
    LastKnown = 0x18,
}

/// <summary>
/// What an object is made of: a list of messages in one or more blocks (File Format Specification 3.0, IV.A.1). <code>
/// version 1                                       version 2
/// 1 version, 1 reserved, 2 number of messages     4 "OHDR", 1 version, 1 flags [16 times] [4 attribute limits]
/// 4 references, 4 bytes of messages, 4 reserved   1 to 8 bytes of messages
/// message: 2 type, 2 size, 1 flags, 3 reserved    message: 1 type, 2 size, 1 flags [2 order]
/// more: as the messages above                     more: 4 "OCHK", messages; 4 checksum at the end of each block
/// </code>
/// </summary>
internal sealed class ObjectHeader
{
    /// <summary>The most blocks that an object's messages may be spread over.</summary>
    public const int MaximumBlocks = 4096;

    private const int IsShared = 0x02;
    private const int NeverShared = 0x04;
    private const int RefuseUnknownWhenWritten = 0x08;
    private const int MarkUnknown = 0x10;
    private const int WasUnknown = 0x20;
    private const int MayBeShared = 0x40;
    private const int RefuseUnknown = 0x80;

    private readonly List<(MessageType Type, int Flags, Hdf5Fields Fields)> messages = [];
    private readonly Queue<(long Address, long Length)> more = new();
    private readonly HashSet<long> seen = [];
    private readonly Superblock superblock;
    private readonly string what;
    private int version;
    private int headBytes;

    private ObjectHeader(Superblock superblock, long address)
    {
        this.superblock = superblock;
        Address = address;
        what = "an object header";
    }

    /// <summary>Where it begins: what tells one object from another.</summary>
    public long Address { get; }

    /// <summary>The file that it is in.</summary>
    public Superblock Superblock => superblock;

    private Hdf5Bytes File => superblock.File;

    /// <summary>Reads all messages of an object.</summary>
    public static ObjectHeader Read(Superblock superblock, long address)
    {
        var header = new ObjectHeader(superblock, address);
        if (superblock.File.Structure(address, 4, header.what).U32() == 0x5244484f)
        {
            header.ReadNew();
        }
        else
        {
            header.ReadOld();
        }

        while (header.more.TryDequeue(out var block))
        {
            header.ReadContinuation(block.Address, block.Length);
        }

        return header;
    }

    /// <summary>True if there is a message of a type.</summary>
    public bool Has(MessageType type) => messages.Exists(message => message.Type == type);

    /// <summary>The messages of a type, each as fields of its own.</summary>
    public IEnumerable<Hdf5Fields> All(MessageType type) => messages.Where(message => message.Type == type).Select(message =>
        Resolved(message.Type, message.Flags, message.Fields));

    /// <summary>The one message of a type, or null.</summary>
    public Hdf5Fields? Find(MessageType type)
    {
        var found = All(type).Take(2).ToArray();
        return found.Length < 2 ? found.FirstOrDefault() : throw found[1].Damaged($"stands twice in one object header ({type})");
    }

    /// <summary>A message that an object cannot be without.</summary>
    public Hdf5Fields Needed(MessageType type) => Find(type) ?? throw File.Damaged(what, Address, $"has no message {type}");

    /// <summary>A message that lies in the header of another object, as a committed datatype does, or in the file's heap of shared messages
    /// (IV.A.2, shared message).</summary>
    public static Hdf5Fields Shared(Superblock superblock, Hdf5Fields fields, MessageType type)
    {
        var file = superblock.File;
        var version = fields.Version(1, 3);
        var kind = fields.U8();
        if (version == 1)
        {
            fields.Skip(6 + file.LengthSize);
        }
        else if (version == 3 && kind == 1)
        {
            return superblock.InHeap(type, fields.Bytes(SharedMessages.IdBytes), fields);
        }
        else if (kind != 2 && (version == 3 || kind != 0))
        {
            throw fields.Damaged($"shares a message of the kind {kind}, which is not known");
        }

        // The other object's own message may not be shared once more: this ends after one step.
        var other = Read(superblock, fields.PlaceThere());
        var found = other.messages.Where(message => message.Type == type).ToArray();
        return found is [var one] && (one.Flags & IsShared) == 0 ? one.Fields : throw fields.Damaged("shares a message that is not there");
    }

    private Hdf5Fields Resolved(MessageType type, int flags, Hdf5Fields fields)
    {
        fields.MoveTo(0);
        if ((flags & IsShared) == 0)
        {
            return fields;
        }

        var shared = Shared(superblock, fields, type);
        shared.MoveTo(0);
        return shared;
    }

    private void ReadOld()
    {
        var prefix = File.Structure(Address, 16, what);
        version = prefix.Version(1, 1);
        headBytes = 8;
        prefix.Skip(1);
        var count = prefix.U16();
        prefix.Skip(4);
        var length = (long)prefix.U32();
        if (count == 0 ? length > 0 : length < headBytes)
        {
            throw prefix.Damaged($"says {count} messages in {length} bytes");
        }

        Messages(File.Structure(Address + 16, length, what), (int)length);
    }

    private void ReadNew()
    {
        var prefix = File.Structure(Address, 6, what);
        prefix.Skip(4);
        version = prefix.Version(2, 2);
        var flags = prefix.Flags(0x3f);
        headBytes = (flags & 0x04) != 0 ? 6 : 4;
        var sizeBytes = 1 << (flags & 3);
        var begin = 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0) + sizeBytes;
        var sizes = File.Structure(Address, begin, what);
        sizes.MoveTo(begin - sizeBytes);
        var length = sizes.Size(sizeBytes);
        File.Within(Address, length, what);
        var fields = File.Structure(Address, begin + length + 4, what);
        Checksum(fields);
        fields.MoveTo(begin);
        Messages(fields, fields.Length - 4);
    }

    private void ReadContinuation(long address, long length)
    {
        if (!seen.Add(address) || seen.Count > MaximumBlocks)
        {
            throw File.Damaged(what, Address, $"goes on at {address} for the {seen.Count}th time");
        }

        if (version == 1)
        {
            Messages(File.Structure(address, length, what), checked((int)length));
            return;
        }

        File.Within(address, length, what);
        if (length < 8)
        {
            throw File.Damaged(what, Address, $"goes on with {length} bytes");
        }

        var fields = File.Structure(address, length, what);
        Checksum(fields);
        fields.MoveTo(0);
        fields.Signature("OCHK"u8);
        Messages(fields, fields.Length - 4);
    }

    private static void Checksum(Hdf5Fields fields)
    {
        fields.MoveTo(fields.Length - 4);
        fields.Checksum();
    }

    private void Messages(Hdf5Fields block, int end)
    {
        while (end - block.At >= headBytes)
        {
            var type = (MessageType)(version == 1 ? block.U16() : block.U8());
            var size = block.U16();
            var flags = block.U8();
            block.Skip(headBytes - (version == 1 ? 5 : 4));
            if (size > end - block.At || (version == 1 && size % 8 != 0))
            {
                throw block.Damaged($"has a message of {size} bytes where {end - block.At} are left");
            }

            CheckFlags(block, type, flags);
            var fields = block.Part(size, $"the message {type}");
            if (type == MessageType.Continuation)
            {
                var at = fields.PlaceThere();
                more.Enqueue((at, fields.Size()));
            }
            else if (type != MessageType.None)
            {
                messages.Add((type, flags, fields));
            }
        }

        if (block.Before(end)[block.At..].ContainsAnyExcept((byte)0))
        {
            throw block.Damaged($"has {end - block.At} bytes behind its last message");
        }
    }

    private static void CheckFlags(Hdf5Fields block, MessageType type, int flags)
    {
        bool Are(int wanted) => (flags & wanted) == wanted;
        var isOfSharedKind =
            type
            is MessageType.Dataspace
                or MessageType.Datatype
                or MessageType.OldFillValue
                or MessageType.FillValue
                or MessageType.Filters
                or MessageType.Attribute;
        if (
            Are(IsShared | NeverShared)
            || Are(WasUnknown | RefuseUnknownWhenWritten)
            || (Are(WasUnknown) && !Are(MarkUnknown))
            || (Are(MayBeShared) && !isOfSharedKind && type <= MessageType.LastKnown)
            || (Are(IsShared) && !isOfSharedKind))
        {
            throw block.Damaged($"has a message {type} with the flags 0x{flags:x2}, which exclude each other");
        }

        if (type > MessageType.LastKnown && (flags & RefuseUnknown) != 0)
        {
            throw block.File.Refused(block.What, $"has a message of type {(int)type}, which is not known and may not be left out");
        }
    }
}
