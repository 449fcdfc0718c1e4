using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// CuDNNLSTM of Keras 2.0.9 to 2.3 and TensorFlow 1 (keras 2.2.4 keras/layers/cudnn_recurrent.py): the LSTM with sigmoid gates and tanh,
/// its kernels in cuDNN's order (<see cref="CuDnnWeights"/>) and two biases.
/// </summary>
internal static class CuDnnLstm
{
    private const string Gates = "ifco";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("CuDNNLSTM")
    {
        Weights = use => RecurrentWeights.Of(use, Gates, "(8u,)"),
        Arguments = [RecurrentArguments.Units, RecurrentArguments.UseBias, .. RecurrentArguments.OfLoops],
        Today = Plain,
        States = _ => ["h", "c"],
        Width = (use, _) => use.Units,
        Run = (use, inputs) => Plain(use).Run(inputs),
        Wrong = use => Lstm.Definition.Wrong(Plain(use)),
        IsRecurrent = true,
        IsNamed = true,
    };

    /// <summary>The plain layer that computes the same.</summary>
    /// <param name="use">The layer, with weights.</param>
    public static KerasUse Plain(KerasUse use) => use.With(RecurrentArguments.RecurrentActivation.Name, FactValue.Of("sigmoid")) with
    {
        Layer = Lstm.Definition,
        Weights = CuDnnWeights.Plain(use.Weights, Gates.Length),
    };
}
