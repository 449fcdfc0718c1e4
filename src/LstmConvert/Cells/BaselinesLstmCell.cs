using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// The lstm and lnlstm of OpenAI baselines and of stable-baselines (openai/baselines a2c/utils.py:81-140, stable_baselines
/// tf_layers.py:142-172).
/// <code>
/// wx (x, 4u)   wh (u, 4u)   b (4u,)   columns i f o c; no forget bias
/// gx, bx, gh, bh (4u,)   gc, bc (u,)   of the lnlstm: both products are normalised, and the state where the output sees it
/// </code>
/// Keras: LSTM, and our own ExtendedLSTMCell for the lnlstm. A mask that is 1 sets the state to 0 before a step: that is the program's,
/// between sequences.
/// </summary>
internal static class BaselinesLstmCell
{
    private const string Gates = "ifoc";

    /// <summary>utils.py:104, the default of _ln.</summary>
    private const double Epsilon = 1e-5;

    /// <summary>Gains and biases of the layer normalisation of its lnlstm: of the products with input and state, then of the cell
    /// state.</summary>
    private static readonly string[] Norms = ["gx", "bx", "gh", "bh", "gc", "bc"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("BaselinesLSTM")
        {
            Variables =
            [
                Role("wx", "(x, 4u)"),
                Role("wh", "(u, 4u)"),
                Role("bias", "(4u,)"),
                .. Norms[..4].Select(role => Optional(role, "(4u,)")),
                .. Norms[4..].Select(role => Optional(role, "(u,)", "")),
            ],
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'u')],
            Facts = PlainLstmFacts,
            Fixed = PlainLstm,
            Graph =
            [
                "i, f, o, j = split(x @ wx + h @ wh + bias); c = sigmoid(f)*c + sigmoid(i)*tanh(j); h = sigmoid(o)*tanh(c)",
                "i, f, o, j = split(norm(x @ wx, gx, bx, 0.00001) + norm(h @ wh, gh, bh, 0.00001) + bias);"
                    + "c = sigmoid(f)*c + sigmoid(i)*tanh(j); h = sigmoid(o)*tanh(norm(c, gc, bc, 0.00001))",
            ],
            Equations = at =>
                at.Optional("gx") is null
                    ? new Equations.Baselines.Lstm(at["wx"], at["wh"], at["bias"])
                    : new Equations.Baselines.LayerNormLstm(at["wx"], at["wh"], at["bias"])
                    {
                        Input = new(at["gx"], at["bx"], Epsilon),
                        State = new(at["gh"], at["bh"], Epsilon),
                        Cell = new(at["gc"], at["bc"], Epsilon),
                    },
            Obstacle = cell =>
                Norms.Count(cell.Has) is 0 or 6
                    ? null
                    : $"of its layer normalisation {string.Join(", ", Norms.Where(role => !cell.Has(role)))} {(Norms.Count(cell.Has) == 5 ? "is" : "are")} missing",
            ToKeras = cell =>
                cell.Has("gx")
                    ? [Normalised(cell)]
                    :
                    [
                        Lstm.Of(
                            kernel: From("wx").Gates(Gates, "ifco"),
                            recurrentKernel: From("wh").Gates(Gates, "ifco"),
                            bias: From("bias").Gates(Gates, "ifco"),
                            units: cell.Units,
                            activation: "tanh",
                            recurrentActivation: "sigmoid",
                            states: ["h", "c"]),
                    ],
        };

    private static LayerRecipe Normalised(BoundCell cell) =>
        ExtendedLstmCell.Of(
            new(From("wx").Gates(Gates, "ifco"), From("wh").Gates(Gates, "ifco"), cell.Units, "tanh", "sigmoid")
            {
                Bias = From("bias").Gates(Gates, "ifco"),
                Gates = (ExtendedLstmCell.Products, [.. Norms[..4].Select(role => From(role).Gates(Gates, "ifco"))]),
                State = (ExtendedLstmCell.Output, From("gc"), From("bc")),
                Epsilon = Epsilon,
            },
            states: ["h", "c"]);
}
