using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// CudnnCompatibleGRUCell, and the canonical variables of CudnnGRU (tensorflow v1.15.5
/// contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py:94-180):
/// the reset gate is applied after the recurrent product.
/// <code>
/// gates/kernel                        (x+u, 2u)   rows x then h; columns r u
/// gates/bias                          (2u,)       both of cuDNN's biases, summed
/// candidate/input_projection/kernel   (x, u)      candidate/input_projection/bias   (u,)
/// candidate/hidden_projection/kernel  (u, u)      candidate/hidden_projection/bias  (u,)
/// [r|u] = sigmoid([x;h] @ gates)   c = act(x @ W_i + b_i + r*(h @ W_h + b_h))   h' = (1-u)*c + u*h
/// </code>
/// Keras: GRU with <c>reset_after=True</c>.
/// </summary>
internal static class CudnnCompatibleGruCell
{
    private const string InputKernel = "candidate/input_projection/kernel";
    private const string InputBias = "candidate/input_projection/bias";
    private const string HiddenKernel = "candidate/hidden_projection/kernel";
    private const string HiddenBias = "candidate/hidden_projection/bias";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("CudnnCompatibleGRUCell")
        {
            Scopes = ["cudnn_compatible_gru_cell"],
            Variables =
            [
                Role("gates/kernel", "(x+h, 2u)"),
                Role("gates/bias", "(2u,)"),
                Role(InputKernel, "(x, u)", ""),
                Role(InputBias, "(u,)", ""),
                Role(HiddenKernel, "(h, u)", ""),
                Role(HiddenBias, "(u,)", ""),
            ],
            SizesByDefault = [new('h', 'u')],
            Gates = "ru",
            Facts = [Activation.By("tanh")],
            Graph =
            [
                "r, u = split([x;h] @ gates/kernel + gates/bias?); r = sigmoid(r); u = sigmoid(u);"
                    + $"c = activation(x @ {InputKernel} + {InputBias}? + r*(h @ {HiddenKernel} + {HiddenBias}?)); h = u*h + (1-u)*c",
            ],
            GoesBack = use => use.ClassName == Gru.Definition.ClassName && use.Is(RecurrentArguments.ResetAfter.Name),
            Equations = at => new Equations.TensorFlow1.CudnnCompatibleGruCell(
                at["gates/kernel"],
                at["gates/bias"],
                at[InputKernel],
                at[InputBias],
                at[HiddenKernel],
                at[HiddenBias],
                at[Activation]),
            ToKeras = cell =>
                [
                    Gru.ResetAfter(
                        kernel: Beside(From("gates/kernel").Rows("x").Gates("ru", "zr"), From(InputKernel)),
                        recurrentKernel: Beside(From("gates/kernel").Rows("h").Gates("ru", "zr"), From(HiddenKernel)),
                        bias: Above(Beside(From("gates/bias").Gates("ru", "zr"), From(InputBias)), Beside(Zero("(2u,)"), From(HiddenBias))),
                        units: cell.Units,
                        activation: cell[Activation].Text!,
                        recurrentActivation: "sigmoid",
                        states: ["h"]),
                ],
        };
}
