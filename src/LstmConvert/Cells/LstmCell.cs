using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// BasicLSTMCell, LSTMCell, LSTMBlockCell, LSTMBlockFusedCell and CudnnCompatibleLSTMCell: the same variables in the same order
/// of gates; so have LayerNormBasicLSTMCell, LayerNormLSTMCell and WeightNormLSTMCell where they normalise nothing (tensorflow v1.15.5
/// python/ops/rnn_cell_impl.py:725-1063, core/kernels/rnn/lstm_ops.h).
/// <code>
/// kernel             (x+h, 4u)   rows x then h; columns i j f o; h = u, or p with a projection
/// bias               (4u,)       the forget bias is not in it, it is added at run time
/// w_{i,f,o}_diag     (u,)        peepholes
/// projection/kernel  (u, p)
/// </code>
/// Keras: LSTM with columns i f c o and the forget bias in the bias; with a projection, <c>recurrent_kernel = W_proj @ R</c>
/// (exact, rank at most p) and a Dense after it; with peepholes or clips our own ExtendedLSTMCell. The block cells of releases up to 1.3
/// clip their state at 3 unless told otherwise.
/// </summary>
internal static class LstmCell
{
    /// <summary>What the inputs of the fused operations are, from the kernel on.</summary>
    internal const string FusedInputs = "kernel, w_i_diag if use_peephole, w_f_diag if use_peephole, w_o_diag if use_peephole, bias";

    private static readonly FactValue Three = FactValue.Of(3.0);

    private static readonly string[] PeepholeRoles = ["w_i_diag", "w_f_diag", "w_o_diag"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("LSTMCell")
    {
        AlsoKnownAs = ["BasicLSTMCell", "LSTMBlockCell", "LSTMBlockFusedCell", "CudnnCompatibleLSTMCell"],
        Scopes =
        [
            "lstm_cell", "basic_lstm_cell", "LSTMCell", "BasicLSTMCell", "LSTMBlockCell", "LSTMFusedCell", "LSTMBlockFusedCell",
            "lstm_block_wrapper", "lstm_fused_cell", "cudnn_compatible_lstm_cell", "lstm_block_cell",
            "layer_norm_basic_lstm_cell", "layer_norm_lstm_cell", "wn_lstm_cell",
        ],
        Variables =
        [
            Role("kernel", "(x+h, 4u)"), Role("bias", "(4u,)"),
            Optional("w_i_diag", "(u,)", ""), Optional("w_f_diag", "(u,)", ""), Optional("w_o_diag", "(u,)", ""),
            Optional("projection/kernel", "(u, h)", ""),
        ],
        SizesByDefault = [new('h', 'u')],
        Gates = "ijfo",
        States = [new("c", 'u'), new("h", 'h')],
        OutputWidth = 'h',
        NeedsScope = true,
        Facts =
        [
            ForgetBias.By(1, new DefaultFor("cudnn_compatible_lstm_cell", null, FactValue.Of(0), "CudnnCompatibleLSTMCell")),
            Activation.By("tanh"),
            RecurrentActivation with { OnlyIfShown = true },
            CellClip.ByNone(
                new DefaultFor("LSTMBlockCell", null, Three, "LSTMBlockCell of TensorFlow up to 1.3"),
                new DefaultFor("LSTMFusedCell", null, Three, "LSTMFusedCell of TensorFlow 0.10"),
                new DefaultFor("LSTMBlockFusedCell", null, Three, "LSTMBlockFusedCell of TensorFlow up to 1.3"),
                new DefaultFor("lstm_block_wrapper", "weights", Three, "LSTMBlockFusedCell of TensorFlow 1.0 and 1.1")),
            ProjectionClip.ByNone() with { OnlyWith = "projection/kernel" },
        ],
        Graph =
        [
            "i, j, f, o = split_in_any_order([x;h] @ kernel + bias?);"
            + "c = sigmoid(f + forget_bias + w_f_diag?*c)*c + sigmoid(i + w_i_diag?*c)*activation(j); c = clip(c, cell_clip);"
            + "h = sigmoid(o + w_o_diag?*c)*activation(c); h = clip(h @ projection/kernel?, proj_clip)",
            $"i, c, f, o, ci, co, h = LSTMBlockCell(x, c, h, {FusedInputs}; forget_bias = 1, cell_clip = 3 none <= 0);"
            + "activation = tanh; recurrent_activation = sigmoid; gate_order = ijfo",
            new(
                $"i, c, f, o, ci, co, h = BlockLSTM(_, x, c, h, {FusedInputs}; forget_bias = 1, cell_clip = 3 none <= 0);"
                + "activation = tanh; recurrent_activation = sigmoid; gate_order = ijfo",
                IsSequence: true),
        ],
        GoesBack = use => use.ClassName == Lstm.Definition.ClassName || Rnn.IsAround(use, ExtendedLstmCell.Definition),
        Equations = at => new Equations.TensorFlow1.LstmCell(at["kernel"], at["bias"], at[ForgetBias], at[Activation])
        {
            RecurrentActivation = at.Gate,
            Peepholes = at.Optional("w_i_diag") is { } input ? new(input, at["w_f_diag"], at["w_o_diag"]) : null,
            Projection = at.Optional("projection/kernel"),
            CellClip = at[CellClip],
            ProjectionClip = at[ProjectionClip],
        },
        Obstacle = Obstacles,
        ToKeras = cell => ToKeras(cell, "ijfo"),
    };

    /// <summary>What is missing of an LSTM with these variables, or null.</summary>
    internal static string? Obstacles(BoundCell cell)
    {
        string[] missing = [.. PeepholeRoles.Where(role => !cell.Has(role))];
        return missing.Length is 0 or 3
            ? null
            : $"of its three peepholes {string.Join(" and ", missing)} {(missing.Length == 1 ? "is" : "are")} missing";
    }

    /// <summary>The layers that stand for an LSTM with these variables.</summary>
    internal static IReadOnlyList<LayerRecipe> ToKeras(BoundCell cell, string gates) =>
        ToKeras(
            cell,
            cell.Has("projection/kernel") ? From("projection/kernel") : null,
            new ExtendedLstmRecipe(
                From("kernel").Rows("x").Gates(gates, "ifco"),
                From("kernel").Rows("h").Gates(gates, "ifco"),
                cell.Units,
                cell[Activation].Text!,
                cell.Find(RecurrentActivation.Name)?.Value.Text ?? "sigmoid")
            {
                Bias = From("bias").Plus(ForgetBias.Name, "f", gates).Gates(gates, "ifco"),
            });

    /// <summary>LSTM, and Dense behind it where there is a projection; with peepholes or clips a cell of ours, which projects by
    /// itself.</summary>
    /// <param name="cell">The cell; its peepholes are <c>w_i_diag</c> and so on.</param>
    /// <param name="projection"><c>(u, h)</c>, or null.</param>
    /// <param name="recipe">Kernels, bias and activations.</param>
    internal static IReadOnlyList<LayerRecipe> ToKeras(BoundCell cell, Derivation? projection, ExtendedLstmRecipe recipe) =>
        NeedsExtension(cell)
            ?
            [
                Extended(
                    cell,
                    projection,
                    recipe with
                    {
                        Peepholes = cell.Has("w_i_diag") ? (From("w_i_diag"), From("w_f_diag"), From("w_o_diag")) : null,
                    }),
            ]
            : WithProjection(cell, projection, recipe.RecurrentKernel, recurrent =>
                Lstm.Of(
                    recipe.Kernel,
                    recurrent,
                    recipe.Bias,
                    recipe.Units,
                    recipe.Activation,
                    recipe.RecurrentActivation,
                    states: ["h", "c"]));

    /// <summary>True for what no stock LSTM has: peepholes, and clips.</summary>
    internal static bool NeedsExtension(BoundCell cell) =>
        cell.Variables.Keys.Any(role => role.EndsWith("_diag", StringComparison.Ordinal))
        || !cell[CellClip].IsNone
        || !cell[ProjectionClip].IsNone;

    /// <summary>A cell of ours with a projection, and with the clips that the source's cell has.</summary>
    internal static LayerRecipe Extended(BoundCell cell, Derivation? projection, ExtendedLstmRecipe recipe) => ExtendedLstmCell.Of(
        recipe with
        {
            Projection = projection is null ? null : (projection, cell.OutputSize),
            CellClip = cell[CellClip],
            ProjectionClip = cell[ProjectionClip],
        },
        states: ["h", "c"]);

    /// <summary>A cell of ours with the projection and the clips that the source's has.</summary>
    internal static LayerRecipe Extended(BoundCell cell, ExtendedLstmRecipe recipe) =>
        Extended(cell, cell.Has("projection/kernel") ? From("projection/kernel") : null, recipe);

    /// <summary>A layer, and where the cell projects its output, the product in its recurrent kernel and a Dense behind it.</summary>
    internal static IReadOnlyList<LayerRecipe> WithProjection(
        BoundCell cell,
        string role,
        Derivation recurrent,
        Func<Derivation, LayerRecipe> layer) => WithProjection(cell, cell.Has(role) ? From(role) : null, recurrent, layer);

    /// <summary>A layer, and where there is a projection, the product in its recurrent kernel and a Dense behind it.</summary>
    internal static IReadOnlyList<LayerRecipe> WithProjection(
        BoundCell cell,
        Derivation? projection,
        Derivation recurrent,
        Func<Derivation, LayerRecipe> layer) =>
        projection is null
            ? [layer(recurrent)]
            : [layer(projection.Times(recurrent)), Dense.Of(projection, cell.OutputSize, "_projection")];
}
