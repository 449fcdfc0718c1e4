using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// The LSTM layer of Keras, as TensorFlow 2 keeps it in checkpoints and SavedModels (keras 2.15 src/layers/rnn/lstm.py). Two kernels,
/// and the forget bias inside the stored bias: the weights move as they are.
/// <code>
/// kernel            (x, 4u)   columns i f c o
/// recurrent_kernel  (u, 4u)
/// bias              (4u,)
/// </code>
/// Programs of TensorFlow 1 with two kernels may add a forget bias as they run: then the graph shows it.
/// </summary>
internal static class KerasLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("KerasLSTM")
        {
            AlsoKnownAs = ["LSTM"],
            Scopes = ["lstm_cell"],
            Variables = [Role("kernel", "(x, 4u)"), Role("recurrent_kernel", "(u, 4u)"), Optional("bias", "(4u,)")],
            Gates = "ifco",
            States = [new("h", 'u'), new("c", 'u')],
            Facts = [ForgetBias.By(0) with { OnlyIfShown = true }, Activation.By("tanh"), RecurrentActivation.By("sigmoid")],
            Graph =
            [
                "i, f, j, o = split_in_any_order(x @ kernel + h @ recurrent_kernel + bias?);"
                    + "c = recurrent_activation(f + forget_bias)*c + recurrent_activation(i)*activation(j); h = recurrent_activation(o)*activation(c)",
            ],
            IsOfKeras = use => use.ClassName == Lstm.Definition.ClassName || use.ClassName == KerasLayers.LstmCell.Definition.ClassName,
            Equations = at => new Equations.TensorFlow2.Lstm(
                at["kernel"],
                at["recurrent_kernel"],
                at.Optional("bias"),
                at[Activation],
                at[RecurrentActivation])
            {
                ForgetBias = at[ForgetBias],
            },
            ToKeras = cell =>
                [
                    Lstm.Of(
                        kernel: From("kernel"),
                        recurrentKernel: From("recurrent_kernel"),
                        bias: cell.Has("bias") ? From("bias").Plus(ForgetBias.Name, "f", "ifco") : null,
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        recurrentActivation: cell[RecurrentActivation].Text!,
                        states: ["h", "c"]),
                ],
        };
}
