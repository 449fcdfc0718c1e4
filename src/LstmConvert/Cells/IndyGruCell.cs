using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// IndyGRUCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3180-3290): a GRU whose recurrence is diagonal.
/// <code>
/// gates/kernel_w (x, 2u)   gates/kernel_u (1, 2u)   gates/bias (2u,)   columns r u
/// candidate/kernel (x, u)   candidate/kernel_u (1, u)   candidate/bias (u,)
/// </code>
/// Keras: GRU with <c>reset_after=False</c> and diagonal recurrent kernels; the update gate keeps the old state in both.
/// </summary>
internal static class IndyGruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("IndyGRUCell")
        {
            Scopes = ["indy_gru_cell"],
            Variables =
            [
                Role("gates/kernel_w", "(x, 2u)"),
                Role("gates/kernel_u", "(1, 2u)"),
                Role("gates/bias", "(2u,)"),
                Role("candidate/kernel", "(x, u)", ""),
                Role("candidate/kernel_u", "(1, u)", ""),
                Role("candidate/bias", "(u,)", ""),
            ],
            Gates = "ru",
            Facts = [Activation.By("tanh")],
            Graph =
            [
                "r, u = split(x @ gates/kernel_w + gates/kernel_u*h + gates/bias?); r = sigmoid(r); u = sigmoid(u);"
                    + "c = activation(x @ candidate/kernel + candidate/kernel_u*(r*h) + candidate/bias?); h = u*h + (1-u)*c",
            ],
            Equations = at => new Equations.TensorFlow1.IndyGruCell(
                at["gates/kernel_w"],
                at["gates/kernel_u"],
                at["gates/bias"],
                at["candidate/kernel"],
                at["candidate/kernel_u"],
                at["candidate/bias"],
                at[Activation]),
            Wrong =
            [
                Swapped('r', 'u'),
                Changed("no recurrence of the gates", "gates/kernel_u", one => one * 0),
                Changed("no recurrence of the candidate", "candidate/kernel_u", one => one * 0),
            ],
            ToKeras = cell =>
                [
                    Gru.ResetBefore(
                        kernel: Beside(From("gates/kernel_w").Gates("ru", "zr"), From("candidate/kernel")),
                        recurrentKernel: Beside(
                            From("gates/kernel_u").Gate("u", "ru").Diagonal(),
                            From("gates/kernel_u").Gate("r", "ru").Diagonal(),
                            From("candidate/kernel_u").Diagonal()),
                        bias: Beside(From("gates/bias").Gates("ru", "zr"), From("candidate/bias")),
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        recurrentActivation: "sigmoid",
                        states: ["h"]),
                ],
        };
}
