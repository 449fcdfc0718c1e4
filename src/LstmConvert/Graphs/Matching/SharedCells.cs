using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>
/// One cell that several loops run, or one loop at several levels, with the same weights: in both directions, or one on the outputs of the
/// other. Each run is a cell of its own then, which computes the same with the same numbers. Loops that only do the same again (a copy for
/// training, a second input) stay one.
/// </summary>
internal static class SharedCells
{
    /// <summary>Runs of one cell that are told apart; a program has two or three.</summary>
    private const int MaximumRuns = 8;

    /// <summary>The uses of each run.</summary>
    /// <param name="groups">The uses of each kernel.</param>
    /// <param name="flow">Follows inputs to outputs of uses.</param>
    /// <param name="handed">Follows states to where uses left them.</param>
    public static IReadOnlyList<IReadOnlyList<CellUse>> Apart(
        IReadOnlyList<IReadOnlyList<CellUse>> groups,
        DataFlow flow,
        DataFlow handed) =>
        [.. groups.SelectMany(group => Runs(group, flow, handed))];

    private static CellUse[][] Runs(IReadOnlyList<CellUse> group, DataFlow flow, DataFlow handed)
    {
        // A function that several signatures call is in the graph as often, under the same names: one run.
        var runs = group.GroupBy(use => use.Anchor.Name, StringComparer.Ordinal).Select(run => run.ToArray()).ToArray();
        return
            runs.Length is > 1 and <= MaximumRuns
            && group.All(use => !use.IsFusedSequence && handed.Of(use.H).Any(source => source.Use == use))
            && Differ([.. runs.Select(run => flow.Of(run[0].X))], group)
                ? runs
                : [[.. group]];
    }

    /// <summary>True where one run reads what another puts out, or they walk in both directions.</summary>
    private static bool Differ(IReadOnlyList<DataFlow.Source>[] inputs, IReadOnlyList<CellUse> group)
    {
        var own = group.ToHashSet();
        var directions = inputs
            .Select(sources => sources.Where(source => source.Use is null).Select(source => source.IsReversed).Distinct().ToArray())
            .ToArray();
        return Array.Exists(inputs, sources => sources.Any(source => source.Use is { } use && !source.IsComputed && own.Contains(use)))
            || (Array.TrueForAll(directions, direction => direction.Length == 1) && directions.DistinctBy(direction => direction[0]).Count() > 1);
    }
}
