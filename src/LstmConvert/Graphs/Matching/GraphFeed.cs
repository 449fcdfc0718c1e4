namespace LstmConvert.Graphs.Matching;

/// <summary>
/// What a cell reads, as a tree that ends at other cells and at what the program is given, in the order of time: a cell that walks backward
/// reads the same sequence from its end, and its output is given in the order of its input. A reversal that is left turns the sequence
/// itself.
/// </summary>
internal abstract record GraphFeed
{
    private GraphFeed()
    {
    }

    /// <summary>The output of a cell, step by step, or a state of it after the last step.</summary>
    /// <param name="Cell">The cell.</param>
    /// <param name="FinalState">The state's name, or null for the output.</param>
    /// <param name="IsSequence">True if the steps were put together (or the loop is over) in between; false in the same step of one
    /// loop.</param>
    public sealed record FromCell(GraphCell Cell, string? FinalState, bool IsSequence) : GraphFeed
    {
        internal override string Key => $"cell {Cell.Node} {FinalState ?? (IsOutput ? "" : State)}";

        /// <summary>True for the output, false for a state that is none.</summary>
        internal bool IsOutput => FinalState is null && (State is null || State == Cell.OutputState);

        /// <summary>The name of the state that the value is, whether it is the last one or not.</summary>
        internal string? State { get; init; }
    }

    /// <summary>What the program is given: a placeholder, an iterator, a constant, rows of a table.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Operation">Its operation.</param>
    /// <param name="Table">The variable whose rows are looked up, or null.</param>
    public sealed record FromProgram(string Node, string Operation, string? Table) : GraphFeed
    {
        /// <summary>The variable that it is, as stored; null for what is given from outside.</summary>
        internal string? Variable { get; init; }

        internal override string Key => $"program {Node}";
    }

    /// <summary>Feeds put together along the features, in this order.</summary>
    /// <param name="Parts">The feeds.</param>
    /// <param name="Node">The node.</param>
    public sealed record Joined(IReadOnlyList<GraphFeed> Parts, string Node) : GraphFeed
    {
        internal override string Key => $"[{string.Join("; ", Parts.Select(part => part.Key))}]";
    }

    /// <summary>Feeds that are added.</summary>
    /// <param name="Terms">The feeds.</param>
    /// <param name="Node">The node.</param>
    public sealed record Added(IReadOnlyList<GraphFeed> Terms, string Node) : GraphFeed
    {
        internal override string Key => $"({string.Join(" + ", Terms.Select(term => term.Key))})";
    }

    /// <summary>A feed that is turned around in time.</summary>
    /// <param name="Feed">The feed.</param>
    /// <param name="Node">The node.</param>
    public sealed record Reversed(GraphFeed Feed, string Node) : GraphFeed
    {
        internal override string Key => $"reversed {Feed.Key}";
    }

    /// <summary>One feed or another: by a condition, from step to step, or from one copy of the cell to another.</summary>
    /// <param name="Feeds">The feeds.</param>
    /// <param name="Node">The node.</param>
    public sealed record Alternatives(IReadOnlyList<GraphFeed> Feeds, string Node) : GraphFeed
    {
        internal override string Key => $"({string.Join(" | ", Feeds.Select(feed => feed.Key))})";
    }

    /// <summary>Something that is computed: a dense layer, an attention, a normalisation.</summary>
    /// <param name="Node">The node that computes it last.</param>
    /// <param name="Operation">That node's operation.</param>
    /// <param name="Variables">The variables that it is computed with, as stored.</param>
    /// <param name="From">What it is computed from.</param>
    public sealed record Computed(string Node, string Operation, IReadOnlyList<string> Variables, IReadOnlyList<GraphFeed> From) : GraphFeed
    {
        internal override string Key => $"computed {Node}";
    }

    /// <summary>The same text for feeds that are alike.</summary>
    internal abstract string Key { get; }

    /// <summary>The feed and all in it, but not what computations start from.</summary>
    internal IEnumerable<GraphFeed> Flat => this switch
    {
        Joined joined => joined.Parts.SelectMany(part => part.Flat),
        Added added => added.Terms.SelectMany(term => term.Flat),
        Reversed reversed => reversed.Feed.Flat,
        Alternatives several => several.Feeds.SelectMany(feed => feed.Flat),
        _ => [this],
    };

    /// <summary>The cells that a feed ends at, in order.</summary>
    public IEnumerable<GraphCell> Cells => this switch
    {
        FromCell one => [one.Cell],
        Joined joined => joined.Parts.SelectMany(part => part.Cells),
        Added added => added.Terms.SelectMany(term => term.Cells),
        Reversed reversed => reversed.Feed.Cells,
        Alternatives several => several.Feeds.SelectMany(feed => feed.Cells),
        Computed computed => computed.From.SelectMany(feed => feed.Cells),
        _ => [],
    };

    /// <inheritdoc/>
    public sealed override string ToString() => Key;
}

/// <summary>What reads a cell's output.</summary>
/// <param name="Node">The node.</param>
/// <param name="Operation">Its operation.</param>
/// <param name="Variables">The variables that it multiplies the output with (a dense layer), as stored.</param>
internal sealed record GraphReader(string Node, string Operation, IReadOnlyList<string> Variables);
