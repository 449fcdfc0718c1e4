using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// The CuDNNLSTM layer of Keras 2 (tensorflow v1.15.5 python/keras/layers/cudnn_recurrent.py:390-500): an LSTM with two biases.
/// <code>
/// kernel            (x, 4u)   columns i f c o
/// recurrent_kernel  (u, 4u)
/// bias              (8u,)     the input's, then the recurrent one
/// </code>
/// Keras: LSTM with both biases summed.
/// </summary>
internal static class KerasCudnnLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("CuDNNLSTM")
        {
            Scopes = ["cu_dnnlstm"],
            Variables = [Role("kernel", "(x, 4u)"), Role("recurrent_kernel", "(u, 4u)"), Role("bias", "(8u,)", "")],
            Gates = "ifco",
            States = [new("h", 'u'), new("c", 'u')],
            Equations = at => new Equations.TensorFlow2.Lstm(
                at["kernel"],
                at["recurrent_kernel"],
                at["bias"].Columns(0, 4 * at.Cell.Units) + at["bias"].Columns(4 * at.Cell.Units, 4 * at.Cell.Units),
                Equations.Activations.Tanh,
                Equations.Activations.Sigmoid),
            ToKeras = cell =>
                [
                    Lstm.Of(
                        kernel: From("kernel"),
                        recurrentKernel: From("recurrent_kernel"),
                        bias: Sum(From("bias").Gate("w", "wr"), From("bias").Gate("r", "wr")),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h", "c"]),
                ],
        };
}
