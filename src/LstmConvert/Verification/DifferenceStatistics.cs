using LstmConvert.Arrays;

namespace LstmConvert.Verification;

/// <summary>More numbers on how far two sequences lie apart on their valid steps; only finite values count, but for those that count the
/// others.</summary>
/// <param name="Percentile99">99 of 100 absolute differences are at most this.</param>
/// <param name="Relative">The largest absolute difference, divided by the largest absolute value of the left side; 0 where that is
/// 0.</param>
/// <param name="Cosine">The cosine of the angle between both sides, taken as one vector each; 1 where both are zero.</param>
/// <param name="MaxUlp">The largest number of float32 values between the two.</param>
public sealed record DifferenceStatistics(double Percentile99, double Relative, double Cosine, long MaxUlp)
{
    /// <summary>How many values are NaN, on the left and on the right side.</summary>
    public (int Left, int Right) NotANumber { get; init; }

    /// <summary>How many values are infinite, on the left and on the right side.</summary>
    public (int Left, int Right) Infinite { get; init; }

    /// <summary>
    /// How many pairs of values lie so many float32 ulps apart: the first number counts those that are equal, number k those from 2^(k-1)
    /// up to 2^k - 1. It ends with
    /// the largest that occurs.
    /// </summary>
    public IReadOnlyList<long> UlpCounts { get; init; } = [];

    /// <summary>
    /// The factor by which the largest difference of a step grows from one step to the next: the slope of the straight line through its
    /// logarithm, by least squares over
    /// the steps where it is finite and not 0; null where fewer than two are.
    /// </summary>
    public double? GrowthPerStep { get; init; }

    /// <summary>Computes them.</summary>
    /// <param name="left">One side.</param>
    /// <param name="right">The other, of the same shape.</param>
    /// <param name="lengths">The valid length of each row.</param>
    /// <param name="perStep">The largest absolute difference at each step.</param>
    internal static DifferenceStatistics Of(Sequence left, Sequence right, IReadOnlyList<int> lengths, IReadOnlyList<double> perStep)
    {
        var (differences, ulps) = (new List<double>(), new long[34]);
        double dot = 0, left2 = 0, right2 = 0, largest = 0;
        int nanLeft = 0, nanRight = 0, infiniteLeft = 0, infiniteRight = 0;
        long ulp = 0;
        for (var b = 0; b < left.Batch; b++)
        {
            for (var k = b * left.Steps * left.Width; k < ((b * left.Steps) + Math.Min(lengths[b], left.Steps)) * left.Width; k++)
            {
                var (x, y) = (left.Values[k], right.Values[k]);
                if (double.IsFinite(x) && double.IsFinite(y))
                {
                    differences.Add(Math.Abs(x - y));
                    (dot, left2, right2, largest) = (dot + (x * y), left2 + (x * x), right2 + (y * y), Math.Max(largest, Math.Abs(x)));
                    var apart = Math.Abs(Ordered((float)x) - Ordered((float)y));
                    (ulp, ulps[64 - long.LeadingZeroCount(apart)]) = (Math.Max(ulp, apart), ulps[64 - long.LeadingZeroCount(apart)] + 1);
                    continue;
                }

                (nanLeft, nanRight) = (nanLeft + (double.IsNaN(x) ? 1 : 0), nanRight + (double.IsNaN(y) ? 1 : 0));
                (infiniteLeft, infiniteRight) = (
                    infiniteLeft + (double.IsInfinity(x) ? 1 : 0),
                    infiniteRight + (double.IsInfinity(y) ? 1 : 0));
            }
        }

        differences.Sort();
        return new DifferenceStatistics(
            differences.Count == 0 ? 0 : differences[(int)Math.Ceiling(0.99 * differences.Count) - 1],
            largest == 0 ? 0 : (differences.Count == 0 ? 0 : differences[^1]) / largest,
            left2 == 0 && right2 == 0 ? 1 : left2 == 0 || right2 == 0 ? 0 : dot / Math.Sqrt(left2 * right2),
            ulp)
        {
            NotANumber = (nanLeft, nanRight),
            Infinite = (infiniteLeft, infiniteRight),
            UlpCounts = ulps[..(Array.FindLastIndex(ulps, count => count > 0) + 1)],
            GrowthPerStep = Growth(perStep),
        };
    }

    /// <summary>A float32's place among all float32, negative numbers below zero.</summary>
    private static long Ordered(float value)
    {
        long bits = BitConverter.SingleToInt32Bits(value);
        return bits < 0 ? int.MinValue - bits : bits;
    }

    private static double? Growth(IReadOnlyList<double> perStep)
    {
        var points = perStep
            .Index()
            .Where(step => step.Item > 0 && double.IsFinite(step.Item))
            .Select(step => (T: (double)step.Index, Log: Math.Log(step.Item)))
            .ToArray();
        if (points.Length < 2)
        {
            return null;
        }

        var (t, log) = (points.Average(point => point.T), points.Average(point => point.Log));
        return Math.Exp(points.Sum(point => (point.T - t) * (point.Log - log)) / points.Sum(point => (point.T - t) * (point.T - t)));
    }
}
