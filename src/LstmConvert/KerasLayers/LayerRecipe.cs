using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>A Keras layer that stands for a cell, or for a part of it, and how each of its weights is made from the cell's
/// variables.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Arguments">The values of its arguments.</param>
/// <param name="Weights">The derivation of each weight, in the layer's order.</param>
internal sealed record LayerRecipe(KerasLayer Layer, IReadOnlyDictionary<string, FactValue> Arguments, IReadOnlyList<WeightRecipe> Weights)
{
    /// <summary>What the layer's name has after the cell's: empty, or <c>_projection</c>.</summary>
    public string Suffix { get; init; } = "";

    /// <summary>The cell's state that each of the layer's states is, in the layer's order; empty for layers without.</summary>
    public IReadOnlyList<string> CellStates { get; init; } = [];

    /// <summary>The places of the recipes that feed it, <see cref="CellInput"/> for what the cell reads; null for the one before
    /// it.</summary>
    public IReadOnlyList<int>? Inputs { get; init; }

    /// <summary>The place that stands for what the cell reads.</summary>
    public const int CellInput = -1;

    /// <summary>The places of the recipes that feed it, at a place of its own.</summary>
    /// <param name="place">Its place.</param>
    public IReadOnlyList<int> InputsAt(int place) => Inputs ?? [place - 1];

    /// <summary>The layers inside, where it holds some: of Bidirectional both directions, of RNN the cell.</summary>
    public IReadOnlyList<KerasUse> Inner { get; init; } = [];

    /// <summary>The layer without weights.</summary>
    public KerasUse Use => new(Layer, Arguments) { Inner = Inner };
}
