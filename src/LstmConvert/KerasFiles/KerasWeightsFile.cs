using LstmConvert.Files;
using LstmConvert.Tensors;
using PureHDF;
using PureHDF.Selections;

namespace LstmConvert.KerasFiles;

/// <summary>A layer of a Keras file and its weights in order.</summary>
/// <param name="Name">The layer's name.</param>
/// <param name="Weights">The weights, named by their path in the file, in the order of <c>get_weights()</c>.</param>
/// <param name="Provenance">lstmconvert's attributes of this layer by name; empty in files of other programs.</param>
public sealed record KerasFileLayer(string Name, IReadOnlyList<Tensor> Weights, IReadOnlyDictionary<string, string> Provenance);

/// <summary>
/// Reads a Keras legacy weights file (or the weights of a legacy whole model): <c>layer_names</c> at the root or below
/// <c>model_weights</c>, <c>weight_names</c> in each layer's group, lists cut into <c>name0, name1 …</c> joined.
/// </summary>
public sealed class KerasWeightsFile : IDisposable
{
    /// <summary>The prefix of the attributes that say where weights come from.</summary>
    public const string ProvenancePrefix = "lstmconvert_";

    private readonly string path;
    private readonly IH5Group file;
    private readonly IDisposable handle;

    private KerasWeightsFile(string path, IH5Group file, IDisposable handle)
    {
        this.path = path;
        this.file = file;
        this.handle = handle;
        Layers = ReadLayers();
    }

    /// <summary>The layers with weights, in the file's order.</summary>
    public IReadOnlyList<KerasFileLayer> Layers { get; }

    /// <summary>The version of Keras that the file names, or null.</summary>
    public string? KerasVersion => Root() is { } root && root.AttributeExists("keras_version") ? Strings(root, "keras_version").FirstOrDefault() : null;

    /// <summary>True if the file begins like HDF5.</summary>
    /// <param name="path">The path.</param>
    public static bool Matches(string path) => InputFile.Head(path, 8).AsSpan().SequenceEqual<byte>([0x89, (byte)'H', (byte)'D', (byte)'F', 0x0d, 0x0a, 0x1a, 0x0a]);

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no HDF5 file, is broken, or holds no Keras weights.</exception>
    public static KerasWeightsFile Open(string path)
    {
        _ = InputFile.Length(path);
        if (!Matches(path))
        {
            throw new UnreadableInputException($"{path} is no HDF5 file (its first bytes are {Convert.ToHexStringLower(InputFile.Head(path, 8))}). Name the .h5 file of Keras' save_weights.");
        }

        return Guard(path, "the file", () =>
        {
            var native = H5File.OpenRead(path);
            return new KerasWeightsFile(path, native, native);
        });
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private IH5Group Root() => !file.AttributeExists("layer_names") && !file.AttributeExists("layer_names0") && file.LinkExists("model_weights") ? file.Group("model_weights") : file;

    private KerasFileLayer[] ReadLayers()
    {
        var root = Root();
        if (!root.AttributeExists("layer_names") && !root.AttributeExists("layer_names0"))
        {
            throw new UnreadableInputException($"{path} is HDF5 without layer_names: no legacy Keras weights file. Save the model with save_weights('….h5').");
        }

        return [.. Names(root, "layer_names").Select(name => ReadLayer(root, name)).Where(layer => layer.Weights.Count > 0)];
    }

    private KerasFileLayer ReadLayer(IH5Group root, string name)
    {
        if (!root.LinkExists(name))
        {
            throw new UnreadableInputException($"{path} names the layer {name} in layer_names and has no group of that name. The file is incomplete; save it again.");
        }

        var group = root.Group(name);
        var weights = Names(group, "weight_names").Select(weight => (Tensor)new Hdf5Tensor(path, $"{name}/{weight}", Guard(path, $"{name}/{weight}", () => group.Dataset(weight)))).ToArray();
        var provenance = group.Attributes().Where(attribute => attribute.Name.StartsWith(ProvenancePrefix, StringComparison.Ordinal))
            .ToDictionary(attribute => attribute.Name[ProvenancePrefix.Length..], attribute => string.Join(", ", Strings(group, attribute.Name)), StringComparer.Ordinal);
        return new KerasFileLayer(name, weights, provenance);
    }

    private List<string> Names(IH5Group group, string attribute)
    {
        if (group.AttributeExists(attribute))
        {
            return [.. Strings(group, attribute)];
        }

        var names = new List<string>();
        for (var k = 0; group.AttributeExists($"{attribute}{k}"); k++)
        {
            names.AddRange(Strings(group, $"{attribute}{k}"));
        }

        return names;
    }

    private string[] Strings(IH5Group group, string name) => Guard(path, $"attribute {name}", () =>
    {
        // A weightless layer has a float64 attribute of shape (0,): no elements is an empty list, whatever the type.
        var attribute = group.Attribute(name);
        return attribute.Space.Dimensions is [0] ? [] : attribute.Space.Dimensions.Length == 0 ? [attribute.Read<string>()] : attribute.Read<string[]>();
    });

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

    /// <summary>A dataset, read by rows.</summary>
    private sealed class Hdf5Tensor(string path, string name, IH5Dataset dataset) : Tensor(Describe(path, name, dataset))
    {
        private readonly Lock turn = new();

        public override void Read(long offset, Span<byte> destination)
        {
            var size = DType.ItemSize();
            var buffer = new byte[destination.Length];
            lock (turn)
            {
                Guard(path, Name, () =>
                {
                    var rowBytes = Shape.RowLength * size;
                    var isWhole = offset == 0 && buffer.Length == Info.ByteCount;
                    if (isWhole || Shape.Rank < 2)
                    {
                        var all = isWhole ? buffer : new byte[Info.ByteCount];
                        dataset.Read(all.AsMemory());
                        all.AsSpan((int)offset, buffer.Length).CopyTo(buffer);
                        return 0;
                    }

                    var (first, last) = (offset / rowBytes, (offset + buffer.Length - 1) / rowBytes);
                    var rows = offset % rowBytes == 0 && buffer.Length % rowBytes == 0 ? buffer : new byte[(last - first + 1) * rowBytes];
                    var starts = new ulong[Shape.Rank];
                    starts[0] = (ulong)first;
                    var counts = Shape.Dimensions.ToArray().Select(length => (ulong)length).ToArray();
                    counts[0] = (ulong)(last - first + 1);
                    dataset.Read(rows.AsMemory(), fileSelection: new HyperslabSelection(Shape.Rank, starts, counts));
                    if (rows != buffer)
                    {
                        rows.AsSpan((int)(offset - (first * rowBytes)), buffer.Length).CopyTo(buffer);
                    }

                    return 0;
                });
            }

            buffer.CopyTo(destination);
        }

        private static TensorInfo Describe(string path, string name, IH5Dataset dataset) => Guard(path, name, () =>
        {
            var dtype = (dataset.Type.Class, dataset.Type.Size) switch
            {
                (H5DataTypeClass.FloatingPoint, 2) => DType.Float16,
                (H5DataTypeClass.FloatingPoint, 4) => DType.Float32,
                (H5DataTypeClass.FloatingPoint, 8) => DType.Float64,
                (H5DataTypeClass.FixedPoint, 4) => DType.Int32,
                (H5DataTypeClass.FixedPoint, 8) => DType.Int64,
                _ => DType.Other,
            };
            return new TensorInfo(name, dtype, new Shape([.. dataset.Space.Dimensions.Select(length => checked((long)length))]));
        });
    }
}
