using LstmConvert.Arrays;

namespace LstmConvert.KerasLayers;

/// <summary>
/// The weights of Keras's CuDNN layers as the plain layers have them (keras 2.2.4 keras/engine/saving.py:811 _convert_rnn_weights).
/// <code>
/// kernel            (x, g*u)   of each gate (u, x) in memory: transposed
/// recurrent_kernel  (u, g*u)   each gate transposed
/// bias              (2*g*u,)   that of the input, then that of the state: an LSTM adds them, a GRU keeps two rows
/// </code>
/// </summary>
internal static class CuDnnWeights
{
    /// <summary>The weights of the plain layer; others as they are.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="gates">4 for an LSTM, 3 for a GRU.</param>
    public static IReadOnlyList<NumericArray> Plain(IReadOnlyList<NumericArray> weights, int gates)
    {
        if (weights is not [{ Rank: 2 } kernel, { Rank: 2 } recurrentKernel, { Rank: 1 } bias]
            || bias.Width != 2 * gates * recurrentKernel.RowCount)
        {
            return weights;
        }

        var width = gates * recurrentKernel.RowCount;
        var plain = gates == 4 ? bias.Columns(0, width) + bias.Columns(width, width) : bias.Reshape(2, width);
        return [Transposed(kernel, gates), Transposed(recurrentKernel, gates), plain];
    }

    private static NumericArray Transposed(NumericArray kernel, int gates) => NumericArray.Concatenate([.. Enumerable.Range(0, gates)
        .Select(gate => RecurrentWeights.Block(kernel, gates, gate))
            .Select(block => block.Reshape(block.Width, block.RowCount).Transpose())]);
}
