using System.Runtime.InteropServices;
using LstmConvert.Arrays;
using LstmConvert.Formats.Hdf5;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>Gives rows of a weight as they are written.</summary>
/// <param name="first">The first row.</param>
/// <param name="rows">The number of rows.</param>
/// <param name="destination">Filled completely: elements of the weight's type, little-endian, C order.</param>
internal delegate void WeightRows(long first, int rows, Span<byte> destination);

/// <summary>A weight of a file to be written.</summary>
/// <param name="Path">Its path below the layer's group: <c>lstm/kernel:0</c>.</param>
/// <param name="DType">float32 or float64.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Fill">Gives its rows, called from the first row to the last.</param>
internal sealed record WrittenWeight(string Path, DType DType, Shape Shape, WeightRows Fill);

/// <summary>A layer of a file to be written.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weights">Its weights in the order of <c>get_weights()</c>.</param>
internal sealed record WrittenLayer(string Name, IReadOnlyList<WrittenWeight> Weights)
{
    /// <summary>What is known of where it comes from, without the prefix: <c>scope</c>, <c>cell</c>, <c>forget_bias</c>.</summary>
    public IReadOnlyList<(string Name, string Value)> Provenance { get; init; } = [];

    /// <summary>The paths of a layer's weights below its group, in order.</summary>
    /// <param name="name">The layer's name.</param>
    /// <param name="use">The layer.</param>
    public static IReadOnlyList<string> Paths(string name, KerasUse use) =>
        [.. use.WeightDefinitions.Select(weight => $"{name}/{weight.Name}:0")];

    /// <summary>The layers of a model that carries its weights.</summary>
    /// <param name="model">The model.</param>
    /// <param name="dtype">float32 or float64.</param>
    public static IReadOnlyList<WrittenLayer> Of(Model model, DType dtype) =>
        [.. model.Layers.Select(layer => new WrittenLayer(layer.Name, [.. Carried(layer, layer.Name, dtype)]))
            .Where(layer => layer.Weights.Count > 0)];

    private static IEnumerable<WrittenWeight> Carried(CalledLayer layer, string prefix, DType dtype) => layer.Callee switch
    {
        KerasUse use => Paths(prefix, use).Zip(use.Weights, (path, weight) => InMemory(path, weight, dtype)),
        NestedModel nested => nested.Model.Layers.SelectMany(inner => Carried(inner, $"{prefix}/{inner.Name}", dtype)),
        _ => [],
    };

    private static WrittenWeight InMemory(string path, NumericArray weight, DType dtype)
    {
        var (values, shape) = (weight.ToDoubles(), new Shape([.. weight.Dimensions.Select(length => (long)length)]));
        return new WrittenWeight(path, dtype, shape, (first, rows, destination) =>
        {
            var part = values.AsSpan((int)(first * shape.RowLength), (int)(rows * shape.RowLength));
            if (dtype == DType.Float64)
            {
                MemoryMarshal.AsBytes(part).CopyTo(destination);
                return;
            }

            var singles = MemoryMarshal.Cast<byte, float>(destination);
            for (var k = 0; k < part.Length; k++)
            {
                singles[k] = (float)part[k];
            }
        });
    }
}

/// <summary>Writes a legacy weights file (<see cref="LegacyWeightsFile"/> shows its layout) in blocks of rows.</summary>
internal static class LegacyWeightsWriter
{
    /// <summary>What <c>keras_version</c> says: a version whose loader takes the weights as they are.</summary>
    public const string KerasVersion = "2.15.0";

    /// <summary>Writes the file; nothing may lie there.</summary>
    /// <param name="path">The target.</param>
    /// <param name="layers">The layers.</param>
    /// <param name="model">The Keras model that the printed code is printed from; null to leave it out.</param>
    /// <param name="provenance">What is known of the source, without the prefix: <c>version</c>, <c>source</c>.</param>
    /// <param name="progress">Told the number of bytes of weights written so far.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    public static void Write(
        string path, IReadOnlyList<WrittenLayer> layers, Model? model, IReadOnlyList<(string Name, string Value)> provenance,
            Action<long>? progress, CancellationToken cancel)
    {
        var (root, datasets) = (new Hdf5Group(), new List<(WrittenWeight Weight, Hdf5Dataset Dataset)>());
        foreach (var layer in layers)
        {
            var group = root.Path([layer.Name]);
            group.Attributes.AddRange(Hdf5Attribute.List("weight_names", [.. layer.Weights.Select(weight => weight.Path)]));
            group.Attributes.AddRange(layer.Provenance.Select(Attribute));
            foreach (var weight in layer.Weights)
            {
                var steps = weight.Path.Split('/');
                var dataset = new Hdf5Dataset(weight.DType, weight.Shape);
                group.Path(steps.AsSpan(..^1)).Datasets[steps[^1]] = dataset;
                datasets.Add((weight, dataset));
            }
        }

        root.Attributes.AddRange(Hdf5Attribute.List("layer_names", [.. layers.Select(layer => layer.Name)]));
        root.Attributes.Add(Hdf5Attribute.Scalar("backend", "tensorflow"));
        root.Attributes.Add(Hdf5Attribute.Scalar("keras_version", KerasVersion));
        root.Attributes.AddRange(provenance.Select(Attribute));
        root.Attributes.AddRange(model is null ? [] : Parts(LegacyWeightsFile.ModelAttribute, ModelConfigurationWriter.Write(model)));

        using var writer = new Hdf5Writer(path, root);
        long written = 0;
        foreach (var (weight, dataset) in datasets)
        {
            written = Stream(writer, weight, dataset, written, progress, cancel);
        }

        writer.Finish();
    }

    private static long Stream(
        Hdf5Writer writer, WrittenWeight weight, Hdf5Dataset dataset, long written, Action<long>? progress, CancellationToken cancel)
    {
        var rowBytes = weight.Shape.RowLength * weight.DType.ItemSize();
        var blockRows = (int)Math.Clamp(Rows.BlockBytes / Math.Max(1, rowBytes), 1, Math.Max(1, weight.Shape.Rows));
        var buffer = new byte[checked((int)(blockRows * rowBytes))];
        for (long first = 0; first < weight.Shape.Rows; first += blockRows)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = (int)Math.Min(blockRows, weight.Shape.Rows - first);
            var block = buffer.AsSpan(0, (int)(rows * rowBytes));
            weight.Fill(first, rows, block);
            writer.Append(dataset, block);
            written += block.Length;
            progress?.Invoke(written);
        }

        return written;
    }

    private static Hdf5Attribute Attribute((string Name, string Value) pair) =>
        Hdf5Attribute.Scalar(KerasWeightsFile.ProvenancePrefix + pair.Name, pair.Value);

    /// <summary>A text in as many attributes as the limit of a header message needs, numbered as Keras numbers its lists.</summary>
    private static IEnumerable<Hdf5Attribute> Parts(string name, string text)
    {
        // The JSON is ASCII: a character is a byte.
        var parts = text.Chunk(Hdf5Writer.MaximumAttributeBytes).Select(part => new string(part)).ToArray();
        return parts.Length == 1 ? [Hdf5Attribute.Scalar(name, text)]
            : parts.Select(
                (part, k) => Hdf5Attribute.Scalar(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name}{k}"), part));
    }
}
