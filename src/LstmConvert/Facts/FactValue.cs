using System.Globalization;
using System.Text.Json.Nodes;

namespace LstmConvert.Facts;

/// <summary>The value of a fact or of a layer's argument: nothing, a number, a truth value or a word.</summary>
public sealed record FactValue
{
    private FactValue()
    {
    }

    /// <summary>Nothing: no clip, no bias, an argument that is not given.</summary>
    public static FactValue None { get; } = new();

    /// <summary>The number, if it is one.</summary>
    public double? Number { get; private init; }

    /// <summary>The truth value, if it is one.</summary>
    public bool? Truth { get; private init; }

    /// <summary>The word, if it is one.</summary>
    public string? Text { get; private init; }

    /// <summary>True if the word is JSON of a list or an object: sizes along several axes.</summary>
    public bool IsJson { get; private init; }

    /// <summary>True for nothing.</summary>
    public bool IsNone => Number is null && Truth is null && Text is null;

    /// <summary>A number.</summary>
    /// <param name="number">The number.</param>
    public static FactValue Of(double number) => new() { Number = number };

    /// <summary>A truth value.</summary>
    /// <param name="truth">The truth value.</param>
    public static FactValue Of(bool truth) => new() { Truth = truth };

    /// <summary>A word.</summary>
    /// <param name="text">The word.</param>
    public static FactValue Of(string text) => new() { Text = text };

    /// <summary>A list or an object, as JSON.</summary>
    /// <param name="json">The JSON.</param>
    public static FactValue OfJson(string json) => new() { Text = json, IsJson = true };

    /// <summary>As JSON.</summary>
    public JsonNode? ToJson() => Number is { } number ? (double.IsFinite(number) ? JsonValue.Create(number) : JsonValue.Create(ToString()))
        : Truth is { } truth ? JsonValue.Create(truth)
        : Text is { } text ? JsonValue.Create(text)
        : null;

    /// <summary>As people read it: <c>1</c>, <c>yes</c>, <c>tanh</c>, <c>none</c>. A number that is a float32 exactly is shown with a
    /// float32's digits.</summary>
    public override string ToString() =>
        Number is { } number
            ? (
                (float)number == number
                    ? ((float)number).ToString(CultureInfo.InvariantCulture)
                    : number.ToString("R", CultureInfo.InvariantCulture))
        : Truth is { } truth ? (truth ? "yes" : "no")
        : Text ?? "none";
}
