using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Facts;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>Finds the facts of a layer: what the user says wins, then the graph, then the configuration, then the default that the names
/// speak of.</summary>
internal static class FactFinder
{
    /// <summary>Facts of where a layer stands, which every layer has beside those of its cell.</summary>
    private static readonly FactDefinition[] OfPlaces = [KnownFacts.Residual, KnownFacts.Direction, KnownFacts.Levels];

    /// <summary>The facts of a claim.</summary>
    public static IReadOnlyList<Fact> Of(
        Claim claim,
        IReadOnlyDictionary<string, Tensor> variables,
        RecognitionOptions options,
        List<string> warnings,
        List<OpenQuestion> questions)
    {
        var facts = new List<Fact>();
        foreach (
            var definition in claim
                .Definition.Facts.Where(fact => fact.OnlyWith is null || variables.ContainsKey(fact.OnlyWith))
                .Concat(OfPlaces))
        {
            var said = Said(options, claim.Scope, definition);
            var shown = claim.Shown.GetValueOrDefault(definition.Name) is { } found ? found with { Definition = definition } : null;
            if (
                said is not null
                && shown is not null
                && shown.Evidence.Kind is EvidenceKind.Graph or EvidenceKind.Configuration
                && Rounded(claim, said, variables) != Rounded(claim, shown, variables))
            {
                var contradiction =
                    $"{claim.Scope}: {definition.Name} is said to be {said.Value}, and the {shown.Evidence.KindName} says {shown.Value} ({shown.Evidence.Detail})";
                warnings.Add($"{contradiction}; what is said is taken.");
                said = said with { Overridden = shown.Evidence.Kind == EvidenceKind.Graph ? shown : null };
                if (options.IsStrict)
                {
                    questions.Add(new OpenQuestion($"{contradiction}.", [new OtherGraphRemedy()]));
                }
            }

            var fact = said
                ?? shown
                ?? (
                    definition.OnlyIfShown || OfPlaces.Contains(definition)
                        ? null
                        : definition.Assumed(claim.ClassName, ScopeName.Component(claim.Scope), claim.Leaf));
            if (fact is not null)
            {
                facts.Add(fact with { Value = Rounded(claim, fact, variables) });
            }
        }

        if (claim.Shown.GetValueOrDefault(KnownFacts.SequenceLengths.Name) is { } lengths)
        {
            facts.Add(lengths with { Definition = KnownFacts.SequenceLengths });
        }

        return facts;
    }

    /// <summary>Gives a layer the defaults of where it stands, where nothing said it: after its wiring is known.</summary>
    public static void Complete(RecurrentLayer layer)
    {
        foreach (var definition in OfPlaces.Where(definition => definition.Default is not null && layer.Cell.Find(definition.Name) is null))
        {
            layer.Cell = layer.Cell.With(new Fact(definition, definition.Default!, new Evidence(EvidenceKind.Assumed, "default")));
        }

        // The cell's own facts first, then those of its place: in the order in which they are printed.
        var order = layer.Cell.Definition.Facts.Concat(OfPlaces).Append(KnownFacts.SequenceLengths).Select(fact => fact.Name).ToList();
        layer.Cell = layer.Cell with { Facts = [.. layer.Cell.Facts.OrderBy(fact => order.IndexOf(fact.Name))] };
    }

    /// <summary>True if a layer may have a fact of this name.</summary>
    public static bool Has(RecurrentLayer layer, string name) => NamesOf(layer).Contains(name);

    /// <summary>The names of the facts that a layer may have.</summary>
    public static IEnumerable<string> NamesOf(RecurrentLayer layer) =>
        layer.Cell.Definition.Facts.Concat(OfPlaces).Select(fact => fact.Name);

    private static Fact? Said(RecognitionOptions options, string scope, FactDefinition definition)
    {
        var said = options.Facts.Where(one => one.Name == definition.Name && one.Value != "auto").ToArray();
        var one = said.LastOrDefault(fact => fact.Scope is { } named && RecognitionOptions.Means(named, scope))
            ?? said.LastOrDefault(fact => fact.Scope is null);
        return one is null ? null : new Fact(definition, definition.Read(one.Value), new Evidence(EvidenceKind.Option));
    }

    /// <summary>Numbers are rounded to the dtype of the weights, as the program's cell holds them.</summary>
    private static FactValue Rounded(Claim claim, Fact fact, IReadOnlyDictionary<string, Tensor> variables) =>
        fact.Definition.IsCount
            ? fact.Value
            : new BoundCell(claim.Definition, claim.Scope, variables, new Dictionary<char, long>(), []).Round(fact.Value);
}
