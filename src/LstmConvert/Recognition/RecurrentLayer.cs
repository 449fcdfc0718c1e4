using LstmConvert.Cells;
using LstmConvert.Facts;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>One recurrent layer of a source: a cell, its facts, where it stands, and what keeps it out of Keras.</summary>
public sealed class RecurrentLayer
{
    internal RecurrentLayer(BoundCell cell) => Cell = cell;

    /// <summary>The scope of its variables.</summary>
    public string Scope => Cell.Scope;

    /// <summary>The name of the Keras layer that belongs to it, where the source itself names it; null to make one of the scope.</summary>
    public string? Name { get; internal set; }

    /// <summary>The cell's name in the catalog: <c>LSTMCell</c>.</summary>
    public string CellName => Cell.Definition.Name;

    /// <summary>The class whose defaults hold: one of the names of the cell.</summary>
    public string ClassName { get; internal set; } = "";

    /// <summary>The number of units.</summary>
    public int Units => Cell.Units;

    /// <summary>The input's width.</summary>
    public int InputSize => Cell.InputSize;

    /// <summary>The output's width.</summary>
    public int OutputSize => Cell.OutputSize;

    /// <summary>The facts, with what says them.</summary>
    public IReadOnlyList<Fact> Facts => Cell.Facts;

    /// <summary>The variables by role.</summary>
    public IReadOnlyDictionary<string, Tensor> Variables => Cell.Variables;

    /// <summary>Its place in the stack, from 0.</summary>
    public int Level { get; internal set; }

    /// <summary>What feeds the layer in a way that the graph does not show plainly enough to write it down; null if its feed is
    /// known.</summary>
    internal string? FedByMore { get; set; }

    /// <summary>What its states start from in a way that cannot be written down; null if they start from zeros, from what the program
    /// gives, or from final states.</summary>
    internal string? StartsWithMore { get; set; }

    /// <summary>True if it walks the sequence from its end.</summary>
    public bool IsBackward => Cell.IsBackward;

    /// <summary>True if rows have lengths of their own.</summary>
    internal bool HasLengths => Cell.Find(KnownFacts.SequenceLengths.Name) is { Value.Truth: true };

    /// <summary>What keeps it out of Keras, as phrases; empty if it converts.</summary>
    public IReadOnlyList<string> Obstacles => ObstacleList;

    /// <summary>What a person should know of what stands around it: what feeds it, where its outputs go.</summary>
    public IReadOnlyList<string> Surroundings => SurroundingList;

    /// <summary>Those of them that a comparison of the cells alone does not see: where its states start, which are kept.</summary>
    internal IReadOnlyList<string> StateSurroundings { get; set; } = [];

    /// <summary>Those of its states that the program itself starts otherwise than from zeros, and no edge of the model says so, as
    /// clauses: its Keras layer does not.</summary>
    internal IReadOnlyList<string> OwnStarts { get; set; } = [];

    /// <summary>The variables <c>(u,)</c> or <c>(1, u)</c> that each of its states starts from in every row, in the order of its own; null
    /// where one starts otherwise.</summary>
    internal IReadOnlyList<Tensor>? TrainedStarts { get; set; }

    internal BoundCell Cell { get; set; }

    internal List<string> ObstacleList { get; } = [];

    internal List<string> SurroundingList { get; } = [];

    /// <summary>The cell of the graph, or null.</summary>
    internal GraphCell? Found { get; init; }

    /// <summary>The cell of the graph that computes with its kernel, also where its facts are known from elsewhere; null where none
    /// does.</summary>
    internal GraphCell? Watched { get; set; }

    /// <summary>What its input is.</summary>
    internal Feed Feed { get; set; } = new Feed.FromInput("x");

    /// <summary>What its states start from: final states of other layers, in the order of its own states; null for zeros.</summary>
    internal IReadOnlyList<Feed.FromState>? InitialStates { get; set; }

    /// <summary>The name of its call in the source's model.</summary>
    internal string? CallName { get; set; }

    /// <summary>The layers that must be computed before it.</summary>
    internal IEnumerable<RecurrentLayer> Before => Feed.Layers.Concat(InitialStates?.Select(state => state.Layer) ?? []);

    /// <summary>The port of its output in the source's model, a residual addition included.</summary>
    internal Port? Output { get; set; }
}

/// <summary>What a value is made of.</summary>
internal abstract record Feed
{
    private Feed()
    {
    }

    /// <summary>An input of the program, or whatever is computed outside.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Width">The number of its features; null for what its readers read.</param>
    public sealed record FromInput(string Name, int? Width = null) : Feed;

    /// <summary>The output of a layer.</summary>
    /// <param name="Layer">The layer.</param>
    /// <param name="IsBare">True for what its cell puts out, before its input is added to it.</param>
    public sealed record FromLayer(RecurrentLayer Layer, bool IsBare = false) : Feed;

    /// <summary>A final state of a layer.</summary>
    /// <param name="Layer">The layer.</param>
    /// <param name="State">The state's name.</param>
    public sealed record FromState(RecurrentLayer Layer, string State) : Feed;

    /// <summary>Values side by side.</summary>
    /// <param name="Parts">From left to right.</param>
    public sealed record Joined(IReadOnlyList<Feed> Parts) : Feed
    {
        /// <inheritdoc/>
        public bool Equals(Joined? other) => other is not null && Parts.SequenceEqual(other.Parts);

        /// <inheritdoc/>
        public override int GetHashCode() => Parts.Aggregate(17, (hash, part) => HashCode.Combine(hash, part));
    }

    /// <summary>The sum of values.</summary>
    /// <param name="Parts">In the order in which they are added.</param>
    public sealed record Summed(IReadOnlyList<Feed> Parts) : Feed
    {
        /// <inheritdoc/>
        public bool Equals(Summed? other) => other is not null && Parts.SequenceEqual(other.Parts);

        /// <inheritdoc/>
        public override int GetHashCode() => Parts.Aggregate(19, (hash, part) => HashCode.Combine(hash, part));
    }

    /// <summary>A sequence from its last step to its first.</summary>
    /// <param name="Inner">The sequence.</param>
    public sealed record Reversed(Feed Inner) : Feed;

    /// <summary>The layers that it is made of.</summary>
    public IEnumerable<RecurrentLayer> Layers => this switch
    {
        FromLayer from => [from.Layer],
        FromState from => [from.Layer],
        Joined joined => joined.Parts.SelectMany(part => part.Layers),
        Summed summed => summed.Parts.SelectMany(part => part.Layers),
        Reversed reversed => reversed.Inner.Layers,
        _ => [],
    };

    /// <summary>The inputs that it is made of.</summary>
    public IEnumerable<string> Inputs => this switch
    {
        FromInput from => [from.Name],
        Joined joined => joined.Parts.SelectMany(part => part.Inputs),
        Summed summed => summed.Parts.SelectMany(part => part.Inputs),
        Reversed reversed => reversed.Inner.Inputs,
        _ => [],
    };
}
