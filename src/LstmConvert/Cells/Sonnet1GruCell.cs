using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// GRU of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/gated_rnn.py:1544-1589): a matrix for each gate, and an update gate that
/// takes in the
/// candidate where Keras's keeps the old state.
/// <code>
/// w{z,r,h} (x, u)   u{z,r,h} (u, u)   b{z,r,h} (u,)        h' = (1-z)*h + z*tanh(x @ wh + (r*h) @ uh + bh)
/// </code>
/// Keras: GRU with <c>reset_after=False</c> and what is z negated, because 1 - sigmoid(v) = sigmoid(-v).
/// </summary>
internal static class Sonnet1GruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("Sonnet1GRU")
        {
            Variables =
            [
                .. "zrh".SelectMany(gate => new[] { Role($"w{gate}", "(x, u)"), Role($"u{gate}", "(u, u)"), Role($"b{gate}", "(u,)") }),
            ],
            Facts = PlainFacts,
            Fixed = Plain,
            Graph =
            [
                "z = sigmoid(x @ wz + h @ uz + bz); r = sigmoid(x @ wr + h @ ur + br);" + "h = (1-z)*h + z*tanh(x @ wh + (r*h) @ uh + bh)",
            ],
            Equations = at => new Equations.Sonnet1.Gru(Gate(at, 'z'), Gate(at, 'r'), Gate(at, 'h')),
            Wrong =
            [
                new("sign of the update gate", at => at.With((role, array) => role[1] == 'z' ? -array : array)),
                Changed("no reset gate", "br", bias => bias + 100),
                Changed("no recurrence of the candidate", "uh", matrix => matrix * 0),
            ],
            ToKeras = cell =>
                [
                    Gru.ResetBefore(
                        kernel: Gates('w'),
                        recurrentKernel: Gates('u'),
                        bias: Gates('b'),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h"]),
                ],
        };

    private static Equations.Sonnet1.GruGate Gate(CellArrays at, char gate) => new(at[$"w{gate}"], at[$"u{gate}"], at[$"b{gate}"]);

    private static Layouts.Derivation Gates(char role) => Beside(From($"{role}z").Negated(), From($"{role}r"), From($"{role}h"));
}
