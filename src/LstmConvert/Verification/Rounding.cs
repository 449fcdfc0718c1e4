using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>
/// What rounding itself costs a sample: one side run with every weight off by half an ulp, up or down. Trained networks amplify that, and
/// a limit that does not know it calls right conversions different.
/// </summary>
internal static class Rounding
{
    /// <summary>Limits are at least so many times what rounding costs.</summary>
    public const double Factor = 8;

    /// <summary>Where rounding costs more than this, the network is chaotic on the sample.</summary>
    public const double Chaos = 1e-3;

    /// <summary>Of more weights than this the ups and downs of one draw are as good as those of two.</summary>
    public const long ManyWeights = 1 << 21;

    /// <summary>Half an ulp of float32, relative to the number.</summary>
    public const double HalfUlpOfSingle = 1.0 / (1 << 24);

    /// <summary>Half an ulp of float64, relative to the number.</summary>
    public const double HalfUlpOfDouble = 1.0 / (1L << 53);

    /// <summary>The largest change that half an ulp in every weight makes, layer by layer.</summary>
    /// <param name="source">The source.</param>
    /// <param name="right">What it computes in float64.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="halfUlp">Half an ulp, relative to the number.</param>
    public static IReadOnlyDictionary<RecurrentLayer, double> Cost(SourceModel source, SideRun right, Sample sample, double halfUlp)
    {
        var cost = source.Layers.ToDictionary(layer => layer, _ => 0.0);
        var seeds = source.Layers.Sum(WeightCount) > ManyWeights ? 1UL : 2;
        for (ulong seed = 1; seed <= seeds; seed++)
        {
            var off = SourceSide.Run(source, sample, Precision.Double, at => Off(at, halfUlp, seed));
            foreach (var layer in source.Layers)
            {
                var difference = Comparison.Of(right.Layers[layer], off.Layers[layer], sample.Lengths).Max(one => one.MaxAbs);
                cost[layer] = Math.Max(cost[layer], double.IsFinite(difference) ? difference : double.PositiveInfinity);
            }
        }

        LetGo(source.Layers.Sum(WeightCount));
        return cost;
    }

    /// <summary>Gives back the memory of weights that were tried, before others are: the collector would wait for several times as
    /// much.</summary>
    /// <param name="count">How many weights they were.</param>
    public static void LetGo(long count)
    {
        if (count > ManyWeights)
        {
            GC.Collect();
        }
    }

    private static long WeightCount(RecurrentLayer layer) => layer.Cell.Variables.Values.Sum(variable => variable.Shape.ElementCount);

    private static CellArrays Off(CellArrays at, double halfUlp, ulong seed)
    {
        var next = seed;
        return at.With((_, array) =>
        {
            var values = array.ToDoubles();
            for (var k = 0; k < values.Length; k++)
            {
                values[k] *= Sample.Uniform(ref next) < 0.5 ? 1 + halfUlp : 1 - halfUlp;
            }

            return NumericArray.Of(values, [.. array.Dimensions]).In(array.Precision);
        });
    }
}
