using System.Globalization;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>
/// Names the fact that both cells have wrong: the value, or the two values, with which the source's equations compute what another witness
/// does (its own graph, what was
/// recorded). Each fact of the layer's cell and its direction is tried, a number by halving the interval too.
/// </summary>
/// <param name="source">The source.</param>
/// <param name="distance">How far what a changed source computes lies from the witness, in limits: up to 1 is the same.</param>
/// <param name="run">Runs the source with other facts.</param>
internal sealed class FactCause(SourceModel source, Func<Func<BoundCell, BoundCell>, SideRun> run, Func<SideRun, double> distance)
{
    private const int MostNamed = 3;

    private const double Lowest = -5;

    private const double Highest = 5;

    /// <summary>After so many rounds a number that is the cause is nearer than this, in limits.</summary>
    private const int CoarseRounds = 16;

    private const double CoarseDistance = 1e5;

    private static readonly double[] UsualNumbers = [0, 1, 2];

    /// <summary>What makes them the same, as a clause (<c>forget_bias = 1</c>), or null.</summary>
    /// <param name="layers">The layers whose facts may be wrong, each the same way.</param>
    public string? Of(IReadOnlyList<RecurrentLayer> layers)
    {
        var facts = layers.SelectMany(layer => Facts(layer.Cell)).DistinctBy(fact => fact.Name).ToArray();
        var values = facts
            .Select(fact =>
                (Fact: fact, Values: Values(fact).Where(value => layers.Any(layer => Has(layer.Cell, fact, value) is false)).ToArray()))
            .ToArray();
        var singles = values.SelectMany(one => one.Values.Select(value => new[] { (one.Fact, Value: value) })).ToArray();
        var found = singles.Where(one => IsSame(layers, one)).ToList();
        if (found.Count == 0)
        {
            found =
            [
                .. facts
                    .Where(fact => fact is NumberFact or LimitFact)
                    .Select(fact => Fitted(layers, fact, fact is LimitFact ? 0 : Lowest))
                    .OfType<(FactDefinition Fact, FactValue Value)[]>(),
            ];
        }

        if (found.Count == 0)
        {
            var pairs = from a in Enumerable.Range(0, values.Length)
                        from b in Enumerable.Range(a + 1, values.Length - a - 1)
                        from first in values[a].Values
                        from second in values[b].Values
                        select new[] { (values[a].Fact, Value: first), (values[b].Fact, Value: second) };
            found = [.. pairs.Where(one => IsSame(layers, one)).Take(MostNamed + 1)];
        }

        var several = source.Layers.Count() > 1 ? $" ({string.Join(", ", layers.Select(layer => layer.Scope))})" : "";
        return found.Count == 0
            ? null
            : string.Join(
                ", or with ",
                found.Take(MostNamed).Select(one => string.Join(" and ", one.Select(value => $"{value.Fact.Name} = {value.Value}")))
            ) + several;
    }

    private static IEnumerable<FactDefinition> Facts(BoundCell cell) =>
        cell
            .Definition.Facts.Where(fact => cell.Find(fact.Name) is not null || fact is NumberFact or LimitFact or ActivationFact)
            .Append(KnownFacts.Direction)
            .DistinctBy(fact => fact.Name);

    private static IEnumerable<FactValue> Values(FactDefinition fact) => fact switch
    {
        NumberFact => UsualNumbers.Select(FactValue.Of),
        ActivationFact => Activations.All.Select(one => FactValue.Of(one.Name)),
        LimitFact => [FactValue.None],
        TruthFact => [FactValue.Of(true), FactValue.Of(false)],
        ChoiceFact choice => choice.Words.Select(FactValue.Of),
        _ => [],
    };

    /// <summary>Whether a cell has a value; null where it has not the fact at all.</summary>
    private static bool? Has(BoundCell cell, FactDefinition fact, FactValue value) =>
        !Facts(cell).Any(own => own.Name == fact.Name) ? null : (cell.Find(fact.Name)?.Value ?? fact.Neutral) == value;

    private double Distance(IReadOnlyList<RecurrentLayer> layers, (FactDefinition Fact, FactValue Value)[] change)
    {
        var scopes = layers.Select(layer => layer.Scope).ToHashSet(StringComparer.Ordinal);
        try
        {
            return distance(
                run(cell =>
                    !scopes.Contains(cell.Scope)
                        ? cell
                        : change
                            .Where(one => Facts(cell).Any(own => own.Name == one.Fact.Name))
                            .Aggregate(cell, (other, one) => other.With(new Fact(one.Fact, one.Value, new Evidence(EvidenceKind.Assumed)))))
            );
        }
        catch (LstmConvertException)
        {
            // A value that the cell's equations do not know.
            return double.PositiveInfinity;
        }
    }

    private bool IsSame(IReadOnlyList<RecurrentLayer> layers, (FactDefinition Fact, FactValue Value)[] change) =>
        Distance(layers, change) <= 1;

    /// <summary>The number with which they are the same, by halving the interval; of limits that clip nothing the lower half.</summary>
    private (FactDefinition Fact, FactValue Value)[]? Fitted(IReadOnlyList<RecurrentLayer> layers, FactDefinition fact, double lowest)
    {
        double DistanceWith(double value) => Distance(layers, [(fact, FactValue.Of(value))]);
        var (low, _) = GoldenSection.Least(
            lowest, Highest, DistanceWith, prefersLower: true, goesOn: low => DistanceWith(low) < CoarseDistance, coarse: CoarseRounds);
        return new[] { Math.Round(low, 4), double.Parse(low.ToString("g9", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) }
            .Select(value => new[] { (fact, FactValue.Of(value)) }).FirstOrDefault(one => IsSame(layers, one));
    }
}
