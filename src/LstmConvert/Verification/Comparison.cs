namespace LstmConvert.Verification;

/// <summary>Compares what two witnesses computed for one layer.</summary>
internal static class Comparison
{
    /// <summary>Outputs, and the states at each step that both have and that are not the output itself.</summary>
    public static IReadOnlyList<Difference> Of(LayerRun left, LayerRun right, int[] lengths)
    {
        var differences = new List<Difference> { Difference.Of("outputs", left.Output, right.Output, lengths) };
        foreach (var (name, states) in left.States)
        {
            if (name != "h" && right.States.TryGetValue(name, out var other) && states.Width == other.Width)
            {
                differences.Add(Difference.Of(name, states, other, lengths));
            }
        }

        return differences;
    }
}
