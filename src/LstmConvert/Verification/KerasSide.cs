using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>The Keras layers that stand for a layer of the source, or for a forward and a backward one together.</summary>
/// <param name="Layers">The layers of the source: one, or the forward and the backward one.</param>
/// <param name="Names">The Keras layers' names, one feeding the next.</param>
/// <param name="Uses">The Keras layers with the file's weights.</param>
/// <param name="States">The cell's state that each state of each Keras layer is, layer by layer.</param>
internal sealed record LayerPair(
    IReadOnlyList<RecurrentLayer> Layers,
    IReadOnlyList<string> Names,
    IReadOnlyList<KerasUse> Uses,
    IReadOnlyList<IReadOnlyList<string>> States)
{
    /// <summary>The name that stands for the pair.</summary>
    public string Name => Names[0];

    /// <summary>The places of the layers that feed each of them, <see cref="LayerRecipe.CellInput"/> for the input; null where each feeds
    /// the next.</summary>
    public IReadOnlyList<IReadOnlyList<int>>? Inputs { get; init; }

    /// <summary>The numbers in the weights of all Keras layers.</summary>
    public long WeightCount => Uses.Sum(use => use.Weights.Sum(weight => (long)weight.Count));

    /// <summary>True if one Keras layer stands for both directions.</summary>
    public bool IsMerged => Layers.Count == 2;
}

/// <summary>Runs Keras's layers with the weights that were read from the file, in Keras's loop: the file's own model where it has one, else
/// layer by layer.</summary>
/// <param name="model">The file's model, or null.</param>
/// <param name="pairs">Which Keras layers stand for which layers.</param>
internal sealed class KerasSide(Model? model, IReadOnlyList<LayerPair> pairs)
{
    /// <summary>The file's model, or null.</summary>
    public Model? Model { get; } = model;

    /// <summary>Which Keras layers stand for which layers of the source.</summary>
    public IReadOnlyList<LayerPair> Pairs { get; } = pairs;

    /// <summary>Computes.</summary>
    /// <param name="source">What the source computed: where the file has no model, each layer is fed what the source's was fed.</param>
    /// <param name="inputs">The values of the source's inputs in order.</param>
    /// <param name="states">The initial states of each pair's Keras layers.</param>
    /// <param name="precision">The arithmetic.</param>
    public SideRun Run(
        SideRun source,
        IReadOnlyList<Value> inputs,
        IReadOnlyDictionary<LayerPair, IReadOnlyList<IReadOnlyList<NumericArray>>> states,
        Precision precision)
    {
        var runs = new Dictionary<RecurrentLayer, LayerRun>();
        if (Model is null)
        {
            foreach (var pair in Pairs)
            {
                foreach (var (layer, run) in Alone(pair, pair.Uses, source.Layers[pair.Layers[0]].Input, states[pair], precision))
                {
                    runs[layer] = run;
                }
            }

            return new SideRun(runs, []);
        }

        var byName = Pairs
            .SelectMany(pair => pair.Names.Select((name, k) => (name, pair, k)))
            .ToDictionary(one => one.name, one => (one.pair, one.k), StringComparer.Ordinal);
        var given = byName
            .Where(one => states[one.Value.pair][one.Value.k].Count > 0)
            .ToDictionary(one => one.Key, one => states[one.Value.pair][one.Value.k], StringComparer.Ordinal);
        var results = new Dictionary<string, (CallInputs Inputs, CallResult Result)>(StringComparer.Ordinal);
        var outputs = ModelWalker.Run(Model, Feed(inputs), precision, given, (call, fed, result) =>
        {
            if (byName.ContainsKey(call.Name))
            {
                results[call.Name] = (fed, result);
            }
        });
        foreach (var pair in Pairs)
        {
            foreach (
                var (layer, run) in Split(
                    pair,
                    pair.Uses,
                    [.. pair.Names.Select(name => results[name].Result)],
                    results[pair.Name].Inputs,
                    precision))
            {
                runs[layer] = run;
            }
        }

        return new SideRun(runs, [.. outputs.Select(SideRun.ToSequence)]);
    }

    /// <summary>Runs the layers of a pair, or others in their place, on their own.</summary>
    public static IEnumerable<(RecurrentLayer Layer, LayerRun Run)> Alone(
        LayerPair pair,
        IReadOnlyList<KerasUse> uses,
        Value input,
        IReadOnlyList<IReadOnlyList<NumericArray>> states,
        Precision precision)
    {
        var results = new List<CallResult>();
        CallInputs? first = null;
        for (var k = 0; k < uses.Count; k++)
        {
            var fed = (pair.Inputs?[k] ?? [k - 1]).Select(place => place == LayerRecipe.CellInput ? input : results[place].Output);
            var inputs = new CallInputs(
                [.. fed.Select(value => In(value, precision))],
                states[k].Count == 0 ? null : [.. states[k].Select(state => state.In(precision))],
                precision);
            first ??= inputs;
            var result = uses[k].Run(inputs);
            results.Add(result);
        }

        return Split(pair, uses, results, first!, precision);
    }

    /// <summary>What each layer of a pair computed.</summary>
    private static IEnumerable<(RecurrentLayer Layer, LayerRun Run)> Split(
        LayerPair pair,
        IReadOnlyList<KerasUse> uses,
        List<CallResult> results,
        CallInputs inputs,
        Precision precision)
    {
        var input = inputs.Inputs[0];
        if (pair.IsMerged)
        {
            var use = uses[0];
            var apart = Bidirectional.Apart(use).Run(inputs with { Precision = precision });
            for (var k = 0; k < 2; k++)
            {
                var half = use.States.Count / 2;
                yield return (pair.Layers[k], LayerRun.Of(
                    input,
                    SideRun.ToSequence(apart.Outputs[k]),
                    pair.States[0].Take(half).ToArray(),
                    [.. results[0].StatesPerStep.Skip(k * half).Take(half)],
                    [.. results[0].FinalStates.Skip(k * half).Take(half)]));
            }

            yield break;
        }

        // What gives its last output alone is compared at every step.
        var isLastAlone = uses is [{ IsRecurrent: true, ReturnsSequences: false }];
        var output = SideRun.ToSequence(
            (isLastAlone ? uses[0].ReturningSequences().Run(inputs with { Precision = precision }) : results[^1]).Output);

        // Two states of a Keras layer may be one of the cell's.
        var names = pair.States.SelectMany(one => one).Index().DistinctBy(one => one.Item).ToArray();
        var perStep = results.SelectMany(result => result.StatesPerStep).ToArray();
        var finals = results
            .SelectMany((result, k) => result.FinalStates.Select(state => Projected(uses, pair.States[k], result, state, precision)))
            .ToArray();
        yield return (
            pair.Layers[0],
            LayerRun.Of(
                input,
                uses.Any(use => use.IsBackward) ? output.Reversed() : output,
                [.. names.Select(one => one.Item)],
                [.. names.Select(one => perStep[one.Index])],
                [.. names.Select(one => finals[one.Index])]));
    }

    /// <summary>A final state as the source has it: the output state behind the layer that projects it.</summary>
    private static NumericArray Projected(
        IReadOnlyList<KerasUse> uses,
        IReadOnlyList<string> names,
        CallResult result,
        NumericArray state,
        Precision precision) =>
        uses is [{ IsRecurrent: true }, { IsRecurrent: false } projection]
        && names[result.FinalStates.Index().First(one => ReferenceEquals(one.Item, state)).Index] == "h"
            ? projection.Run(new CallInputs([new Value(state)], null, precision)).Output.Data
            : state;

    private static Value In(Value value, Precision precision) => value with { Data = value.Data.In(precision) };

    /// <summary>The file's inputs get the source's in order; where the model masks by value, padding is written into them.</summary>
    private Dictionary<string, Value> Feed(IReadOnlyList<Value> inputs)
    {
        var fed = new Dictionary<string, Value>(StringComparer.Ordinal);
        for (var k = 0; k < Model!.Inputs.Count; k++)
        {
            var masks = Model.Readers(Model.Inputs[k].Name).Any(call => call.Callee is KerasUse use && Masking.Is(use));
            fed[Model.Inputs[k].Name] = masks ? Masking.Padded(inputs[k]) : inputs[k];
        }

        return fed;
    }
}
