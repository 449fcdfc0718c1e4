using System.Runtime.CompilerServices;

namespace LstmConvert.Graphs.Matching;

/// <summary>Patterns and activations, read once for all graphs in which they are searched: reading them takes longer than searching a small
/// graph.</summary>
/// <param name="Activations">The activations.</param>
/// <param name="Patterns">The patterns, each with the operations that it may end with.</param>
internal sealed record CompiledPatterns(ActivationTable Activations, (CompiledPattern Pattern, PatternRoots Roots)[] Patterns)
{
    private static readonly ConditionalWeakTable<IReadOnlyList<GraphPattern>, CompiledPatterns> Known = [];

    private IReadOnlyList<GraphActivation> Named { get; init; } = [];

    /// <summary>Some patterns, read; the same lists are read once.</summary>
    /// <param name="patterns">The patterns.</param>
    /// <param name="activations">The activations.</param>
    public static CompiledPatterns Of(IReadOnlyList<GraphPattern> patterns, IReadOnlyList<GraphActivation> activations)
    {
        if (Known.TryGetValue(patterns, out var known) && ReferenceEquals(known.Named, activations))
        {
            return known;
        }

        var table = new ActivationTable(activations);
        var read = new CompiledPatterns(
            table,
            [
                .. patterns
                    .Select(pattern => PatternReader.Read(pattern, table))
                    .Select(pattern => (pattern, PatternRoots.Of(pattern.Root, table))),
            ])
        {
            Named = activations,
        };
        Known.AddOrUpdate(patterns, read);
        return read;
    }
}
