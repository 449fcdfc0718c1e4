namespace LstmConvert.KerasLayers;

/// <summary>
/// The layers that TensorFlow.js has (@tensorflow/tfjs-layers 4.22 dist/exports_layers.js, the classes that register themselves). Of a
/// layer that is
/// here, what it lacks there stands in <see cref="KerasLayer.BrowserRefusal"/>.
/// </summary>
internal static class BrowserLayers
{
    private static readonly HashSet<string> Names = new(StringComparer.Ordinal)
    {
        "Activation",
        "Add",
        "AlphaDropout",
        "Average",
        "AveragePooling1D",
        "AveragePooling2D",
        "AveragePooling3D",
        "BatchNormalization",
        "Bidirectional",
        "Concatenate",
        "Conv1D",
        "Conv2D",
        "Conv3D",
        "ConvLSTM2D",
        "Dense",
        "Dot",
        "Dropout",
        "ELU",
        "Embedding",
        "Flatten",
        "GRU",
        "GRUCell",
        "GaussianDropout",
        "GaussianNoise",
        "GlobalAveragePooling1D",
        "GlobalAveragePooling2D",
        "GlobalMaxPooling1D",
        "GlobalMaxPooling2D",
        "LSTM",
        "LSTMCell",
        "LayerNormalization",
        "LeakyReLU",
        "Masking",
        "MaxPooling1D",
        "MaxPooling2D",
        "MaxPooling3D",
        "Maximum",
        "Minimum",
        "Multiply",
        "PReLU",
        "Permute",
        "RNN",
        "ReLU",
        "RepeatVector",
        "Reshape",
        "SimpleRNN",
        "SimpleRNNCell",
        "Softmax",
        "SpatialDropout1D",
        "StackedRNNCells",
        "ThresholdedReLU",
        "TimeDistributed",
    };

    /// <summary>Why TensorFlow.js has no layer that computes the same, as a phrase; null if it has one. Layers inside are asked
    /// too.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="hasMasks">True if the model has masks.</param>
    public static string? Refusal(KerasUse use, bool hasMasks) =>
        !Names.Contains(use.ClassName) ? "TensorFlow.js has no such layer"
        : use.Layer.BrowserRefusal?.Invoke(use, hasMasks) is { } refusal ? refusal
        : use.Layer.Arguments.FirstOrDefault(argument =>
            argument.IsActivation && use[argument.Name].Text is { } name && Equations.Activations.Find(name)?.Browser is null)
            is { } activation
            ? $"TensorFlow.js has no activation {use[activation.Name]}"
        : use
            .Inner.Select(inner => Refusal(inner, hasMasks) is { } below ? $"{inner.ClassName} in it: {below}" : null)
            .FirstOrDefault(found => found is not null);
}
