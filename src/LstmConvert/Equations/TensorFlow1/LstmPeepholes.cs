using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>The diagonals through which gates see the cell state, <c>(u,)</c> each.</summary>
/// <param name="Input">Of the input gate, on the old state.</param>
/// <param name="Forget">Of the forget gate, on the old state.</param>
/// <param name="Output">Of the output gate, on the new state.</param>
internal sealed record LstmPeepholes(NumericArray Input, NumericArray Forget, NumericArray Output);
