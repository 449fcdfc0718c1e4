namespace LstmConvert.Verification;

/// <summary>
/// The same for each of many, on all processors, the results in order. Queries of PLINQ that are put together make generic types of generic
/// types, for which the native compiler takes many minutes.
/// </summary>
internal static class InParallel
{
    /// <summary>Computes.</summary>
    /// <param name="all">What to compute for.</param>
    /// <param name="run">The computation.</param>
    public static TResult[] Each<T, TResult>(IEnumerable<T> all, Func<T, TResult> run)
    {
        var from = all.ToArray();
        var results = new TResult[from.Length];
        Parallel.For(0, from.Length, k => results[k] = run(from[k]));
        return results;
    }
}
