namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// An attribute (File Format Specification 3.0, IV.A.2.m): <code>
/// 1 version, 1 flags from version 2 on: 1 type shared, 2 space shared; 2 bytes of the name, 2 of the type, 2 of the space
/// [version 3: 1 character set]; name with its NUL, type, space (in version 1 each padded to 8 bytes); the elements
/// </code>
/// </summary>
internal sealed class AttributeMessage
{
    /// <summary>The most elements of an attribute of texts: a list of 64 KB has no more, and neither has one of varying length.</summary>
    public const int MaximumTexts = 1 << 20;

    private readonly Superblock superblock;
    private readonly ReadOnlyMemory<byte> elements;
    private readonly Hdf5Fields fields;
    private IReadOnlyList<string>? texts;

    private AttributeMessage(Superblock superblock, Hdf5Fields fields)
    {
        (this.superblock, this.fields) = (superblock, fields);
        var version = fields.Version(1, 3);
        var flags = version == 1 ? fields.U8() & 0 : fields.Flags(3);
        var (nameBytes, typeBytes, spaceBytes) = (fields.U16(), fields.U16(), fields.U16());
        if (version == 3 && fields.U8() > 1)
        {
            throw fields.Damaged("names an unknown character set");
        }

        Name = nameBytes > 1 ? fields.Text(nameBytes, isTerminated: true) : throw fields.Damaged($"has a name of {nameBytes} bytes");
        Pad(version, nameBytes);
        var type = fields.Part(typeBytes, $"the datatype of attribute {Name}");
        Pad(version, typeBytes);
        var space = fields.Part(spaceBytes, $"the dataspace of attribute {Name}");
        Pad(version, spaceBytes);
        Type = Datatype.Read((flags & 1) != 0 ? ObjectHeader.Shared(superblock, type, MessageType.Datatype) : type);
        Space = Dataspace.Read((flags & 2) != 0 ? ObjectHeader.Shared(superblock, space, MessageType.Dataspace) : space);
        var wanted = Space.Bytes(Type, fields);
        elements =
            wanted <= fields.Left
                ? fields.Bytes((int)wanted)
                : throw fields.Damaged(
                    $"has {Space.Shape.ElementCount} elements of {Type.Size} bytes in attribute {Name}, and {fields.Left} bytes are left");
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What its elements are.</summary>
    public Datatype Type { get; }

    /// <summary>How many there are.</summary>
    public Dataspace Space { get; }

    /// <summary>The elements as they lie in the file.</summary>
    public ReadOnlyMemory<byte> Elements => elements;

    /// <summary>All attributes of an object, whichever of the two ways they are stored.</summary>
    public static IReadOnlyDictionary<string, AttributeMessage> Read(Superblock superblock, ObjectHeader header)
    {
        var found = new SortedDictionary<string, AttributeMessage>(StringComparer.Ordinal);
        foreach (var attribute in Dense(superblock, header) ?? header.All(MessageType.Attribute).Select(message =>
            new AttributeMessage(superblock, message)))
        {
            if (!found.TryAdd(attribute.Name, attribute))
            {
                throw superblock.File.Damaged("an object header", header.Address, $"has the attribute {attribute.Name} twice");
            }
        }

        return found;
    }

    /// <summary>The texts; one for a scalar. None where there are no elements, whatever their type is.</summary>
    public IReadOnlyList<string> Texts() => texts ??= ReadTexts();

    /// <summary>
    /// Attribute info (IV.A.2.v) says where many attributes lie: <code>
    /// 1 version 0, 1 flags: 1 order kept, 2 order indexed; [2 next order], address of a fractal heap, of a B-tree by name, [by order]
    /// </code>
    /// </summary>
    private static List<AttributeMessage>? Dense(Superblock superblock, ObjectHeader header)
    {
        if (header.Find(MessageType.AttributeInfo) is not { } info)
        {
            return null;
        }

        info.Version(0, 0);
        var flags = info.Flags(3);
        info.Skip((flags & 1) != 0 ? 2 : 0);
        var (heapAddress, treeAddress) = (info.Place(), info.Place());
        if (heapAddress < 0)
        {
            return null;
        }

        var heap = FractalHeap.Open(superblock, heapAddress);
        var last = 0u;
        var attributes = new List<AttributeMessage>();
        foreach (var record in Tree2.Open(superblock, treeAddress, Tree2.AttributeNames).Records())
        {
            var id = record.Left == heap.IdBytes + 9 ? record.Bytes(heap.IdBytes)
                : throw record.Damaged($"has {record.Left} bytes, and {heap.IdBytes + 9} are expected");
            var isShared = (record.U8() & 2) != 0;
            record.Skip(4);
            var attribute = new AttributeMessage(
                superblock,
                isShared ? superblock.InHeap(MessageType.Attribute, id, record) : heap.Read(id, "an attribute"));
            Tree2.CheckName(record, attribute.Name, record.U32(), ref last);
            attributes.Add(attribute);
        }

        return attributes;
    }

    private void Pad(int version, int length) => fields.Skip(version == 1 ? (8 - (length % 8)) % 8 : 0);

    private IReadOnlyList<string> ReadTexts()
    {
        var count = Space.Shape.ElementCount;
        if (count == 0 && Type.Kind != DatatypeKind.StrangeNumber)
        {
            return [];
        }

        if (Type.Kind is not (DatatypeKind.FixedText or DatatypeKind.VariableText) || count > MaximumTexts)
        {
            throw fields.File.Refused($"attribute {Name}", $"holds {count} {Type.Name}, and a text is expected",
                "Save the file again with Keras");
        }

        superblock.File.Charge(elements.Length, $"attribute {Name}");
        var size = (int)Type.Size;
        var heap = superblock.Heap;
        return [.. Enumerable.Range(0, (int)count).Select(k => elements.Slice(k * size, size))
            .Select(element => fields.Decode(Type.Kind == DatatypeKind.FixedText ? Trim(element.Span) : Variable(heap, element)))];
    }

    /// <summary>A reference into a global heap (VIII.D): 4 length, address of the collection, 4 number of the object.</summary>
    private ReadOnlySpan<byte> Variable(GlobalHeap heap, ReadOnlyMemory<byte> element)
    {
        var reference = new Hdf5Fields(fields.File, element, $"attribute {Name}", fields.Address);
        var (length, address, index) = (reference.U32(), reference.Number(fields.File.AddressSize), reference.U32());
        if (address == 0 || length == 0)
        {
            return [];
        }

        fields.File.Charge(length, $"attribute {Name}");
        var text = heap.Read(address, index, length).Span;
        return text.IndexOf((byte)0) is >= 0 and var end ? text[..end] : text;
    }

    /// <summary>A text that ends at a NUL, is filled with NULs, or is filled with spaces.</summary>
    private ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => Type.Padding switch
    {
        0 => text.IndexOf((byte)0) is >= 0 and var end ? text[..end] : text,
        1 => text.TrimEnd((byte)0),
        _ => text.TrimEnd((byte)' ').TrimEnd((byte)0),
    };
}
