using LstmConvert.Arrays;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LayerNormSimpleRNNCell of TensorFlow Addons (tfa/rnn/layer_norm_simple_rnn_cell.py): a SimpleRNN whose sum is normalised, without a
/// beta, before the bias is added.
/// <code>
/// kernel (x, u)   recurrent_kernel (u, u)   bias (u,)   layernorm/gamma (u,)
/// h' = act(norm(x @ kernel + h @ recurrent_kernel) + bias)
/// </code>
/// Keras: our own ExtendedSimpleRNNCell; the weights move as they are.
/// </summary>
internal static class AddonsLayerNormSimpleRnnCell
{
    private static readonly NumberFact Epsilon = new NumberFact("layernorm_epsilon")
    {
        Neutral = FactValue.Of(0),
        Meaning = "what is added to each variance before its root",
    }.By(1e-5);

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("tfa.rnn.LayerNormSimpleRNNCell")
        {
            Variables =
            [
                Role("kernel", "(x, u)"),
                Role("recurrent_kernel", "(u, u)"),
                Optional("bias", "(u,)"),
                Role("layernorm/gamma", "(u,)"),
            ],
            Facts = [Activation.By("tanh"), Epsilon],
            Equations = at => new Equations.TensorFlow2.AddonsSimpleRnn(
                at["kernel"],
                at["recurrent_kernel"],
                at.Optional("bias"),
                at[Activation])
            {
                Norm = new(at["layernorm/gamma"], NumericArray.Zeros(at.Precision, at.Cell.Units), at[Epsilon]),
            },
            ToKeras = cell =>
                [
                    ExtendedSimpleRnnCell.Of(
                        From("kernel"),
                        From("recurrent_kernel"),
                        cell.Has("bias") ? From("bias") : null,
                        cell.Units,
                        cell[Activation].Text!,
                        1,
                        (From("layernorm/gamma"), cell[Epsilon].Number ?? 0),
                        states: ["h"]),
                ],
        };
}
