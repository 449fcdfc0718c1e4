namespace LstmConvert.Graphs.Reading;

/// <summary>Which columns of a packed value <c>(b, w1+w2+...)</c> another one is, as programs keep several states in one: the c and h of a
/// cell (<c>state_is_tuple=False</c>), the states of all cells. Where cuts are by equal parts they are counted in widths of the value
/// itself.</summary>
/// <param name="Begin">The first column, beside <paramref name="Widths"/>.</param>
/// <param name="Widths">How many times the value's own width lies before it.</param>
internal sealed record ColumnCut(long Begin, long Widths)
{
    /// <summary>How many times the value's own width the packed value is wide; null where that is not known.</summary>
    public long? Whole { get; private init; } = 1;

    /// <summary>The first column.</summary>
    /// <param name="width">The width of the value.</param>
    public long At(long width) => checked(Begin + (Widths * width));

    /// <summary>The value that a node cuts, and which of its columns these are; null for a node that cuts no columns, or not at a constant
    /// place.</summary>
    /// <param name="at">What was cut out.</param>
    /// <param name="inner">What was cut out of that; null where nothing was.</param>
    public static (Output Whole, ColumnCut Cut)? Of(Output at, ColumnCut? inner)
    {
        var (node, cut) = (at.Node, inner ?? new ColumnCut(0, 0));
        if (Operations.ColumnsOf(node) is { } columns)
        {
            return (columns.Whole, cut with { Begin = cut.Begin + columns.Begin, Whole = null });
        }

        return
            Operations.EqualParts(node) is > 0 and < int.MaxValue and var parts
            && node.Input(1) is { } whole
            && GraphVariables.Integers(node.Input(0)) is [1 or -1]
            && cut.Whole is < int.MaxValue and var width
                ? (whole, cut with { Widths = cut.Widths + (at.Index * width), Whole = parts * width })
                : null;
    }
}
