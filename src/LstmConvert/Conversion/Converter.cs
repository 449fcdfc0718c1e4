using System.Globalization;
using System.Runtime.InteropServices;
using LstmConvert.Files;
using LstmConvert.Formats.Hdf5;
using LstmConvert.KerasFiles;
using LstmConvert.Layouts;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>What a conversion wrote.</summary>
/// <param name="Path">The file.</param>
/// <param name="ByteCount">Its size in bytes.</param>
/// <param name="NonFinite">The variables that hold NaN or infinity, and how many.</param>
/// <param name="Check">What the check after writing found; null if it was left out.</param>
public sealed record ConversionResult(string Path, long ByteCount, IReadOnlyList<(string Variable, long Count)> NonFinite, ReadBackResult? Check);

/// <summary>Executes a plan: writes a Keras legacy weights file in blocks of rows, reads it back, renames it.</summary>
public static class Converter
{
    /// <summary>What <c>keras_version</c> says: a version whose loader takes the weights as they are.</summary>
    public const string KerasVersion = "2.15.0";

    /// <summary>Writes the file.</summary>
    /// <param name="plan">The conversion.</param>
    /// <param name="source">The source, for the provenance.</param>
    /// <param name="path">The target; not <c>….weights.h5</c>, by which Keras 2.12 and later know another format.</param>
    /// <param name="overwrite">True replaces an existing file.</param>
    /// <param name="check">False leaves out the check after writing.</param>
    /// <param name="progress">Told the number of bytes written so far.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="OutputException">The target exists, cannot be written, or did not pass the check.</exception>
    /// <exception cref="UnreadableInputException">A weight cannot be read.</exception>
    public static ConversionResult Convert(ConversionPlan plan, TensorSet source, string path, bool overwrite, bool check, Action<long>? progress, CancellationToken cancel)
    {
        if (path.EndsWith(".weights.h5", StringComparison.OrdinalIgnoreCase))
        {
            throw new UsageException($"{path}: Keras 2.12 and later take a file called .weights.h5 for the V3 format, and this is a legacy weights file. Call it {path[..^".weights.h5".Length]}.h5.");
        }

        var nonFinite = new Dictionary<string, long>(StringComparer.Ordinal);
        var result = OutputFile.Write(path, overwrite, temporary =>
        {
            Write(plan, source, temporary, nonFinite, progress, cancel);
            return (new FileInfo(temporary).Length, check ? ReadBack.Check(plan, temporary, cancel) : null);
        });
        return new ConversionResult(path, result.Length, [.. nonFinite.Select(pair => (pair.Key, pair.Value))], result.Item2);
    }

    private static void Write(ConversionPlan plan, TensorSet source, string path, Dictionary<string, long> nonFinite, Action<long>? progress, CancellationToken cancel)
    {
        var root = new Hdf5Group();
        var datasets = new List<(PlannedWeight Weight, Hdf5Dataset Dataset)>();
        foreach (var layer in plan.Layers)
        {
            var group = root.Path([layer.Name]);
            group.Attributes.AddRange(Hdf5Attribute.List("weight_names", [.. layer.Weights.Select(weight => weight.Path)]));
            group.Attributes.AddRange(Provenance(layer));
            foreach (var weight in layer.Weights)
            {
                var steps = weight.Path.Split('/');
                var dataset = new Hdf5Dataset(weight.DType, weight.Arrangement.Shape);
                group.Path(steps.AsSpan(..^1)).Datasets[steps[^1]] = dataset;
                datasets.Add((weight, dataset));
            }
        }

        root.Attributes.AddRange(Hdf5Attribute.List("layer_names", [.. plan.Layers.Select(layer => layer.Name)]));
        root.Attributes.Add(Hdf5Attribute.Scalar("backend", "tensorflow"));
        root.Attributes.Add(Hdf5Attribute.Scalar("keras_version", KerasVersion));
        root.Attributes.Add(Hdf5Attribute.Scalar(KerasWeightsFile.ProvenancePrefix + "version", ToolVersion.Current));
        root.Attributes.Add(Hdf5Attribute.Scalar(KerasWeightsFile.ProvenancePrefix + "source", Path.GetFileName(source.Path.TrimEnd('/', '\\').Split(' ')[0])));
        root.Attributes.Add(Hdf5Attribute.Scalar(KerasWeightsFile.ProvenancePrefix + "source_format", source.Format));

        using var writer = new Hdf5Writer(path, root);
        long written = 0;
        foreach (var (weight, dataset) in datasets)
        {
            written = weight.DType == DType.Float64
                ? Stream<double>(writer, weight, dataset, nonFinite, written, progress, cancel)
                : Stream<float>(writer, weight, dataset, nonFinite, written, progress, cancel);
        }

        writer.Finish();
    }

    private static long Stream<T>(Hdf5Writer writer, PlannedWeight weight, Hdf5Dataset dataset, Dictionary<string, long> nonFinite, long written, Action<long>? progress, CancellationToken cancel)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        var shape = weight.Arrangement.Shape;
        var blockRows = Transform.BlockRows(shape, dataset.DType.ItemSize());
        var buffer = new T[blockRows * shape.RowLength];
        for (long first = 0; first < shape.Rows; first += blockRows)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = (int)Math.Min(blockRows, shape.Rows - first);
            var block = buffer.AsSpan(0, (int)(rows * shape.RowLength));
            Transform.Fill(weight.Arrangement, weight.Cell.Variables, first, rows, block);
            var bad = CountNonFinite<T>(block);
            if (bad > 0)
            {
                var name = string.Join(", ", weight.Recipe.Derivation.Roles.Select(role => weight.Cell.Variables[role].Name));
                nonFinite[name] = nonFinite.GetValueOrDefault(name) + bad;
            }

            writer.Append(dataset, MemoryMarshal.AsBytes(block));
            written += block.Length * dataset.DType.ItemSize();
            progress?.Invoke(written);
        }

        return written;
    }

    private static int CountNonFinite<T>(ReadOnlySpan<T> values)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        // A sum of x - x is 0 unless some x is NaN or infinite; only then are they counted.
        var sum = T.Zero;
        foreach (var value in values)
        {
            sum += value - value;
        }

        var count = 0;
        if (sum != T.Zero)
        {
            foreach (var value in values)
            {
                count += T.IsFinite(value) ? 0 : 1;
            }
        }

        return count;
    }

    private static IEnumerable<Hdf5Attribute> Provenance(PlannedLayer layer)
    {
        const string prefix = KerasWeightsFile.ProvenancePrefix;
        yield return Hdf5Attribute.Scalar(prefix + "cell", string.Join(", ", layer.Cells.Select(cell => cell.CellName)));
        yield return Hdf5Attribute.Scalar(prefix + "scope", string.Join(", ", layer.Cells.Select(cell => cell.Scope)));
        yield return Hdf5Attribute.Scalar(prefix + "activation", string.Join(", ", layer.Cells.Select(cell => Short(cell.Activation))));
        if (layer.Cells.Any(cell => cell.ForgetBias is not null))
        {
            yield return Hdf5Attribute.Scalar(prefix + "forget_bias", string.Join(", ", layer.Cells.Select(cell => Short(cell.ForgetBias!))));
        }
    }

    private static string Short<T>(Fact<T> fact) => string.Create(CultureInfo.InvariantCulture, $"{fact.Value} ({fact.Evidence.ToString().ToLowerInvariant()})");
}
