using LstmConvert.Tensors;

namespace LstmConvert.Layouts;

/// <summary>A rectangle of a variable, and where its numbers stand in a weight: the weight has <c>Scale * v + Constant</c>.</summary>
/// <param name="Row">Its first row in the part.</param>
/// <param name="Column">Its first column.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Columns">The number of columns.</param>
/// <param name="Written">The rectangle of the weight, as it was written.</param>
/// <param name="Scale">The factor on the way there.</param>
/// <param name="Constant">What was added on the way there.</param>
internal sealed record ReturnedBlock(long Row, long Column, long Rows, long Columns, Term Written, double Scale, double Constant)
{
    /// <summary>True if the numbers come back bit for bit, but for the sign.</summary>
    public bool IsMoved => Scale is 1 or -1 && Constant == 0;

    /// <summary>The rectangle filled from a weight.</summary>
    /// <param name="written">The weight's rectangle.</param>
    /// <param name="constant">Added to it.</param>
    public Piece From(Term written, double constant) => new(Row, Column, Rows, Columns, [written], constant);
}

/// <summary>Elements of a variable that stand in the weights: all of a matrix, or a piece of a buffer.</summary>
/// <param name="Role">The variable's role.</param>
/// <param name="View">Where the part lies in the variable, as a matrix.</param>
/// <param name="Blocks">Disjoint rectangles of that matrix.</param>
internal sealed record ReturnedPart(string Role, View View, IReadOnlyList<ReturnedBlock> Blocks)
{
    private Shape Shape => new(Blocks.Max(block => block.Row + block.Rows), View.Width);

    /// <summary>The part in terms of the weights: bit for bit where numbers were moved, elsewhere in float64, rounded once.</summary>
    public BlockArrangement Arrangement => new(Shape, [.. Blocks.Select(block =>
        block.From(block.Written with { Scale = 1 / block.Scale }, block.Constant == 0 ? 0 : -block.Constant / block.Scale))]);

    /// <summary>The written numbers themselves in the places of the variable's.</summary>
    public BlockArrangement Written => new(Shape, [.. Blocks.Select(block => block.From(block.Written, 0))]);
}

/// <summary>
/// The way back: where the numbers of the variables stand in the weights of one layer, or of several. What stands there alone comes back
/// bit for bit; where a constant was added or a factor taken, up to the rounding of that; what is in a sum or product does not come back.
/// </summary>
/// <param name="Parts">The variables in parts. A number that was written twice is in two parts.</param>
/// <param name="Computed">Of each weight that has some, the rectangles that are constants, or sums of several terms.</param>
/// <param name="Products">The weights that are products.</param>
internal sealed record Inverse(
    IReadOnlyList<ReturnedPart> Parts,
    IReadOnlyDictionary<string, BlockArrangement> Computed,
    IReadOnlyDictionary<string, ProductArrangement> Products)
{
    /// <summary>Takes weights backwards.</summary>
    /// <param name="weights">How each weight is made, by its path.</param>
    /// <param name="variables">The variables by role.</param>
    /// <param name="unread">Parts of the variables that no weight needs.</param>
    /// <exception cref="InvalidOperationException">A number of a variable is used nowhere.</exception>
    public static Inverse Of(
        IReadOnlyDictionary<string, Arrangement> weights,
        IReadOnlyDictionary<string, TensorInfo> variables,
        IReadOnlyList<Arrangement>? unread = null)
    {
        CheckCoverage(weights.Values.Concat(unread ?? []), variables);
        var singles = new List<(string Role, View View, ReturnedBlock Block)>();
        var computed = new Dictionary<string, BlockArrangement>(StringComparer.Ordinal);
        var products = new Dictionary<string, ProductArrangement>(StringComparer.Ordinal);
        foreach (var (path, weight) in weights)
        {
            if (weight is ProductArrangement product)
            {
                products[path] = product;
                continue;
            }

            var pieces = ((BlockArrangement)weight).Pieces.ToLookup(piece => piece.Terms is [{ Scale: not 0, Factors.Count: 0 }]);
            singles.AddRange(pieces[true].Select(piece => (piece.Terms[0].Role, piece.Terms[0].View, Turned(path, weight.Shape, piece))));
            if (pieces[false].Any())
            {
                computed[path] = new BlockArrangement(weight.Shape, [.. pieces[false]]);
            }
        }

        var parts = singles.GroupBy(single => (single.Role, single.View)).SelectMany(group =>
            Disjoint(group.Select(single => single.Block).OrderBy(block => block.IsMoved ? 0 : 1))
                .Select(blocks => new ReturnedPart(group.Key.Role, group.Key.View, blocks)));
        return new Inverse([.. parts], computed, products);
    }

    /// <summary>The rectangle of the variable that a rectangle of a weight holds.</summary>
    private static ReturnedBlock Turned(string path, Shape weight, Piece piece)
    {
        var term = piece.Terms[0];
        var written = new Term(path, new View(0, weight.RowLength), piece.Row, piece.Column, term.IsTransposed, 1);
        var (rows, columns) = term.IsTransposed ? (piece.Columns, piece.Rows) : (piece.Rows, piece.Columns);
        return new ReturnedBlock(term.Row, term.Column, rows, columns, written, term.Scale, piece.Constant);
    }

    /// <summary>Lists of rectangles that do not overlap; each goes into the first list that has room for it.</summary>
    private static List<List<ReturnedBlock>> Disjoint(IEnumerable<ReturnedBlock> blocks)
    {
        var lists = new List<List<ReturnedBlock>>();
        foreach (var block in blocks)
        {
            if (lists.Find(list => !list.Exists(other => Overlap(block, other))) is { } free)
            {
                free.Add(block);
            }
            else
            {
                lists.Add([block]);
            }
        }

        return lists;
    }

    private static bool Overlap(ReturnedBlock a, ReturnedBlock b) =>
        a.Row < b.Row + b.Rows && b.Row < a.Row + a.Rows && a.Column < b.Column + b.Columns && b.Column < a.Column + a.Columns;

    /// <summary>Every number of every variable is used at least once.</summary>
    private static void CheckCoverage(IEnumerable<Arrangement> weights, IReadOnlyDictionary<string, TensorInfo> variables)
    {
        // Pieces of one rectangle are counted where they lie; the same rectangle is often used twice.
        var used = weights.SelectMany(UsedRectangles).Distinct().ToLookup(rectangle => rectangle.Role);
        foreach (var (role, variable) in variables)
        {
            var views = used[role].GroupBy(rectangle => rectangle.View).ToArray();
            var covered = views.Length == 1
                ? Covered(views[0])
                : Covered(used[role].SelectMany(rectangle => rectangle.Runs()));
            if (covered != variable.Shape.ElementCount)
            {
                throw new InvalidOperationException(
                    $"The recipes take {covered} of the {variable.Shape.ElementCount} numbers of {variable.Name}.");
            }
        }
    }

    private static IEnumerable<Used> UsedRectangles(Arrangement weight)
    {
        var pieces = weight is ProductArrangement product
            ? product.Left.Pieces.Concat(product.Right.Pieces)
            : ((BlockArrangement)weight).Pieces;
        return pieces.SelectMany(piece =>
            piece
                .Terms.Where(term => term.Scale != 0)
                .SelectMany(term =>
                    term.Factors.Where(factor => factor.Kind != FactorKind.OverLength)
                        .Select(factor => Rectangle(factor.Rectangle, factor.Kind == FactorKind.EachRow ? 1 : piece.Rows, piece.Columns))
                        .Prepend(Rectangle(term, piece.Rows, piece.Columns))));

        static Used Rectangle(Term term, long rows, long columns) => term.IsTransposed
            ? new Used(term.Role, term.View, term.Row, term.Column, columns, rows)
            : new Used(term.Role, term.View, term.Row, term.Column, rows, columns);
    }

    /// <summary>The number of elements that rectangles of one view cover, band by band between the rows where one starts or ends.</summary>
    private static long Covered(IEnumerable<Used> rectangles)
    {
        var byRow = rectangles.OrderBy(rectangle => rectangle.Row).ToArray();
        var edges = byRow.SelectMany(rectangle => new[] { rectangle.Row, rectangle.Row + rectangle.Rows }).Distinct().Order().ToArray();
        var (covered, next, open) = (0L, 0, new List<Used>());
        for (var k = 0; k + 1 < edges.Length; k++)
        {
            open.RemoveAll(rectangle => rectangle.Row + rectangle.Rows <= edges[k]);
            for (; next < byRow.Length && byRow[next].Row <= edges[k]; next++)
            {
                open.Add(byRow[next]);
            }

            var (width, end) = (0L, long.MinValue);
            foreach (var rectangle in open.OrderBy(rectangle => rectangle.Column))
            {
                var from = Math.Max(end, rectangle.Column);
                end = Math.Max(end, rectangle.Column + rectangle.Columns);
                width += Math.Max(0, end - from);
            }

            covered += width * (edges[k + 1] - edges[k]);
        }

        return covered;
    }

    /// <summary>A rectangle of a variable that some weight uses.</summary>
    private sealed record Used(string Role, View View, long Row, long Column, long Rows, long Columns)
    {
        /// <summary>The rectangle row by row, in the variable seen as one row.</summary>
        public IEnumerable<Used> Runs()
        {
            if (Columns == View.Width)
            {
                yield return Run(View.Offset + (Row * View.Width), Rows * Columns);
                yield break;
            }

            for (long row = 0; row < Rows; row++)
            {
                yield return Run(View.Offset + ((Row + row) * View.Width) + Column, Columns);
            }
        }

        private Used Run(long start, long count) => new(Role, default, 0, start, 1, count);
    }
}
