using System.Text.Json.Nodes;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>Where a mask comes from.</summary>
/// <param name="Maker">The layer that makes it.</param>
/// <param name="Of">What that layer reads.</param>
internal sealed record MaskOrigin(KerasUse Maker, Port Of);

/// <summary>
/// Masks that a call must be given by name: Keras 3 finds the mask of what a layer reads where it is called with one tensor only, and a
/// recurrent layer that is handed states is called with more (keras 3.15.1 src/layers/layer.py <c>__call__</c>). Without its name a decoder
/// walks steps that are none. They are written as Keras 3 writes masks (<see cref="RecordedMasks"/>):
/// <code>
/// embedding(ids) -> lstm(x, initial_state=[h, c], mask=not_equal(ids, 0))          masking(x) -> … mask=any(not_equal(x, value))
/// </code>
/// </summary>
internal sealed class NamedMasks
{
    private const string Module = "keras.src.ops.numpy";
    private const string Comparison = "NotEqual";
    private const string Any = "Any";

    private readonly Model model;
    private readonly HashSet<string> maskedInputs;

    private NamedMasks(Model model, IEnumerable<string> maskedInputs) =>
        (this.model, this.maskedInputs) = (model, [.. maskedInputs]);

    /// <summary>The calls of a model, and of those in it, that must be given their mask.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="UnsupportedModelException">A mask is not that of one layer in the same model.</exception>
    public static IReadOnlyDictionary<Call, MaskOrigin> Of(Model model)
    {
        var found = new Dictionary<Call, MaskOrigin>(ReferenceEqualityComparer.Instance as IEqualityComparer<Call>);
        if (StoredWeights.Leaves(model).Any(leaf => leaf.Use.Layer.MakesMask(leaf.Use)))
        {
            new NamedMasks(model, []).Collect(found);
        }

        return found;
    }

    /// <summary>The operations that make a mask, as layers of a configuration.</summary>
    /// <param name="origin">Where it comes from.</param>
    /// <param name="name">The name of the last one.</param>
    /// <param name="tensor">Writes a tensor.</param>
    public static IEnumerable<JsonNode> Operations(MaskOrigin origin, string name, Func<Port, JsonNode> tensor)
    {
        var isOfFeatures = Masking.Is(origin.Maker);
        var compared = isOfFeatures ? $"{name}_steps" : name;
        yield return Operation(Comparison, compared, [], tensor(origin.Of), origin.Maker.Layer.MaskedValue(origin.Maker));
        if (isOfFeatures)
        {
            yield return Operation(Any, name, new JsonObject { ["axis"] = -1, ["keepdims"] = false }, tensor(new Port(compared)));
        }
    }

    private static JsonObject Operation(string className, string name, JsonObject config, params JsonNode[] arguments)
    {
        config["name"] = name;
        return new JsonObject
        {
            ["module"] = Module,
            ["class_name"] = className,
            ["config"] = config,
            ["registered_name"] = className,
            ["name"] = name,
            ["inbound_nodes"] = new JsonArray((JsonNode)new JsonObject { ["args"] = new JsonArray(arguments), ["kwargs"] = new JsonObject() }),
        };
    }

    private void Collect(Dictionary<Call, MaskOrigin> found)
    {
        foreach (var call in model.Calls)
        {
            if (call.Callee is NestedModel nested)
            {
                Inside(nested, call).Collect(found);
            }
            else if (call is { InitialStates: not null, IgnoresMask: false, Inputs: [var read, ..] } && Mask(read) is { IsThere: true } mask)
            {
                found[call] = mask.Origin ?? throw new UnsupportedModelException(
                    $"{call.Name} ({call.Callee.ClassName}) begins with states that it is handed and reads steps under a mask that is put together of several: Keras 3 must be told the mask of such a layer by name. Its weights convert; the code around them must be written again.",
                    [new OnlyRecurrentRemedy()]);
            }
        }
    }

    private NamedMasks Inside(NestedModel nested, Call call) =>
        new(nested.Model, nested.Model.Inputs.Zip(call.Inputs).Where(pair => Mask(pair.Second).IsThere).Select(pair => pair.First.Name));

    /// <summary>Whether a value has a mask, and the one layer that made it.</summary>
    private (bool IsThere, MaskOrigin? Origin) Mask(Port port)
    {
        if (port.State is not null || model.Find(port.From) is not { } call)
        {
            return (port.State is null && maskedInputs.Contains(port.From), null);
        }

        if (call.Callee is NestedModel nested)
        {
            return (Inside(nested, call).Mask(nested.Model.Outputs[port.Output]).IsThere, null);
        }

        if (call.Callee is not KerasUse use)
        {
            return default;
        }

        if (use.Layer.MakesMask(use))
        {
            return (true, new MaskOrigin(use, call.Inputs[0]));
        }

        if (!(use.Layer.KeepsMask || use.Layer.PassesThrough || (use.IsRecurrent && use.ReturnsSequences)))
        {
            return default;
        }

        var masks = call.Inputs.Select(Mask).ToArray();
        return !masks.Any(mask => mask.IsThere) ? default : (true, masks.Distinct().Count() == 1 ? masks[0].Origin : null);
    }
}
