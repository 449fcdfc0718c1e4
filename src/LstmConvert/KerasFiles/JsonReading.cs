using System.Text.Json;

namespace LstmConvert.KerasFiles;

/// <summary>Members of JSON that is not trusted.</summary>
internal static class JsonReading
{
    /// <summary>A member, or null.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">The member's name.</param>
    public static JsonElement? Find(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : null;

    /// <summary>A member that must be there.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">The member's name.</param>
    /// <exception cref="UnreadableInputException">It is not there.</exception>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.Find(name)
            ?? throw new UnreadableInputException(
            $"The model's configuration has no {name} where one must be. The file is damaged, or its Keras writes another form.");

    /// <summary>A member that is a text.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">The member's name.</param>
    /// <exception cref="UnreadableInputException">It is not there, or no text.</exception>
    public static string Text(this JsonElement element, string name) =>
        element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()!
        : throw new UnreadableInputException(
            $"The model's configuration has a {name} that is no text. The file is damaged, or its Keras writes another form.");

    /// <summary>The elements of an array.</summary>
    /// <param name="element">The array.</param>
    /// <param name="most">The most that are read.</param>
    /// <exception cref="UnreadableInputException">It is no array, or has more.</exception>
    public static IReadOnlyList<JsonElement> Items(this JsonElement element, int most) =>
        element.ValueKind != JsonValueKind.Array
            ? throw new UnreadableInputException(
                $"The model's configuration has a {element.ValueKind} where a list must be. The file is damaged, or its Keras writes another form."
            )
        : element.GetArrayLength() <= most ? [.. element.EnumerateArray()]
        : throw new UnreadableInputException(
            $"The model's configuration has a list of {element.GetArrayLength()} elements; at most {most} are read.");
}
