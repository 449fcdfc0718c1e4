using System.Numerics;
using System.Runtime.InteropServices;
using LstmConvert.Arrays;
using LstmConvert.Facts;
using LstmConvert.Files;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>How a result is written.</summary>
public sealed record WriteOptions
{
    /// <summary>True replaces an existing file.</summary>
    public bool Overwrite { get; init; }

    /// <summary>False leaves out the check after writing.</summary>
    public bool Check { get; init; } = true;

    /// <summary>The format; null for a legacy weights file.</summary>
    public KerasTarget? Target { get; init; }

    /// <summary>The Python module for layers of ours; null for one beside the file, named after it.</summary>
    public string? LayersPath { get; init; }

    /// <summary>Told the number of bytes written so far.</summary>
    public Action<long>? Progress { get; init; }
}

/// <summary>What a conversion wrote.</summary>
/// <param name="Path">The file.</param>
/// <param name="ByteCount">Its size in bytes.</param>
/// <param name="NonFinite">The variables that hold NaN or infinity, and how many.</param>
/// <param name="Check">What the check after writing found; null if it was left out.</param>
public sealed record ConversionResult(
    string Path,
    long ByteCount,
    IReadOnlyList<(string Variable, long Count)> NonFinite,
    ReadBackResult? Check)
{
    /// <summary>The Python module with the layers that no Keras has; null where stock layers are enough.</summary>
    public LayerModule? Layers { get; init; }
}

/// <summary>Executes a plan: writes a file in blocks of rows, reads it back, renames it.</summary>
internal static class Converter
{
    /// <summary>Writes the file.</summary>
    /// <param name="plan">The conversion.</param>
    /// <param name="path">The target.</param>
    /// <param name="options">How to write it.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="OutputException">The target exists, cannot be written, or did not pass the check.</exception>
    /// <exception cref="UnreadableInputException">A weight cannot be read.</exception>
    /// <exception cref="UnsupportedModelException">The format cannot hold the model.</exception>
    public static ConversionResult Convert(ConversionPlan plan, string path, WriteOptions options, CancellationToken cancel)
    {
        var target = options.Target ?? KerasTarget.Default;
        if (target.Misnamed(path) is { } problem)
        {
            throw new UsageException(problem);
        }

        if (plan.HardSigmoid is { } planned && planned != target.HardSigmoid)
        {
            throw new UsageException(
                $"{path} is to be written as {target.Name}, where hard_sigmoid is another function than in what was planned. Plan it for what is written.");
        }

        plan.RefuseFor(target);
        var nonFinite = new Dictionary<string, long>(StringComparer.Ordinal);
        var module = plan.LayerModule(path, target, options.LayersPath);
        var (length, check) = ModuleFile.WriteWith(module, options.Overwrite, writeModule =>
            target.Place(path, options.Overwrite, temporary =>
            {
                target.Write(temporary, Written(plan, nonFinite), new WeightStream(options.Progress, cancel));
                var (length, check) = (target.Length(temporary), options.Check ? ReadBack.Check(plan, temporary, target, cancel) : null);
                writeModule();
                return (length, check);
            }));
        return new ConversionResult(path, length, [.. nonFinite.Select(pair => (pair.Key, pair.Value))], check) { Layers = module };
    }

    /// <summary>The plan's model with its weights, computed as they are read.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="nonFinite">Told, as they are read, of the numbers that are NaN or infinite.</param>
    public static WrittenModel Written(ConversionPlan plan, Dictionary<string, long> nonFinite)
    {
        var planned = plan.Planned.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        var model = plan.Keras.With(layer =>
            layer.Callee is KerasUse use && planned.TryGetValue(layer.Name, out var known)
                ? use with
                {
                    Stored =
                    [
                        .. known.Weights.Select(weight => new PlannedTensor($"{layer.Name}/{weight.Definition.Name}", weight, nonFinite)),
                    ],
                }
                : layer.Callee);
        return new WrittenModel(model, Provenance(plan.Source.Variables))
        {
            LayerProvenance = plan.Planned.ToDictionary(
                layer => layer.Name,
                layer => (IReadOnlyList<(string, string)>)[.. Provenance(layer)],
                StringComparer.Ordinal),
        };
    }

    /// <summary>A weight of the result: whole rows of it are computed from the source's variables when they are read.</summary>
    private sealed class PlannedTensor(string name, PlannedWeight weight, Dictionary<string, long> nonFinite)
        : Tensor(new TensorInfo(name, weight.DType, weight.Arrangement.Shape))
    {
        /// <inheritdoc/>
        public override void Read(long offset, Span<byte> destination)
        {
            var rowBytes = Math.Max(1, Shape.RowLength * DType.ItemSize());
            if (offset % rowBytes != 0 || destination.Length % rowBytes != 0)
            {
                throw new InvalidOperationException($"{Name} is read by whole rows of {rowBytes} bytes.");
            }

            var (first, rows) = (offset / rowBytes, (int)(destination.Length / rowBytes));
            var bad =
                DType == DType.Float64 ? Fill<double>(weight, first, rows, destination) : Fill<float>(weight, first, rows, destination);
            if (bad > 0)
            {
                var variables = string.Join(", ", weight.Recipe.Derivation.Roles.Select(role => weight.Cell.Variables[role].Name));
                nonFinite[variables] = nonFinite.GetValueOrDefault(variables) + bad;
            }
        }
    }

    private static int Fill<T>(PlannedWeight weight, long first, int rows, Span<byte> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var block = MemoryMarshal.Cast<byte, T>(destination);
        Transform.Fill(weight.Arrangement, weight.Cell.Variables, first, rows, block);
        return StoredNumbers.CountNonFinite<T>(block);
    }

    private static (string Name, string Value)[] Provenance(TensorSet source) =>
    [
        ("version", ToolVersion.Current),
        ("source", Path.GetFileName(source.Path.TrimEnd('/', '\\').Split(' ')[0])),
        ("source_format", source.Format),
    ];

    /// <summary>Cell, scope and facts in short, of both directions where a layer holds both; never a path.</summary>
    private static IEnumerable<(string Name, string Value)> Provenance(PlannedLayer layer)
    {
        if (layer.IsAround)
        {
            yield return (
                "variables",
                string.Join(", ", layer.Cells.SelectMany(cell => cell.Variables.Values).Select(variable => variable.Name)));
            yield break;
        }

        yield return ("cell", string.Join(", ", layer.Cells.Select(cell => cell.Definition.Name)));
        yield return ("scope", string.Join(", ", layer.Cells.Select(cell => cell.Scope)));
        foreach (var name in layer.Cells.SelectMany(cell => cell.Facts).Select(fact => fact.Name).Distinct())
        {
            if (layer.Cells.All(cell => cell.Find(name) is not null))
            {
                yield return (name, string.Join(", ", layer.Cells.Select(cell => Short(cell.Find(name)!))));
            }
        }
    }

    private static string Short(Fact fact) => $"{fact.Value} ({fact.Evidence.KindName})";
}
