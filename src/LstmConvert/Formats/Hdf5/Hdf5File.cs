using LstmConvert.Files;
using LstmConvert.Tensors;
using PureHDF;

namespace LstmConvert.Formats.Hdf5;

/// <summary>An HDF5 file that is read: groups, their attributes of text, and datasets as tensors. PureHDF is named here only.</summary>
internal sealed class Hdf5File : IDisposable
{
    private readonly IDisposable handle;

    private Hdf5File(string path, IH5Group root, IDisposable handle)
    {
        Path = path;
        Root = new Hdf5Node(path, "", root);
        this.handle = handle;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The group that all others are below.</summary>
    public Hdf5Node Root { get; }

    /// <summary>True if the file begins like HDF5.</summary>
    /// <param name="path">The path.</param>
    public static bool Matches(string path) => InputFile.Head(path, 8).AsSpan().SequenceEqual<byte>([0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a]);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, or is broken.</exception>
    public static Hdf5File Open(string path)
    {
        _ = InputFile.Length(path);
        if (!Matches(path))
        {
            throw new UnreadableInputException($"{path} is no HDF5 file (its first bytes are {Convert.ToHexStringLower(InputFile.Head(path, 8))}). Name the .h5 file of Keras' save_weights.");
        }

        return Guard(path, "the file", () =>
        {
            var native = H5File.OpenRead(path);
            return new Hdf5File(path, native, native);
        });
    }

    /// <summary>Opens a file inside another one.</summary>
    /// <param name="source">Its bytes.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, or is broken.</exception>
    public static Hdf5File Open(ByteSource source) => Guard(source.Name, "the file", () =>
    {
        var bytes = new byte[source.Length];
        source.Read(0, bytes);
        var native = H5File.Open(new MemoryStream(bytes));
        return new Hdf5File(source.Name, native, native);
    });

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    /// <summary>PureHDF throws bare exceptions for broken files: here they become ours.</summary>
    internal static T Guard<T>(string path, string what, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is not LstmConvertException and not OutOfMemoryException)
        {
            throw new UnreadableInputException($"{path}: {what} cannot be read as HDF5 ({e.Message.TrimEnd('.')}). The file is damaged or uses a feature that is not supported; save it again.", e);
        }
    }
}

/// <summary>A group of an HDF5 file.</summary>
internal sealed class Hdf5Node
{
    private readonly string path;
    private readonly IH5Group group;

    internal Hdf5Node(string path, string name, IH5Group group)
    {
        this.path = path;
        Name = name;
        this.group = group;
    }

    /// <summary>The group's path below the root; empty for the root.</summary>
    public string Name { get; }

    /// <summary>The names of the attributes.</summary>
    public IReadOnlyList<string> AttributeNames => Guard("attributes", () => group.Attributes().Select(attribute => attribute.Name).ToArray());

    /// <summary>True if the group has an attribute of this name.</summary>
    public bool HasAttribute(string name) => Guard($"attribute {name}", () => group.AttributeExists(name));

    /// <summary>True if a group or dataset of this path is below the group.</summary>
    public bool Has(string child) => Guard(child, () => group.LinkExists(child));

    /// <summary>The names of what is below the group.</summary>
    public IReadOnlyList<string> Children => Guard("children", () => group.Children().Select(child => child.Name).ToArray());

    /// <summary>True if a group of this name is below the group.</summary>
    public bool IsGroup(string child) => Guard(child, () => group.LinkExists(child) && group.Get(child) is IH5Group);

    /// <summary>A group below this one.</summary>
    public Hdf5Node Group(string child) => Guard(child, () => new Hdf5Node(path, Join(child), group.Group(child)));

    /// <summary>An attribute of texts: one, or a list. One without elements is an empty list, whatever its type (Keras leaves float64 of shape (0,)).</summary>
    public IReadOnlyList<string> Texts(string name) => Guard($"attribute {name}", () =>
    {
        var attribute = group.Attribute(name);
        return attribute.Space.Dimensions is [0] ? [] : attribute.Space.Dimensions.Length == 0 ? [attribute.Read<string>()] : attribute.Read<string[]>();
    });

    /// <summary>A dataset as a tensor, named by its path below the root.</summary>
    public Tensor Dataset(string child) => new Hdf5Tensor(path, Join(child), Guard(Join(child), () => group.Dataset(child)));

    private string Join(string child) => Name.Length == 0 ? child : $"{Name}/{child}";

    private T Guard<T>(string what, Func<T> action) => Hdf5File.Guard(path, what, action);
}
