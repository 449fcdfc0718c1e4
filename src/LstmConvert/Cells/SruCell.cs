using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// SRUCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2738-2816; Lei et al. 2018): a simple recurrent unit.
/// <code>
/// kernel   (x, 4u)   columns a f r t        bias   (2u,)   of f and r
/// c' = f*c + (1-f)*a        h = r*act(c') + (1-r)*t        f and r behind a sigmoid; the state is c alone
/// </code>
/// Keras: an LSTM without activation and recurrence whose input gate is 1-f and whose output gate is open, and around it
/// <c>r*act(c) + (1-r)*t</c> with a Dense for r, one for 1-r = sigmoid(-v), and one for t.
/// </summary>
internal static class SruCell
{
    private const string Gates = "afrt";

    /// <summary>The bias that opens a gate: its sigmoid is 1 in float32 and float64 alike.</summary>
    private const double Open = 100;

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("SRUCell")
    {
        Scopes = ["sru_cell"],
        Variables = [Role("kernel", "(x, 4u)"), Role("bias", "(2u,)", "fr")],
        Gates = Gates,
        States = [new("c", 'u')],
        NeedsScope = true,
        Facts = [Activation.By("tanh")],
        Graph =
        [
            "a, f, r, t = split(x @ kernel); k, g = split([f;r] + bias); k = sigmoid(k); g = sigmoid(g);"
            + "c = k*c + (1-k)*a; h = g*activation(c) + (1-g)*t",
        ],
        Equations = at => new Equations.TensorFlow1.SruCell(at["kernel"], at["bias"], at[Activation]),
        Wrong = [.. EachTwoSwapped(Gates)],
        Obstacle = cell => cell.IsBackward ? "it walks backward, and the layers around its recurrence do not" : null,
        ToKeras = cell =>
        [
            Lstm.Of(
                kernel: Beside(Of("f").Negated(), Of("f"), Of("a"), Zero("(x, u)")),
                recurrentKernel: Zero("(u, 4u)"),
                bias: Beside(Bias("f").Negated(), Bias("f"), Zero("(u,)"), Constant(Open, "(u,)")),
                units: cell.Units,
                activation: "linear",
                recurrentActivation: "sigmoid",
                states: ["c", "c"]),
            ActivationLayer.Of(cell[Activation].Text!, "_activation"),
            Dense.Of(Of("r"), cell.Units, "_gate", "sigmoid", Bias("r")) with { Inputs = [LayerRecipe.CellInput] },
            Dense.Of(Of("r").Negated(), cell.Units, "_rest", "sigmoid", Bias("r").Negated()) with { Inputs = [LayerRecipe.CellInput] },
            Dense.Of(Of("t"), cell.Units, "_input") with { Inputs = [LayerRecipe.CellInput] },
            Merging.Recipe(MultiplyLayer.Definition, "_output", 2, 1),
            Merging.Recipe(MultiplyLayer.Definition, "_bypass", 3, 4),
            Merging.Recipe(AddLayer.Definition, "_sum", 5, 6),
        ],
    };

    private static Layouts.Derivation Of(string gate) => From("kernel").Gate(gate, Gates);

    private static Layouts.Derivation Bias(string gate) => From("bias").Gate(gate, "fr");
}
