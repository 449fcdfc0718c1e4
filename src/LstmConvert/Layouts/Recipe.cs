namespace LstmConvert.Layouts;

/// <summary>How one weight is made.</summary>
/// <param name="Name">The weight's name in the layer: <c>recurrent_kernel</c>.</param>
/// <param name="Derivation">Where its numbers come from.</param>
public sealed record WeightRecipe(string Name, Derivation Derivation)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} = {Derivation}";
}

/// <summary>How the weights of one Keras layer are made from a cell's variables, in the order of <c>get_weights()</c>.</summary>
/// <param name="ClassName">The Keras layer's class: <c>LSTM</c>, <c>GRU</c>, <c>SimpleRNN</c>, <c>Dense</c>.</param>
/// <param name="NameSuffix">What the layer's name has after the cell's: empty, or <c>_projection</c>.</param>
/// <param name="Weights">The weights in order.</param>
public sealed record Recipe(string ClassName, string NameSuffix, IReadOnlyList<WeightRecipe> Weights);
