using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.KerasLayers;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>Names the wrong convention behind a difference: the one under which both compute the same.</summary>
internal static class Cause
{
    /// <summary>What makes the difference of a layer disappear, or null. Nothing that the layer already has is named.</summary>
    public static string? Of(LayerPair pair, RecurrentLayer layer, SideRun left, Sample sample, IReadOnlyList<IReadOnlyList<NumericArray>> states, Limits limits)
    {
        var expected = left.Layers[layer];
        foreach (var wrong in pair.Uses[0].Layer.Wrong(pair.Uses[0]).Where(one => !ReferenceEquals(one.Layer, pair.Uses[0])))
        {
            var run = KerasSide.Alone(pair, [wrong.Layer, .. pair.Uses.Skip(1)], expected.Input, states, Precision.Double).First(one => one.Layer == layer).Run;
            if (IsSame(layer, expected, run, sample, limits))
            {
                return $"{wrong.Name} in the Keras file";
            }
        }

        return OfFacts(layer, expected, Keras(pair, layer, expected, states), sample, limits);
    }

    private static LayerRun Keras(LayerPair pair, RecurrentLayer layer, LayerRun expected, IReadOnlyList<IReadOnlyList<NumericArray>> states) =>
        KerasSide.Alone(pair, pair.Uses, expected.Input, states, Precision.Double).First(one => one.Layer == layer).Run;

    /// <summary>Another value of a fact in the source: the activation that the Keras file has, no forget bias, no clip.</summary>
    private static string? OfFacts(RecurrentLayer layer, LayerRun expected, LayerRun keras, Sample sample, Limits limits)
    {
        foreach (var wrong in layer.Cell.Definition.Wrong.Concat(layer.Facts.Where(fact => fact.Value != fact.Definition.Neutral && layer.Cell.Definition.Facts.Any(own => own.Name == fact.Name)).Select(fact => Cell.Without(fact.Definition))))
        {
            var call = new CellCall(layer.Cell) { Change = wrong.Change };
            var result = call.Run(new CallInputs([expected.Input], sample.States[layer], Precision.Double));
            if (IsSame(layer, LayerRun.Of(expected.Input, SideRun.ToSequence(result.Output), call.States, result.StatesPerStep, result.FinalStates), keras, sample, limits))
            {
                return $"{wrong.Name} in the source";
            }
        }

        return null;
    }

    private static bool IsSame(RecurrentLayer layer, LayerRun left, LayerRun right, Sample sample, Limits limits) =>
        Comparison.Of(left, right, sample.Lengths).All(one => limits.Layout(layer, one).IsMet);
}
