using LstmConvert.Arrays;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// MinimalRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:3765-3877; Chen 2017): a gate over a dense layer.
/// <code>
/// kernel   (x+z+h, u)   rows x of the dense layer, rows z and h of the gate; z = h = u        bias   (u,)
/// z = act(x @ kernel_x)   k = sigmoid([z;h] @ kernel_zh + bias)   h' = k*h + (1-k)*z
/// </code>
/// Keras: Dense, and behind it a GRU without an activation, whose update gate is k, whose reset gate is not used and whose candidate is its
/// input.
/// </summary>
internal static class MinimalRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("MinimalRNNCell")
        {
            Scopes = ["minimal_rnn_cell"],
            Variables = [Role("kernel", "(x+z+h, u)"), Role("bias", "(u,)")],
            SizesByDefault = [new('z', 'u'), new('h', 'u')],
            NeedsScope = true,
            Facts = [Activation.By("tanh")],
            Graph = ["z = activation(x @ top(kernel)); k = sigmoid([z;h] @ bottom(kernel) + bias?); h = k*h + (1-k)*z"],
            Equations = at => new Equations.TensorFlow1.MinimalRnnCell(at["kernel"], at["bias"], at[Activation]),
            Wrong =
            [
                new("z and h exchanged", at =>
                    at.With((role, array) => role == "kernel" ? Arranged(array, at.Cell.InputSize, at.Cell.Units, (z, h) => [h, z]) : array)
                ),
                new("sign of the gate", at =>
                    at.With(
                        (role, array) => role == "kernel" ? Arranged(array, at.Cell.InputSize, at.Cell.Units, (z, h) => [-z, -h]) : -array)
                ),
            ],
            ToKeras = cell =>
                [
                    Dense.Of(From("kernel").Rows("x"), cell.Units, "", cell[Activation].Text!),
                    Gru.ResetBefore(
                        kernel: Beside(From("kernel").Rows("z"), Zero("(u, u)"), Constant(1, "(u,)").Diagonal()),
                        recurrentKernel: Beside(From("kernel").Rows("h"), Zero("(u, u)"), Zero("(u, u)")),
                        bias: Beside(From("bias"), Zero("(u,)"), Zero("(u,)")),
                        units: cell.Units,
                        activation: "linear",
                        recurrentActivation: "sigmoid",
                        states: ["h"]) with
                    {
                        Suffix = "_gate",
                    },
                ],
        };

    private static NumericArray Arranged(NumericArray kernel, int x, int u, Func<NumericArray, NumericArray, NumericArray[]> gate) =>
        NumericArray.Stack([kernel.Rows(0, x), .. gate(kernel.Rows(x, u), kernel.Rows(x + u, u))]);
}
