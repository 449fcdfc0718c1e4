using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// GRULayer of Lasagne (lasagne 0.1 layers/recurrent.py:1375-1434).
/// <code>
/// W_in_to_G (x, u)   W_hid_to_G (u, u)   b_G (u,)   for G of updategate resetgate hidden_update; h' = (1-u)*h + u*a
/// hid_init (1, u)   the state before the first step
/// </code>
/// Keras: GRU with <c>reset_after=True</c>, the update gate negated, the candidate's bias outside the reset.
/// </summary>
internal static class LasagneGruCell
{
    private static readonly string[] Gates = ["updategate", "resetgate", "hidden_update"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("lasagne.GRULayer")
        {
            Variables = [.. LasagneLstmCell.Roles(Gates), Optional("hid_init", "(1, u)", "")],
            Facts = PlainFacts,
            Fixed = Plain,
            Equations = at => new Equations.Lasagne.Gru(
                LasagneLstmCell.GateOf(at, Gates[0]),
                LasagneLstmCell.GateOf(at, Gates[1]),
                LasagneLstmCell.GateOf(at, Gates[2])),
            Obstacle = LasagneLstmCell.Starts,
            WaysOut = LasagneLstmCell.StartFromZeros,
            Unread = LasagneLstmCell.States,
            ToKeras = cell =>
                [
                    Gru.ResetAfter(
                        kernel: Ordered("W_in_to_"),
                        recurrentKernel: Ordered("W_hid_to_"),
                        bias: Above(Ordered("b_"), Zero("(3u,)")),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h"]),
                ],
        };

    private static Derivation Ordered(string role) => Beside(From(role + Gates[0]).Negated(), From(role + Gates[1]), From(role + Gates[2]));
}
