using LstmConvert.Arrays;
using LstmConvert.KerasLayers;

namespace LstmConvert.Verification;

/// <summary>The initial states of Keras's layers that are the sample's states of the source's cells.</summary>
internal static class KerasStates
{
    /// <summary>The states of each pair's layers; null where some state of the source is none of any Keras state, which is noted.</summary>
    public static Dictionary<LayerPair, IReadOnlyList<IReadOnlyList<NumericArray>>>? Of(
        IReadOnlyList<LayerPair> pairs,
        Sample sample,
        List<string> notes)
    {
        var states = new Dictionary<LayerPair, IReadOnlyList<IReadOnlyList<NumericArray>>>();
        foreach (var pair in pairs)
        {
            var named = pair
                .Layers.Select(layer =>
                    layer
                        .Cell.States.Zip(sample.States[layer])
                        .ToDictionary(one => one.First.Name, one => one.Second, StringComparer.Ordinal))
                .ToArray();
            if (pair.Uses is [{ IsRecurrent: true } recurrent, { IsRecurrent: false } projection])
            {
                // The Keras layer's output state is what the projection makes the source's of.
                var (units, width) = (recurrent.Units, projection.Units);
                var h = LeastNorm.Solve(projection.Weights[0].ToDoubles(), units, width, named[0]["h"].ToDoubles());
                if (h is null)
                {
                    notes.Add(
                        $"{pair.Layers[0].Scope}: no Keras state gives this projected initial state (p = {width}, u = {units}); only the source's side is compared with what was recorded."
                    );
                    return null;
                }

                named[0]["h"] = NumericArray.From(h, Precision.Double, sample.RowCount, units);
            }

            states[pair] = [.. pair.States.Select(names =>
                (IReadOnlyList<NumericArray>)[.. names.Select((name, k) => named[pair.IsMerged ? k * 2 / names.Count : 0][name])])];
        }

        return states;
    }
}
