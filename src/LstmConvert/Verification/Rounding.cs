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
        var count = source.Layers.Sum(layer => layer.Cell.WeightCount);
        var seeds = count > Held.Many ? 1UL : 2; // of so many weights the ups and downs of one draw are as good as those of two
        for (ulong seed = 1; seed <= seeds; seed++)
        {
            var off = SourceSide.Run(source, sample, Precision.Double, at => Off(at, halfUlp, seed));
            foreach (var layer in source.Layers)
            {
                var difference = Comparison.Of(right.Layers[layer], off.Layers[layer], sample.Lengths).Max(one => one.MaxAbs) / 2;
                cost[layer] = Math.Max(cost[layer], double.IsFinite(difference) ? difference : double.PositiveInfinity);
            }
        }

        Held.LetGo(count);
        return cost;
    }

    /// <summary>Every number moved by a whole ulp, up or down: half of what that costs is the cost of half an ulp, and numbers that are kept
    /// as float32 stay so.</summary>
    private static CellArrays Off(CellArrays at, double halfUlp, ulong seed)
    {
        var (next, bits, left) = (seed, 0u, 0);
        return at.With((_, array) =>
            halfUlp == HalfUlpOfSingle && array.Narrow is { } narrow
                ? NumericArray.Of(
                    Array.ConvertAll(narrow, value => IsUp() ? MathF.BitIncrement(value) : MathF.BitDecrement(value)),
                    array.Precision,
                    [.. array.Dimensions])
                : NumericArray.Of(
                    Array.ConvertAll(array.ToDoubles(), value => value * (IsUp() ? 1 + (2 * halfUlp) : 1 - (2 * halfUlp))),
                    [.. array.Dimensions]).In(array.Precision));

        // One draw is enough for 32 numbers.
        bool IsUp()
        {
            (bits, left) = left == 0 ? ((uint)(Sample.Uniform(ref next) * uint.MaxValue), 31) : (bits >> 1, left - 1);
            return (bits & 1) != 0;
        }
    }
}
