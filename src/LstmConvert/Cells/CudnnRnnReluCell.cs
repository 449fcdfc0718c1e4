using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>CudnnRNNRelu from cuDNN's buffer: a plain RNN, both biases summed (<see cref="CudnnBufferCell"/>).</summary>
internal static class CudnnRnnReluCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        CudnnBufferCell.Of(
            "CudnnRNNRelu",
            "cudnn_rnn_relu",
            CudnnMode.RnnRelu,
            "rnn_relu",
            1,
            ["h"],
            new Canonical(
                "BasicRNNCell",
                "basic_rnn_cell",
                new Dictionary<string, FactValue> { [KnownFacts.Activation.Name] = FactValue.Of("relu") }),
            part => SimpleRnn.Of(part.Kernel, part.Recurrent, Sum(part.InputBias, part.RecurrentBias), part.Units, "relu", part.States));
}
