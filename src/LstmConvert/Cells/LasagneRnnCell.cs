using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// RecurrentLayer of Lasagne (lasagne 0.1 layers/recurrent.py): <c>hid_init (1, u), W (x, u), b (u,), W (u, u)</c>, both matrices under one
/// name, so that only their order
/// tells them apart; relu by default. Keras: SimpleRNN.
/// </summary>
internal static class LasagneRnnCell
{
    private const string Prefix = "lasagne_rnn/";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("lasagne.RecurrentLayer")
        {
            Variables =
            [
                Role(Prefix + "W_in", "(x, u)"),
                Role(Prefix + "b", "(u,)"),
                Role(Prefix + "W_hid", "(u, u)"),
                Optional(Prefix + "hid_init", "(1, u)", ""),
            ],
            Facts = [Activation.By("relu")],
            Equations = at => new Equations.Lasagne.Recurrent(
                new(at[Prefix + "W_in"], at[Prefix + "W_hid"], at[Prefix + "b"]),
                at[Activation]),
            Obstacle = LasagneLstmCell.Starts,
            WaysOut = LasagneLstmCell.StartFromZeros,
            Unread = LasagneLstmCell.States,
            ToKeras = cell =>
                [
                    SimpleRnn.Of(
                        kernel: From(Prefix + "W_in"),
                        recurrentKernel: From(Prefix + "W_hid"),
                        bias: From(Prefix + "b"),
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        states: ["h"]),
                ],
        };
}
