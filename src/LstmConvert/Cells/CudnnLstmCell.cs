using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>CudnnLSTM from cuDNN's buffer: gates i f c o, which is Keras's order, both biases summed, no forget bias
/// (<see cref="CudnnBufferCell"/>).</summary>
internal static class CudnnLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = CudnnBufferCell.Of(
        "CudnnLSTM", "cudnn_lstm", CudnnMode.Lstm, "lstm", 4, ["h", "c"],
        new Canonical("LSTMCell", "cudnn_compatible_lstm_cell", new Dictionary<string, FactValue>
        {
            [KnownFacts.ForgetBias.Name] = FactValue.Of(0),
            [KnownFacts.Activation.Name] = FactValue.Of("tanh"),
            [KnownFacts.CellClip.Name] = FactValue.None,
        }),
        part => Lstm.Of(part.Kernel, part.Recurrent, Sum(part.InputBias, part.RecurrentBias), part.Units, "tanh", "sigmoid", part.States));
}
