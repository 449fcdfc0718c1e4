using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// CFNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3880-4006): a chaos-free network.
/// <code>
/// kernel (x, 3u)   columns theta eta candidate      recurrent_kernel (u, 2u)   bias (2u,)
/// </code>
/// Keras: our own CFNCell; the weights move as they are.
/// </summary>
internal static class CfnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("CFNCell")
        {
            Scopes = ["cfn_cell"],
            Variables = [Role("kernel", "(x, 3u)"), Role("recurrent_kernel", "(u, 2u)", "te"), Role("bias", "(2u,)", "te")],
            Gates = "tec",
            Facts = [Activation.By("tanh")],
            Graph =
            [
                "t, e, c = split(x @ kernel); r, s = split(h @ recurrent_kernel + bias?); t = sigmoid(t + r); e = sigmoid(e + s); h = t*activation(h) + (1-e)*activation(c)",
            ],
            GoesBack = use => KerasLayers.Rnn.IsAround(use, KerasLayers.CfnCell.Definition),
            Equations = at => new Equations.TensorFlow1.CfnCell(at["kernel"], at["recurrent_kernel"], at["bias"], at[Activation]),
            ToKeras = cell =>
                [
                    KerasLayers.CfnCell.Of(
                        From("kernel"),
                        From("recurrent_kernel"),
                        From("bias"),
                        cell.Units,
                        cell[Activation].Text!,
                        states: ["h"]),
                ],
        };
}
