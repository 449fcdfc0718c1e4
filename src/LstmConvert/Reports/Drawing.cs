namespace LstmConvert.Reports;

/// <summary>Something that is drawn as a box.</summary>
/// <param name="Id">What edges call it.</param>
/// <param name="Title">Its name.</param>
/// <param name="Detail">What it is.</param>
/// <param name="Kind">Its kind in the style sheet: <c>end</c> for inputs and outputs, <c>cell</c> for recurrent layers,
/// <c>other</c>.</param>
internal sealed record Box(string Id, string Title, string Detail, string Kind);

/// <summary>What feeds what.</summary>
/// <param name="From">The box that feeds.</param>
/// <param name="To">The box that is fed.</param>
/// <param name="IsState">True for a final state that another layer starts from.</param>
internal sealed record Arrow(string From, string To, bool IsState = false);

/// <summary>Boxes in rows, each below all that feeds it, with arrows between them.</summary>
internal sealed class Drawing
{
    /// <summary>Of larger models only the beginning is drawn.</summary>
    private const int MostBoxes = 120;

    /// <summary>So many boxes stand beside each other; more of one row go on below.</summary>
    private const int MostBeside = 3;

    private const double BoxHeight = 44;

    private const double RowHeight = 78;

    private const double Gap = 16;

    private readonly IReadOnlyList<Arrow> arrows;
    private readonly List<Box[]> rows;
    private readonly Dictionary<string, (double X, double Y, int Row)> places = new(StringComparer.Ordinal);
    private readonly double width;
    private readonly double boxWidth;

    private Drawing(IReadOnlyList<Box> boxes, IReadOnlyList<Arrow> arrows)
    {
        var drawn = boxes.Select(box => box.Id).ToHashSet(StringComparer.Ordinal);
        this.arrows =
        [
            .. arrows.Where(arrow => drawn.Contains(arrow.From) && drawn.Contains(arrow.To) && arrow.From != arrow.To).Distinct(),
        ];
        rows = Rows(boxes);
        var beside = rows.Max(row => row.Length);
        boxWidth = beside switch
        {
            1 => 270,
            2 => 168,
            _ => 156,
        };
        width = Math.Max(380, (beside * (boxWidth + Gap)) + 12);
        for (var row = 0; row < rows.Count; row++)
        {
            var first = (width - (rows[row].Length * (boxWidth + Gap)) + Gap) / 2;
            for (var k = 0; k < rows[row].Length; k++)
            {
                places[rows[row][k].Id] = (first + (k * (boxWidth + Gap)), 8 + (row * RowHeight), row);
            }
        }
    }

    /// <summary>Draws.</summary>
    /// <param name="what">What it shows, for who does not see it.</param>
    /// <param name="boxes">The boxes, each after those that feed it.</param>
    /// <param name="arrows">The arrows.</param>
    public static Markup Of(string what, IReadOnlyList<Box> boxes, IReadOnlyList<Arrow> arrows)
    {
        if (boxes.Count == 0)
        {
            return Markup.None;
        }

        var drawing = new Drawing([.. boxes.Take(MostBoxes)], arrows);
        var more =
            boxes.Count > MostBoxes ? Markup.Of($"<p class=\"words\">The first {MostBoxes} of {boxes.Count} are drawn.</p>") : Markup.None;
        return Markup.Of($"""<div class="scroll" tabindex="0" role="region" aria-label="{what}">{drawing.Draw(what)}</div>{more}""");
    }

    private Markup Draw(string what) =>
        Markup.Of(
            $"""
            <svg class="drawing" viewBox="0 0 {width} {(rows.Count * RowHeight) - RowHeight + BoxHeight + 16}" style="min-width:{Math.Min(
                width,
                760)}px;max-width:{width * 1.25}px" role="img" aria-label="{what}">{arrows.Select(Line)}{rows.SelectMany(row => row).Select(
                Drawn)}</svg>
            """
        );

    private Markup Drawn(Box box)
    {
        var (x, y, _) = places[box.Id];
        var letters = (int)((boxWidth - 14) / 6.4);
        return Markup.Of(
            $"""<g class="box {box.Kind}"><title>{box.Title}: {box.Detail}</title><rect x="{x}" y="{y}" width="{boxWidth}" height="{BoxHeight}" rx="{(box.Kind == "end" ? 22 : 7)}"/><text class="boxname" x="{x + (boxWidth / 2)}" y="{y + 18.5}" text-anchor="middle">{Tail(box.Title, letters)}</text><text class="boxdetail" x="{x + (boxWidth / 2)}" y="{y + 34}" text-anchor="middle">{Head(box.Detail, letters + 2)}</text></g>"""
        );
    }

    /// <summary>An arrow from foot to head; past rows between them it runs along the side.</summary>
    private Markup Line(Arrow arrow)
    {
        var (from, to) = (places[arrow.From], places[arrow.To]);
        var (x1, y1, x2, y2) = (from.X + (boxWidth / 2), from.Y + BoxHeight, to.X + (boxWidth / 2), to.Y - 1);
        var kind = arrow.IsState ? "arrow state" : "arrow";
        if (to.Row - from.Row == 1)
        {
            return Markup.Of(
                $"""<path class="{kind}" d="M{x1} {y1}C{x1} {y1 + 18} {x2} {y2 - 20} {x2} {y2 - 6}"/><path class="head" d="M{x2 - 4} {y2 - 7}h8l-4 7z"/>"""
            );
        }

        var side = Math.Min(width - 4, Math.Max(from.X, to.X) + boxWidth + 14);
        var (startX, startY, endX, endY) = (from.X + boxWidth, from.Y + (BoxHeight / 2), to.X + boxWidth, to.Y + (BoxHeight / 2));
        return Markup.Of(
            $"""<path class="{kind}" d="M{startX} {startY}C{side + 12} {startY + 6} {side} {startY + 30} {side} {(startY + endY) / 2}S{side + 12} {endY} {endX + 7} {endY}"/><path class="head" d="M{endX + 8} {endY - 4}v8l-7-4z"/>"""
        );
    }

    private List<Box[]> Rows(IReadOnlyList<Box> boxes)
    {
        var rank = new Dictionary<string, int>(StringComparer.Ordinal);
        var fed = arrows.ToLookup(arrow => arrow.To, arrow => arrow.From, StringComparer.Ordinal);
        foreach (var box in boxes)
        {
            rank.TryAdd(box.Id, fed[box.Id].Select(from => rank.TryGetValue(from, out var above) ? above + 1 : 0).DefaultIfEmpty(0).Max());
        }

        // Within a row a box stands about where what feeds it stands.
        var place = new Dictionary<string, double>(StringComparer.Ordinal);
        var result = new List<Box[]>();
        foreach (var row in boxes.DistinctBy(box => box.Id).GroupBy(box => rank[box.Id]).OrderBy(group => group.Key))
        {
            var ordered = row.OrderBy(box => fed[box.Id].Select(from => place.GetValueOrDefault(from)).DefaultIfEmpty(0).Average())
                .ToArray();
            for (var k = 0; k < ordered.Length; k++)
            {
                place[ordered[k].Id] = (k + 0.5) / ordered.Length;
            }

            result.AddRange(ordered.Chunk(MostBeside));
        }

        return result;
    }

    private static string Tail(string text, int letters) => text.Length <= letters ? text : $"…{text[^(letters - 1)..]}";

    private static string Head(string text, int letters) => text.Length <= letters ? text : $"{text[..(letters - 1)]}…";
}
