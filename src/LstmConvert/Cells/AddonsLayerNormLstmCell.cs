using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LayerNormLSTMCell of TensorFlow Addons (tfa/rnn/layer_norm_lstm_cell.py): Keras's LSTM with both products and the cell state normalised.
/// <code>
/// kernel (x, 4u)   recurrent_kernel (u, 4u)   bias (4u,)   columns i f c o
/// {kernel,recurrent}_norm/{gamma,beta} (4u,)   state_norm/{gamma,beta} (u,)
/// </code>
/// Keras: our own ExtendedLSTMCell; the weights move as they are.
/// </summary>
internal static class AddonsLayerNormLstmCell
{
    private static readonly NumberFact Epsilon = new NumberFact("norm_epsilon")
    {
        Neutral = FactValue.Of(0),
        Meaning = "what is added to each variance before its root",
    }.By(1e-3);

    private static readonly string[] Norms = ["kernel_norm/gamma", "kernel_norm/beta", "recurrent_norm/gamma", "recurrent_norm/beta"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("tfa.rnn.LayerNormLSTMCell")
        {
            Variables =
            [
                Role("kernel", "(x, 4u)"),
                Role("recurrent_kernel", "(u, 4u)"),
                Optional("bias", "(4u,)"),
                .. Norms.Select(role => Role(role, "(4u,)")),
                Role("state_norm/gamma", "(u,)", ""),
                Role("state_norm/beta", "(u,)", ""),
            ],
            Gates = "ifco",
            States = [new("h", 'u'), new("c", 'u')],
            Facts = [Activation.By("tanh"), RecurrentActivation.By("sigmoid"), Epsilon],
            Equations = at =>
            {
                Equations.TensorFlow2.AddonsNorm Norm(string name) => new(at[$"{name}/gamma"], at[$"{name}/beta"], at[Epsilon]);
                return new Equations.TensorFlow2.AddonsLstm(
                    at["kernel"],
                    at["recurrent_kernel"],
                    at.Optional("bias"),
                    at[Activation],
                    at[RecurrentActivation])
                {
                    Norms = (Norm("kernel_norm"), Norm("recurrent_norm"), Norm("state_norm")),
                };
            },
            ToKeras = cell =>
                [
                    ExtendedLstmCell.Of(
                        new(From("kernel"), From("recurrent_kernel"), cell.Units, cell[Activation].Text!, cell[RecurrentActivation].Text!)
                        {
                            Bias = cell.Has("bias") ? From("bias") : null,
                            Gates = (ExtendedLstmCell.Products, [.. Norms.Select(From)]),
                            State = (ExtendedLstmCell.Carried, From("state_norm/gamma"), From("state_norm/beta")),
                            Epsilon = cell[Epsilon].Number ?? 0,
                        },
                        states: ["h", "c"]),
                ],
        };
}
