using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// lnlstm of baselines and stable-baselines (openai/baselines a2c/utils.py:110-140): both products are normalised, and the state where the
/// output sees it. Nothing is added at run time.
/// <code>
/// wx (x, 4u)   wh (u, 4u)   b (4u,)   gx, bx, gh, bh (4u,)   gc, bc (u,)      columns i f o u
/// </code>
/// Keras: our own ExtendedLSTMCell.
/// </summary>
internal static class BaselinesLayerNormLstm
{
    /// <summary>utils.py:104, the default of _ln.</summary>
    private const double Epsilon = 1e-5;

    private const string Order = "ifog";
    private const string Ours = "ifgo";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("lnlstm")
    {
        Variables =
        [
            Role("wx", "(x, 4u)"), Role("wh", "(u, 4u)"), Role("bias", "(4u,)"), Role("gx", "(4u,)"), Role("bx", "(4u,)"), Role("gh", "(4u,)"), Role("bh", "(4u,)"),
            Role("gc", "(u,)", ""), Role("bc", "(u,)", ""),
        ],
        Gates = Order,
        States = [new("c", 'u'), new("h", 'u')],
        Equations = at => new Equations.TensorFlow1.BaselinesLayerNormLstm(at["wx"], at["wh"], at["bias"])
        {
            Input = new(at["gx"], at["bx"], Epsilon),
            State = new(at["gh"], at["bh"], Epsilon),
            Cell = new(at["gc"], at["bc"], Epsilon),
        },
        ToKeras = cell =>
        [
            ExtendedLstmCell.Of(
                new(From("wx").Gates(Order, Ours), From("wh").Gates(Order, Ours), cell.Units, "tanh", "sigmoid")
                {
                    Bias = From("bias").Gates(Order, Ours),
                    Gates = (ExtendedLstmCell.Products, [.. new[] { "gx", "bx", "gh", "bh" }.Select(role => From(role).Gates(Order, Ours))]),
                    State = (ExtendedLstmCell.Output, From("gc"), From("bc")),
                    Epsilon = Epsilon,
                },
                states: ["h", "c"]),
        ],
    };
}
