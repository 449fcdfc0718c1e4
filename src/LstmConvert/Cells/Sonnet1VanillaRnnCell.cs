using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// VanillaRNN of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/basic_rnn.py): <c>in_to_hidden/{w (x, u), b (u,)}</c> and
/// <c>hidden_to_hidden/{w (u, u), b (u,)}</c>. Keras: SimpleRNN with both biases summed.
/// </summary>
internal static class Sonnet1VanillaRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("Sonnet1VanillaRNN")
        {
            Variables =
            [
                Role("in_to_hidden/w", "(x, u)"),
                Role("in_to_hidden/b", "(u,)"),
                Role("w_h", "(u, u)"),
                Role("hidden_to_hidden/b", "(u,)"),
            ],
            Facts = [Activation.By("tanh")],
            Graph = ["h = activation(x @ in_to_hidden/w + in_to_hidden/b + h @ w_h + hidden_to_hidden/b)"],
            IsPlainInGraphs = true,
            Equations = at => new Equations.TensorFlow2.VanillaRnn(
                at["in_to_hidden/w"],
                at["w_h"],
                at["in_to_hidden/b"] + at["hidden_to_hidden/b"],
                at[Activation]),
            ToKeras = cell =>
                [
                    SimpleRnn.Of(
                        kernel: From("in_to_hidden/w"),
                        recurrentKernel: From("w_h"),
                        bias: Sum(From("in_to_hidden/b"), From("hidden_to_hidden/b")),
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        states: ["h"]),
                ],
        };
}
