using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Tensors;

namespace LstmConvert.Cells;

/// <summary>A cell of a source: its definition with the variables, sizes and facts that were found.</summary>
/// <param name="Definition">What kind of cell it is.</param>
/// <param name="Scope">The scope of its variables: <c>rnn/multi_rnn_cell/cell_0/lstm_cell</c>.</param>
/// <param name="Variables">The variables by role.</param>
/// <param name="Sizes">The sizes by letter: <c>x</c> input size, <c>u</c> units, <c>h</c> width of the recurrent input.</param>
/// <param name="Facts">The facts, the cell's own first, then where it stands (residual, direction).</param>
internal sealed record BoundCell(
    Cell Definition,
    string Scope,
    IReadOnlyDictionary<string, Tensor> Variables,
    IReadOnlyDictionary<char, long> Sizes,
    IReadOnlyList<Fact> Facts)
{
    /// <summary>What the Keras that its layers are for means by the activation that changed from Keras 2 to Keras 3.</summary>
    public Activation HardSigmoid { get; init; } = Activations.HardSigmoid3;

    /// <summary>The number of units, u.</summary>
    public int Units => (int)Sizes['u'];

    /// <summary>The input's width, x.</summary>
    public int InputSize => (int)Sizes.GetValueOrDefault('x');

    /// <summary>The width of its output: p with a projection, else u.</summary>
    public int OutputSize => (int)Sizes[Definition.OutputWidth];

    /// <summary>Its states in its own order.</summary>
    public IReadOnlyList<CellState> States => Definition.StatesOf?.Invoke(this) ?? Definition.States;

    /// <summary>The lengths of the axes between time and features, null for any; empty where a step is a vector.</summary>
    public IReadOnlyList<int?> ImageLengths =>
        [
            .. Definition.ImageLengths.Select(fact =>
                Find(fact.Name)?.Value.Number is { } length and >= 1 and <= int.MaxValue ? (int?)length : null),
        ];

    /// <summary>The element type of its variables.</summary>
    public DType DType => Variables.Values.First().DType;

    /// <summary>How many numbers its variables hold.</summary>
    public long WeightCount => Variables.Values.Sum(variable => variable.Shape.ElementCount);

    /// <summary>True if a variable is there.</summary>
    /// <param name="role">Its role.</param>
    public bool Has(string role) => Variables.ContainsKey(role);

    /// <summary>A fact by its definition's name, or null.</summary>
    /// <param name="name">The name.</param>
    public Fact? Find(string name) => Facts.FirstOrDefault(fact => fact.Name == name);

    /// <summary>The value of a fact; the neutral value where it is not there.</summary>
    /// <param name="fact">The fact.</param>
    public FactValue this[FactDefinition fact] => Find(fact.Name)?.Value ?? fact.Neutral;

    /// <summary>True if it walks the sequence from its end.</summary>
    public bool IsBackward => this[KnownFacts.Direction].Text == "backward";

    /// <summary>True if its input is added to its output.</summary>
    public bool IsResidual => this[KnownFacts.Residual].Truth == true;

    /// <summary>The Keras layers that stand for it, in the order in which they feed each other; null where there are none.</summary>
    public IReadOnlyList<LayerRecipe>? Recipes =>
        Definition.ToKeras?.Invoke(this) is { } recipes ? [.. recipes.Select(recipe => RescaledGates.Of(recipe, HardSigmoid))] : null;

    /// <summary>The same cell with a fact set.</summary>
    /// <param name="fact">The fact.</param>
    public BoundCell With(Fact fact) => this with
    {
        Facts = Find(fact.Name) is null ? [.. Facts, fact] : [.. Facts.Select(one => one.Name == fact.Name ? fact : one)],
    };

    /// <summary>Numbers as the program's cell holds them: rounded to the dtype of its weights.</summary>
    /// <param name="value">The value.</param>
    public FactValue Round(FactValue value) => value.Number is not { } number ? value : FactValue.Of(DType switch
    {
        DType.Float64 => number,
        DType.Float16 => (double)(Half)number,
        DType.BFloat16 => RoundToBFloat16((float)number),
        _ => (float)number,
    });

    private static double RoundToBFloat16(float value)
    {
        // To nearest, ties to even, as TensorFlow converts a constant.
        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
    }
}
