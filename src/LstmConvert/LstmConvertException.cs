namespace LstmConvert;

/// <summary>
/// Everything lstmconvert refuses. The message says what is wrong, where (path, tensor, offset), expected and actual; what to do is
/// its last sentence, or a <see cref="Remedy"/>, which whoever shows the message words in the terms of its own user.
/// </summary>
public abstract class LstmConvertException : Exception
{
    private protected LstmConvertException(string message, Exception? inner = null, IReadOnlyList<Remedy>? remedies = null)
        : base(message, inner)
        => Remedies = remedies ?? [];

    /// <summary>What helps, the best first; empty where the message says it.</summary>
    public IReadOnlyList<Remedy> Remedies { get; }
}

/// <summary>Something that helps against a refusal.</summary>
public abstract record Remedy
{
    private protected Remedy()
    {
    }
}

/// <summary>Leave variables out.</summary>
/// <param name="Patterns">Patterns of their names, tried: without them the rest is converted.</param>
public sealed record LeaveOutRemedy(IReadOnlyList<string> Patterns) : Remedy;

/// <summary>Say which cell it is.</summary>
/// <param name="Scope">The scope.</param>
/// <param name="Cells">The cells that it may be.</param>
public sealed record SayCellRemedy(string Scope, IReadOnlyList<string> Cells) : Remedy;

/// <summary>Say a fact.</summary>
/// <param name="Scope">The layer's scope; empty for all.</param>
/// <param name="Name">The fact's name.</param>
/// <param name="Value">A value that it may have, the assumed one.</param>
public sealed record SayFactRemedy(string Scope, string Name, string Value) : Remedy;

/// <summary>Convert the whole model, which the source holds with its configuration.</summary>
public sealed record WholeModelRemedy : Remedy;

/// <summary>Say which Keras layer a scope means.</summary>
/// <param name="Scope">The scope.</param>
public sealed record SayLayerRemedy(string Scope) : Remedy;

/// <summary>What a user sets besides facts.</summary>
public enum Setting
{
    /// <summary>The folder that results are written to.</summary>
    OutputFolder,

    /// <summary>That what exists may be replaced.</summary>
    Overwrite,

    /// <summary>That checksums are not compared.</summary>
    Unchecked,

    /// <summary>The type of elements that are stored without one.</summary>
    ElementType,

    /// <summary>The sample of several.</summary>
    Sample,

    /// <summary>The values that are expected.</summary>
    ExpectedValues,

    /// <summary>How layers feed each other.</summary>
    Wiring,

    /// <summary>The variables that are read.</summary>
    Include,

    /// <summary>The naming convention of the variables.</summary>
    Dialect,

    /// <summary>The tensors of the graph where the sample enters.</summary>
    EntryTensors,

    /// <summary>The tensors of the graph where the outputs leave.</summary>
    ExitTensors,

    /// <summary>The file that the graph is read from.</summary>
    Graph,
}

/// <summary>Set something otherwise.</summary>
/// <param name="Setting">What.</param>
/// <param name="Value">The value, where one is known.</param>
public sealed record SettingRemedy(Setting Setting, string? Value = null) : Remedy;

/// <summary>Use another graph, or none.</summary>
public sealed record OtherGraphRemedy : Remedy;

/// <summary>Say the value of an input that a graph needs.</summary>
/// <param name="Tensor">The input's name.</param>
public sealed record FeedRemedy(string Tensor) : Remedy;

/// <summary>Convert the recurrent layers alone, as weights.</summary>
/// <param name="MustBeSaid">True where it must be said of weights too: a format of weights alone is not enough.</param>
/// <param name="IsOfKeras">True for a file of Keras, whose recurrent layers become variables.</param>
public sealed record OnlyRecurrentRemedy(bool MustBeSaid = false, bool IsOfKeras = false) : Remedy;

/// <summary>An input cannot be read, or is broken.</summary>
public sealed class UnreadableInputException(string message, Exception? inner = null, IReadOnlyList<Remedy>? remedies = null)
    : LstmConvertException(message, inner, remedies);

/// <summary>The input was understood, but Keras cannot express it, or it holds no cell that is known.</summary>
public sealed class UnsupportedModelException(string message, IReadOnlyList<Remedy>? remedies = null, Exception? inner = null)
    : LstmConvertException(message, inner, remedies);

/// <summary>Something is not decided: the source is ambiguous, or a fact would have to be assumed where that is refused.</summary>
public sealed class UndecidedException(string message, IReadOnlyList<Remedy>? remedies = null, Exception? inner = null)
    : LstmConvertException(message, inner, remedies);

/// <summary>The output cannot be written, exists already, or did not pass the check after writing.</summary>
public sealed class OutputException(string message, Exception? inner = null, IReadOnlyList<Remedy>? remedies = null)
    : LstmConvertException(message, inner, remedies);

/// <summary>The request itself makes no sense: it names a layer that does not exist, two wishes exclude each other.</summary>
public sealed class UsageException(string message, Exception? inner = null, IReadOnlyList<Remedy>? remedies = null)
    : LstmConvertException(message, inner, remedies);
