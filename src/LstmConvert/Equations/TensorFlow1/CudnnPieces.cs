using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// The canonical pieces of one layer and direction, in the order of cuDNN's linLayerID (tensorflow v1.15.5
/// contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py:747-760): a matrix is <c>(u, width)</c>, outputs by inputs.
/// </summary>
internal sealed class CudnnPieces
{
    private readonly NumericArray[] input;
    private readonly NumericArray[] recurrent;
    private readonly IReadOnlyList<NumericArray> inputBias;
    private readonly IReadOnlyList<NumericArray> recurrentBias;

    /// <summary>Takes them.</summary>
    /// <param name="input">W of each gate, <c>(u, x)</c>.</param>
    /// <param name="recurrent">R of each gate, <c>(u, u)</c>.</param>
    /// <param name="inputBias">bW of each gate, <c>(u,)</c>.</param>
    /// <param name="recurrentBias">bR of each gate, <c>(u,)</c>.</param>
    public CudnnPieces(
        IReadOnlyList<NumericArray> input,
        IReadOnlyList<NumericArray> recurrent,
        IReadOnlyList<NumericArray> inputBias,
        IReadOnlyList<NumericArray> recurrentBias)
    {
        this.input = [.. input.Select(matrix => matrix.Transpose())];
        this.recurrent = [.. recurrent.Select(matrix => matrix.Transpose())];
        (this.inputBias, this.recurrentBias) = (inputBias, recurrentBias);
    }

    /// <summary>u.</summary>
    public int Units => recurrent[0].Width;

    /// <summary><c>W x + bW</c> of one gate, <c>(b, u)</c>.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="x"><c>(b, x)</c>.</param>
    public NumericArray Input(int gate, NumericArray x) => x.Dot(input[gate]) + inputBias[gate];

    /// <summary><c>R h + bR</c> of one gate, <c>(b, u)</c>.</summary>
    /// <param name="gate">The gate.</param>
    /// <param name="h"><c>(b, u)</c>.</param>
    public NumericArray Recurrent(int gate, NumericArray h) => h.Dot(recurrent[gate]) + recurrentBias[gate];
}
