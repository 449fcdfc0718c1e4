using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// CudnnGRU from cuDNN's buffer: gates r u h, the reset gate after the recurrent product (<see cref="CudnnBufferCell"/>). Keras: GRU with
/// <c>reset_after=True</c>.
/// </summary>
internal static class CudnnGruCell
{
    private const string Gates = "ruh";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        CudnnBufferCell.Of(
            "CudnnGRU",
            "cudnn_gru",
            CudnnMode.Gru,
            "gru",
            Gates.Length,
            ["h"],
            new Canonical(
                "CudnnCompatibleGRUCell",
                "cudnn_compatible_gru_cell",
                new Dictionary<string, FactValue> { [KnownFacts.Activation.Name] = FactValue.Of("tanh") }),
            part =>
                Gru.ResetAfter(
                    kernel: part.Kernel.Gates(Gates, "zrh"),
                    recurrentKernel: part.Recurrent.Gates(Gates, "zrh"),
                    bias: Above(part.InputBias.Gates(Gates, "zrh"), part.RecurrentBias.Gates(Gates, "zrh")),
                    units: part.Units,
                    activation: "tanh",
                    recurrentActivation: "sigmoid",
                    states: part.States));
}
