using LstmConvert.Facts;
using LstmConvert.Recognition;

namespace LstmConvert.Reports;

/// <summary>What stands in no variable and changes the outputs, with what says it.</summary>
internal static class FactTable
{
    /// <summary>The facts of all layers, and how they feed each other.</summary>
    /// <param name="source">The source.</param>
    public static Markup Of(SourceModel source) =>
        !source.Layers.Any()
            ? Markup.None
            : Markup.Of(
                $"""
                <p>No variable holds these, and each changes what is computed. What nothing says is assumed, and stands in the verdict as its condition.</p>
                <table class="stack"><thead><tr><th scope="col">Layer</th><th scope="col">Fact</th><th scope="col">Value</th><th scope="col">What says so</th></tr></thead>
                {source.Groups.Select(group => Markup.Of($"{Wiring(group)}{group.Layers.Select(Rows)}"))}</table>
                """
            );

    private static Markup Wiring(LayerGroup group) =>
        group.IsSingle ? Markup.None : Markup.Of($"<tbody>{Row(Layer(group.Scope, 1), group.Fact)}</tbody>\n");

    private static Markup Rows(RecurrentLayer layer) =>
        Markup.Of(
            $"<tbody>{layer.Facts.Select((fact, k) => Row(k == 0 ? Layer(layer.Scope, layer.Facts.Count) : Markup.None, fact))}</tbody>\n");

    private static Markup Layer(string scope, int facts) =>
        Markup.Of($"""<th scope="rowgroup" rowspan="{facts}">{Markup.Name(scope.Length == 0 ? "(top)" : scope)}</th>""");

    private static Markup Row(Markup layer, Fact fact) =>
        Markup.Of(
            $"""
            <tr>{layer}<td data-label="Fact"><code class="whole">{fact.Name}</code></td><td data-label="Value">{fact.Value.ToString()}</td><td data-label="What says so"><span class="badge {(
                fact.Evidence.IsAssumed ? "assumed" : "shown")}">{fact.Evidence.KindName}</span> {Detail(fact.Evidence)}</td></tr>

        """);

    private static Markup Detail(Evidence evidence) =>
        evidence.Detail.Length == 0 ? Markup.None
        : evidence.IsAssumed ? Markup.Of($"{evidence.Detail}")
        : Markup.Name(evidence.Detail);
}
