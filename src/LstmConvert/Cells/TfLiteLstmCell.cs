using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// TFLiteLSTMCell (tensorflow v1.15.5 lite/experimental/examples/lstm/rnn_cell.py:300-510): a kernel for each gate, transposed. The forget
/// bias is the
/// initial value of a variable; nothing is added as it runs.
/// <code>
/// input_to_{input,forget,cell,output}_w (u, x)   cell_to_{…}_w (u, h)   {…}_bias (u,)   h = u, or p with a projection
/// w_{i,f,o}_diag (u,)   projection/kernel (p, u)   projection/bias (p,)
/// </code>
/// Keras: LSTM, with peepholes or clips our own ExtendedLSTMCell; the gates put side by side.
/// </summary>
internal static class TfLiteLstmCell
{
    private const string Projection = "projection/kernel";
    private const string ProjectionBias = "projection/bias";

    /// <summary>The gates in Keras's order.</summary>
    private static readonly string[] Gates = ["input", "forget", "cell", "output"];

    private static readonly string Pattern =
        $"c = sigmoid({Gate("forget")} + w_f_diag?*c)*c + sigmoid({Gate("input")} + w_i_diag?*c)*activation({Gate("cell")}); c = clip(c, cell_clip);"
        + $"h = sigmoid({Gate("output")} + w_o_diag?*c)*activation(c);";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("TFLiteLSTMCell")
        {
            Scopes = ["tf_lite_lstm_cell"],
            Variables =
            [
                .. Gates.SelectMany(gate =>
                    new[] { Role($"input_to_{gate}_w", "(u, x)"), Role($"cell_to_{gate}_w", "(u, h)"), Role($"{gate}_bias", "(u,)") }),
                Optional("w_i_diag", "(u,)"),
                Optional("w_f_diag", "(u,)"),
                Optional("w_o_diag", "(u,)"),
                Optional(Projection, "(h, u)"),
                Optional(ProjectionBias, "(h,)"),
            ],
            SizesByDefault = [new('h', 'u')],
            States = [new("c", 'u'), new("h", 'h')],
            OutputWidth = 'h',
            Facts = [Activation.By("tanh"), CellClip.ByNone(), ProjectionClip.ByNone() with { OnlyWith = Projection }],
            Graph = [Pattern, $"{Pattern} h = clip(h @ transposed({Projection}?) + {ProjectionBias}?, proj_clip)"],
            Equations = at => new Equations.TensorFlow1.TfLiteLstmCell(
                [.. Gates.Select(gate => at[$"input_to_{gate}_w"])],
                [.. Gates.Select(gate => at[$"cell_to_{gate}_w"])],
                [.. Gates.Select(gate => at[$"{gate}_bias"])],
                at[Activation])
            {
                Peepholes = at.Optional("w_i_diag") is { } input ? new(input, at["w_f_diag"], at["w_o_diag"]) : null,
                Projection = at.Optional(Projection),
                CellClip = at[CellClip],
                ProjectionClip = at[ProjectionClip],
            },
            Obstacle = cell =>
                cell.Has(ProjectionBias)
                    ? $"its projection has a bias ({ProjectionBias}), which its state holds too"
                    : LstmCell.Obstacles(cell),
            ToKeras = cell =>
                LstmCell.ToKeras(
                    cell,
                    cell.Has(Projection) ? From(Projection).Transposed() : null,
                    new(Kernel("input"), Kernel("cell"), cell.Units, cell[Activation].Text!, "sigmoid")
                    {
                        Bias = Beside([.. Gates.Select(gate => From($"{gate}_bias"))]),
                    }),
        };

    private static string Gate(string gate) => $"[x;h] @ transposed([input_to_{gate}_w;cell_to_{gate}_w]) + {gate}_bias?";

    private static Derivation Kernel(string from) => Beside([.. Gates.Select(gate => From($"{from}_to_{gate}_w").Transposed())]);
}
