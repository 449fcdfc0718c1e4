using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// CoupledInputForgetGateLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:98-322; Greff et al. 2015): the input gate is
/// one minus the forget gate.
/// <code>
/// kernel             (x+h, 3u)   stored as W_0, W_1 …; rows x then h; columns j f o; h = u, or p with a projection
/// bias               (3u,)       stored as B
/// w_{f,o}_diag       (u,)        peepholes
/// projection/kernel  (u, p)      stored as W_P_0 …
/// f = sigmoid(f + forget_bias)   c' = f*c + (1-f)*act(j)   h' = sigmoid(o)*act(c')
/// </code>
/// Keras: LSTM with <c>W_i = -W_f</c> and <c>b_i = -(b_f + forget_bias)</c>, because 1 - sigmoid(v) = sigmoid(-v);
/// with peepholes, a clip or layer normalisation (<c>{transform,forget,output,state}/{gamma,beta}</c>, and the bias is not added) our own
/// ExtendedLSTMCell, where <c>w_i = -w_f</c> and <c>beta_i = -(beta_f + forget_bias)</c>.
/// </summary>
internal static class CoupledInputForgetGateLstmCell
{
    private const string Gates = "jfo";

    /// <summary>The normalisations of the blocks i f c o: of the negated pre-activation i has the forget gate's gamma and its negated
    /// beta.</summary>
    private static readonly string[] Blocks = ["forget", "forget", "transform", "output"];

    private static readonly string[] Normalised = ["transform", "forget", "output", "state"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("CoupledInputForgetGateLSTMCell")
        {
            Scopes = ["coupled_input_forget_gate_lstm_cell", "CoupledInputForgetGateLSTMCell"],
            Variables =
            [
                Role("kernel", "(x+h, 3u)"),
                Optional("bias", "(3u,)"),
                Optional("w_f_diag", "(u,)", ""),
                Optional("w_o_diag", "(u,)", ""),
                Optional("projection/kernel", "(u, h)", ""),
                .. Normalised.SelectMany(part => new[] { Optional($"{part}/gamma", "(u,)", ""), Optional($"{part}/beta", "(u,)", "") }),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'h')],
            OutputWidth = 'h',
            NeedsScope = true,
            KernelLeaf = "W_",
            Facts = [ForgetBias.By(1), Activation.By("tanh"), ProjectionClip.ByNone() with { OnlyWith = "projection/kernel" }],
            Graph =
            [
                "j, f, o = split([x;h] @ kernel + bias?); k = sigmoid(f + forget_bias + w_f_diag?*c); c = k*c + (1-k)*activation(j);"
                    + "h = sigmoid(o + w_o_diag?*c)*activation(c); h = clip(h @ projection/kernel?, proj_clip)",
                "j, f, o = split([x;h] @ kernel); j = norm(j, transform); f = norm(f, forget); o = norm(o, output); k = sigmoid(f + forget_bias + w_f_diag?*c);"
                    + "c = k*c + (1-k)*activation(j); c = norm(c, state); h = sigmoid(o + w_o_diag?*c)*activation(c); h = clip(h @ projection/kernel?, proj_clip)",
            ],
            Equations = at => new Equations.TensorFlow1.CoupledInputForgetGateLstmCell(
                at["kernel"],
                at.Optional("bias"),
                at[ForgetBias],
                at[Activation])
            {
                Norms = at.Optional("forget/gamma") is null ? null : LayerNormBasicLstmCell.NormsOf(at),
                ForgetPeephole = at.Optional("w_f_diag"),
                OutputPeephole = at.Optional("w_o_diag"),
                Projection = at.Optional("projection/kernel"),
                ProjectionClip = at[ProjectionClip],
            },
            Wrong = [.. EachTwoSwapped("jfo"), Without(ForgetBias)],
            Unread = cell => cell.Has("forget/gamma") ? ["bias"] : [],
            Obstacle = cell =>
                !cell.Has("bias") && !cell.Has("forget/gamma") ? "its bias is missing"
                : cell.Has("w_f_diag") != cell.Has("w_o_diag") ? "one of its two peepholes is missing"
                : Normalised.SelectMany(part => new[] { $"{part}/gamma", $"{part}/beta" }).Count(cell.Has) is not (0 or 8)
                    ? "some of its normalisations are missing"
                : null,
            ToKeras = cell =>
                LstmCell.NeedsExtension(cell) || cell.Has("forget/gamma")
                    ? [Extended(cell)]
                    : LstmCell.WithProjection(cell, "projection/kernel", Kernel("h"), recurrent =>
                        Lstm.Of(
                            kernel: Kernel("x"),
                            recurrentKernel: recurrent,
                            bias: Bias(),
                            units: cell.Units,
                            activation: cell[Activation].Text!,
                            recurrentActivation: "sigmoid",
                            states: ["h", "c"])),
        };

    private static LayerRecipe Extended(BoundCell cell) =>
        LstmCell.Extended(
            cell,
            new(Kernel("x"), Kernel("h"), cell.Units, cell[Activation].Text!, "sigmoid")
            {
                Bias = cell.Has("forget/gamma") ? null : Bias(),
                Gates = cell.Has("forget/gamma")
                    ? (
                        ExtendedLstmCell.Each,
                        [
                            Beside([.. Blocks.Select(part => From($"{part}/gamma"))]),
                            Beside(NormalisedForget().Negated(), NormalisedForget(), From("transform/beta"), From("output/beta")),
                        ])
                    : null,
                State = cell.Has("forget/gamma") ? (ExtendedLstmCell.Carried, From("state/gamma"), From("state/beta")) : null,
                Epsilon = LayerNormBasicLstmCell.Epsilon(cell),
                Peepholes = cell.Has("w_f_diag") ? (From("w_f_diag").Negated(), From("w_f_diag"), From("w_o_diag")) : null,
            });

    private static Layouts.Derivation NormalisedForget() => From("forget/beta").Plus(ForgetBias.Name);

    private static Layouts.Derivation Bias() =>
        Beside(Forget().Negated(), Forget(), From("bias").Gate("j", Gates), From("bias").Gate("o", Gates));

    private static Layouts.Derivation Kernel(string rows)
    {
        Layouts.Derivation Of(string gate) => From("kernel").Rows(rows).Gate(gate, Gates);
        return Beside(Of("f").Negated(), Of("f"), Of("j"), Of("o"));
    }

    private static Layouts.Derivation Forget() => From("bias").Gate("f", Gates).Plus(ForgetBias.Name);
}
