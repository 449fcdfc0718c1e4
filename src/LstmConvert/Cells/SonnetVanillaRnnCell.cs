using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// VanillaRNN of Sonnet 2 (deepmind/sonnet v2 sonnet/src/recurrent.py): <c>input_to_hidden/w (x, u)</c>, <c>hidden_to_hidden/w (u, u)</c>,
/// <c>b (u,)</c>.
/// </summary>
internal static class SonnetVanillaRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("SonnetVanillaRNN")
    {
        Variables = [Role("w_i", "(x, u)"), Role("w_h", "(u, u)"), Role("bias", "(u,)")],
        Facts = [Activation.By("tanh")],
        Graph = ["h = activation(x @ w_i + h @ w_h + bias)"],
        IsPlainInGraphs = true,
        Equations = at => new Equations.TensorFlow2.VanillaRnn(at["w_i"], at["w_h"], at["bias"], at[Activation]),
        ToKeras = cell =>
        [
            SimpleRnn.Of(
                kernel: From("w_i"),
                recurrentKernel: From("w_h"),
                bias: From("bias"),
                units: cell.Units,
                activation: cell[Activation].Text!,
                states: ["h"]),
        ],
    };
}
