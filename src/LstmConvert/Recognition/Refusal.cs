using System.Globalization;
using LstmConvert.Facts;

namespace LstmConvert.Recognition;

/// <summary>What of a source is not decided, in one message: layers of which the same is to be said together.</summary>
internal static class Refusal
{
    /// <summary>Layers, or questions, that are named; of more their number.</summary>
    private const int MaximumNamed = 24;

    /// <summary>The questions that are open; null without.</summary>
    public static UndecidedException? OfQuestions(SourceModel model)
    {
        var questions = model.Questions;
        if (questions.Count == 0)
        {
            return null;
        }

        var asked = questions.Take(MaximumNamed).ToArray();
        var sentences = asked.Select(question => question.Sentence);
        return new UndecidedException(
            string.Join(" ", questions.Count == asked.Length ? sentences : sentences.Append(More(questions.Count - asked.Length, "questions"))),
            [.. asked.SelectMany(question => question.Remedies)]);
    }

    /// <summary>What is only assumed, for a strict conversion; null where nothing is.</summary>
    public static UndecidedException? OfAssumptions(SourceModel model)
    {
        var assumed = model.Assumed.ToArray();
        if (assumed.Length == 0)
        {
            return null;
        }

        var layers = model.Groups.SelectMany(group => group.Layers).ToArray();
        var nothing = $"Nothing says {Listed(assumed)}; a strict conversion assumes nothing.";
        if (model.IsWiringSayable || model.Groups.FirstOrDefault(group => group.Scope.Length > 0) is not { } first)
        {
            return new UndecidedException(nothing, [.. Remedies(assumed, layers)]);
        }

        var own = first.Layers.Select(layer => layer.Scope).ToHashSet(StringComparer.Ordinal);
        var ofFirst = assumed.Where(one => own.Contains(one.Scope) && one.Fact.Name != KnownFacts.Wiring.Name).ToArray();
        return new UndecidedException(
            $"{nothing} One wiring does not say it of groups that are wired apart: convert each alone, {first.Scope} first.",
            [.. Remedies(ofFirst, first.Layers), new SettingRemedy(Setting.Include, first.Scope + "/*")]);
    }

    /// <summary>Layers that assume the same, and what.</summary>
    private static string Listed(IEnumerable<(string Scope, Fact Fact)> assumed)
    {
        var ofLayers = assumed
            .GroupBy(one => one.Scope)
            .Select(layer => (Scope: layer.Key, Facts: string.Join(", ", layer.Select(one => one.Fact.ToString()))))
            .GroupBy(layer => layer.Facts, layer => layer.Scope.Length == 0 ? "(all layers)" : layer.Scope, StringComparer.Ordinal);
        return string.Join("; ", ofLayers.Select(same => $"{Scopes([.. same])}: {same.Key}"));
    }

    private static string Scopes(string[] scopes) =>
        scopes.Length <= MaximumNamed
            ? string.Join(", ", scopes)
            : $"{string.Join(", ", scopes.Take(MaximumNamed))} {More(scopes.Length - MaximumNamed, "layers")}";

    private static string More(int count, string what) => string.Create(CultureInfo.InvariantCulture, $"(and {count:N0} more {what})");

    /// <summary>How the facts are said: once for all layers where all that have the fact assume the same.</summary>
    private static IEnumerable<Remedy> Remedies((string Scope, Fact Fact)[] assumed, IEnumerable<RecurrentLayer> layers)
    {
        var having = layers
            .SelectMany(layer => layer.Facts.Select(fact => (fact.Name, layer.Scope)))
            .Distinct()
            .GroupBy(one => one.Name, StringComparer.Ordinal)
            .ToDictionary(fact => fact.Key, fact => fact.Count(), StringComparer.Ordinal);
        foreach (var same in assumed.GroupBy(one => (one.Fact.Name, Value: one.Fact.Value.ToString())))
        {
            var scopes = same.Select(one => one.Scope).Distinct(StringComparer.Ordinal).ToArray();
            var isOfAll = having.GetValueOrDefault(same.Key.Name) == scopes.Length;
            foreach (var scope in isOfAll ? [""] : scopes)
            {
                yield return new SayFactRemedy(scope, same.Key.Name, same.Key.Value);
            }
        }
    }
}
