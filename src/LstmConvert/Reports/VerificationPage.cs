using System.Globalization;
using LstmConvert.Conversion;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Verification;

namespace LstmConvert.Reports;

/// <summary>A verification as a page that convinces: the verdict and what it depends on, every number, the curves, and how to repeat it.
/// One file of HTML; the same verification gives the same bytes.</summary>
/// <param name="report">The verification.</param>
/// <param name="sourceName">The source, as its user names it.</param>
/// <param name="kerasPath">The Keras file, as its user names it.</param>
public sealed class VerificationPage(VerificationReport report, string sourceName, string kerasPath)
{
    /// <summary>The source that was verified; null where both are whole Keras models.</summary>
    public RecurrentSource? Source { get; init; }

    /// <summary>How layers were named, for the recipe.</summary>
    public IReadOnlyList<Scoped<string>> LayerNames { get; init; } = [];

    /// <summary>The commands that repeat it.</summary>
    public IReadOnlyList<ReportedCommand> Commands { get; init; } = [];

    /// <summary>Writes the page, complete or not at all.</summary>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True replaces a file of that name.</param>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    public void Write(string path, bool overwrite) => Page.Write(ToHtml(), path, overwrite);

    /// <summary>The page.</summary>
    public string ToHtml() => Page.Of($"{sourceName} and {kerasPath}: {report.Verdict.ToString().ToLowerInvariant()}", Markup.Of($"""
        {Header()}
        {Page.Section("layers", "Layer by layer", Layers())}
        {Page.Section("recorded", "Against recorded values", Recorded())}
        {Page.Section("figures", "Curves and numbers", Details())}
        {Page.Section("outputs", "Outputs of the whole model", Outputs())}
        {Page.Section("facts", "Facts and what says them", Source is null ? Markup.None : FactTable.Of(Source.Model))}
        {Page.Section("wiring", "What feeds what", Wiring())}
        {Page.Section("recipe", "The recipe", Recipe())}
        {Page.Section("notes", "What else there is to know", List(report.Notes))}
        {Page.Commands(Commands)}
        """));

    private Markup Header()
    {
        var (kind, word) = report.Verdict switch
        {
            Verdict.Same => ("same", "✓"),
            Verdict.Different => ("different", "✗"),
            _ => ("inconclusive", "?"),
        };
        return Markup.Of($"""
            <header>
            <p class="what">Do they compute the same?</p>
            <p class="pair"><span class="side"><b>TensorFlow</b> {Markup.Name(
                sourceName)}</span> <span class="side"><b>Keras</b> {Markup.Name(kerasPath)}</span></p>
            <div class="verdict {kind}"><h1><span class="sign" aria-hidden="true">{word}</span> {Headline()}</h1>
            {(
                report.Verdict == Verdict.Same
                    ? Markup.Of($"{Conditions()}{List(report.Reasons)}{List(Silent())}")
                    : Markup.Of($"{List(report.Reasons)}{Conditions()}{List(Silent())}"))}</div>
            <ul class="tiles">{Tiles()}</ul>
            <p class="words">Sample: {report.SampleText}.{(
                report.Graph is { Layers.Count: > 0 } graph
                    ? $" The source’s own graph was executed node by node on {graph.SampleText}."
                    : ""
            )} A verdict is “same” only if every number lies within its limit <em>and</em> wrong conventions would have shown on the same sample.</p>
            </header>

            """);
    }

    /// <summary>Witnesses that are there and did not testify of everything, with the reason.</summary>
    private string[] Silent() =>
        [
            .. report
                .Witnesses.Where(witness => witness.State is WitnessState.NotRun or WitnessState.Partial)
                .Select(witness => $"{char.ToUpperInvariant(witness.Sentence[0])}{witness.Sentence[1..]}."),
        ];

    private string Headline() =>
        report.Verdict switch
        {
            Verdict.Same => report.IsConfirmedByGraph ? "Same, as your own graph computes it"
            : report.Graph is { IsConfirmedByStep: true } ? "Same, as your own graph computes each step"
            : "Same",
            Verdict.Different => "Different",
            _ => "Inconclusive",
        };

    private Markup Conditions() =>
        report.Assumed.Count == 0
            ? report.Verdict == Verdict.Same
                ? Markup.Of($"<p>Without a condition: nothing that changes the outputs had to be assumed.</p>")
                : Markup.None
            : Markup.Of(
                $"""<p>{(report.Verdict == Verdict.Same ? "On the condition, which nothing in the source says, that" : "Assumed, because nothing in the source says it:")}</p><ul class="conditions">{report.Assumed.Select(one => Markup.Of($"<li>{one}</li>"))}</ul>"""
            );

    private IEnumerable<Markup> Tiles()
    {
        static Markup Tile(string title, Markup value, Markup words, bool isMet) =>
            Markup.Of(
                $"""<li class="{(isMet ? "met" : "unmet")}"><span class="title">{title}</span><span class="value">{value}</span><span class="more">{words}</span></li>"""
            );
        Markup Worst(string title, IEnumerable<Compared> all, string words) =>
            all.MaxBy(one => Over(one)) is { } worst
                ? Tile(
                    title,
                    Shown.Number(worst.Difference.MaxAbs),
                    Markup.Of($"largest |difference| of {words}, limit {Shown.Number(worst.Limit)}"),
                    worst.IsMet)
                : Markup.None;
        yield return Worst("float64: the layout", report.Layers.SelectMany(layer => layer.Float64), "both cells");
        yield return Worst("float32: as it will run", report.Layers.SelectMany(layer => layer.Float32), "both cells");
        yield return Worst("outputs of the model", report.Outputs, "both models");
        if (report.Layers.Count > 0 && report.Layers.MinBy(layer => layer.Power.Distance) is { } nearest)
        {
            yield return Tile(
                "nearest mistake",
                Shown.Number(nearest.Power.Distance),
                Markup.Of(
                    $"what {Markup.Breakable(nearest.Power.Hypothesis)} would give, the nearest of {report.Layers.Sum(layer => layer.Power.Count)} tried"
                ),
                nearest.Power.Distance >= Verifier.PowerFactor * nearest.Float64[0].Limit);
        }

        if (report.Graph is { Layers.Count: > 0 } graph)
        {
            var borne = graph.Layers.Count(layer => layer.IsConfirmed);
            yield return Tile(
                "your own graph",
                Markup.Of($"{borne} of {(Source?.Model.Layers.Count() ?? graph.Layers.Count)}"),
                Markup.Of($"layers borne out by executing the program’s own nodes"),
                graph.Refuted is null);
        }

        if (report.Expectations.Count > 0)
        {
            yield return Tile(
                "recorded values",
                Markup.Of($"{report.Expectations.Count(one => one.IsMet)} of {report.Expectations.Count}"),
                Markup.Of($"comparisons with what was recorded are within their limits"),
                report.Expectations.All(one => one.IsMet));
        }
    }

    private Markup Layers() => report.Layers.Count == 0 ? Markup.None : Markup.Of($"""
        <table class="stack"><thead><tr><th scope="col">Layer</th><th scope="col">Keras layer</th><th scope="col">float64</th><th scope="col">float32</th><th scope="col">Own graph</th><th scope="col">Nearest mistake</th><th scope="col">Says</th></tr></thead><tbody>
        {report.Layers.Select(layer => Markup.Of($"""
            <tr><th scope="row">{Markup.Name(layer.Layer.Scope.Length == 0 ? "(top)" : layer.Layer.Scope)} <small>{layer.Layer.CellName} {LayerSection.Sizes(layer)}{(layer.Layer.IsBackward ? ", backward" : "")}</small></th><td data-label="Keras layer">{Markup.Name(layer.LayerName)}</td><td data-label="float64">{Worst(layer.Float64)}</td><td data-label="float32">{Worst(layer.Float32)}</td><td data-label="Own graph">{(layer.Graph is { } graph ? Worst([.. graph.Float64, .. graph.Float32]) : Markup.Of($"–"))}</td><td data-label="Nearest mistake">{Shown.Number(layer.Power.Distance)} <small>{Markup.Breakable(layer.Power.Hypothesis)}</small></td><td data-label="Says"><span class="badge {(layer.IsSame && layer.Graph is not { IsConfirmed: false } ? "met" : "unmet")}">{(layer.IsSame ? layer.Graph is { IsConfirmed: false } ? "not as the graph" : "same" : "different")}</span></td></tr>

            """))}</tbody></table>
        """);

    private static Markup Worst(IReadOnlyList<Compared> all) =>
        all.Count == 0 ? Markup.Of($"–")
        : all.MaxBy(Over) is { } worst
            ? Markup.Of(
                $"{Shown.Number(worst.Difference.MaxAbs)} <small>{worst.Difference.What}; limit {Shown.Number(worst.Limit)}</small>")
        : Markup.None;

    private static double Over(Compared compared) =>
        double.IsNaN(compared.Difference.MaxAbs) ? double.PositiveInfinity : compared.Difference.MaxAbs / compared.Limit;

    private Markup Recorded()
    {
        var sides = report.Expectations.Select(one => one.Side).Distinct(StringComparer.Ordinal).ToArray();
        Markup Cell(string side, ExpectationReport? one) =>
            one is null
                ? Markup.Of($"""<td data-label="{side}">–</td>""")
                : Markup.Of(
                    $"""
                    <td data-label="{side}" data-side="{side}"><strong class="{(one.IsMet ? "met" : "unmet")}">{Shown.Number(
                        one.Difference.MaxAbs
                    )}</strong> <small>at row {one.Difference.Place.Row}, step {one.Difference.Place.Step}, unit {one.Difference.Place.Unit}</small></td>
                    """
                );
        return sides.Length == 0
            ? Markup.None
            : Markup.Of(
                $"""
            <p>The largest |difference| from what another program computed and somebody kept.</p>
            <table class="stack"><thead><tr><th scope="col">Recorded</th>{sides.Select(side => Markup.Of($"""<th scope="col">{side}</th>"""))}<th scope="col">Limit</th></tr></thead><tbody>
            {report.Expectations.GroupBy(one => one.Key).Select(key => Markup.Of($"""
                <tr data-key="{key.Key}"><th scope="row"><code>{key.Key}</code></th>{sides.Select(side => Cell(side, key.FirstOrDefault(one => one.Side == side)))}<td data-label="Limit">{Shown.Number(key.First().Limit)}</td></tr>

                """))}</tbody></table>
            """);
    }

    private Markup Details()
    {
        var shown = report
            .Layers.OrderByDescending(layer => layer.Float64.Concat(layer.Float32).Max(Over))
            .Take(LayerSection.MostWithFigures)
            .ToHashSet();
        var few =
            shown.Count < report.Layers.Count
                ? Markup.Of(
                    $"<p>Figures are shown of the {shown.Count} layers with the largest differences, numbers of all {report.Layers.Count}.</p>"
                )
                : Markup.None;
        return report.Layers.Count == 0
            ? Markup.None
            : Markup.Of($"{few}{report.Layers.Select(layer => LayerSection.Of(layer, report, shown.Contains(layer)))}");
    }

    private Markup Outputs() =>
        report.Outputs.Count == 0
            ? Markup.None
            : LayerSection.Numbers(
                [
                    .. report.Outputs.Select(one => new Row(
                        one.Difference.What,
                        one,
                        Source is null ? ("old", "new") : ("TensorFlow", "Keras"))),
                ],
                "Outputs of the whole model",
                kerasPath);

    private Markup Wiring()
    {
        var source = Source is { Model.Model: var model } && model.Calls.Count > 0
            ? Markup.Of($"""<div><h3>In the source</h3>{ModelDrawing.Of("What feeds what in the source", model)}</div>""") : Markup.None;
        var keras = Markup.None;
        try
        {
            using var file = KerasInspection.Open(kerasPath);
            keras = ModelDrawing.Of("What feeds what in the Keras file", file);
        }
        catch (LstmConvertException)
        {
            // What was verified was read; what cannot be drawn is left out.
        }

        return source.IsEmpty && keras.IsEmpty
            ? Markup.None
            : Markup.Of(
                $"""<div class="figures">{source}{(keras.IsEmpty ? Markup.None : Markup.Of($"<div><h3>In the Keras file</h3>{keras}</div>"))}</div>"""
            );
    }

    private Markup Recipe()
    {
        if (Source is null)
        {
            return Markup.None;
        }

        try
        {
            return RecipeTable.Of(Source.Plan(new ConversionOptions { LayerNames = LayerNames }));
        }
        catch (LstmConvertException e)
        {
            return Markup.Of($"<p>Not planned: {e.Message}</p>");
        }
    }

    private static Markup List(IReadOnlyList<string> sentences) =>
        sentences.Count == 0
            ? Markup.None
            : Markup.Of($"""<ul class="sentences">{sentences.Select(one => Markup.Of($"<li>{one}</li>"))}</ul>""");
}
