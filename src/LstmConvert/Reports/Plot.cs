using System.Globalization;
using System.Text;

namespace LstmConvert.Reports;

/// <summary>
/// A plot in SVG, 380 wide: as it is on a phone, half as large again on a desk. Colours and sizes of text are the style sheet's, so that
/// the same plot is right in the
/// light, in the dark and on paper.
/// </summary>
/// <param name="label">What it shows, for who does not see it.</param>
/// <param name="height">Its height.</param>
internal sealed class Plot(string label, double height)
{
    /// <summary>The width.</summary>
    public const double Width = 380;

    /// <summary>Where the frame begins.</summary>
    public const double Left = 50;

    /// <summary>Where the frame ends.</summary>
    public const double Right = Width - 12;

    /// <summary>Curves of more points are thinned to so many.</summary>
    public const int MostPoints = 320;

    /// <summary>Curves of at most so many points get a mark at each.</summary>
    private const int FewPoints = 32;

    private readonly List<Markup> parts = [];

    /// <summary>The lines across and the numbers beside them.</summary>
    /// <param name="x">The axis below.</param>
    /// <param name="y">The axis to the left.</param>
    /// <param name="title">What the axis below counts; null for no numbers below.</param>
    public void Frame(Axis x, Axis y, string? title)
    {
        var last = double.PositiveInfinity;
        foreach (var (value, text) in y.Ticks)
        {
            var at = y.Place(value);
            if (last - at < 11)
            {
                continue;
            }

            last = at;
            parts.Add(
                Markup.Of(
                    $"""<path class="grid" d="M{Left} {at}H{Right}"/><text class="tick" x="{Left - 6}" y="{at + 3.5}" text-anchor="end">{text}</text>"""
                ));
        }

        foreach (var (value, text) in title is null ? [] : x.Ticks)
        {
            parts.Add(
                Markup.Of(
                    $"""<path class="tickmark" d="M{x.Place(value)} {y.From}v4"/><text class="tick" x="{x.Place(value)}" y="{y.From + 16}" text-anchor="middle">{text}</text>"""
                ));
        }

        if (title is not null)
        {
            parts.Add(Markup.Of($"""<text class="axis" x="{(Left + Right) / 2}" y="{y.From + 31}" text-anchor="middle">{title}</text>"""));
        }

        parts.Add(Markup.Of($"""<path class="frame" d="M{Left} {y.To}V{y.From}H{Right}"/>"""));
    }

    /// <summary>A curve; where it is no number there is a gap.</summary>
    /// <param name="points">Its points.</param>
    /// <param name="x">The axis below.</param>
    /// <param name="y">The axis to the left.</param>
    /// <param name="kind">Its kind in the style sheet.</param>
    /// <param name="isMarked">True for a mark at each of few points.</param>
    public void Line(IReadOnlyList<(int Step, double Value)> points, Axis x, Axis y, string kind, bool isMarked = true)
    {
        var path = new StringBuilder();
        var isDown = false;
        foreach (var (step, value) in points)
        {
            path.Append(
                double.IsNaN(value)
                    ? ""
                    : string.Create(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{x.Place(step):0.#} {y.Place(value):0.#}"));
            isDown = !double.IsNaN(value);
        }

        if (path.Length > 0)
        {
            parts.Add(Markup.Of($"""<path class="line {kind}" d="{path.ToString()}"/>"""));
        }

        if (points.Count <= FewPoints && isMarked)
        {
            Marks(points, x, y, kind, 2.6);
        }
    }

    /// <summary>A mark at each point.</summary>
    /// <param name="points">The points.</param>
    /// <param name="x">The axis below.</param>
    /// <param name="y">The axis to the left.</param>
    /// <param name="kind">Their kind in the style sheet.</param>
    /// <param name="radius">Their size.</param>
    public void Marks(IReadOnlyList<(int Step, double Value)> points, Axis x, Axis y, string kind, double radius) =>
        parts.AddRange(
            points
                .Where(point => !double.IsNaN(point.Value))
                .Select(point =>
                    Markup.Of($"""<circle class="mark {kind}" cx="{x.Place(point.Step)}" cy="{y.Place(point.Value)}" r="{radius}"/>""")));

    /// <summary>A line across.</summary>
    /// <param name="at">The place.</param>
    /// <param name="kind">Its kind in the style sheet.</param>
    public void Across(double at, string kind) => parts.Add(Markup.Of($"""<path class="line {kind}" d="M{Left} {at}H{Right}"/>"""));

    /// <summary>Anything else.</summary>
    /// <param name="part">The part.</param>
    public void Add(Markup part) => parts.Add(part);

    /// <summary>The plot.</summary>
    public Markup Finish() =>
        Markup.Of($"""<svg class="plot" viewBox="0 0 {Width} {height}" role="img" aria-label="{label}">{parts}</svg>""");
}
