using System.Globalization;

namespace LstmConvert.Tensors;

/// <summary>A part of an axis: a number times a size, <c>4u</c>, or a number alone.</summary>
/// <param name="Coefficient">The number, at least 1.</param>
/// <param name="Letter">The size's letter, or null for a number alone.</param>
internal readonly record struct SymbolicTerm(int Coefficient, char? Letter)
{
    /// <summary>The length of this part.</summary>
    /// <param name="sizes">The sizes by letter.</param>
    /// <exception cref="InvalidOperationException">The letter has no size.</exception>
    public long Resolve(IReadOnlyDictionary<char, long> sizes) =>
        Letter is not { } letter ? Coefficient
        : sizes.TryGetValue(letter, out var size) ? checked(Coefficient * size)
        : throw new InvalidOperationException($"The size {letter} is not given.");

    /// <inheritdoc/>
    public override string ToString() => Letter is null || Coefficient != 1
        ? string.Create(CultureInfo.InvariantCulture, $"{Coefficient}{Letter}")
        : $"{Letter}";
}

/// <summary>The length of an axis as a sum of parts, which lie in it one after the other: <c>x+h</c>.</summary>
/// <param name="Terms">The parts in order.</param>
internal sealed record SymbolicAxis(IReadOnlyList<SymbolicTerm> Terms)
{
    /// <summary>The length of the axis.</summary>
    /// <param name="sizes">The sizes by letter.</param>
    public long Resolve(IReadOnlyDictionary<char, long> sizes) => Terms.Aggregate(0L, (sum, term) => checked(sum + term.Resolve(sizes)));

    /// <summary>Where the first part with a letter lies in the axis.</summary>
    /// <param name="letter">The letter.</param>
    /// <param name="sizes">The sizes by letter.</param>
    /// <exception cref="InvalidOperationException">No part has the letter.</exception>
    public (long Start, long Count) Block(char letter, IReadOnlyDictionary<char, long> sizes)
    {
        long start = 0;
        foreach (var term in Terms)
        {
            var count = term.Resolve(sizes);
            if (term.Letter == letter)
            {
                return (start, count);
            }

            start = checked(start + count);
        }

        throw new InvalidOperationException($"The axis {this} has no part {letter}.");
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('+', Terms);
}

/// <summary>A shape whose lengths are sums of sizes: <c>(x+h, 4u)</c>. A letter is a size: <c>u</c> units, <c>x</c> input size.</summary>
/// <param name="Axes">The axes, first axis first.</param>
internal sealed record SymbolicShape(IReadOnlyList<SymbolicAxis> Axes)
{
    /// <summary>The number of axes.</summary>
    public int Rank => Axes.Count;

    /// <summary>Reads a shape as it is written in the definition of a cell: <c>(u,)</c>, <c>(1, 2u)</c>, <c>(x+h, 4u)</c>.</summary>
    /// <param name="text">The text: axes in parentheses with commas between them.</param>
    /// <exception cref="FormatException">It is no shape.</exception>
    public static SymbolicShape Parse(string text)
    {
        var inside = text.Trim();
        if (inside is not ['(', .. var axes, ')'])
        {
            throw Malformed(text, "it has no parentheses");
        }

        var parts = axes.Split(',', StringSplitOptions.TrimEntries);
        if (parts[^1].Length == 0)
        {
            parts = parts[..^1];
        }
        else if (parts.Length == 1)
        {
            throw Malformed(text, "a shape of one axis ends in a comma");
        }

        return new SymbolicShape([.. parts.Select(part =>
            new SymbolicAxis([.. part.Split('+', StringSplitOptions.TrimEntries).Select(term => ParseTerm(text, term))]))]);
    }

    /// <summary>The shape for given sizes.</summary>
    /// <param name="sizes">The sizes by letter.</param>
    /// <exception cref="InvalidOperationException">A letter has no size.</exception>
    public Shape Resolve(IReadOnlyDictionary<char, long> sizes) => new([.. Axes.Select(axis => axis.Resolve(sizes))]);

    /// <summary>The rows of one part of the first axis: in <c>(x+h, 4u)</c> the rows <c>h</c> start after the rows <c>x</c>.</summary>
    /// <param name="letter">The part's letter.</param>
    /// <param name="sizes">The sizes by letter.</param>
    /// <exception cref="InvalidOperationException">There is no such part.</exception>
    public (long Start, long Count) Block(char letter, IReadOnlyDictionary<char, long> sizes) =>
        Rank == 0 ? throw new InvalidOperationException($"A scalar has no rows {letter}.") : Axes[0].Block(letter, sizes);

    /// <summary>The same shape with other letters.</summary>
    /// <param name="rename">The letter that stands for a letter.</param>
    public SymbolicShape With(Func<char, char> rename) => new([.. Axes.Select(axis => new SymbolicAxis(
        [.. axis.Terms.Select(term => term with { Letter = term.Letter is { } letter ? rename(letter) : null })]))]);

    /// <summary>As it is written: <c>(x+h, 4u)</c>.</summary>
    public override string ToString() => Rank == 1 ? $"({Axes[0]},)" : $"({string.Join(", ", Axes)})";

    private static SymbolicTerm ParseTerm(string text, string term)
    {
        var digits = term.TakeWhile(char.IsAsciiDigit).Count();
        var coefficient = 1;
        var isNumber = digits == 0 || int.TryParse(term.AsSpan(0, digits), CultureInfo.InvariantCulture, out coefficient);
        if (!isNumber || coefficient == 0)
        {
            throw Malformed(text, $"'{term}' is no number from 1 to {int.MaxValue}");
        }

        return term.Length - digits is var letters && letters == 0 && digits > 0 ? new SymbolicTerm(coefficient, null)
            : letters == 1 && char.IsAsciiLetterLower(term[^1]) ? new SymbolicTerm(coefficient, term[^1])
            : throw Malformed(text, $"'{term}' is neither a number nor a number times one small letter");
    }

    private static FormatException Malformed(string text, string why) => new($"'{text}' is no symbolic shape: {why}.");
}
