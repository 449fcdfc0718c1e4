using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>A group of an HDF5 file.</summary>
internal sealed class Hdf5Node
{
    private const int MaximumDepth = 128;

    private readonly Hdf5File file;
    private readonly Hdf5Object own;
    private readonly long[] path;

    internal Hdf5Node(Hdf5File file, string name, Hdf5Object own, long[] above)
    {
        (this.file, this.own, path) = (file, own, [.. above, own.Header.Address]);
        Name = name;
        Attributes = new Hdf5Attributes(file, name.Length == 0 ? "the root" : name, own);
        if (own.Kind != Hdf5Kind.Group)
        {
            throw new UnreadableInputException(
                $"{file.Path}: {(name.Length == 0 ? "the root" : name)} is no group. The file is of another form than is expected here; save it again with Keras."
            );
        }
    }

    /// <summary>The group's path below the root; empty for the root.</summary>
    public string Name { get; }

    /// <summary>The attributes.</summary>
    public Hdf5Attributes Attributes { get; }

    /// <summary>The names of the attributes.</summary>
    public IReadOnlyList<string> AttributeNames => Attributes.Names;

    /// <summary>The names below the group and what is there, in the order of the names.</summary>
    public IReadOnlyList<(string Name, Hdf5Kind Kind)> Children => [.. Links.Values.Select(link => (link.Name, link.Header < 0
        ? Hdf5Kind.Link : file.Object(link.Header).Kind))];

    private IReadOnlyDictionary<string, Link> Links
    {
        get
        {
            lock (file.Turn)
            {
                return own.Links;
            }
        }
    }

    /// <summary>True if the group has an attribute of this name.</summary>
    public bool HasAttribute(string name) => Attributes.Has(name);

    /// <summary>An attribute of texts: one, or a list. One without elements is an empty list, whatever its type (Keras leaves float64 of
    /// shape (0,)).</summary>
    public IReadOnlyList<string> Texts(string name) => Attributes.Texts(name);

    /// <summary>True if a group or dataset of this path is below the group.</summary>
    /// <exception cref="UnreadableInputException">A link that is never followed is on the path.</exception>
    public bool Has(string child) => Find(child, out _, out _);

    /// <summary>A group below this one.</summary>
    public Hdf5Node Group(string child)
    {
        var found = There(child, out var above);
        return new Hdf5Node(file, Join(child), found, above);
    }

    /// <summary>A dataset as a tensor, named by its path below the root.</summary>
    /// <param name="child">Its name; a path goes on with '/'.</param>
    /// <param name="opaqueIsBFloat16">True if two bytes without a meaning are bfloat16 though nothing says so.</param>
    public Hdf5Tensor Dataset(string child, bool opaqueIsBFloat16 = false)
    {
        var found = There(child, out _);
        if (found.Kind != Hdf5Kind.Dataset)
        {
            throw new UnreadableInputException(
                $"{file.Path}: {Join(child)} is no dataset. The file is of another form than is expected here; save it again with Keras.");
        }

        lock (file.Turn)
        {
            return new Hdf5Tensor(file, Join(child), found, opaqueIsBFloat16);
        }
    }

    /// <summary>This group and every group below it, each once even if several names lead to it, in the order of the names.</summary>
    public IEnumerable<Hdf5Node> Walk()
    {
        var seen = new HashSet<long>();
        var ahead = new Stack<Hdf5Node>([this]);
        while (ahead.TryPop(out var node))
        {
            if (seen.Add(node.own.Header.Address))
            {
                yield return node;
                foreach (var (name, _) in node.Children.Where(child => child.Kind == Hdf5Kind.Group).Reverse())
                {
                    if (!seen.Contains(node.Links[name].Header))
                    {
                        ahead.Push(node.Group(name));
                    }
                }
            }
        }
    }

    /// <summary>The paths of all datasets below the group, each once even if several names lead to its group.</summary>
    public IEnumerable<string> Datasets() =>
        Walk().SelectMany(node => node.Children.Where(child => child.Kind == Hdf5Kind.Dataset).Select(child => node.Join(child.Name)));

    private string Join(string child) => Name.Length == 0 ? child : $"{Name}/{child}";

    private Hdf5Object There(string child, out long[] above) => Find(child, out var found, out above) ? found!
        : throw new UnreadableInputException($"{file.Path} has no {Join(child)}. The file is incomplete; save it again.");

    private bool Find(string child, out Hdf5Object? found, out long[] above)
    {
        (found, above) = (own, path);
        List<long> passed = [.. path];
        foreach (var part in child.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            Link? link;
            lock (file.Turn)
            {
                if (found!.Kind != Hdf5Kind.Group || !found.Links.TryGetValue(part, out link))
                {
                    return false;
                }
            }

            if (link.Header < 0)
            {
                throw new UnreadableInputException(
                    $"{file.Path}: {Join(child)} leads over {part}, {link.Kind} link to {link.Target}, which is never followed. Save the file again as one file without links."
                );
            }

            above = [.. passed];
            if (passed.Contains(link.Header) || passed.Count > MaximumDepth)
            {
                throw new UnreadableInputException(
                    $"{file.Path}: {Join(child)} leads back into its own path over {part}, or is deeper than {MaximumDepth} groups. Save the file again without such links."
                );
            }

            passed.Add(link.Header);
            found = file.Object(link.Header);
        }

        return true;
    }
}
