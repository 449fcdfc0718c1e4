using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>A layer of a Keras file, as people look at it.</summary>
/// <param name="Name">Its name; of a layer in a nested model with that model's name before it.</param>
/// <param name="ClassName">Keras's class; null in a file of weights alone.</param>
/// <param name="Settings">The settings that change what it computes: <c>activation=tanh</c>.</param>
/// <param name="Reads">The layers and inputs that it reads.</param>
/// <param name="Weights">Its weights in order.</param>
/// <param name="Provenance">lstmconvert's attributes of the layer by name.</param>
public sealed record InspectedLayer(
    string Name,
    string? ClassName,
    IReadOnlyList<string> Settings,
    IReadOnlyList<string> Reads,
    IReadOnlyList<Tensor> Weights,
    IReadOnlyDictionary<string, string> Provenance);

/// <summary>What is inside a Keras file of any kind.</summary>
public sealed class KerasInspection : IDisposable
{
    private readonly KerasFile file;

    private KerasInspection(KerasFile file)
    {
        this.file = file;
        Model? model = null;
        try
        {
            model = file.ReadModel();
        }
        catch (UnsupportedModelException e)
        {
            Problem = e.Message;
        }

        Inputs = [.. model?.Inputs.Select(KerasCode.Shape) ?? []];
        Layers = model is null
            ? [.. file.Layers.Select(layer => new InspectedLayer(layer.Name, null, [], [], layer.Weights, layer.Provenance))]
            : [.. Of(model, "", file.Layers.ToLookup(layer => layer.Name, StringComparer.Ordinal))];
    }

    /// <summary>The path.</summary>
    public string Path => file.Path;

    /// <summary>What kind of file it is, as a noun.</summary>
    public string Format => file.Format;

    /// <summary>The version of Keras that the file names, or null.</summary>
    public string? KerasVersion => file.KerasVersion;

    /// <summary>Why the file's model is not shown, as a sentence; null if it is, or if there is none.</summary>
    public string? Problem { get; }

    /// <summary>The datasets of the file that no layer has.</summary>
    public IReadOnlyList<LeftOut> LeftOut => [.. file.LeftOver.Select(name => new LeftOut(name, "no layer of the file has it"))];

    /// <summary>The inputs of the model with their shapes; empty for weights alone.</summary>
    public IReadOnlyList<string> Inputs { get; }

    /// <summary>The layers, in Keras's order.</summary>
    public IReadOnlyList<InspectedLayer> Layers { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is of no kind that is known, or is broken.</exception>
    public static KerasInspection Open(string path)
    {
        var file = KerasFile.Open(path);
        try
        {
            return new KerasInspection(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static IEnumerable<InspectedLayer> Of(Model model, string prefix, ILookup<string, KerasFileLayer> stored)
    {
        foreach (var layer in KerasOrder.Of(model))
        {
            var reads = layer.Calls.SelectMany(call => call.Reads).Select(Text).Distinct(StringComparer.Ordinal).ToArray();
            var provenance = stored[layer.Name].FirstOrDefault()?.Provenance ?? new Dictionary<string, string>(StringComparer.Ordinal);
            var use = layer.Callee as KerasUse;
            yield return new InspectedLayer(
                prefix + layer.Name,
                layer.Callee.ClassName,
                use is null ? [] : [.. Settings(use)],
                reads,
                use?.Stored ?? [],
                provenance);
            foreach (var inner in layer.Callee is NestedModel nested ? Of(nested.Model, $"{prefix}{layer.Name}/", stored) : [])
            {
                yield return inner;
            }
        }
    }

    private static string Text(Port port) =>
        port.State is { } state ? $"{port.From} (state {state})"
        : port.Output > 0 ? $"{port.From} (output {port.Output})"
        : port.From;

    private static IEnumerable<string> Settings(KerasUse use)
    {
        foreach (var argument in use.Layer.Arguments.Where(argument => use[argument.Name] != (argument.LeftOutIf ?? FactValue.None)))
        {
            yield return $"{argument.Name}={use[argument.Name]}";
        }

        if (use.Further.TryGetValue("stateful", out var stateful) && stateful == "true")
        {
            yield return "stateful=yes";
        }

        foreach (var inner in use.Inner)
        {
            yield return $"{inner.ClassName}({string.Join(", ", Settings(inner))})";
        }
    }
}
