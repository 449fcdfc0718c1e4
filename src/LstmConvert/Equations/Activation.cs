using LstmConvert.Arrays;

namespace LstmConvert.Equations;

/// <summary>An activation function: its names, and the function twice, each written from its own source.</summary>
/// <param name="Name">The name that this program uses; lower case.</param>
/// <param name="Operation">TensorFlow's operation, or null where TensorFlow has no single one.</param>
/// <param name="Keras1">Keras 1's name, or null where no string names it there.</param>
/// <param name="Keras2">Keras 2's name (2.15; see <see cref="Keras2Since"/>), or null.</param>
/// <param name="Keras3">Keras 3's name, or null.</param>
/// <param name="TensorFlow">As TensorFlow's kernel, or the Python function above several of them, computes it.</param>
/// <param name="Keras">As Keras 3's backend computes it.</param>
internal sealed record Activation(
    string Name,
    string? Operation,
    string? Keras1,
    string? Keras2,
    string? Keras3,
    Func<NumericArray, NumericArray> TensorFlow,
    Func<NumericArray, NumericArray> Keras)
{
    /// <summary>Further names under which it is found.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>How graphs spell it out where no operation stands for it: <c>clip(0.2*x + 0.5, 0, 1)</c>.</summary>
    public string? Spelled { get; init; }

    /// <summary>TensorFlow.js's name in a configuration (@tensorflow/tfjs-layers 4.22 dist/activations.js); null where it has
    /// none.</summary>
    public string? Browser { get; init; }

    /// <summary>The release of Keras 2 that has it first; null for every one.</summary>
    public string? Keras2Since { get; init; }

    /// <summary>True where Keras 3 has it under its name, and no other Keras, from 1 on, has another function under that name: an older one
    /// either computes it or says that it has none.</summary>
    public bool IsOneInEveryKeras =>
        Activations.ByKeras(Name, 3) == this
        && Enumerable.Range(1, 2).All(generation => Activations.ByKeras(Name, generation) is not { } other || other == this);

    /// <summary>The activations computed after another name for the same function are equal by name.</summary>
    /// <param name="other">The other one.</param>
    public bool Equals(Activation? other) => other is not null && Name == other.Name;

    /// <inheritdoc />
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc />
    public override string ToString() => Name;
}
