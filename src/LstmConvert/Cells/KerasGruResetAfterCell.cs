using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// The GRU layer of Keras with the reset gate applied after the recurrent product (keras 2.15 src/layers/rnn/gru.py, reset_after=True, the
/// default of TensorFlow 2).
/// <code>
/// kernel            (x, 3u)   columns z r h
/// recurrent_kernel  (u, 3u)
/// bias              (2, 3u)   the input's, then the recurrent one
/// </code>
/// </summary>
internal static class KerasGruResetAfterCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("KerasGRUResetAfter")
        {
            Scopes = ["gru_cell"],
            Variables = [Role("kernel", "(x, 3u)"), Role("recurrent_kernel", "(u, 3u)"), Role("bias", "(2, 3u)")],
            Gates = "zrh",
            Facts = [Activation.By("tanh"), RecurrentActivation.By("sigmoid")],
            Graph =
            [
                "z, r, g = split(x @ kernel + row(bias?, 0)); hz, hr, hg = split(h @ recurrent_kernel + row(bias?, 1));"
                    + "z = recurrent_activation(z + hz); r = recurrent_activation(r + hr); h = z*h + (1-z)*activation(g + r*hg)",
            ],
            IsOfKeras = use =>
                (use.ClassName == Gru.Definition.ClassName || use.ClassName == KerasLayers.GruCell.Definition.ClassName)
                && use.Is(RecurrentArguments.ResetAfter.Name),
            Equations = at => new Equations.TensorFlow2.Gru(
                at["kernel"],
                at["recurrent_kernel"],
                at["bias"],
                resetAfter: true,
                at[Activation],
                at[RecurrentActivation]),
            ToKeras = cell =>
                [
                    Gru.ResetAfter(
                        kernel: From("kernel"),
                        recurrentKernel: From("recurrent_kernel"),
                        bias: From("bias"),
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        recurrentActivation: cell[RecurrentActivation].Text!,
                        states: ["h"]),
                ],
        };
}
