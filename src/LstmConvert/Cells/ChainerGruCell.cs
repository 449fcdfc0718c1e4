using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// chainer.links.GRU and StatelessGRU (chainer v7.8.1 links/rnn/gru.py).
/// <code>
/// W_r/W, W_z/W, W/W (u, x)   U_r/W, U_z/W, U/W (u, u)   each with b (u,)   h' = z*a + (1-z)*h
/// </code>
/// Keras: GRU with the update gate negated and both biases of a gate summed. GRU without a state that is given leaves out the recurrent
/// products and their
/// biases in its first step; a Keras layer adds those biases to a state of zeros.
/// </summary>
internal static class ChainerGruCell
{
    private static readonly string[] Gates = ["_z", "_r", ""];

    private static readonly ChoiceFact InitialState = new ChoiceFact("initial_state", ["none", "given"])
    {
        Neutral = FactValue.Of("none"),
        Meaning = "whether the program gives the first step a state (zeros are one)",
    }.By("none");

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("chainer.links.GRU")
        {
            AlsoKnownAs = ["chainer.links.StatelessGRU"],
            Variables =
            [
                .. Gates.SelectMany(gate =>
                    new[]
                    {
                        Role($"W{gate}/W", "(u, x)"),
                        Role($"W{gate}/b", "(u,)"),
                        Role($"U{gate}/W", "(u, u)"),
                        Role($"U{gate}/b", "(u,)"),
                    }),
            ],
            Facts = [InitialState, .. PlainFacts],
            Fixed = Plain,
            Equations = at => new Equations.Chainer.Gru(Gate(at, "_r"), Gate(at, "_z"), Gate(at, "")),
            Obstacle = cell =>
                cell[InitialState].Text != "given"
                    ? $"{cell.Find(InitialState.Name)}: its first step leaves out the recurrent products and their biases, which no Keras layer does. A program may give it a state (set_state; zeros are one), as StatelessGRU always takes one"
                    : null,
            WaysOut = cell => cell[InitialState].Text != "given" ? [new SayFactRemedy(cell.Scope, InitialState.Name, "given")] : [],
            ToKeras = cell =>
                [
                    Gru.ResetBefore(
                        kernel: Beside(From("W_z/W").Transposed().Negated(), From("W_r/W").Transposed(), From("W/W").Transposed()),
                        recurrentKernel: Beside(From("U_z/W").Transposed().Negated(), From("U_r/W").Transposed(), From("U/W").Transposed()),
                        bias: Beside(
                            Sum(From("W_z/b").Negated(), From("U_z/b").Negated()),
                            Sum(From("W_r/b"), From("U_r/b")),
                            Sum(From("W/b"), From("U/b"))),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h"]),
                ],
        };

    private static Equations.Chainer.NStepGate Gate(CellArrays at, string gate) =>
        new(at[$"W{gate}/W"], at[$"W{gate}/b"], at[$"U{gate}/W"], at[$"U{gate}/b"]);
}
