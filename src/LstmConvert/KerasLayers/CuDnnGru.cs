using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// CuDNNGRU of Keras 2.0.9 to 2.3 and TensorFlow 1 (keras 2.2.4 keras/layers/cudnn_recurrent.py): the GRU with <c>reset_after</c>, its
/// kernels in cuDNN's order (<see cref="CuDnnWeights"/>), gates z r h in the file.
/// </summary>
internal static class CuDnnGru
{
    private const string Gates = "zrh";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("CuDNNGRU")
    {
        Weights = use => RecurrentWeights.Of(use, Gates, "(6u,)"),
        Arguments = [RecurrentArguments.Units, RecurrentArguments.UseBias, .. RecurrentArguments.OfLoops],
        Today = Plain,
        States = _ => ["h"],
        Width = (use, _) => use.Units,
        Run = (use, inputs) => Plain(use).Run(inputs),
        Wrong = use => Gru.Definition.Wrong(Plain(use)),
        IsRecurrent = true,
        IsNamed = true,
    };

    /// <summary>The plain layer that computes the same.</summary>
    /// <param name="use">The layer, with weights.</param>
    public static KerasUse Plain(KerasUse use) => use
        .With(RecurrentArguments.RecurrentActivation.Name, FactValue.Of("sigmoid"))
        .With(RecurrentArguments.ResetAfter.Name, FactValue.Of(true)) with
    {
        Layer = Gru.Definition,
        Weights = CuDnnWeights.Plain(use.Weights, Gates.Length),
    };
}
