using System.Text.Json.Nodes;
using LstmConvert.Equations;
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

    private readonly Dictionary<string, (bool IsThere, MaskOrigin? Origin)[]> masks = new(StringComparer.Ordinal);
    private readonly Lazy<HashSet<string>> readAfter;

    private NamedMasks(Model model, IEnumerable<string> maskedInputs)
    {
        (this.model, this.maskedInputs) = (model, [.. maskedInputs]);
        readAfter = new(ReadAfter);

        // Each call stands after those that it reads, so that a mask is followed once however many ways lead to it.
        foreach (var call in model.Calls)
        {
            masks[call.Name] = Masks(call);
        }
    }

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

    /// <summary>A model with something in front of what computes by masks in Keras 3 and not in the Keras that wrote it: a layer that hands
    /// numbers on and no mask.</summary>
    /// <param name="model">The model.</param>
    /// <param name="changes">Told a sentence for each.</param>
    public static Model Unmasked(Model model, List<string> changes) =>
        StoredWeights.Leaves(model).Any(leaf => Merging.CombinesAll(leaf.Use)) ? new NamedMasks(model, []).WithoutMasks(changes) : model;

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

    private Model WithoutMasks(List<string> changes)
    {
        var (calls, inside) = (new List<Call>(), new Dictionary<ICallable, ICallable>(ReferenceEqualityComparer.Instance));
        foreach (var call in model.Calls)
        {
            if (call.Callee is NestedModel nested)
            {
                inside.TryAdd(nested, nested with { Model = Inside(nested, call).WithoutMasks(changes) });
                calls.Add(call with { Callee = inside[nested] });
            }
            else if (call.Callee is KerasUse use && Merging.CombinesAll(use))
            {
                inside.TryAdd(use, Merging.ByMasks(use));
                calls.AddRange(Unmasked(call with { Callee = inside[use] }, changes));
            }
            else
            {
                calls.Add(call);
            }
        }

        return model with { Calls = calls };
    }

    /// <summary>A call with its masked inputs handed on without their masks; as it is where a layer behind it computes by the mask that it
    /// hands on, for that sees no other numbers.</summary>
    private IEnumerable<Call> Unmasked(Call call, List<string> changes)
    {
        var masked = call.Inputs.Index().Where(input => Mask(input.Item).IsThere).ToArray();
        if (masked.Length == 0 || (masked.Length == call.Inputs.Count && readAfter.Value.Contains(call.Name)))
        {
            return [call];
        }

        changes.Add(
            $"{call.Name}: a layer before it drops the mask, by which Keras 3 computes in {call.Callee.ClassName} and older ones do not");
        var before = masked.Select(input => new Call($"{call.Name}_input_{input.Index}", ImageShapes.HandingOn(), [input.Item])).ToArray();
        var inputs = call.Inputs.ToArray();
        foreach (var ((place, _), own) in masked.Zip(before))
        {
            inputs[place] = new Port(own.Name);
        }

        return [.. before, call with { Inputs = inputs }];
    }

    /// <summary>The calls behind which something computes by the mask that comes from them; each is looked at once, from the last to the
    /// first.</summary>
    private HashSet<string> ReadAfter()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var call in model.Calls.Reverse())
        {
            var isRead = call.Callee is not KerasUse use || use.Layer.ReadsMask || use.IsRecurrent || use.Inner.Any(inner => inner.IsRecurrent)
                || ((use.Layer.KeepsMask || use.Layer.PassesThrough) && found.Contains(call.Name));
            if (isRead)
            {
                found.UnionWith(call.Reads.Where(port => port.State is null).Select(port => port.From));
            }
        }

        return found;
    }

    private NamedMasks Inside(NestedModel nested, Call call) =>
        new(nested.Model, nested.Model.Inputs.Zip(call.Inputs).Where(pair => Mask(pair.Second).IsThere).Select(pair => pair.First.Name));

    /// <summary>Whether a value has a mask, and the one layer that made it.</summary>
    private (bool IsThere, MaskOrigin? Origin) Mask(Port port) =>
        port.State is not null ? default
        : masks.TryGetValue(port.From, out var outputs) ? (outputs.Length == 1 ? outputs[0] : outputs[port.Output])
        : (maskedInputs.Contains(port.From), null);

    /// <summary>The masks of what a call gives, of a nested model for each output.</summary>
    private (bool IsThere, MaskOrigin? Origin)[] Masks(Call call)
    {
        if (call.Callee is NestedModel nested)
        {
            var inside = Inside(nested, call);
            return [.. nested.Model.Outputs.Select(output => (inside.Mask(output).IsThere, (MaskOrigin?)null))];
        }

        if (call.Callee is not KerasUse use)
        {
            return [default];
        }

        if (use.Layer.MakesMask(use))
        {
            return [(true, new MaskOrigin(use, call.Inputs[0]))];
        }

        if (!(use.Layer.KeepsMask || use.Layer.PassesThrough || (use.IsRecurrent && use.ReturnsSequences)))
        {
            return [default];
        }

        var read = call.Inputs.Select(Mask).ToArray();
        return [read.Any(mask => mask.IsThere) ? (true, read.Distinct().Count() == 1 ? read[0].Origin : null) : default];
    }
}
