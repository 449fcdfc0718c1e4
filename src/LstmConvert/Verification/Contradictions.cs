using LstmConvert.Facts;
using LstmConvert.KerasFiles;

namespace LstmConvert.Verification;

/// <summary>
/// Facts that the Keras file notes of its conversion and that the source does not have: such a file was made of something else, whatever
/// the numbers say.
/// </summary>
internal static class Contradictions
{
    /// <summary>The contradictions as sentences.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<LayerPair> pairs, KerasFile file)
    {
        var found = new List<string>();
        foreach (var pair in pairs)
        {
            if (file.Layers.FirstOrDefault(layer => layer.Name == pair.Name) is not { } written)
            {
                continue;
            }

            foreach (var (layer, facts) in pair.Layers.Zip(written.Facts))
            {
                foreach (var fact in layer.Facts.Where(fact => fact.Name != KnownFacts.SequenceLengths.Name))
                {
                    if (facts.TryGetValue(fact.Name, out var value) && value != fact.Value.ToString())
                    {
                        found.Add($"{layer.Scope}: the Keras file was made with {fact.Name} = {value}, and the source has {fact}.");
                    }
                }
            }
        }

        return found;
    }
}
