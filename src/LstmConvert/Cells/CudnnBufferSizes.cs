using System.Globalization;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Facts;
using LstmConvert.Tensors;

namespace LstmConvert.Cells;

/// <summary>The sizes of a cuDNN buffer: the length of one vector fits many, so that a graph or the user tells them, and the length holds
/// them to it.</summary>
internal static class CudnnBufferSizes
{
    /// <summary>How many of the sizes that fit a sentence names.</summary>
    private const int Named = 5;

    /// <summary>How many layers are tried where neither their number nor the input size is known.</summary>
    private const int MostLayers = 8;

    private static readonly int[] DirectionCounts = [1, 2];

    /// <summary>The number of layers.</summary>
    public static NumberFact Layers { get; } = new("layers") { Meaning = "the number of layers in the buffer" };

    /// <summary>The number of units.</summary>
    public static NumberFact Units { get; } = new("units") { Meaning = "the number of units of each layer and direction in the buffer" };

    /// <summary>The width of the first layer's input.</summary>
    public static NumberFact InputSize { get; } = new("input_size") { Meaning = "the width of the first layer's input" };

    /// <summary>One direction or two.</summary>
    public static ChoiceFact Directions { get; } =
        new("directions", ["unidirectional", "bidirectional"]) { Meaning = "whether the buffer holds one direction or two" };

    /// <summary>Sizes by letter: u units, x input size, l layers, d directions, o the output's width.</summary>
    private sealed record Fit(long Layers, long Units, long InputSize, int Directions)
    {
        public IReadOnlyDictionary<char, long> Sizes =>
            new Dictionary<char, long>
            {
                ['u'] = Units,
                ['x'] = InputSize,
                ['l'] = Layers,
                ['d'] = Directions,
                ['o'] = Directions * Units,
            };

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"layers = {Layers}, units = {Units}, input_size = {InputSize}, {CudnnBufferSizes.Directions.Words[Directions - 1]}");
    }

    /// <summary>Finds the sizes.</summary>
    /// <param name="name">The class, for messages.</param>
    /// <param name="mode">What it computes.</param>
    /// <param name="buffer">The vector.</param>
    /// <param name="facts">What is known of it.</param>
    public static SizeSolution Of(string name, CudnnMode mode, TensorInfo buffer, IReadOnlyList<Fact> facts)
    {
        if (buffer.Shape.Rank != 1)
        {
            return new SizeSolution(null, $"{buffer.Name} is {buffer.Shape}; the buffer of a {name} is a vector");
        }

        Fact? Known(FactDefinition definition) => facts.FirstOrDefault(fact => fact.Name == definition.Name);
        if (
            new[] { Layers, Units, InputSize }
                .Select(Known)
                .FirstOrDefault(fact =>
                    fact is { Value.Number: { } number } && (number < 1 || number > int.MaxValue || number != Math.Floor(number))) is
            { } wrong)
        {
            return new SizeSolution(null, $"{wrong.Name} is {wrong.Value}, and a size is a whole number of at least 1");
        }

        long? Size(FactDefinition definition) => (long?)Known(definition)?.Value.Number;
        var fits = Fits(mode, buffer.Shape.ElementCount, Size(Layers), Size(Units), Size(InputSize), Known(Directions)?.Value.Text)
            .ToArray();
        var said = string.Join(
            " and ",
            new FactDefinition[] { Layers, Units, InputSize, Directions }
                .Select(Known)
                .OfType<Fact>()
                .Select(fact => $"{fact.Name} = {fact.Value}"));
        var length = string.Create(CultureInfo.InvariantCulture, $"{buffer.Name} has {buffer.Shape.ElementCount} numbers");
        if (fits is [var only] && (only.Layers < MostLayers || Size(Layers) is not null || Size(InputSize) is not null))
        {
            return new SizeSolution(only.Sizes, null);
        }

        if (fits.Length == 0)
        {
            return new SizeSolution(null, $"{length}, and no {name}{(said.Length > 0 ? $" with {said}" : "")} has as many");
        }

        var more = fits.Length > Named ? string.Create(CultureInfo.InvariantCulture, $"; {fits.Length - Named} more fit") : "";
        return new SizeSolution(
            null,
            $"{length}, which fits a {name} of several sizes: {string.Join("; ", fits.Take(Named).Select(fit => fit.ToString()))}{more}")
        {
            Open = [.. Open(fits[0]).Where(one => facts.All(fact => fact.Name != one.Fact))],
        };
    }

    private static IEnumerable<(string Fact, string Value)> Open(Fit fit) =>
    [
        (Layers.Name, fit.Layers.ToString(CultureInfo.InvariantCulture)), (Units.Name, fit.Units.ToString(CultureInfo.InvariantCulture)),
        (InputSize.Name, fit.InputSize.ToString(CultureInfo.InvariantCulture)), (Directions.Name, Directions.Words[fit.Directions - 1]),
    ];

    /// <summary>All sizes that make a buffer of this length, likely ones first: few layers, an input about as wide as the units.</summary>
    private static IEnumerable<Fit> Fits(CudnnMode mode, long length, long? layers, long? units, long? inputSize, string? directions)
    {
        var fits =
            from d in DirectionCounts
            where directions is null || Directions.Words[d - 1] == directions
            from u in units is { } known ? [known] : Divisors(length)
            let fixedPart = u <= int.MaxValue / 4 ? CudnnBuffer.Length(mode, 1, (int)u, 0, d == 2) : long.MaxValue
            where fixedPart < length
            let perInput = CudnnBuffer.Length(mode, 1, (int)u, 1, d == 2) - fixedPart
            let perLayer = CudnnBuffer.Length(mode, 2, (int)u, 0, d == 2) - fixedPart
            from l in layers is { } count ? [count]
                : inputSize is { } wide ? [1 + ((length - fixedPart - (wide * perInput)) / perLayer)]
                : Enumerable.Range(1, MostLayers).Select(one => (long)one)
            let rest = length - fixedPart - ((l - 1) * perLayer)
            where l >= 1 && rest > 0 && rest % perInput == 0 && (inputSize is null || rest / perInput == inputSize)
            select new Fit(l, u, rest / perInput, d);
        return fits.OrderBy(fit => fit.Layers).ThenBy(fit => Math.Abs(fit.InputSize - fit.Units)).ThenBy(fit => fit.Directions);
    }

    private static IEnumerable<long> Divisors(long number)
    {
        for (long k = 1; k * k <= number && k <= int.MaxValue; k++)
        {
            if (number % k == 0)
            {
                yield return k;
                if (k * k != number)
                {
                    yield return number / k;
                }
            }
        }
    }
}
