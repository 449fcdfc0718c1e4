using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// The CuDNNGRU layer of Keras 2 (tensorflow v1.15.5 python/keras/layers/cudnn_recurrent.py:180-330): a GRU with the reset gate applied
/// after the recurrent product, and its two biases in one row.
/// <code>
/// kernel            (x, 3u)   columns z r h
/// recurrent_kernel  (u, 3u)
/// bias              (6u,)     the input's, then the recurrent one
/// </code>
/// Keras: GRU with <c>reset_after=True</c>.
/// </summary>
internal static class KerasCudnnGruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("CuDNNGRU")
        {
            Scopes = ["cu_dnngru"],
            Variables = [Role("kernel", "(x, 3u)"), Role("recurrent_kernel", "(u, 3u)"), Role("bias", "(6u,)", "")],
            Gates = "zrh",
            Equations = at => new Equations.TensorFlow2.Gru(
                at["kernel"],
                at["recurrent_kernel"],
                at["bias"].Reshape(2, 3 * at.Cell.Units),
                resetAfter: true,
                Equations.Activations.Tanh,
                Equations.Activations.Sigmoid),
            ToKeras = cell =>
                [
                    Gru.ResetAfter(
                        kernel: From("kernel"),
                        recurrentKernel: From("recurrent_kernel"),
                        bias: Above(From("bias").Gate("w", "wr"), From("bias").Gate("r", "wr")),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h"]),
                ],
        };
}
