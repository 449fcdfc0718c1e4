namespace LstmConvert.Formats.Hdf5;

/// <summary>A named entry of a group.</summary>
/// <param name="Name">Its name, without a slash.</param>
/// <param name="Header">The address of the object's header; <see cref="Hdf5Bytes.Undefined"/> for what is no hard link.</param>
/// <param name="Target">What a soft or external link says; empty for a hard link.</param>
/// <param name="Kind">What it is: <c>a soft</c>, <c>an external</c> or <c>a user-defined</c> link; empty for a hard link.</param>
internal sealed record Link(string Name, long Header, string Target, string Kind)
{
    /// <summary>An entry that is the object itself.</summary>
    public static Link Hard(string name, long header) => new(name, header, "", "");
}

/// <summary>The links of a group, whichever of the three ways they are stored.</summary>
internal static class Links
{
    private const string Info = "the links of a group";

    /// <summary>True if an object is a group.</summary>
    public static bool AreIn(ObjectHeader header) => header.Has(MessageType.SymbolTable) || header.Has(MessageType.LinkInfo);

    /// <summary>All links of a group by name.</summary>
    public static IReadOnlyDictionary<string, Link> Read(Superblock superblock, ObjectHeader header)
    {
        // A group's filters would be those of its heap, which is refused when it is packed; what is no list of filters is damage.
        _ = Filters.Read(superblock, header);
        var found = new SortedDictionary<string, Link>(StringComparer.Ordinal);
        foreach (var link in header.Has(MessageType.SymbolTable) ? SymbolTable.Read(superblock, header.Needed(MessageType.SymbolTable))
            : ReadNew(superblock, header))
        {
            if (!found.TryAdd(link.Name, link))
            {
                throw superblock.File.Damaged(Info, header.Address, $"has the name {link.Name} twice");
            }
        }

        return found;
    }

    /// <summary>
    /// Link info (IV.A.2.c) says where many links lie, and a few stand in the header itself: <code>
    /// 1 version 0, 1 flags: 1 order kept, 2 order indexed; [8 next order], address of a fractal heap, of a B-tree by name, [by order]
    /// </code>
    /// </summary>
    private static IEnumerable<Link> ReadNew(Superblock superblock, ObjectHeader header)
    {
        var info = header.Needed(MessageType.LinkInfo);
        info.Version(0, 0);
        var flags = info.Flags(3);
        info.Skip((flags & 1) != 0 ? 8 : 0);
        var (heapAddress, treeAddress) = (info.Place(), info.Place());
        if (heapAddress < 0)
        {
            foreach (var message in header.All(MessageType.Link))
            {
                yield return ReadMessage(message);
            }

            yield break;
        }

        var heap = FractalHeap.Open(superblock, heapAddress);
        var last = 0u;
        foreach (var record in Tree2.Open(superblock, treeAddress, Tree2.LinkNames).Records())
        {
            var hash = record.U32();
            if (record.Left != heap.IdBytes)
            {
                throw record.Damaged($"has an identifier of {record.Left} bytes, and its heap's have {heap.IdBytes}");
            }

            var message = heap.Read(record.Bytes(record.Left), "a link");
            var link = ReadMessage(message);
            Tree2.CheckName(record, link.Name, hash, ref last);
            yield return link;
        }
    }

    /// <summary>
    /// Link message (IV.A.2.g): <code>
    /// 1 version 1, 1 flags: 0-1 size of the name's length, 4 order, 8 kind, 16 character set
    /// [1 kind: 0 hard, 1 soft, 64 external] [8 order] [1 character set] length, name; address, or length and text
    /// </code>
    /// </summary>
    private static Link ReadMessage(Hdf5Fields fields)
    {
        fields.Version(1, 1);
        var flags = fields.Flags(0x1f);
        var kind = (flags & 0x08) != 0 ? fields.U8() : 0;
        fields.Skip((flags & 0x04) != 0 ? 8 : 0);
        if ((flags & 0x10) != 0 && fields.U8() > 1)
        {
            throw fields.Damaged("names an unknown character set");
        }

        var length = fields.Size(1 << (flags & 3));
        var name = length is > 0 and <= ushort.MaxValue ? fields.Text((int)length, isTerminated: false)
            : throw fields.Damaged($"has a name of {length} bytes");
        switch (kind)
        {
            case 0:
                return Link.Hard(name, fields.PlaceThere());
            case 1:
                return new Link(name, Hdf5Bytes.Undefined, fields.Text(fields.U16(), isTerminated: false), "a soft");
            case >= 64:
                var value = fields.Bytes(fields.U16());
                return new Link(name, Hdf5Bytes.Undefined, kind == 64 && value.Length > 1
                    ? fields.Decode(value.Span[1..]).Replace("\0", " ", StringComparison.Ordinal).Trim() : "", kind == 64 ? "an external"
                    : $"a user-defined ({kind})");
            default:
                throw fields.Damaged($"is of kind {kind}; 0 hard, 1 soft and 64 external are known");
        }
    }
}
