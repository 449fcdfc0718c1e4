using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>CudnnRNNTanh from cuDNN's buffer: a plain RNN, both biases summed (<see cref="CudnnBufferCell"/>).</summary>
internal static class CudnnRnnTanhCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        CudnnBufferCell.Of(
            "CudnnRNNTanh",
            "cudnn_rnn_tanh",
            CudnnMode.RnnTanh,
            "rnn_tanh",
            1,
            ["h"],
            new Canonical(
                "BasicRNNCell",
                "basic_rnn_cell",
                new Dictionary<string, FactValue> { [KnownFacts.Activation.Name] = FactValue.Of("tanh") }),
            part => SimpleRnn.Of(part.Kernel, part.Recurrent, Sum(part.InputBias, part.RecurrentBias), part.Units, "tanh", part.States));
}
