using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// Grid1LSTMCell, Grid2LSTMCell and the two of BasicLSTMCell (tensorflow v1.15.5 contrib/grid_rnn/python/ops/grid_rnn_cell.py): LSTMs along
/// the dimensions of a grid, the first of which
/// starts anew from the input at every step.
/// <code>
/// project_m_0, project_c_0 (x, u)      recurrent/cell_0/lstm_cell/kernel (2u, 4u), of one dimension (u, 4u); columns i j f o      recurrent/cell_0/lstm_cell/bias (4u,)
/// recurrent/cell_1/lstm_cell/…         the dimension of time      tied dimensions and other cells have other names, and are left to their wrapper's sentence
/// </code>
/// Keras: our own DepthLSTMCell with the forget bias in the biases.
/// </summary>
internal static class GridRnnCell
{
    private static readonly string[] Peepholes = ["w_i_diag", "w_f_diag", "w_o_diag"];

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<Cell> Definitions { get; } =
    [
        Of("Grid1LSTMCell", 1, "lstm_cell"),
        Of("Grid1BasicLSTMCell", 1, "basic_lstm_cell"),
        Of("Grid2LSTMCell", 2, "lstm_cell"),
        Of("Grid2BasicLSTMCell", 2, "basic_lstm_cell"),
    ];

    private static Cell Of(string name, int dimensions, string inner)
    {
        var cells = Enumerable
            .Range(0, dimensions)
            .Select(dimension => FormattableString.Invariant($"recurrent/cell_{dimension}/{inner}"))
            .ToArray();
        return new(name)
        {
            Scopes = [name],
            Variables =
            [
                Role("project_m_0", "(x, u)", ""),
                Role("project_c_0", "(x, u)", ""),
                .. cells.SelectMany(cell =>
                    new[] { Role($"{cell}/kernel", dimensions == 1 ? "(u, 4u)" : "(u+z, 4u)"), Role($"{cell}/bias", "(4u,)") }),
                .. cells.SelectMany(cell => Peepholes.Select(role => Optional($"{cell}/{role}", "(u,)", ""))),
            ],
            SizesByDefault = dimensions == 1 ? [] : [new('z', 'u')],
            Gates = "ijfo",
            States =
            [
                .. Enumerable
                    .Range(0, dimensions)
                    .SelectMany(dimension =>
                        new CellState[]
                        {
                            new(FormattableString.Invariant($"c{dimension}"), 'u'),
                            new(FormattableString.Invariant($"h{dimension}"), 'u'),
                        }),
            ],
            NeedsScope = true,
            IsProposed = false,
            IsFoundByName = true,
            Facts = [ForgetBias.By(1)],
            Graph = [Step(cells)],
            GoesBack = use => dimensions == 2 && inner == "lstm_cell" && Rnn.IsAround(use, DepthLstmCell.Definition),
            Equations = at => new Equations.TensorFlow1.GridRnnCell(
                at["project_m_0"],
                at["project_c_0"],
                [.. cells.Select(cell => (at[$"{cell}/kernel"], at[$"{cell}/bias"]))],
                at[ForgetBias]),
            Obstacle = cell =>
                cell.Variables.Keys.Any(role => role.EndsWith("_diag", StringComparison.Ordinal))
                    ? "it has peepholes, which our cell for it has not"
                : dimensions > 1 && cell.Sizes['z'] != cell.Units
                    ? $"its kernels have {cell.Units + cell.Sizes['z']} rows, and two inputs of {cell.Units} units have {2 * cell.Units}"
                : null,
            ToKeras = cell =>
            [
                DepthLstmCell.Of(
                    Beside(From("project_m_0"), From("project_c_0")),
                    [.. cells.Select(one => (From($"{one}/kernel"), From($"{one}/bias").Plus(ForgetBias.Name, "f", "ijfo")))],
                    cell.Units,
                    [.. cell.Definition.States.Select(state => state.Name)]),
            ],
        };
    }

    /// <summary>A step: what the input is projected to passes the dimension of time first, where there is one, then depth.</summary>
    private static string Step(string[] cells)
    {
        string Walk(int dimension, string read, string c, string gates) =>
            $"i{gates}, j{gates}, f{gates}, o{gates} = split({read} @ {cells[dimension]}/kernel + {cells[dimension]}/bias);"
            + $"c{dimension} = sigmoid(f{gates} + forget_bias)*{c} + sigmoid(i{gates})*tanh(j{gates});"
            + $"h{dimension} = sigmoid(o{gates})*tanh(c{dimension});";
        return "m = x @ project_m_0; q = x @ project_c_0;"
            + (cells.Length == 1 ? Walk(0, "m", "q", "") : Walk(1, "[m;h1]", "c1", "") + Walk(0, "[m;h1]", "q", "9"));
    }
}
