using System.Globalization;

namespace LstmConvert.KerasLayers;

/// <summary>What Keras calls an input of a model: in a configuration a layer, in Python a function.</summary>
internal static class InputLayer
{
    /// <summary>Keras's name.</summary>
    public const string ClassName = "InputLayer";

    /// <summary>What Python imports for it from keras.layers.</summary>
    public const string PythonName = "Input";

    /// <summary>The keys of a configuration that hold its shape, the batch first: of Keras 1 and 2, and of Keras 3.</summary>
    public static IReadOnlyList<string> ShapeKeys { get; } = ["batch_input_shape", "batch_shape"];

    /// <summary>The Python text that makes one.</summary>
    /// <param name="axes">The lengths of its axes after the batch; null for any length.</param>
    public static string Python(IReadOnlyList<int?> axes)
    {
        var lengths = axes.Select(length => length?.ToString(CultureInfo.InvariantCulture) ?? "None").ToArray();
        return lengths is [var only] ? $"{PythonName}(shape=({only},))" : $"{PythonName}(shape=({string.Join(", ", lengths)}))";
    }
}
