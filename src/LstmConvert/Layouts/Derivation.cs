using LstmConvert.Tensors;

namespace LstmConvert.Layouts;

/// <summary>
/// Where the numbers of a weight come from, as data: <c>From("kernel").Rows("x").Gates("ijfo", "ifco")</c>. The same object
/// is executed, printed, inverted and tested.
/// </summary>
public abstract record Derivation
{
    /// <summary>The variable of a role, as it is.</summary>
    /// <param name="role">The role: <c>kernel</c>, <c>gates/bias</c>.</param>
    public static Derivation From(string role) => new Variable(role);

    /// <summary>Several derivations of the same number of rows, side by side.</summary>
    /// <param name="parts">From left to right.</param>
    public static Derivation Beside(params IReadOnlyList<Derivation> parts) => new SideBySide(parts);

    /// <summary>One block of the rows: <c>x</c>, those that meet the input, or <c>h</c>, those that meet the recurrent input.</summary>
    /// <param name="block">The block's letter.</param>
    public Derivation Rows(string block) => new RowBlock(this, block);

    /// <summary>The columns in another order of gates.</summary>
    /// <param name="from">The order that they have.</param>
    /// <param name="to">The order that they shall have.</param>
    public Derivation Gates(string from, string to) => new GateColumns(this, from, to);

    /// <summary>One gate of the columns.</summary>
    /// <param name="gate">The gate's letter.</param>
    /// <param name="order">The order of the columns.</param>
    public Derivation Gate(string gate, string order) => new OneGate(this, gate, order);

    /// <summary>A constant added to the columns of one gate, in float64, rounded once.</summary>
    /// <param name="constant">The constant's name: <c>forget_bias</c>.</param>
    /// <param name="gate">The gate's letter.</param>
    /// <param name="order">The order of the columns.</param>
    public Derivation Plus(string constant, string gate, string order) => new PlusConstant(this, constant, gate, order);

    /// <summary>The matrix product with another derivation on the right.</summary>
    /// <param name="right">The right factor.</param>
    public Derivation Times(Derivation right) => new MatrixProduct(this, right);

    /// <summary>Works out shape and places for given variables.</summary>
    /// <param name="binding">The variables.</param>
    public abstract Arrangement Resolve(Binding binding);

    /// <summary>The roles whose numbers are used.</summary>
    public abstract IEnumerable<string> Roles { get; }

    private protected MovedArrangement Moved(Binding binding) =>
        Resolve(binding) as MovedArrangement ?? throw new InvalidOperationException($"{this} computes, and can only stand outermost.");

    private static (long Rows, long Columns) Matrix(Shape shape) => (shape.Rows, shape.RowLength);

    private static Shape Reshape(Shape original, long rows, long columns) => original.Rank < 2 ? new Shape(columns) : new Shape(rows, columns);

    /// <summary>The part of each move that lies in a range of result columns, shifted and with a constant added.</summary>
    private static IEnumerable<Move> Columns(IEnumerable<Move> moves, long start, long width, long to, double plus = 0)
    {
        foreach (var move in moves)
        {
            var from = Math.Max(move.Column, start);
            var end = Math.Min(move.Column + move.Columns, start + width);
            if (from < end)
            {
                yield return move with { SourceColumn = move.SourceColumn + from - move.Column, Column = to + from - start, Columns = end - from, Plus = move.Plus + plus };
            }
        }
    }

    private sealed record Variable(string Role) : Derivation
    {
        public override IEnumerable<string> Roles => [Role];

        public override Arrangement Resolve(Binding binding)
        {
            var shape = binding.Variables[Role].Shape;
            var (rows, columns) = Matrix(shape);
            return new MovedArrangement(shape, [new Move(Role, 0, 0, 0, 0, rows, columns, 0)]);
        }

        public override string ToString() => Role;
    }

    private sealed record RowBlock(Derivation Inner, string Block) : Derivation
    {
        public override IEnumerable<string> Roles => Inner.Roles;

        public override Arrangement Resolve(Binding binding)
        {
            var inner = Inner.Moved(binding);
            var start = Block == "x" ? 0 : binding.Sizes["x"];
            var count = binding.Sizes[Block];
            var moves = inner.Moves
                .Select(move => (Move: move, From: Math.Max(move.Row, start), End: Math.Min(move.Row + move.Rows, start + count)))
                .Where(cut => cut.From < cut.End)
                .Select(cut => cut.Move with { SourceRow = cut.Move.SourceRow + cut.From - cut.Move.Row, Row = cut.From - start, Rows = cut.End - cut.From });
            return new MovedArrangement(new Shape(count, inner.Shape.RowLength), [.. moves]);
        }

        public override string ToString() => $"{Inner}[{Block}]";
    }

    private sealed record GateColumns(Derivation Inner, string Old, string New) : Derivation
    {
        public override IEnumerable<string> Roles => Inner.Roles;

        public override Arrangement Resolve(Binding binding)
        {
            var inner = Inner.Moved(binding);
            var width = inner.Shape.RowLength / Old.Length;
            var moves = GateOrder.Places(Old, New).SelectMany((place, k) => Columns(inner.Moves, place * width, width, k * width));
            return new MovedArrangement(inner.Shape, [.. moves]);
        }

        public override string ToString() => $"{Inner} {Old}->{New}";
    }

    private sealed record OneGate(Derivation Inner, string Letter, string Order) : Derivation
    {
        public override IEnumerable<string> Roles => Inner.Roles;

        public override Arrangement Resolve(Binding binding)
        {
            var inner = Inner.Moved(binding);
            var width = inner.Shape.RowLength / Order.Length;
            var moves = Columns(inner.Moves, GateOrder.Place(Order, Letter[0]) * width, width, 0);
            return new MovedArrangement(Reshape(inner.Shape, inner.Shape.Rows, width), [.. moves]);
        }

        public override string ToString() => $"{Inner} {Letter} of {Order}";
    }

    private sealed record PlusConstant(Derivation Inner, string Constant, string Letter, string Order) : Derivation
    {
        public override IEnumerable<string> Roles => Inner.Roles;

        public override Arrangement Resolve(Binding binding)
        {
            var inner = Inner.Moved(binding);
            var width = inner.Shape.RowLength / Order.Length;
            var place = GateOrder.Place(Order, Letter[0]);
            var moves = Enumerable.Range(0, Order.Length)
                .SelectMany(k => Columns(inner.Moves, k * width, width, k * width, k == place ? binding.Constants[Constant] : 0));
            return new MovedArrangement(inner.Shape, [.. moves]);
        }

        public override string ToString() => $"({Inner} + {Constant} at {Letter} of {Order})";
    }

    private sealed record SideBySide(IReadOnlyList<Derivation> Parts) : Derivation
    {
        public override IEnumerable<string> Roles => Parts.SelectMany(part => part.Roles).Distinct();

        public override Arrangement Resolve(Binding binding)
        {
            var parts = Parts.Select(part => part.Moved(binding)).ToArray();
            var moves = new List<Move>();
            long column = 0;
            foreach (var part in parts)
            {
                moves.AddRange(Columns(part.Moves, 0, part.Shape.RowLength, column));
                column += part.Shape.RowLength;
            }

            return new MovedArrangement(Reshape(parts[0].Shape, parts[0].Shape.Rows, column), moves);
        }

        public override string ToString() => $"[{string.Join(" | ", Parts)}]";
    }

    private sealed record MatrixProduct(Derivation Left, Derivation Right) : Derivation
    {
        public override IEnumerable<string> Roles => Left.Roles.Concat(Right.Roles).Distinct();

        public override Arrangement Resolve(Binding binding)
        {
            var (left, right) = (Left.Moved(binding), Right.Moved(binding));
            return new ProductArrangement(new Shape(left.Shape.Rows, right.Shape.RowLength), left, right);
        }

        public override string ToString() => $"{Left} @ {Right}";
    }
}
