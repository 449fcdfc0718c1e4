using System.Globalization;
using LstmConvert.Conversion;
using LstmConvert.Tensors;

namespace LstmConvert.Reports;

/// <summary>How each weight of the Keras layers is made of the source's variables, in words.</summary>
internal static class RecipeTable
{
    /// <summary>So many weights are shown.</summary>
    private const int MostWeights = 400;

    /// <summary>The recipes of a plan.</summary>
    /// <param name="plan">The plan.</param>
    public static Markup Of(ConversionPlan plan)
    {
        var weights = plan.Layers.SelectMany(layer => layer.Weights.Select(weight => (layer, weight))).ToArray();
        var more =
            weights.Length > MostWeights
                ? Markup.Of($"<p>The first {MostWeights} of {weights.Length} weights are shown.</p>")
                : Markup.None;
        return Markup.Of(
            $"""
            <p>How the conversion makes each weight. Numbers are moved, not computed, unless it says so. Rows <i>x</i> meet the input, rows <i>h</i> the state before.</p>
            <table class="stack"><thead><tr><th scope="col">Weight</th><th scope="col">Shape</th><th scope="col">Made of</th><th scope="col">For short</th></tr></thead><tbody>
            {weights.Take(MostWeights).Select(one => Markup.Of($"""
                <tr><th scope="row">{Markup.Name(one.weight.Path.EndsWith(":0", StringComparison.Ordinal) ? one.weight.Path[..^2] : one.weight.Path)} <small>{one.layer.ClassName}</small></th><td data-label="Shape"><code class="whole">{one.weight.DType.Name()} {one.weight.Shape.ToString()}</code></td><td data-label="Made of">{Sentence(one.weight.Words)}</td><td data-label="For short"><code>{one.weight.Recipe}</code></td></tr>

                """))}</tbody></table>{more}
            """);
    }

    private static string Sentence(string words) => words.Length == 0 ? words : string.Create(CultureInfo.InvariantCulture, $"{words}.");
}
