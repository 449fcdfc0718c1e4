using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTM and UnrolledLSTM of Sonnet 2 (deepmind/sonnet v2 sonnet/src/recurrent.py:870-900). The forget bias was added to b when it was made.
/// <code>
/// w_i         (x, 4u)   columns i f g o, which is Keras's order
/// w_h         (h, 4u)   h = u, or p with a projection
/// b           (4u,)
/// projection  (u, p)
/// </code>
/// </summary>
internal static class SonnetLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("SonnetLSTM")
        {
            Variables =
            [
                Role("w_i", "(x, 4u)"),
                Role("w_h", "(h, 4u)"),
                Role("bias", "(4u,)"),
                Optional("projection/kernel", "(u, h)", ""),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = "ifgo",
            States = [new("h", 'h'), new("c", 'u')],
            OutputWidth = 'h',
            Facts =
            [
                ForgetBias.By(0) with
                {
                    OnlyIfShown = true,
                },
                Activation.By("tanh") with
                {
                    OnlyIfShown = true,
                },
                RecurrentActivation.By("sigmoid") with
                {
                    OnlyIfShown = true,
                },
            ],
            Graph =
            [
                "i, f, j, o = split_in_any_order(x @ w_i + h @ w_h + bias);"
                    + "c = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j); h = sigmoid(o)*tanh(c); h = h @ projection/kernel?",
            ],
            Equations = at => new Equations.TensorFlow2.SonnetLstm(at["w_i"], at["w_h"], at["bias"])
            {
                ForgetBias = at[ForgetBias],
                Projection = at.Optional("projection/kernel"),
            },
            ToKeras = cell =>
                LstmCell.WithProjection(cell, "projection/kernel", From("w_h"), recurrent =>
                    Lstm.Of(
                        kernel: From("w_i"),
                        recurrentKernel: recurrent,
                        bias: From("bias").Plus(ForgetBias.Name, "f", "ifgo"),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h", "c"])),
        };
}
