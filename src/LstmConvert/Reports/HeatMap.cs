using System.Globalization;
using System.Text;
using LstmConvert.Verification;

namespace LstmConvert.Reports;

/// <summary>The differences of all steps and units as colours, the largest of all rows: cool below the limit, warm above it.</summary>
internal static class HeatMap
{
    private const double Height = 252;

    /// <summary>The classes: the share of the limit up to which each goes, and its words.</summary>
    private static readonly (double UpTo, string Words)[] Classes =
    [
        (0, "0"),
        (1e-4, "≤ 1/10,000"),
        (1e-3, "≤ 1/1,000"),
        (1e-2, "≤ 1/100"),
        (1e-1, "≤ 1/10"),
        (1, "≤ limit"),
        (10, "≤ 10 ×"),
        (100, "≤ 100 ×"),
        (double.PositiveInfinity, "more"),
    ];

    /// <summary>The class of what is no number.</summary>
    private const int NotANumber = 9;

    /// <summary>Draws it.</summary>
    /// <param name="compared">The comparison.</param>
    /// <param name="cells">At most so many cells.</param>
    /// <param name="words">How to read it.</param>
    public static Markup Of(Compared compared, int cells, Markup words)
    {
        var (steps, units) = (compared.Difference.LeftSide.Steps, compared.Difference.LeftSide.Width);
        var rows = (int)Math.Clamp(Math.Sqrt(cells / 2.5), 8, Math.Max(8, cells / (double)Math.Max(1, steps)));
        var grid = Thinning.Grid(compared.Difference, Math.Max(8, cells / Math.Min(rows, Math.Max(1, units))), rows);
        var plot = new Plot($"Heat map of the differences, {steps} steps by {units} units", Height);
        var x = new LinearAxis(0, steps, Plot.Left, Plot.Right, 6);
        var y = new LinearAxis(0, units, 18, Height - 40);
        var (columns, lines) = (grid.GetLength(0), grid.GetLength(1));
        plot.Add(
            Markup.Of(
                $"""<svg x="{Plot.Left}" y="{18}" width="{Plot.Right - Plot.Left}" height="{Height - 58}" viewBox="0 0 {columns} {lines}" preserveAspectRatio="none" class="heat">{Painted(grid, compared.Limit)}</svg>"""
            ));
        foreach (var (value, text) in y.Ticks.Where(tick => tick.Value < units))
        {
            var at = y.Place(value + 0.5);
            plot.Add(Markup.Of($"""<text class="tick" x="{Plot.Left - 6}" y="{at + 3.5}" text-anchor="end">{text}</text>"""));
        }

        foreach (var (value, text) in (x with { Most = Math.Clamp(steps, 1, 6) }).Ticks.Where(tick => tick.Value < steps))
        {
            plot.Add(Markup.Of($"""<text class="tick" x="{x.Place(value + 0.5)}" y="{Height - 24}" text-anchor="middle">{text}</text>"""));
        }

        plot.Add(
            Markup.Of(
                $"""<path class="frame" d="M{Plot.Left} 18V{Height - 40}H{Plot.Right}"/><text class="axis" x="{(Plot.Left + Plot.Right) / 2}" y="{Height - 9}" text-anchor="middle">step</text><text class="note" x="{Plot.Left}" y="12">unit</text>"""
            ));
        var thinned =
            columns < steps || lines < units
                ? Markup.Of(
                    $" Each cell is the largest of up to {(steps + columns - 1) / columns} steps and {(units + lines - 1) / lines} units.")
                : Markup.None;
        return Markup.Of(
            $"""
            <figure><figcaption><strong>Where: step by unit, the largest of all rows</strong></figcaption>{plot.Finish()}
            <ul class="legend scale">{Classes.Select(
                (one, k) =>
                    Markup.Of(
                        $"""<li><svg class="patch" viewBox="0 0 12 12" aria-hidden="true"><path class="q{k}" d="M0 6H12"/></svg>{one.Words}</li>"""
                    ))}</ul>
            <p class="words">{words}{thinned}</p></figure>

            """);
    }

    /// <summary>Stretches of one colour as lines as high as a cell, a path for each colour.</summary>
    private static IEnumerable<Markup> Painted(double?[,] grid, double limit)
    {
        var paths = new StringBuilder[NotANumber + 1];
        for (var line = 0; line < grid.GetLength(1); line++)
        {
            for (var column = 0; column < grid.GetLength(0);)
            {
                var (first, kind) = (column, ClassOf(grid[column, line], limit));
                while (column < grid.GetLength(0) && ClassOf(grid[column, line], limit) == kind)
                {
                    column++;
                }

                if (kind >= 0)
                {
                    (paths[kind] ??= new StringBuilder()).Append(CultureInfo.InvariantCulture, $"M{first} {line}.5h{column - first}");
                }
            }
        }

        return paths
            .Index()
            .Where(path => path.Item is not null)
            .Select(path => Markup.Of($"""<path class="q{path.Index}" d="{path.Item.ToString()}"/>"""));
    }

    private static int ClassOf(double? value, double limit) =>
        value is not { } number ? -1
        : double.IsNaN(number) ? NotANumber
        : Array.FindIndex(Classes, one => number <= one.UpTo * limit || one.UpTo == double.PositiveInfinity);
}
