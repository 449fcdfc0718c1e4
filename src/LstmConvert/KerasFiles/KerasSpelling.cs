using LstmConvert.Equations;

namespace LstmConvert.KerasFiles;

/// <summary>How a configuration is spelled: each loader takes its own form.</summary>
internal sealed class KerasSpelling
{
    private KerasSpelling(bool hasModules, Func<Activation, string?> nameOf) => (HasModules, NameOf) = (hasModules, nameOf);

    /// <summary>The form in our own weights files: activations by the names that this program has for them.</summary>
    public static KerasSpelling Ours { get; } = new(hasModules: false, activation => activation.Name);

    /// <summary>The form of a legacy whole model that Keras 2.2.4 to 3.15.1 read alike.</summary>
    public static KerasSpelling Legacy { get; } = new(hasModules: false, NameInEvery);

    /// <summary>The form in a <c>.keras</c> archive.</summary>
    public static KerasSpelling Archive { get; } = new(hasModules: true, NameInEvery);

    /// <summary>The form in a TensorFlow.js model: that of Keras 2, with states as further inputs.</summary>
    public static KerasSpelling Browser { get; } = new(hasModules: false, activation => activation.Browser);

    /// <summary>True if every class stands with its module.</summary>
    public bool HasModules { get; }

    /// <summary>The name of an activation; null if this form has none.</summary>
    public Func<Activation, string?> NameOf { get; }

    /// <summary>The name that Keras 2 has too where both mean the same: Keras 3 takes <c>swish</c> for silu. None where Keras 3 has
    /// none.</summary>
    private static string? NameInEvery(Activation activation) => activation.Keras3 is null ? null : activation.Keras2 ?? activation.Keras3;
}
