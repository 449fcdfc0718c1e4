using System.Globalization;
using LstmConvert.Files;

namespace LstmConvert.Facts;

/// <summary>Another default where the names speak of a certain class or release.</summary>
/// <param name="Component">The last component of the scope, without the number that makes it unique; null for any.</param>
/// <param name="Leaf">The end of the kernel's name, as that release wrote it; null for any.</param>
/// <param name="Value">The default there.</param>
/// <param name="Of">Whose default it is: <c>LSTMBlockFusedCell of TensorFlow up to 1.3</c>.</param>
public sealed record DefaultFor(string? Component, string? Leaf, FactValue Value, string Of);

/// <summary>
/// A fact that changes the outputs of a cell and stands in none of its variables: its name, what values it takes, what is assumed where
/// nothing says it. A cell owns its facts; whoever prints, stores or refuses them walks that list.
/// </summary>
/// <param name="Name">The name, as <c>--fact</c> takes it: <c>forget_bias</c>.</param>
public abstract record FactDefinition(string Name)
{
    /// <summary>What is assumed where nothing says it; null where it must be said.</summary>
    public FactValue? Default { get; init; }

    /// <summary>Defaults of other classes and releases with the same variables.</summary>
    public IReadOnlyList<DefaultFor> OtherDefaults { get; init; } = [];

    /// <summary>What <c>none</c> states.</summary>
    public FactValue Neutral { get; init; } = FactValue.None;

    /// <summary>How a verdict says that the neutral value holds: <c>nothing is clipped</c>; null to say <c>name = value</c>.</summary>
    public string? NeutralCondition { get; init; }

    /// <summary>True if the class itself has no such constant: it is a fact only where something shows one, and nothing is
    /// assumed.</summary>
    public bool OnlyIfShown { get; init; }

    /// <summary>True for a count: it is no number of the program's arithmetic, and is rounded to no type.</summary>
    public bool IsCount { get; init; }

    /// <summary>The variable without which the cell has no such fact: a projection's clip needs a projection. Null for any cell.</summary>
    public string? OnlyWith { get; init; }

    /// <summary>What it changes, as a phrase for people: <c>what is added to the forget gate at run time</c>.</summary>
    public string Meaning { get; init; } = "";

    /// <summary>Reads a value as a user types it; <c>none</c> is the neutral value.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="UsageException">It is no value of this fact.</exception>
    public FactValue Read(string text) => text == "none" ? Neutral : ReadValue(text);

    /// <summary>How a verdict states a value as its condition.</summary>
    /// <param name="value">The value.</param>
    public string Condition(FactValue value) => NeutralCondition is { } neutral && value == Neutral ? neutral : $"{Name} = {value}";

    /// <summary>The default that the names speak of, and whose it is.</summary>
    /// <param name="className">The cell's class.</param>
    /// <param name="component">The last component of its scope.</param>
    /// <param name="leaf">The end of its kernel's name.</param>
    public Fact? Assumed(string className, string component, string leaf)
    {
        var other = OtherDefaults.FirstOrDefault(one =>
            (one.Component is null || one.Component == component) && (one.Leaf is null || one.Leaf == leaf));
        return other is not null ? new Fact(this, other.Value, new Evidence(EvidenceKind.Assumed, $"default of {other.Of}"))
            : Default is { } value ? new Fact(this, value, new Evidence(EvidenceKind.Assumed, $"default of {className}"))
            : null;
    }

    /// <summary>Reads a value that is not <c>none</c>.</summary>
    private protected abstract FactValue ReadValue(string text);

    /// <summary>A number as a user types it.</summary>
    private protected double ReadNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw new UsageException($"{Name} takes a number, and '{text}' is none. Write it with a point: 1.0.");
}

/// <summary>A number.</summary>
/// <param name="Name">The name.</param>
public sealed record NumberFact(string Name) : FactDefinition(Name)
{
    /// <summary>The same fact with a default.</summary>
    /// <param name="value">The default.</param>
    /// <param name="others">Defaults of other classes and releases.</param>
    public NumberFact By(double value, params IReadOnlyList<DefaultFor> others) =>
        this with
        {
            Default = FactValue.Of(value),
            OtherDefaults = others,
        };

    private protected override FactValue ReadValue(string text) => FactValue.Of(ReadNumber(text));
}

/// <summary>A limit to which values are clipped; none where nothing is.</summary>
/// <param name="Name">The name.</param>
public sealed record LimitFact(string Name) : FactDefinition(Name)
{
    /// <summary>The same fact, by default without a limit.</summary>
    /// <param name="others">Defaults of other classes and releases.</param>
    public LimitFact ByNone(params IReadOnlyList<DefaultFor> others) => this with { Default = FactValue.None, OtherDefaults = others };

    private protected override FactValue ReadValue(string text) => ReadNumber(text) is >= 0 and var limit
        ? FactValue.Of(limit)
        : throw new UsageException($"{Name} {text}: a limit is not negative; 'none' says that nothing is clipped.");
}

/// <summary>The name of an activation.</summary>
/// <param name="Name">The name.</param>
public sealed record ActivationFact(string Name) : FactDefinition(Name)
{
    /// <summary>The same fact with a default.</summary>
    /// <param name="value">The activation's name.</param>
    /// <param name="others">Defaults of other classes and releases.</param>
    public ActivationFact By(string value, params IReadOnlyList<DefaultFor> others) =>
        this with
        {
            Default = FactValue.Of(value),
            OtherDefaults = others,
        };

    private protected override FactValue ReadValue(string text) => FactValue.Of(text.ToLowerInvariant());
}

/// <summary>Yes or no.</summary>
/// <param name="Name">The name.</param>
public sealed record TruthFact(string Name) : FactDefinition(Name)
{
    /// <summary>The same fact with a default.</summary>
    /// <param name="value">The default.</param>
    public TruthFact By(bool value) => this with { Default = FactValue.Of(value) };

    private protected override FactValue ReadValue(string text) => text.ToLowerInvariant() switch
    {
        "yes" or "true" => FactValue.Of(true),
        "no" or "false" => FactValue.Of(false),
        _ => throw new UsageException($"{Name} takes yes or no, and '{text}' is neither."),
    };
}

/// <summary>One of a few words.</summary>
/// <param name="Name">The name.</param>
/// <param name="Words">The words.</param>
public sealed record ChoiceFact(string Name, IReadOnlyList<string> Words) : FactDefinition(Name)
{
    /// <summary>The same fact with a default.</summary>
    /// <param name="value">The default.</param>
    public ChoiceFact By(string value) => this with { Default = FactValue.Of(value) };

    private protected override FactValue ReadValue(string text) =>
        Words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } word
            ? FactValue.Of(word)
            : throw new UsageException(
                $"{Name} takes {string.Join(", ", Words)}, and '{text}' is none of them.{NearNames.Sentence(text, Words)}");
}
