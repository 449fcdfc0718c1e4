using System.Globalization;
using LstmConvert.Verification;

namespace LstmConvert.Reports;

/// <summary>A curve of one witness.</summary>
/// <param name="Name">The witness.</param>
/// <param name="Kind">Its kind in the style sheet.</param>
/// <param name="Values">Its values, step by step.</param>
internal sealed record Curve(string Name, string Kind, IReadOnlyList<double> Values);

/// <summary>The four figures of a comparison.</summary>
internal static class Figures
{
    private const double Height = 252;

    /// <summary>A figure with its words.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="plot">The plot.</param>
    /// <param name="legend">Which curve is what: the name and the kind in the style sheet.</param>
    /// <param name="words">How to read it.</param>
    public static Markup Of(string title, Markup plot, IEnumerable<(string Name, string Kind)> legend, Markup words) =>
        Markup.Of(
            $"""
            <figure><figcaption><strong>{title}</strong></figcaption>{plot}
            <ul class="legend">{legend.Select(one =>
                Markup.Of(
                    $"""<li><svg class="swatch" viewBox="0 0 26 12" aria-hidden="true"><path class="line {one.Kind}" d="M1 6H25"/><circle class="mark {one.Kind}" cx="13" cy="6" r="2.6"/></svg>{one.Name}</li>"""
                ))}</ul>
            <p class="words">{words}</p></figure>

        """);

    /// <summary>Two units over time: all witnesses over each other.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="panels">The units: what each is, and its curves.</param>
    /// <param name="words">How to read it.</param>
    public static Markup Overlay(string title, IReadOnlyList<(string What, IReadOnlyList<Curve> Curves)> panels, Markup words)
    {
        var plot = new Plot(
            $"{title}: {string.Join("; ", panels.Select(panel => $"{panel.What}: {string.Join(", ", panel.Curves.Select(curve => curve.Name))}"))}",
            Height);
        var (gap, bottom) = (26.0, Height - 40);
        var each = (bottom - 20 - (gap * (panels.Count - 1))) / panels.Count;
        for (var k = 0; k < panels.Count; k++)
        {
            var (what, curves) = panels[k];
            var top = 20 + (k * (each + gap));
            var values = curves.SelectMany(curve => curve.Values).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
            var (low, high) = (values.Min(), values.Max());
            var margin = high > low ? (high - low) * 0.08 : Math.Max(Math.Abs(high) * 0.1, 1e-3);
            var x = new LinearAxis(0, curves.Max(curve => curve.Values.Count) - 1, Plot.Left + 6, Plot.Right - 6, 6);
            var y = new LinearAxis(low - margin, high + margin, top + each, top, panels.Count > 1 ? 3 : 5);
            plot.Frame(WholeSteps(x), y, k == panels.Count - 1 ? "step" : null);
            plot.Add(Markup.Of($"""<text class="note" x="{Plot.Left}" y="{top - 6}">{what}</text>"""));
            foreach (var curve in curves)
            {
                var points = Thinning.Extremes(
                    [.. curve.Values.Select(value => double.IsFinite(value) ? value : double.NaN)],
                    Plot.MostPoints);
                if (curve.Kind is "recorded")
                {
                    plot.Marks(Thinning.Extremes(curve.Values, 80), x, y, curve.Kind, 4.6);
                }
                else
                {
                    plot.Line(points, x, y, curve.Kind, isMarked: curve.Kind != "tensorflow" || curve.Values.Count == 1);
                }
            }
        }

        return Of(title, plot.Finish(), panels[0].Curves.Select(curve => (curve.Name, curve.Kind)), words);
    }

    /// <summary>The largest difference of each step on a logarithmic scale, the limits, and what wrong conventions would give.</summary>
    /// <param name="curves">The differences.</param>
    /// <param name="limits">The limits, each with the kind of its curve.</param>
    /// <param name="wrong">What wrong conventions give.</param>
    /// <param name="words">How to read it.</param>
    public static Markup Steps(
        IReadOnlyList<Curve> curves,
        IReadOnlyList<(string Name, string Kind, double Limit)> limits,
        IReadOnlyList<WrongHypothesis> wrong,
        Markup words)
    {
        var plot = new Plot(
            $"|difference| of each step on a logarithmic scale: {string.Join(", ", curves.Select(curve => $"{curve.Name} at most {Shown.Text(curve.Values.DefaultIfEmpty(0).Max())}"))}",
            Height);
        var steps = curves.Max(curve => curve.Values.Count);
        var x = new LinearAxis(0, steps - 1, Plot.Left + 6, Plot.Right - 6, 6);
        var y = PowerAxis.Around(
            [.. curves.SelectMany(curve => curve.Values), .. limits.Select(limit => limit.Limit), .. wrong.SelectMany(one => one.PerStep)],
            Height - 40,
            12);
        plot.Frame(WholeSteps(x), y, "step");
        foreach (var (_, kind, limit) in limits)
        {
            plot.Across(y.Place(limit), kind);
        }

        foreach (var one in wrong.Reverse())
        {
            plot.Line(Thinning.Maxima(one.PerStep, Plot.MostPoints), x, y, "wrong", isMarked: false);
        }

        foreach (var curve in curves)
        {
            plot.Line(Thinning.Maxima(curve.Values, Plot.MostPoints), x, y, curve.Kind);
        }

        return Of(
            "|difference| per step, the largest of all rows and units",
            plot.Finish(),
            [
                .. curves.Select(curve => (curve.Name, curve.Kind)),
                .. limits.Select(limit => ($"{limit.Name} {Shown.Text(limit.Limit)}", limit.Kind)),
                .. wrong.Count > 0 ? [($"the {wrong.Count} nearest wrong conventions", "wrong")] : Array.Empty<(string, string)>(),
            ],
            words);
    }

    /// <summary>How many values lie how many ulps apart.</summary>
    /// <param name="counts">The counts, as <see cref="DifferenceStatistics.UlpCounts"/> has them.</param>
    /// <param name="words">How to read it.</param>
    public static Markup Ulps(IReadOnlyList<long> counts, Markup words)
    {
        var plot = new Plot(
            $"Histogram of the differences in ulps: {string.Join(", ", counts.Select((count, k) => $"{Class(k)}: {count}"))}",
            Height);
        var total = counts.Sum();
        var (bottom, wide) = (Height - 40, (Plot.Right - Plot.Left - 6) / Math.Max(4, counts.Count));
        var y = new LinearAxis(
            0,
            Math.Clamp(Math.Ceiling(5.0 * counts.DefaultIfEmpty(0).Max() / Math.Max(1, total)) * 20, 20, 100),
            bottom,
            30);
        plot.Frame(new LinearAxis(0, 1, Plot.Left, Plot.Right), y, null);
        for (var k = 0; k < counts.Count; k++)
        {
            var (at, share) = (Plot.Left + 6 + (k * wide), counts[k] == 0 ? 0 : Math.Max(1.5, bottom - y.Place(100.0 * counts[k] / total)));
            plot.Add(Markup.Of($"""<path class="bar" d="M{at} {bottom}v-{share}h{wide - 6}v{share}z"/>"""));
            if (counts.Count <= 8)
            {
                plot.Add(
                    Markup.Of(
                        $"""<text class="tick" x="{at + ((wide - 6) / 2)}" y="{bottom - share - 5}" text-anchor="middle">{Shown.Percent(counts[k], total)}</text>"""
                    ));
            }

            if (counts.Count <= 8 || k % ((counts.Count + 4) / 5) == 0)
            {
                plot.Add(
                    Markup.Of(
                        $"""<text class="tick" x="{at + ((wide - 6) / 2)}" y="{bottom + 16}" text-anchor="middle">{(counts.Count <= 8 ? Class(k) : Beginning(k))}</text>"""
                    ));
            }
        }

        plot.Add(
            Markup.Of(
                $"""<text class="axis" x="{(Plot.Left + Plot.Right) / 2}" y="{Height - 9}" text-anchor="middle">float32 ulps apart</text><text class="note" x="{Plot.Left}" y="14">percent of {total.ToString("N0", CultureInfo.InvariantCulture)} values</text>"""
            ));
        return Of("How many ulps apart", plot.Finish(), [], words);
    }

    /// <summary>An axis of steps has no numbers between two steps.</summary>
    private static LinearAxis WholeSteps(LinearAxis x) => x with { Most = (int)Math.Clamp(x.High, 1, x.Most) };

    private static string Class(int k) =>
        k <= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{k}")
            : string.Create(CultureInfo.InvariantCulture, $"{1L << (k - 1)}–{(1L << k) - 1}");

    private static string Beginning(int k) =>
        k <= 1 ? string.Create(CultureInfo.InvariantCulture, $"{k}") : string.Create(CultureInfo.InvariantCulture, $"from 2^{k - 1}");
}
