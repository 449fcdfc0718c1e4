namespace LstmConvert.Verification;

/// <summary>Finds the number at which something comes nearest, by halving an interval by the golden section.</summary>
internal static class GoldenSection
{
    private const int Rounds = 60;

    /// <summary>The number of an interval with the smallest distance: the ends of what is left of the interval.</summary>
    /// <param name="lowest">The lower end.</param>
    /// <param name="highest">The upper end.</param>
    /// <param name="distance">How far away a number is: it falls, and rises again.</param>
    /// <param name="prefersLower">True takes the lower part where both parts are as far away.</param>
    /// <param name="goesOn">Asked once, after <paramref name="coarse"/> rounds, with the lower end: false ends the search.</param>
    /// <param name="coarse">After how many rounds.</param>
    public static (double Low, double High) Least(
        double lowest, double highest, Func<double, double> distance, bool prefersLower = false, Func<double, bool>? goesOn = null, int coarse = 0)
    {
        var ratio = (Math.Sqrt(5) - 1) / 2;
        var (low, high) = (lowest, highest);
        for (var round = 0; round < Rounds && (goesOn is null || round != coarse || goesOn(low)); round++)
        {
            var (left, right) = (high - (ratio * (high - low)), low + (ratio * (high - low)));
            var (below, above) = (distance(left), distance(right));
            (low, high) = below < above || (prefersLower && below <= above) ? (low, right) : (left, high);
        }

        return (low, high);
    }
}
