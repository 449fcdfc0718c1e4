using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// IndyLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3292-3414): an LSTM whose recurrence is diagonal.
/// <code>
/// kernel_w (x, 4u)   kernel_u (1, 4u)   bias (4u,)   columns i j f o; the forget bias is added at run time
/// </code>
/// Keras: LSTM with the gates of kernel_u on the diagonals of its recurrent kernel. IndRNNCell has the same names: the scope tells.
/// </summary>
internal static class IndyLstmCell
{
    private const string Gates = "ijfo";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("IndyLSTMCell")
        {
            Scopes = ["indy_lstm_cell"],
            Variables = [Role("kernel_w", "(x, 4u)"), Role("kernel_u", "(1, 4u)"), Role("bias", "(4u,)")],
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'u')],
            NeedsScope = true,
            Facts = [ForgetBias.By(1), Activation.By("tanh")],
            Graph =
            [
                "i, j, f, o = split(x @ kernel_w + kernel_u*h + bias?);"
                    + "c = sigmoid(f + forget_bias)*c + sigmoid(i)*activation(j); h = sigmoid(o)*activation(c)",
            ],
            Equations = at => new Equations.TensorFlow1.IndyLstmCell(
                at["kernel_w"],
                at["kernel_u"],
                at["bias"],
                at[ForgetBias],
                at[Activation]),
            Wrong =
            [
                .. EachTwoSwapped(Gates),
                Without(ForgetBias),
                Changed("no recurrence", "kernel_u", one => one * 0),
            ],
            ToKeras = cell =>
                [
                    Lstm.Of(
                        kernel: From("kernel_w").Gates(Gates, "ifco"),
                        recurrentKernel: Beside(Diagonal("i"), Diagonal("f"), Diagonal("j"), Diagonal("o")),
                        bias: From("bias").Plus(ForgetBias.Name, "f", Gates).Gates(Gates, "ifco"),
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        recurrentActivation: "sigmoid",
                        states: ["h", "c"]),
                ],
        };

    private static Layouts.Derivation Diagonal(string gate) => From("kernel_u").Gate(gate, Gates).Diagonal();
}
