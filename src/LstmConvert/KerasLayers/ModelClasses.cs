namespace LstmConvert.KerasLayers;

/// <summary>Keras's classes of models, which a configuration names as it names layers.</summary>
internal static class ModelClasses
{
    /// <summary>A chain of layers.</summary>
    public const string Sequential = "Sequential";

    /// <summary>A graph of layers, since TensorFlow 2.3.</summary>
    public const string Functional = "Functional";

    /// <summary>The same before.</summary>
    public const string Model = "Model";

    /// <summary>Where Keras 3 has the class of a graph of layers.</summary>
    public const string FunctionalModule = "keras.src.models.functional";

    /// <summary>True for a graph of layers.</summary>
    /// <param name="className">The class's name.</param>
    public static bool IsFunctional(string className) => className is Functional or Model;
}
