using System.Globalization;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Tensors;

namespace LstmConvert.Cells;

/// <summary>The sizes of cells that walk over windows of their features: no shape tells how wide the input is, or how far the windows lie
/// apart.</summary>
internal static class FrequencySizes
{
    /// <summary>How many features further the next window begins.</summary>
    public static FactDefinition Skip { get; } =
        new NumberFact("frequency_skip") { IsCount = true, Meaning = "how many features further the next window begins" };

    /// <summary>The width of the input.</summary>
    public static FactDefinition InputSize { get; } =
        new NumberFact("input_size") { IsCount = true, Meaning = "the number of features of the input" };

    /// <summary>The number of gates, where the shapes fit four and three coupled ones.</summary>
    public static FactDefinition Gates { get; } =
        new NumberFact("gates")
        {
            IsCount = true,
            OnlyIfShown = true,
            Meaning = "the number of gates: 4, or 3 where input and forget gate are coupled",
        };

    /// <summary>The windows of a cell.</summary>
    /// <param name="cell">The cell, whose sizes are known.</param>
    /// <param name="first">Where the first one begins.</param>
    public static FrequencyWindows Windows(BoundCell cell, int first = 0) =>
        new((int)cell.Sizes['f'], (int)(cell[Skip].Number ?? 1), (int)cell.Sizes['n'], first);

    /// <summary>What a pattern that was made for these sizes says of them.</summary>
    /// <param name="cell">The cell, whose sizes are known.</param>
    public static string Said(BoundCell cell) =>
        FormattableString.Invariant($"{Skip.Name} = {cell[Skip].Number ?? 1}; {InputSize.Name} = {cell.InputSize};");

    /// <summary>The sizes: u from the bias, f from the kernel, x and n from what is said; o and s are so many units of the output and of
    /// all states.</summary>
    /// <param name="kernel"><c>(f+2u, gu)</c>.</param>
    /// <param name="bias"><c>(gu,)</c>.</param>
    /// <param name="gates">g.</param>
    /// <param name="outputs">Outputs of a window, in units.</param>
    /// <param name="facts">The facts.</param>
    public static SizeSolution Of(TensorInfo kernel, TensorInfo bias, int gates, int outputs, IReadOnlyList<Fact> facts)
    {
        if (
            kernel.Shape.Rank != 2
            || bias.Shape.Rank != 1
            || bias.Shape[0] != kernel.Shape[1]
            || bias.Shape[0] % gates != 0
            || kernel.Shape[0] <= 2 * bias.Shape[0] / gates)
        {
            return new SizeSolution(
                null,
                $"{kernel.Name} is {kernel.Shape} and {bias.Name} {bias.Shape}; they are (f+2u, {gates}u) and ({gates}u,), f the features of a window"
            );
        }

        var u = bias.Shape[0] / gates;
        var f = kernel.Shape[0] - (2 * u);
        long? Known(FactDefinition fact) =>
            facts.FirstOrDefault(one => one.Name == fact.Name)?.Value.Number is { } number
            && number >= 1
            && double.IsInteger(number)
            && number <= int.MaxValue
                ? (long)number
                : null;
        if (Known(Skip) is not { } skip || Known(InputSize) is not { } x)
        {
            return new SizeSolution(
                null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{kernel.Name} reads windows of {f} features, and no variable tells how far they lie apart and how many features there are"
                ))
            {
                Open =
                [
                    .. new[] { Skip, InputSize }
                        .Where(fact => Known(fact) is null)
                        .Select(fact => (fact.Name, fact == Skip ? f.ToString(CultureInfo.InvariantCulture) : "N")),
                ],
            };
        }

        var n = x < f ? 0 : ((x - f) / skip) + 1;
        return n < 1 || n > 10_000
            ? new SizeSolution(null, string.Create(CultureInfo.InvariantCulture, $"an input of {x} features has {n} windows of {f}"))
            : new SizeSolution(
                new Dictionary<char, long>
                {
                    ['u'] = u,
                    ['f'] = f,
                    ['x'] = x,
                    ['n'] = n,
                    ['o'] = outputs * n * u,
                    ['s'] = 2 * n * u,
                },
                null);
    }
}
