using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// GRU of Sonnet 2 (deepmind/sonnet v2 sonnet/src/recurrent.py:1574-1586). Its update gate takes in the candidate where Keras's keeps the
/// old state, and the reset gate is applied before the recurrent product.
/// <code>
/// w_i (x, 3u)   w_h (u, 3u)   b (3u,)   columns z r a
/// h' = (1-z)*h + z*tanh(x @ W_a + (r*h) @ U_a + b_a)
/// </code>
/// Keras: GRU with <c>reset_after=False</c> and the columns of z negated, because 1 - sigmoid(v) = sigmoid(-v).
/// </summary>
internal static class SonnetGruCell
{
    private const string Gates = "zra";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("SonnetGRU")
    {
        Variables = [Role("w_i", "(x, 3u)"), Role("w_h", "(u, 3u)"), Role("bias", "(3u,)")],
        Gates = Gates,
        Graph =
        [
            "z, r, a = split(x @ w_i + bias?); hz, hr, ha = split(w_h);"
            + "z = sigmoid(z + h @ hz); r = sigmoid(r + h @ hr); h = (1-z)*h + z*tanh(a + (r*h) @ ha)",
        ],
        Equations = at => new Equations.TensorFlow2.SonnetGru(at["w_i"], at["w_h"], at["bias"]),
        Wrong = [.. EachTwoSwapped(Gates), new("sign of the update gate", NegatedUpdate)],
        ToKeras = cell =>
        [
            Gru.ResetBefore(
                kernel: Negated("w_i"),
                recurrentKernel: Negated("w_h"),
                bias: Negated("bias"),
                units: cell.Units,
                activation: "tanh",
                recurrentActivation: "sigmoid",
                states: ["h"]),
        ],
    };

    private static Layouts.Derivation Negated(string role) =>
        Beside(From(role).Gate("z", Gates).Negated(), From(role).Gate("r", Gates), From(role).Gate("a", Gates));

    private static CellArrays NegatedUpdate(CellArrays at) => at.With((_, array) =>
        Arrays.NumericArray.Concatenate([-array.Columns(0, at.Cell.Units), array.Columns(at.Cell.Units, 2 * at.Cell.Units)]));
}
