using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Layers of old Kerases as Keras 3 has them: CuDNN layers become the plain ones, and where an activation means another function there
/// (<c>hard_sigmoid</c> was <c>0.2x + 0.5</c> and is <c>x/6 + 0.5</c>) the weights in front of it are multiplied by 1.2, which gives the
/// same
/// numbers: both are 0 and 1 from the same inputs on.
/// </summary>
internal sealed class TodaysKeras
{
    private readonly string path;
    private readonly bool hasMasks;
    private readonly KerasTarget target;
    private readonly Activation other;

    private TodaysKeras(string path, bool hasMasks, KerasTarget target) =>
        (this.path, this.hasMasks, this.target, other) = (
            path,
            hasMasks,
            target,
            target.HardSigmoid == Activations.HardSigmoid ? Activations.HardSigmoid3 : Activations.HardSigmoid);

    /// <summary>What the weights in front of the other function are multiplied by.</summary>
    private double Scale => other == Activations.HardSigmoid ? Activations.HardSigmoidScale : 1 / Activations.HardSigmoidScale;

    /// <summary>What was changed, a sentence for each layer.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>A model as Keras 3 computes it alike.</summary>
    /// <param name="model">The model, its weights attached.</param>
    /// <param name="path">The file, for messages.</param>
    /// <param name="target">What is written.</param>
    /// <exception cref="UnsupportedModelException">A layer has no form there that computes the same; all are named.</exception>
    public static (Model Model, IReadOnlyList<string> Changes) Of(Model model, string path, KerasTarget target)
    {
        var today = new TodaysKeras(path, StoredWeights.Leaves(model).Any(leaf => leaf.Use.Layer.MakesMask(leaf.Use)), target);
        var changed = today.OfModel(model);
        if (target.Loader == KerasTarget.Default.Loader)
        {
            changed = NamedMasks.Unmasked(changed, today.Changes);
            today.Changes.AddRange(NamedMasks.Of(changed).Keys.Select(call =>
                $"{call.Name}: its mask is given by name, for Keras 3 looks for none where a layer begins with states that it is handed"));
        }

        return (today.hasMasks && target.Loader == KerasTarget.Default.Loader ? MaskedMerges.Renamed(changed, today.Changes) : changed, today.Changes);
    }

    /// <summary>Why layers cannot be written for Keras 3, as phrases; empty if all can.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<string> Obstacles(Model model) =>
        [.. StoredWeights.Leaves(model).Select(leaf => Obstacle(leaf.Path, leaf.Use)).OfType<string>()];

    /// <summary>Why a layer cannot be written for Keras 3, as a phrase; null if it can.</summary>
    /// <param name="names">Its name, and those of the models around it.</param>
    /// <param name="use">The layer.</param>
    public static string? Obstacle(IReadOnlyList<string> names, KerasUse use)
    {
        var name = string.Join('/', names);
        return use.UnknownConfiguration is not null ? $"{name} is {use.ClassName}, a layer of its own that no configuration explains"
            : use
                .Inner.Select(inner => Obstacle([.. names, inner.Name.Length > 0 ? inner.Name : inner.Layer.SnakeName], inner))
                .FirstOrDefault(found => found is not null)
                is { } below
                ? below
            : use.Layer.Arguments.FirstOrDefault(argument =>
                argument.IsActivation && use[argument.Name].Text is { } text && Activations.Find(text) is null)
                is { } unknown
                ? $"{name} is {use.ClassName} with {unknown.Name}={use[unknown.Name]}, a function of its own that no file explains"
            : use.Layer.Refusal?.Invoke(use) is { } refusal ? $"{name} is {use.ClassName}: {refusal}"
            : null;
    }

    private Model OfModel(Model model) => model.With(layer => layer.Callee switch
    {
        KerasUse use => OfLayer(use, layer.Name),
        NestedModel nested => nested with { Model = OfModel(nested.Model) },
        var other => other,
    });

    private KerasUse OfLayer(KerasUse use, string name)
    {
        if (use.Inner.Count > 0)
        {
            return OfWrapper(use, name);
        }

        var today = use.Layer.Today is { } change ? StoredWeights.FromArrays(change(StoredWeights.Loaded(use, path)), name) : use;
        if (today.Layer != use.Layer)
        {
            Changes.Add($"{name}: {use.ClassName} is {today.ClassName} now, with weights in its order");
        }

        var gates = today.Layer.Arguments.FirstOrDefault(argument => argument.Name == RecurrentArguments.RecurrentActivation.Name);
        if (gates is not null && today.ActivationName(gates.Name) == other.Name)
        {
            today = Rescaled(today, name, gates, definition => definition.Squashed);
        }

        var function = today.Layer.Arguments.FirstOrDefault(argument =>
            argument.IsActivation && argument.Name == RecurrentArguments.Activation.Name);
        return function is null || today.ActivationName(function.Name) != other.Name ? today
            : today.Layer.ActivatesLast && today.Stored.Count > 0 ? Rescaled(today, name, function, definition => definition.Gates ?? "all")
            : throw new UnsupportedModelException(
                $"{name} is {use.ClassName} with {function.Name}=hard_sigmoid, {Said(other)} in the Keras that wrote it; {Reader} has {Said(target.HardSigmoid)} under that name, and no weights stand between that could make both equal."
            );
    }

    private KerasUse OfWrapper(KerasUse use, string name)
    {
        var (start, inner, stored) = (0, new List<KerasUse>(), new List<Tensor>());
        foreach (var one in use.Inner)
        {
            var count = one.WeightDefinitions.Count;
            var own = OfLayer(
                one with
                {
                    Stored = [.. use.Stored.Skip(start).Take(count)],
                },
                $"{name}/{(one.Name.Length > 0 ? one.Name : one.Layer.SnakeName)}");
            start += count;
            stored.AddRange(own.Stored);
            inner.Add(own with { Stored = [] });
        }

        var today = use with { Inner = inner, Stored = stored };
        if (!Bidirectional.Repeats(today) || target.RepeatsMasked)
        {
            return today;
        }

        if (hasMasks && today.ReturnsSequences)
        {
            Changes.Add($"{name}: the Keras that wrote it repeats the last output after a row's end, Keras 3 gives zeros there");
        }

        return Bidirectional.WithZeros(today);
    }

    private string Reader => target.Loader == KerasTarget.Default.Loader ? "Keras 3" : target.Loader;

    private static string Said(Activation one) => one == Activations.HardSigmoid ? "0.2x + 0.5" : "x/6 + 0.5";

    /// <summary>A layer with the columns of some gates multiplied; of a weight without gates all, if it stands in front of one.</summary>
    private KerasUse Rescaled(KerasUse use, string name, ArgumentDefinition argument, Func<WeightDefinition, string> gatesOf)
    {
        Changes.Add(
            $"{name}: {argument.Name} hard_sigmoid is {Said(other)} in the Keras that wrote it and {Said(target.HardSigmoid)} in {Reader}; the weights in front of it are multiplied by {(Scale > 1 ? "1.2" : "1/1.2")}"
        );
        var arrays = StoredWeights
            .Loaded(use, path)
            .Weights.Zip(use.WeightDefinitions, (weight, definition) =>
                definition.Gates is not { } gates
                    ? gatesOf(definition).Length > 0 ? weight * Scale : weight
                    : NumericArray.Concatenate([
                        .. gates.Select(
                            (gate, k) =>
                                RecurrentWeights.Block(weight, gates.Length, k) is var block && gatesOf(definition).Contains(gate)
                                    ? block * Scale
                                    : block),
                    ]));
        return StoredWeights.FromArrays(
            use.With(argument.Name, FactValue.Of(target.HardSigmoid.Name)) with
            {
                Weights = [.. arrays],
            },
            name);
    }
}
