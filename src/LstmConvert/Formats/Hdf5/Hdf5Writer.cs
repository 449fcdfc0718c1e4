using System.Buffers.Binary;
using System.Text;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// Writes the oldest form of HDF5 (superblock 0, version 1 object headers, symbol tables, contiguous datasets, fixed-length
/// ASCII attributes), because it is the one form that every Keras from 2.0.8 to 3.15.1 reads, with h5py 2.7 to 3.16.
/// HDF5 File Format Specification, version 1.0. All numbers are little-endian, addresses and lengths have 8 bytes.
/// <code>
/// offset  size  meaning
/// 0       96    superblock: signature, versions 0, group leaf K, group internal K = 16, end of file, root entry
/// 96            per group: object header (symbol table message, attributes), B-tree node (544 bytes), local heap, symbol nodes
///               per dataset: object header (dataspace, datatype, fill value, layout)
/// then          the elements of each dataset, C order, back to back, each at a multiple of 8
/// </code>
/// </summary>
internal sealed class Hdf5Writer : IDisposable
{
    /// <summary>The largest attribute, in bytes: an object header message has a 16-bit size.</summary>
    public const int MaximumAttributeBytes = 64_512;

    private const ulong Undefined = ulong.MaxValue;
    private const int InternalK = 16;
    private const int TreeBytes = 24 + (2 * InternalK * 8) + (((2 * InternalK) + 1) * 8);

    private readonly FileStream file;
    private readonly List<Hdf5Dataset> datasets = [];

    /// <summary>Lays the tree out and writes everything but the elements of the datasets.</summary>
    /// <param name="path">The file to create.</param>
    /// <param name="root">The tree.</param>
    public Hdf5Writer(string path, Hdf5Group root)
    {
        var leafK = Math.Max(4, (root.LargestGroup() + (2 * 2 * InternalK) - 1) / (2 * 2 * InternalK));
        using var metadata = new Metadata(leafK);
        var rootAddresses = metadata.Add(root, datasets);
        var end = metadata.PlaceData(datasets);
        var head = metadata.Finish(rootAddresses, end);
        file = EmptyFile.Open(path, bufferSize: 1);
        try
        {
            file.SetLength((long)end);
            RandomAccess.Write(file.SafeFileHandle, head, 0);
        }
        catch (ArgumentOutOfRangeException e)
        {
            // What .NET makes of EFBIG: a limit of the file system or of the process.
            file.Dispose();
            throw new IOException($"a file of {end} bytes is larger than may be written here.", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes the next bytes of a dataset, front to back.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="bytes">The bytes, little-endian.</param>
    public void Append(Hdf5Dataset dataset, ReadOnlySpan<byte> bytes)
    {
        if (dataset.Written + bytes.Length > dataset.ByteCount)
        {
            throw new InvalidOperationException($"{dataset.Written + bytes.Length} bytes for a dataset of {dataset.ByteCount}.");
        }

        RandomAccess.Write(file.SafeFileHandle, bytes, (long)dataset.Address + dataset.Written);
        dataset.Written += bytes.Length;
    }

    /// <summary>Checks that every dataset is complete.</summary>
    public void Finish()
    {
        if (datasets.Find(dataset => dataset.Written != dataset.ByteCount) is { } missing)
        {
            throw new InvalidOperationException($"A dataset of {missing.ByteCount} bytes got {missing.Written}.");
        }

        file.Flush();
    }

    public void Dispose() => file.Dispose();

    private readonly record struct GroupAddresses(ulong Header, ulong Tree, ulong Heap);

    /// <summary>The part of the file before the elements.</summary>
    private sealed class Metadata(int leafK) : IDisposable
    {
        private readonly MemoryStream bytes = new();
        private readonly Dictionary<Hdf5Group, GroupAddresses> written = new(ReferenceEqualityComparer.Instance);
        private readonly List<(Hdf5Dataset Dataset, long Position)> addresses = [];

        public GroupAddresses Add(Hdf5Group group, List<Hdf5Dataset> datasets)
        {
            if (bytes.Length == 0)
            {
                bytes.Write(new byte[96]);
            }

            if (written.TryGetValue(group, out var there))
            {
                // A group of two names: both link to it.
                return there;
            }

            var children = new List<(string Name, byte[] Key, ulong Header, GroupAddresses? Group)>();
            foreach (var (name, child) in group.Groups)
            {
                var inner = Add(child, datasets);
                children.Add((name, Encoding.UTF8.GetBytes(name), inner.Header, inner));
            }

            foreach (var (name, dataset) in group.Datasets)
            {
                children.Add((name, Encoding.UTF8.GetBytes(name), AddDataset(dataset), null));
                datasets.Add(dataset);
            }

            children.Sort((a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
            return written[group] = AddGroup(group, children);
        }

        /// <summary>Gives every dataset its address behind the metadata.</summary>
        /// <returns>The length of the file.</returns>
        public ulong PlaceData(List<Hdf5Dataset> datasets)
        {
            Align();
            var at = (ulong)bytes.Length;
            foreach (var dataset in datasets)
            {
                dataset.Address = dataset.ByteCount == 0 ? Undefined : at;
                at = (at + (ulong)dataset.ByteCount + 7) / 8 * 8;
            }

            foreach (var (dataset, position) in addresses)
            {
                bytes.Position = position;
                U64(dataset.Address);
            }

            return at;
        }

        public byte[] Finish(GroupAddresses root, ulong end)
        {
            bytes.Position = 0;
            bytes.Write([0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0]);
            U16(leafK);
            U16(InternalK);
            U32(0);
            U64(0);
            U64(Undefined);
            U64(end);
            U64(Undefined);
            Entry(0, root.Header, root);
            return bytes.ToArray();
        }

        public void Dispose() => bytes.Dispose();

        private GroupAddresses AddGroup(Hdf5Group group, List<(string Name, byte[] Key, ulong Header, GroupAddresses? Group)> children)
        {
            // Local heap: the empty name at 0, then every link's name, each padded to 8 bytes.
            using var heap = new MemoryStream();
            heap.Write(new byte[8]);
            var offsets = new List<ulong>();
            foreach (var child in children)
            {
                offsets.Add((ulong)heap.Length);
                heap.Write(child.Key);
                heap.Write(new byte[8 - (child.Key.Length % 8)]);
            }

            Align();
            var heapAddress = (ulong)bytes.Length;
            bytes.Write("HEAP\0\0\0\0"u8);
            U64((ulong)heap.Length);
            U64(1);
            U64(heapAddress + 32);
            heap.WriteTo(bytes);

            // Symbol nodes: at most 2K links each, sorted by name.
            var nodes = new List<(ulong Address, ulong LastName)>();
            for (var start = 0; start < children.Count; start += 2 * leafK)
            {
                var count = Math.Min(2 * leafK, children.Count - start);
                nodes.Add(((ulong)bytes.Length, offsets[start + count - 1]));
                bytes.Write("SNOD\u0001\0"u8);
                U16(count);
                for (var k = start; k < start + count; k++)
                {
                    Entry(offsets[k], children[k].Header, children[k].Group);
                }

                bytes.Write(new byte[((2 * leafK) - count) * 40]);
            }

            // One B-tree node of level 0 above them.
            var tree = (ulong)bytes.Length;
            bytes.Write("TREE\0\0"u8);
            U16(nodes.Count);
            U64(Undefined);
            U64(Undefined);
            U64(0);
            foreach (var (address, lastName) in nodes)
            {
                U64(address);
                U64(lastName);
            }

            bytes.Write(new byte[(int)(tree + TreeBytes - (ulong)bytes.Length)]);

            var messages = new List<(int Type, byte[] Data)> { (0x11, [.. Bytes(tree), .. Bytes(heapAddress)]) };
            messages.AddRange(group.Attributes.Select(attribute => (0x0c, IsLong(attribute) ? LongText(attribute) : Attribute(attribute))));
            return new GroupAddresses(Header(messages), tree, heapAddress);
        }

        private ulong AddDataset(Hdf5Dataset dataset)
        {
            var rank = dataset.Shape.Rank;
            byte[] space =
            [
                1,
                (byte)rank,
                0,
                0,
                0,
                0,
                0,
                0,
                .. dataset.Shape.Dimensions.ToArray().SelectMany(length => Bytes((ulong)length)),
            ];
            byte[] type =
                dataset.DType == DType.Float64
                    ? [0x11, 0x20, 0x3f, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 0x03, 0, 0]
                    : [0x11, 0x20, 0x1f, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 0x7f, 0, 0, 0];
            byte[] layout = [3, 1, .. Bytes(0), .. Bytes((ulong)dataset.ByteCount)];
            var header = Header([(0x01, space), (0x03, type), (0x05, [2, 2, 2, 1, 0, 0, 0, 0]), (0x08, layout)]);

            // prefix 16, three messages with their 8-byte heads, then the layout's own head, version and class
            addresses.Add((dataset, (long)header + 16 + 8 + space.Length + 8 + Padded(type.Length) + 8 + 8 + 8 + 2));
            return header;
        }

        /// <summary>An object header of version 1 with all its messages in one block.</summary>
        private ulong Header(List<(int Type, byte[] Data)> messages)
        {
            Align();
            var address = (ulong)bytes.Length;
            bytes.Position = bytes.Length;
            bytes.Write([1, 0]);
            U16(messages.Count);
            U32(1);
            U32((uint)messages.Sum(message => 8 + Padded(message.Data.Length)));
            U32(0);
            foreach (var (type, data) in messages)
            {
                U16(type);
                U16(Padded(data.Length));
                U32(0);
                bytes.Write(data);
                bytes.Write(new byte[Padded(data.Length) - data.Length]);
            }

            return address;
        }

        private static bool IsLong(Hdf5Attribute attribute) =>
            attribute.IsScalar && Encoding.UTF8.GetByteCount(attribute.Values[0]) > MaximumAttributeBytes;

        /// <summary>
        /// An attribute message whose text does not fit into a header: a string of variable length (ASCII, ended by NUL), which lies in a
        /// global
        /// heap of its own.
        /// </summary>
        private byte[] LongText(Hdf5Attribute attribute)
        {
            var text = Encoding.UTF8.GetBytes(attribute.Values[0]);
            Align();
            var heap = (ulong)bytes.Length;
            var size = 16 + 16 + Padded(text.Length) + 16;
            bytes.Write("GCOL\u0001\0\0\0"u8);
            U64((ulong)size);
            bytes.Write([1, 0, 1, 0, 0, 0, 0, 0]);
            U64((ulong)text.Length);
            bytes.Write(text);
            bytes.Write(new byte[Padded(text.Length) - text.Length]);

            // What is free of the heap: object 0, its size with its own head.
            bytes.Write(new byte[8]);
            U64(16);
            byte[] name = [.. Encoding.UTF8.GetBytes(attribute.Name), 0];
            byte[] type = [0x19, 0x01, 0, 0, 16, 0, 0, 0, 0x13, 0, 0, 0, 1, 0, 0, 0];
            using var data = new MemoryStream();
            data.Write([1, 0, (byte)name.Length, (byte)(name.Length >> 8), (byte)type.Length, 0, 8, 0]);
            data.Write(name);
            data.Write(new byte[Padded(name.Length) - name.Length]);
            data.Write(type);
            data.Write([1, 0, 0, 0, 0, 0, 0, 0]);
            data.Write([.. Bytes((ulong)text.Length).AsSpan(0, 4), .. Bytes(heap), 1, 0, 0, 0]);
            return data.ToArray();
        }

        /// <summary>An attribute message of version 1: a string of fixed length, padded with NUL, or a list of such.</summary>
        private static byte[] Attribute(Hdf5Attribute attribute)
        {
            var values = attribute.Values.Select(Encoding.UTF8.GetBytes).ToArray();
            var size = Math.Max(1, values.Select(value => value.Length).DefaultIfEmpty(1).Max());
            byte[] name = [.. Encoding.UTF8.GetBytes(attribute.Name), 0];
            byte[] space = attribute.IsScalar ? [1, 0, 0, 0, 0, 0, 0, 0] : [1, 1, 0, 0, 0, 0, 0, 0, .. Bytes((ulong)values.Length)];
            using var data = new MemoryStream();
            data.Write([1, 0, (byte)name.Length, (byte)(name.Length >> 8), 8, 0, (byte)space.Length, 0]);
            data.Write(name);
            data.Write(new byte[Padded(name.Length) - name.Length]);
            data.Write([0x13, 0x01, 0, 0, .. Bytes((ulong)size).AsSpan(0, 4)]);
            data.Write(space);
            foreach (var value in values)
            {
                data.Write(value);
                data.Write(new byte[size - value.Length]);
            }

            return data.Length <= ushort.MaxValue - 8
                ? data.ToArray()
                : throw new OutputException(
                    $"The attribute {attribute.Name} has {data.Length} bytes; HDF5 holds at most {MaximumAttributeBytes} in a header. Give the layers shorter names."
                );
        }

        private void Entry(ulong nameOffset, ulong header, GroupAddresses? group)
        {
            U64(nameOffset);
            U64(header);
            U32(group is null ? 0u : 1u);
            U32(0);
            U64(group?.Tree ?? 0);
            U64(group?.Heap ?? 0);
        }

        private void Align()
        {
            bytes.Position = bytes.Length;
            bytes.Write(new byte[(8 - (bytes.Length % 8)) % 8]);
        }

        private void U16(int value) => bytes.Write(Bytes((ulong)value).AsSpan(0, 2));

        private void U32(uint value) => bytes.Write(Bytes(value).AsSpan(0, 4));

        private void U64(ulong value) => bytes.Write(Bytes(value));

        private static int Padded(int length) => (length + 7) / 8 * 8;

        private static byte[] Bytes(ulong value)
        {
            var result = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(result, value);
            return result;
        }
    }
}

/// <summary>A string attribute, or a list of strings.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Values">The strings; one for a scalar.</param>
/// <param name="IsScalar">True for a scalar dataspace.</param>
internal sealed record Hdf5Attribute(string Name, IReadOnlyList<string> Values, bool IsScalar)
{
    public static Hdf5Attribute Scalar(string name, string value) => new(name, [value], true);

    /// <summary>A text in as many attributes as the limit of a header message needs, numbered as Keras numbers its lists.</summary>
    /// <param name="name">The name.</param>
    /// <param name="text">ASCII: a character is a byte.</param>
    public static IEnumerable<Hdf5Attribute> Parts(string name, string text)
    {
        var parts = text.Chunk(Hdf5Writer.MaximumAttributeBytes).Select(part => new string(part)).ToArray();
        return parts.Length < 2 ? [Scalar(name, text)]
            : parts.Select((part, k) => Scalar(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}{k}"), part));
    }

    /// <summary>A list, cut into <c>name0</c>, <c>name1</c> … as Keras does where it exceeds the limit of a header message.</summary>
    public static IEnumerable<Hdf5Attribute> List(string name, IReadOnlyList<string> values)
    {
        long size = values.Count == 0 ? 1 : Math.Max(1, values.Max(Encoding.UTF8.GetByteCount));
        var chunks = 1;
        while ((values.Count + chunks - 1) / chunks * size > Hdf5Writer.MaximumAttributeBytes && chunks < values.Count)
        {
            chunks++;
        }

        if (chunks == 1)
        {
            yield return new Hdf5Attribute(name, values, false);
            yield break;
        }

        var start = 0;
        for (var k = 0; k < chunks; k++)
        {
            var count = (values.Count / chunks) + (k < values.Count % chunks ? 1 : 0);
            yield return new Hdf5Attribute($"{name}{k}", [.. values.Skip(start).Take(count)], false);
            start += count;
        }
    }
}

/// <summary>A group of the file to be written.</summary>
internal sealed class Hdf5Group
{
    public Dictionary<string, Hdf5Group> Groups { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, Hdf5Dataset> Datasets { get; } = new(StringComparer.Ordinal);

    public List<Hdf5Attribute> Attributes { get; } = [];

    /// <summary>The group of this path below, made where it is missing; never a name with a slash.</summary>
    public Hdf5Group Path(ReadOnlySpan<string> path)
    {
        if (path.Length == 0)
        {
            return this;
        }

        if (!Groups.TryGetValue(path[0], out var child))
        {
            Groups[path[0]] = child = new Hdf5Group();
        }

        return child.Path(path[1..]);
    }

    public int LargestGroup() =>
        Math.Max(Groups.Count + Datasets.Count, Groups.Values.Select(group => group.LargestGroup()).DefaultIfEmpty(0).Max());
}

/// <summary>A dataset of the file to be written.</summary>
/// <param name="dtype">float32 or float64.</param>
/// <param name="shape">Its shape.</param>
internal sealed class Hdf5Dataset(DType dtype, Shape shape)
{
    public DType DType { get; } = dtype;

    public Shape Shape { get; } = shape;

    public long ByteCount { get; } = checked(shape.ElementCount * dtype.ItemSize());

    public ulong Address { get; set; }

    public long Written { get; set; }
}
