using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Keras's Bidirectional (keras 2.2.4 keras/layers/wrappers.py:333, 3.15.1 src/layers/rnn/bidirectional.py): a layer forward, a layer
/// backward whose outputs are put in the order of the input, and both merged. Weights: the forward layer's, then the backward layer's.
/// </summary>
internal static class Bidirectional
{
    private const string Layer = "layer";
    private const string ForwardLayer = "forward_layer";
    private const string BackwardLayer = "backward_layer";

    private static readonly ArgumentDefinition MergeModeArgument = new("merge_mode", FactValue.Of("concat"))
    {
        Honours = value => value.IsNone || value.Text is "concat" or "sum" or "mul" or "ave",
    };

    /// <summary>Whether masked steps give zeros: not before TensorFlow 2, where they repeat what was there before. Never in a
    /// configuration; the version says it.</summary>
    private static readonly ArgumentDefinition RepeatsMasked =
        new("repeats_masked", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false), IsNeverWritten = true };

    private const string ForwardPrefix = "forward_";
    private const string BackwardPrefix = "backward_";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("Bidirectional")
    {
        Weights = use =>
            use.Inner is not [var forward, var backward] ? [] : [.. Named(ForwardPrefix, forward), .. Named(BackwardPrefix, backward)],
        Arguments = [MergeModeArgument, RepeatsMasked],
        InnerKeys = [Layer, BackwardLayer],
        Inner = use =>
            IsMirrored(use) ? [new(Layer, [use.Inner[0]])]
            : [new(Layer, [use.Inner[0]]), new(BackwardLayer, [use.Inner[1]], IsPositional: false)],
        WithInner = (use, inner) =>
            use with { Inner = [inner[Layer][0], inner.TryGetValue(BackwardLayer, out var own) ? own[0] : Mirrored(inner[Layer][0])] },
        Parts = use => use.Inner is not [var forward, var backward] ? []
            : [.. LayerPart.Below(new PartStep(ForwardLayer), forward), .. LayerPart.Below(new PartStep(BackwardLayer), backward)],
        States = use => use.Inner is not [var forward, var backward] ? [] : [.. forward.States, .. backward.States],
        StateWidths = use => [.. use.Inner.SelectMany(inner => inner.StateWidths)],
        OutputCount = use => use[MergeModeArgument.Name].IsNone ? 2 : 1,
        Width = (use, inputs) => use.Inner is not [var forward, var backward] ? null
            : use[MergeModeArgument.Name].Text == "concat" ? forward.WidthFor(inputs) + backward.WidthFor(inputs)
                : forward.WidthFor(inputs),
        Run = Run,
        Loaded = (use, weights) => weights.Count % 2 != 0 || use.Inner is not [var forward, var backward] ? weights
            : [.. forward.Layer.Loaded(forward, [.. weights.Take(weights.Count / 2)]),
                .. backward.Layer.Loaded(backward, [.. weights.Skip(weights.Count / 2)])],
        Wrong = Wrong,
        BrowserRefusal = RefusedInBrowser,
        IsRecurrent = true,
        InnerStates = true,
        IsNamed = true,
    };

    /// <summary>Two layers as one. The backward one walks from the end.</summary>
    /// <param name="forward">The forward layer.</param>
    /// <param name="backward">The backward layer.</param>
    /// <param name="mode"><c>concat</c>, <c>sum</c>, <c>mul</c>, <c>ave</c>, or null for two outputs.</param>
    public static KerasUse Merge(KerasUse forward, KerasUse backward, string? mode = "concat") =>
        new(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [MergeModeArgument.Name] = mode is null ? FactValue.None : FactValue.Of(mode),
        })
        {
            Inner = [forward.Forward() with { Name = NameOf(forward) }, backward.Backward() with { Name = NameOf(backward) }],
            Weights = [.. forward.Weights, .. backward.Weights],
        };

    /// <summary>The layer that stands for a forward and a backward one, whose outputs stand side by side.</summary>
    /// <param name="forward">The forward layer.</param>
    /// <param name="backward">The backward layer, as it would walk forward.</param>
    public static LayerRecipe Of(LayerRecipe forward, LayerRecipe backward)
    {
        var use = Merge(forward.Use, backward.Use);
        return new LayerRecipe(Definition, use.Arguments, [.. forward.Weights, .. backward.Weights])
        {
            Inner = use.Inner,
            CellStates = [.. forward.CellStates, .. backward.CellStates],
        };
    }

    /// <summary>True if code for every Keras can say both as one: they differ in the direction only.</summary>
    /// <param name="forward">The forward layer.</param>
    /// <param name="backward">The backward layer.</param>
    public static bool CanMerge(KerasUse forward, KerasUse backward) => forward.IsRecurrent && IsMirrored(Merge(forward, backward));

    /// <summary>The same layer as Keras without TensorFlow 2 computes it: masked steps repeat the last output.</summary>
    /// <param name="use">The layer.</param>
    public static KerasUse RepeatingMasked(KerasUse use) =>
        use.Layer.ClassName == Definition.ClassName ? use.With(RepeatsMasked.Name, FactValue.Of(true)) : use;

    /// <summary>True if masked steps repeat what was there before, as no Keras since TensorFlow 2 computes.</summary>
    /// <param name="use">The layer.</param>
    public static bool Repeats(KerasUse use) => Is(use) && use.Is(RepeatsMasked.Name);

    /// <summary>The same layer as Kerases since TensorFlow 2 compute it: zeros at masked steps.</summary>
    /// <param name="use">The layer.</param>
    public static KerasUse WithZeros(KerasUse use) => use.With(RepeatsMasked.Name, FactValue.Of(false));

    /// <summary>True if a layer is one.</summary>
    /// <param name="use">The layer.</param>
    public static bool Is(KerasUse use) => use.Layer.ClassName == Definition.ClassName;

    /// <summary>The mode that is the same as a merge of two outputs; null if the layer merges in another way, or not at all.</summary>
    /// <param name="merge">The layer that merges.</param>
    public static string? ModeOf(KerasUse merge) => merge.ClassName == Concatenate.Definition.ClassName ? "concat"
        : merge.ClassName == AddLayer.Definition.ClassName ? "sum"
        : merge.ClassName == MultiplyLayer.Definition.ClassName ? "mul"
        : merge.ClassName == AverageLayer.Definition.ClassName ? "ave"
        : null;

    /// <summary>How both outputs are merged: <c>concat</c>, <c>sum</c>, <c>mul</c>, <c>ave</c>; null where they are two.</summary>
    /// <param name="use">The layer.</param>
    public static string? Merges(KerasUse use) => use[MergeModeArgument.Name].Text;

    /// <summary>Both outputs as the layer merges them; null where it puts them beside each other, or leaves them apart.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="forward">The forward one.</param>
    /// <param name="backward">The backward one, in the order of the input's steps.</param>
    public static Sequence? Merged(KerasUse use, Sequence forward, Sequence backward) =>
        Mode(use) is MergeMode.None or MergeMode.Concat
            ? null
            : Equations.Keras.Bidirectional.Merge(Mode(use), forward, backward, Precision.Double)[0];

    /// <summary>The same layers with both outputs apart, the forward one first.</summary>
    /// <param name="use">The layer.</param>
    public static KerasUse Apart(KerasUse use) => use.With(MergeModeArgument.Name, FactValue.None).ReturningSequences();

    /// <summary>The layer as programs name what is in it, here and in every layer inside: both directions by one name, before which Keras 2
    /// and
    /// TensorFlow.js put the direction themselves. Keras 3 keeps the names with the direction in its files.</summary>
    /// <param name="use">The layer.</param>
    public static KerasUse WithoutDirections(KerasUse use)
    {
        var inner = use.Inner.Select(WithoutDirections).ToArray();
        if (Is(use) && inner is [var forward, var backward])
        {
            var name = NameOf(forward);
            name =
                name.Length > ForwardPrefix.Length && name.StartsWith(ForwardPrefix, StringComparison.Ordinal)
                    ? name[ForwardPrefix.Length..]
                    : name;
            inner = [forward with { Name = name }, backward with { Name = name }];
        }

        return use with { Inner = inner };
    }

    /// <summary>TensorFlow.js makes the backward layer of the forward one, and repeats the last output after a row's end.</summary>
    private static string? RefusedInBrowser(KerasUse use, bool hasMasks) =>
        use.Inner.Any(inner => inner.Inner.Count > 0)
            ? "TensorFlow.js cannot make the backward layer of one that holds cells (its copy of the configuration lacks them)"
        : use.Inner.Count == 2 && !IsMirrored(use) ? "TensorFlow.js makes the backward layer of the forward one, and these differ"
        : hasMasks && use.ReturnsSequences && !Repeats(use)
            ? "TensorFlow.js repeats the last output at masked steps, and Keras since TensorFlow 2 gives zeros there"
        : null;

    private static string NameOf(KerasUse inner) => inner.Name.Length > 0 ? inner.Name : inner.Layer.SnakeName;

    private static IEnumerable<WeightDefinition> Named(string direction, KerasUse inner)
    {
        var name = NameOf(inner);
        var prefix = name.StartsWith(direction, StringComparison.Ordinal) ? name : direction + name;
        return inner.WeightDefinitions.Select(weight => weight with { Name = $"{prefix}/{weight.Name}" });
    }

    private static KerasUse Mirrored(KerasUse layer) => layer.IsBackward ? layer.Forward() : layer.Backward();

    /// <summary>True if the backward layer is what Keras makes of the forward one by itself.</summary>
    private static bool IsMirrored(KerasUse use)
    {
        var (forward, backward) = (use.Inner[0], use.Inner[1]);
        return forward.ClassName == backward.ClassName
            && forward.IsBackward != backward.IsBackward
            && forward.IsFrozen == backward.IsFrozen
            && forward.Layer.Arguments.All(one =>
                one.Name == RecurrentArguments.GoBackwards.Name || forward[one.Name] == backward[one.Name])
            && forward.Inner.Count == backward.Inner.Count
            && forward.Inner.Zip(backward.Inner).All(both => IsAlike(both.First, both.Second));
    }

    /// <summary>True if two cells differ in nothing but their weights.</summary>
    private static bool IsAlike(KerasUse one, KerasUse other) =>
        one.ClassName == other.ClassName
        && one.IsFrozen == other.IsFrozen
        && one.UnknownConfiguration is null
        && other.UnknownConfiguration is null
        && one.Layer.Arguments.All(argument => one[argument.Name] == other[argument.Name])
        && one.Inner.Count == other.Inner.Count && one.Inner.Zip(other.Inner).All(both => IsAlike(both.First, both.Second));

    private static CallResult Run(KerasUse use, CallInputs inputs)
    {
        var (forward, backward) = WithWeights(use);
        var half = forward.States.Count;
        var one = forward.Run(inputs with { InitialStates = inputs.InitialStates is { } states ? [.. states.Take(half)] : null });
        var other = backward.Run(inputs with { InitialStates = inputs.InitialStates is { } all ? [.. all.Skip(half)] : null });

        // The outputs of every step come in the order of computation; side by side both are in the order of the input.
        var (y, z) = (one.Output, use.ReturnsSequences ? ReverseTime.Reversed(other.Output) : other.Output);
        var merged = Equations.Keras.Bidirectional.Merge(Mode(use), y.Data, z.Data);
        return new CallResult(
            y with { Data = merged[0] }, [.. one.StatesPerStep, .. other.StatesPerStep], [.. one.FinalStates, .. other.FinalStates])
        {
            FurtherOutputs = [.. merged.Skip(1).Select(data => z with { Data = data })],
        };
    }

    /// <summary>The layers of both directions with their weights.</summary>
    /// <param name="use">The layer.</param>
    public static (KerasUse Forward, KerasUse Backward) WithWeights(KerasUse use)
    {
        var zero = FactValue.Of(use.ReturnsSequences && !use.Is(RepeatsMasked.Name));
        var first = use.Inner[0].WeightDefinitions.Count;
        return (use.Inner[0].With(RecurrentArguments.ZeroOutputForMask.Name, zero) with { Weights = [.. use.Weights.Take(first)] },
            use.Inner[1].With(RecurrentArguments.ZeroOutputForMask.Name, zero) with { Weights = [.. use.Weights.Skip(first)] });
    }

    private static MergeMode Mode(KerasUse use) => use[MergeModeArgument.Name].Text switch
    {
        "concat" => MergeMode.Concat,
        "sum" => MergeMode.Sum,
        "mul" => MergeMode.Mul,
        "ave" => MergeMode.Ave,
        _ => MergeMode.None,
    };

    private static IEnumerable<WrongLayer> Wrong(KerasUse use)
    {
        var (forward, backward) = WithWeights(use);

        // With the same numbers in both directions there is nothing to exchange.
        if (!forward.Weights.Zip(backward.Weights).All(both => both.First.ToDoubles().AsSpan().SequenceEqual(both.Second.ToDoubles())))
        {
            yield return new WrongLayer(
                "directions exchanged",
                use with
                {
                    Inner = [use.Inner[1].Forward(), use.Inner[0].Backward()],
                    Weights = [.. backward.Weights, .. forward.Weights],
                });
        }

        foreach (var wrong in forward.Layer.Wrong(forward))
        {
            yield return new WrongLayer($"forward: {wrong.Name}", () => With(wrong.Layer, use.Inner[1] with { Weights = backward.Weights }));
        }

        foreach (var wrong in backward.Layer.Wrong(backward))
        {
            yield return new WrongLayer($"backward: {wrong.Name}", () => With(use.Inner[0] with { Weights = forward.Weights }, wrong.Layer));
        }

        KerasUse With(KerasUse one, KerasUse other) => use with { Inner = [one, other], Weights = [.. one.Weights, .. other.Weights] };
    }
}
