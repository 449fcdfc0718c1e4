namespace LstmConvert.Graphs.Matching;

/// <summary>Which value of a cell is meant.</summary>
internal enum CellMoment
{
    /// <summary>That of one step.</summary>
    Step,

    /// <summary>Those of all steps.</summary>
    Sequence,

    /// <summary>The state after the last step.</summary>
    Final,

    /// <summary>The output at the last place of the sequence.</summary>
    LastPlace,

    /// <summary>The output at the end of each row.</summary>
    EndOfRow,
}

/// <summary>A value of a program as a tree of layers that are known, down to cells and to what the program is given.</summary>
/// <param name="Node">The node that computes it.</param>
/// <param name="Operation">That node's operation.</param>
internal abstract record GraphAround(string Node, string Operation)
{
    /// <summary>The number of its axes; null where that is not known.</summary>
    public int? Rank { get; init; }

    /// <summary>What it is computed from.</summary>
    public virtual IReadOnlyList<GraphAround> From => [];

    /// <summary>The same text for values that are computed alike from the same.</summary>
    public abstract string Key { get; }

    /// <summary>It and all that it is computed from.</summary>
    public IEnumerable<GraphAround> All => From.SelectMany(one => one.All).Append(this);

    /// <summary>The values of cells in it.</summary>
    public IEnumerable<OfCell> Cells => All.OfType<OfCell>();

    /// <summary>The same with other values of cells.</summary>
    /// <param name="change">Gives the other value.</param>
    public virtual GraphAround Map(Func<OfCell, OfCell> change) => this;

    /// <summary>A value of a cell.</summary>
    internal sealed record OfCell(GraphCell Cell, string? State, CellMoment Moment, string Node, string Operation)
        : GraphAround(Node, Operation)
    {
        /// <summary>True if it was turned around in time.</summary>
        public bool IsTurned { get; init; }

        /// <summary>True if the cell's input is added to it.</summary>
        public bool HasInputAdded { get; init; }

        /// <summary>True for the step behind which no other comes.</summary>
        public bool IsLast { get; init; }

        /// <inheritdoc/>
        public override string Key => $"{Moment} {State} {(IsTurned ? "turned " : "")}{(HasInputAdded ? "residual " : "")}of {Cell.Node}";

        /// <inheritdoc/>
        public override GraphAround Map(Func<OfCell, OfCell> change) =>
            change(this) with
            {
                Rank = change(this).Moment == CellMoment.Sequence ? 3 : 2,
            };
    }

    /// <summary>What the program is given.</summary>
    internal sealed record Given(string Node, string Operation) : GraphAround(Node, Operation)
    {
        /// <inheritdoc/>
        public override string Key => $"given {Node}";
    }

    /// <summary>Rows of a table.</summary>
    /// <param name="Table">The variable, as stored.</param>
    /// <param name="Ids">The numbers of the rows.</param>
    /// <param name="Node">The node that computes it.</param>
    /// <param name="Operation">That node's operation.</param>
    internal sealed record Looked(string Table, GraphAround Ids, string Node, string Operation) : GraphAround(Node, Operation)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<GraphAround> From => [Ids];

        /// <inheritdoc/>
        public override string Key => $"rows of {Table}({Ids.Key})";
    }

    /// <summary>A dense layer.</summary>
    /// <param name="Kernel">The variable, as stored.</param>
    /// <param name="IsTransposed">True if its rows and columns are exchanged.</param>
    /// <param name="Bias">The bias, as stored, or null.</param>
    /// <param name="Value">What is multiplied.</param>
    /// <param name="Node">The node that computes it.</param>
    /// <param name="Operation">That node's operation.</param>
    internal sealed record Dense(string Kernel, bool IsTransposed, string? Bias, GraphAround Value, string Node, string Operation)
        : GraphAround(Node, Operation)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<GraphAround> From => [Value];

        /// <inheritdoc/>
        public override string Key => $"{Kernel}{(IsTransposed ? "'" : "")}+{Bias}({Value.Key})";

        /// <inheritdoc/>
        public override GraphAround Map(Func<OfCell, OfCell> change) => this with { Value = Value.Map(change), Rank = null };
    }

    /// <summary>An activation.</summary>
    /// <param name="Function">Its name in the table of activations.</param>
    /// <param name="Value">Its argument.</param>
    /// <param name="Node">The node that computes it.</param>
    /// <param name="Operation">That node's operation.</param>
    internal sealed record Activated(string Function, GraphAround Value, string Node, string Operation) : GraphAround(Node, Operation)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<GraphAround> From => [Value];

        /// <inheritdoc/>
        public override string Key => $"{Function}({Value.Key})";

        /// <inheritdoc/>
        public override GraphAround Map(Func<OfCell, OfCell> change) => this with { Value = Value.Map(change), Rank = null };
    }

    /// <summary>Another form of a value, whose last axis must keep its length.</summary>
    /// <param name="Length">The length of the last axis.</param>
    /// <param name="Value">The value.</param>
    /// <param name="Node">The node that computes it.</param>
    /// <param name="Operation">That node's operation.</param>
    internal sealed record Formed(long Length, GraphAround Value, string Node, string Operation) : GraphAround(Node, Operation)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<GraphAround> From => [Value];

        /// <inheritdoc/>
        public override string Key => Value.Key;

        /// <inheritdoc/>
        public override GraphAround Map(Func<OfCell, OfCell> change) => this with { Value = Value.Map(change), Rank = null };
    }

    /// <summary>Values side by side, or added.</summary>
    /// <param name="Parts">In order.</param>
    /// <param name="IsSum">True if they are added.</param>
    /// <param name="Node">The node that computes it.</param>
    /// <param name="Operation">That node's operation.</param>
    internal sealed record Several(IReadOnlyList<GraphAround> Parts, bool IsSum, string Node, string Operation)
        : GraphAround(Node, Operation)
    {
        /// <inheritdoc/>
        public override IReadOnlyList<GraphAround> From => Parts;

        /// <inheritdoc/>
        public override string Key => $"({string.Join(IsSum ? " + " : " | ", Parts.Select(part => part.Key))})";

        /// <inheritdoc/>
        public override GraphAround Map(Func<OfCell, OfCell> change) =>
            this with
            {
                Parts = [.. Parts.Select(part => part.Map(change))],
                Rank = null,
            };
    }
}

/// <summary>Where the layers that are known end.</summary>
/// <param name="Value">The last value that is known.</param>
/// <param name="Unknown">What reads it and is not known: nodes with their operations.</param>
internal sealed record GraphEnd(GraphAround Value, IReadOnlyList<(string Node, string Operation)> Unknown);
