using System.Globalization;
using LstmConvert.Verification;

namespace LstmConvert.Reports;

/// <summary>One comparison of two witnesses, with the words and keys that a page and a document have for it.</summary>
/// <param name="Key">What was compared, and in which arithmetic: <c>float64 outputs</c>.</param>
/// <param name="Compared">The comparison.</param>
/// <param name="Sides">The names of its two sides.</param>
internal sealed record Row(string Key, Compared Compared, (string Left, string Right) Sides);

/// <summary>What is shown of one layer: four figures and all numbers.</summary>
internal static class LayerSection
{
    /// <summary>So many layers get figures, those with the largest differences; of the others the numbers are shown.</summary>
    public const int MostWithFigures = 24;

    /// <summary>The cells of all heat maps of a page.</summary>
    private const int AllCells = 64_000;

    private const int MostCells = 16_000;

    /// <summary>The figures and numbers of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="report">What it belongs to.</param>
    /// <param name="hasFigures">False for the numbers alone.</param>
    public static Markup Of(LayerReport layer, VerificationReport report, bool hasFigures)
    {
        static Row[] Rows(IReadOnlyList<Compared> wide, IReadOnlyList<Compared> narrow, (string, string) sides) =>
            [
                .. wide.Select(one => new Row($"float64 {one.Difference.What}", one, sides)),
                .. narrow.Select(one => new Row($"float32 {one.Difference.What}", one, sides)),
            ];
        return Markup.Of(
            $"""
            <article data-layer="{layer.Layer.Scope}">
            <h3>{Markup.Name(layer.Layer.Scope.Length == 0 ? "(top)" : layer.Layer.Scope)} <span class="kind">{layer.Layer.CellName} {Sizes(
                layer)} against Keras layer {Markup.Name(layer.LayerName)}</span></h3>
            {(layer.Cause is { } cause ? Markup.Of($"""<p class="cause"><strong>{cause}</strong></p>""") : Markup.None)}
            {(hasFigures ? Markup.Of($"""<div class="figures">{FiguresOf(layer, report)}</div>""") : Markup.None)}
            {Numbers(
                Rows(layer.Float64, layer.Float32, ("TensorFlow", "Keras")),
                "TensorFlow’s cell against Keras’ cell",
                layer.Layer.Scope)}
            {(
                layer.Graph is { } graph
                    ? Numbers(
                        Rows(graph.Float64, graph.Float32, ("graph", "TensorFlow")),
                        "Your own graph against TensorFlow’s cell",
                        layer.Layer.Scope)
                    : Markup.None)}
            </article>

            """);
    }

    /// <summary>All numbers of some comparisons, one column for each.</summary>
    /// <param name="rows">The comparisons.</param>
    /// <param name="what">What they are.</param>
    /// <param name="of">What they belong to.</param>
    public static Markup Numbers(IReadOnlyList<Row> rows, string what, string of)
    {
        var statistics = rows.Select(row => row.Compared.Difference.Statistics()).ToArray();
        Markup Line(string title, string metric, Func<Row, DifferenceStatistics, Markup> cell) =>
            Markup.Of(
                $"""
                <tr data-metric="{metric}"><th scope="row">{title}</th>{rows.Zip(statistics, cell).Select(one =>
                    Markup.Of($"<td>{one}</td>"))}</tr>

                """
            );
        return Markup.Of(
            $"""
            <div class="scroll" tabindex="0" role="region" aria-label="{what}: {of}"><table class="numbers"><caption>{what}</caption><thead><tr><td></td>{rows.Select(
                row => Markup.Of($"""<th scope="col">{row.Key}</th>"""))}</tr></thead><tbody>
            {Line("largest |difference|", "max_abs_diff", (row, _) =>
                Markup.Of(
                    $"""<strong class="{(row.Compared.IsMet ? "met" : "unmet")}">{Shown.Number(row.Compared.Difference.MaxAbs)}</strong>"""
                ))}
            {Line("limit", "limit", (row, _) => Shown.Number(row.Compared.Limit))}
            {Line("at row, step, unit", "place", (row, _) =>
                Markup.Of(
                    $"{row.Compared.Difference.Place.Row}, {row.Compared.Difference.Place.Step}, {row.Compared.Difference.Place.Unit}"))}
            {Line($"there: {rows[0].Sides.Left}", "left", (row, _) => Shown.Digits(row.Compared.Difference.Left))}
            {Line($"there: {rows[0].Sides.Right}", "right", (row, _) => Shown.Digits(row.Compared.Difference.Right))}
            {Line("mean |difference|", "mean_abs_diff", (row, _) => Shown.Number(row.Compared.Difference.MeanAbs))}
            {Line("99 of 100 at most", "p99_abs_diff", (_, one) => Shown.Number(one.Percentile99))}
            {Line("relative to the largest", "relative_diff", (_, one) => Shown.Number(one.Relative))}
            {Line("float32 ulps, at most", "max_ulp", (_, one) => Shown.Count(one.MaxUlp))}
            {Line("1 − cosine", "cosine", (_, one) =>
                Markup.Of(
                    $"""<data value="{one.Cosine.ToString(CultureInfo.InvariantCulture)}">{Shown.Text(Math.Max(0, 1 - one.Cosine))}</data>"""
                ))}
            {Line($"NaN: {rows[0].Sides.Left}, {rows[0].Sides.Right}", "nan", (_, one) =>
                Markup.Of($"{one.NotANumber.Left}, {one.NotANumber.Right}"))}
            {Line($"infinite: {rows[0].Sides.Left}, {rows[0].Sides.Right}", "infinite", (_, one) =>
                Markup.Of($"{one.Infinite.Left}, {one.Infinite.Right}"))}
            {Line("growth per step", "growth_per_step", (_, one) =>
                one.GrowthPerStep is { } growth ? Markup.Of($"×{Shown.Number(growth)}") : Markup.Of($"–"))}
            {Line("first step over the limit", "first_step_over", (row, _) =>
                row.Compared.FirstStepOver is { } step ? Markup.Of($"{step}") : Markup.Of($"none"))}
            </tbody></table></div>
            """);
    }

    /// <summary>The sizes of a layer: <c>4 → 3</c>.</summary>
    /// <param name="layer">The layer.</param>
    public static string Sizes(LayerReport layer) =>
        string.Create(CultureInfo.InvariantCulture, $"{layer.Layer.InputSize} → {layer.Layer.Units}")
        + (layer.Layer.OutputSize != layer.Layer.Units ? string.Create(CultureInfo.InvariantCulture, $" → {layer.Layer.OutputSize}") : "");

    private static IEnumerable<Markup> FiguresOf(LayerReport layer, VerificationReport report)
    {
        var (wide, narrow) = (layer.Float64[0], layer.Float32.Count > 0 ? layer.Float32[0] : layer.Float64[0]);
        yield return Overlay(wide.Difference, narrow.Difference, layer, report.Expectations);
        yield return Steps(layer);
        yield return Figures.Ulps(
            narrow.Difference.Statistics().UlpCounts,
            Markup.Of($"Outputs of both cells in float32. An ulp is the distance from one float32 to the next: 0 means the same bits."));
        yield return HeatMap.Of(
            narrow,
            Math.Clamp(AllCells / Math.Min(MostWithFigures, report.Layers.Count), 400, MostCells),
            Markup.Of($"Outputs in float32, as a share of the limit {Shown.Text(narrow.Limit)}."));
    }

    private static Markup Overlay(Difference wide, Difference narrow, LayerReport layer, IReadOnlyList<ExpectationReport> expectations)
    {
        var (row, _, worst) = narrow.MaxAbs > 0 || double.IsNaN(narrow.MaxAbs) ? narrow.Place : wide.Place;
        var lively = Units(wide, row).Where(unit => unit != worst).Take(1);
        var graph = layer.Graph?.Float64.FirstOrDefault(one => ReferenceEquals(one.Difference.RightSide, wide.LeftSide))?.Difference;
        var recorded = expectations.FirstOrDefault(one =>
            one.Difference.LeftSide.Values.AsSpan().SequenceEqual(wide.LeftSide.Values)
            || one.Difference.LeftSide.Values.AsSpan().SequenceEqual(wide.RightSide.Values));
        IReadOnlyList<Curve> Curves(int unit) =>
            [
                new("TensorFlow’s cell", "tensorflow", Along(wide, wide.LeftSide, row, unit)),
                new("Keras’ cell", "keras", Along(wide, wide.RightSide, row, unit)),
                .. graph is null ? [] : new[] { new Curve("your own graph", "graph", Along(graph, graph.LeftSide, row, unit)) },
                .. recorded is null
                    ? []
                    : new[]
                    {
                        new Curve(
                            $"recorded {recorded.Key}",
                            "recorded",
                            Along(recorded.Difference, recorded.Difference.RightSide, row, unit)),
                    },
            ];
        return Figures.Overlay(
            "h(t) of all witnesses, over each other",
            [
                (string.Create(CultureInfo.InvariantCulture, $"unit {worst} of row {row}, which differs most"), Curves(worst)),
                .. lively.Select(unit =>
                    (string.Create(CultureInfo.InvariantCulture, $"unit {unit} of row {row}, which moves most"), Curves(unit))),
            ],
            layer.IsSame
                ? Markup.Of(
                    $"Where the curves are one, the witnesses agree to the width of a line; the next figure shows what a line hides.")
                : Markup.Of($"Where the curves part, the witnesses compute something else."));
    }

    private static Markup Steps(LayerReport layer)
    {
        var curves = new List<Curve> { new("float64", "wide", Largest(layer.Float64)) };
        var limits = new List<(string, string, double)> { ("limit in float64", "limit wide", layer.Float64.Min(one => one.Limit)) };
        if (layer.Float32.Count > 0)
        {
            curves.Add(new Curve("float32", "narrow", Largest(layer.Float32)));
            limits.Add(("limit in float32", "limit narrow", layer.Float32.Min(one => one.Limit)));
        }

        var own = (layer.Graph?.Float64 ?? []).Where(one => one.Difference.PerStep.Count > 1).ToArray();
        if (own.Length > 0)
        {
            curves.Add(new Curve("graph against TensorFlow’s cell", "graph", Largest(own)));
        }

        var length = layer.Float64[0].Difference.Lengths.DefaultIfEmpty(0).Max();
        WrongHypothesis[] nearest = [.. layer.Power.Nearest.Select(one => one with { PerStep = [.. one.PerStep.Take(length)] })];
        var words =
            nearest.Length == 0
                ? Markup.Of($"How far {layer.Power.Hypothesis} would move this sample: {Shown.Text(layer.Power.Distance)}.")
                : Markup.Of(
                    $"Outputs and states. {(layer.IsSame ? "Far above" : "For comparison")}: the nearest of {layer.Power.Count} wrong conventions that were tried on this sample{(nearest[0].PerStep.Count < curves[0].Values.Count ? Markup.Of($" (on its first {nearest[0].PerStep.Count} steps)") : Markup.None)}: {string.Join("; ", nearest.Select(one => $"{one.Name}, {Shown.Text(one.Distance)}"))}."
                );
        return Figures.Steps(curves, limits, nearest, words);
    }

    /// <summary>The units that move most along a row, the liveliest first.</summary>
    private static IEnumerable<int> Units(Difference difference, int row) =>
        Enumerable
            .Range(0, difference.LeftSide.Width)
            .Select(unit =>
                (unit, Values: Along(difference, difference.LeftSide, row, unit).Where(double.IsFinite).DefaultIfEmpty(0).ToArray()))
            .OrderByDescending(one => one.Values.Max() - one.Values.Min())
            .Select(one => one.unit);

    private static double[] Along(Difference difference, Arrays.Sequence side, int row, int unit) =>
        [
            .. Enumerable
                .Range(0, side.Values.Length == 0 ? 0 : Math.Min(side.Steps, difference.Lengths[row]))
                .Select(step => side[row, step, unit]),
        ];

    private static double[] Largest(IReadOnlyList<Compared> all) =>
        [
            .. Enumerable
                .Range(0, all.Max(one => Math.Min(one.Difference.PerStep.Count, one.Difference.Lengths.DefaultIfEmpty(0).Max())))
                .Select(step =>
                    all.Max(one =>
                        step >= one.Difference.PerStep.Count ? 0
                        : one.Difference.PerStep[step] is var value && double.IsNaN(value) ? double.PositiveInfinity
                        : value)),
        ];
}
