using System.Text.RegularExpressions;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Layers that Keras 3 cannot build under the name that Keras itself gave them: of a layer that joins masked inputs it makes operations,
/// one of them called <c>concatenate</c>, and no two of a model may be called alike (keras 3.15.1 src/layers/merging/concatenate.py
/// <c>compute_mask</c>, src/ops/function.py).
/// </summary>
internal static partial class MaskedMerges
{
    private const string Suffix = "_layer";

    /// <summary>The model with other names for such layers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="changes">Told a sentence for each.</param>
    public static Model Renamed(Model model, List<string> changes) =>
        Renamed(model, [.. model.Inputs.Select(_ => false)], changes).Model;

    private static (Model Model, bool[] Masks) Renamed(Model model, IReadOnlyList<bool> inputs, List<string> changes)
    {
        var masks = model.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        var (names, nested) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, Model>(StringComparer.Ordinal));
        bool Masked(Port port) => port.State is null && masks.GetValueOrDefault(port.From);
        foreach (var call in model.Calls)
        {
            var isMasked = call.Inputs.Any(Masked);
            if (call.Callee is NestedModel inner)
            {
                var (changed, outputs) = Renamed(inner.Model, [.. call.Inputs.Select(Masked)], changes);
                (nested[call.Name], masks[call.Name]) = (changed, outputs.Any(output => output));
            }
            else if (call.Callee is KerasUse use)
            {
                masks[call.Name] = use.Layer.MakesMask(use)
                    || (isMasked && (use.Layer.KeepsMask || use.Layer.PassesThrough || (use.IsRecurrent && use.ReturnsSequences)));
                if (isMasked && !model.IsSequential && use.Layer == Concatenate.Definition && OfKeras().IsMatch(call.Name))
                {
                    names[call.Name] = Free(call.Name + Suffix, model);
                    changes.Add(
                        $"{call.Name}: it is called {names[call.Name]} now, for Keras 3 gives its name to the operation that joins the masks");
                }
            }
        }

        var outputsOf = model.Outputs.Select(Masked).ToArray();
        var renamed = model.With(layer => nested.TryGetValue(layer.Name, out var changed) && layer.Callee is NestedModel one
            ? one with { Model = changed } : layer.Callee);
        return (names.Count == 0 ? renamed : renamed.Renamed(name => names.GetValueOrDefault(name, name)), outputsOf);
    }

    private static string Free(string name, Model model)
    {
        while (model.Find(name) is not null || model.Inputs.Any(input => input.Name == name))
        {
            name += "_";
        }

        return name;
    }

    [GeneratedRegex(@"^concatenate(_\d+)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex OfKeras();
}
