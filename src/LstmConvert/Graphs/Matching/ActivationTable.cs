using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>The activations that are looked for: operations by name, and the ones that are spelled out.</summary>
internal sealed class ActivationTable
{
    private readonly Dictionary<string, string> operations = new(StringComparer.Ordinal);
    private readonly List<(string Name, PatternTerm Term)> spelledOut = [];
    private readonly HashSet<string> roots = new(StringComparer.Ordinal);

    public ActivationTable(IEnumerable<GraphActivation> activations)
    {
        foreach (var activation in activations)
        {
            foreach (var text in activation.Text.Split('|', StringSplitOptions.TrimEntries))
            {
                if (text.All(char.IsLetterOrDigit))
                {
                    operations.TryAdd(text, activation.Name);
                    continue;
                }

                var term = PatternReader.Activation(activation with { Text = text });
                spelledOut.Add((activation.Name, term));
                roots.UnionWith(term is PatternTerm.Between ? Operations.OfLimits : Operations.OfScaling);
            }
        }
    }

    private ActivationTable(Dictionary<string, string> operations) => this.operations = operations;

    /// <summary>The activations that are one operation each: what spelled-out ones are made of. One within another is none, and along a
    /// chain of products the search would have no end.</summary>
    public ActivationTable OfOperations => new(operations);

    /// <summary>The activations that are spelled out.</summary>
    public IReadOnlyList<(string Name, PatternTerm Term)> SpelledOut => spelledOut;

    /// <summary>The activation that an operation is, or null.</summary>
    public string? NameOf(string operation) => operations.GetValueOrDefault(operation);

    /// <summary>True if an activation may end with this operation.</summary>
    public bool MayEndWith(string operation) => operations.ContainsKey(operation) || MayEndSpelledOut(operation);

    /// <summary>True if one that is spelled out may end with this operation.</summary>
    public bool MayEndSpelledOut(string operation) => roots.Contains(operation);
}
