using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>
/// The layers of a pair on an input of their own, drawn where what others feed them on the drawn sample leaves features at zero (units of a
/// relu that never fire): the rows of the kernel that those meet could hold anything.
/// </summary>
/// <param name="Source">What the source's cells compute, in float64.</param>
/// <param name="Keras">What the Keras layers compute.</param>
internal sealed record LayerAlone(IReadOnlyDictionary<RecurrentLayer, LayerRun> Source, IReadOnlyDictionary<RecurrentLayer, LayerRun> Keras)
{
    private const ulong Seed = 0xA10E;

    /// <summary>Runs the layers of a pair; null where every feature that they read on the sample's first rows and steps has
    /// numbers.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="fed">What the first of them read.</param>
    /// <param name="sample">The sample: its states, and its rows' lengths.</param>
    /// <param name="states">The initial states of the Keras layers.</param>
    public static LayerAlone? Of(LayerPair pair, Value fed, Sample sample, IReadOnlyList<IReadOnlyList<NumericArray>> states)
    {
        if (fed.Data.Rank != 3 || !PowerResult.LeavesUnused(pair, fed, sample))
        {
            return null;
        }

        var next = Seed;
        var input = fed with { Data = NumericArray.Of(Sample.Normal(fed.Data.Count, ref next), [.. fed.Data.Dimensions]) };
        return new LayerAlone(
            pair.Layers.ToDictionary(
                layer => layer,
                layer => LayerRun.Of(new CellCall(layer.Cell), new CallInputs([input], sample.States[layer], Precision.Double))),
            KerasSide.Alone(pair, pair.Uses, input, states, Precision.Double).ToDictionary(one => one.Layer, one => one.Run));
    }
}
