using LstmConvert.Arrays;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>What Keras's recurrent layers have in common in their weights: kernel, recurrent_kernel, bias, with the gates side by
/// side.</summary>
internal static class RecurrentWeights
{
    public const string Kernel = "kernel";
    public const string RecurrentKernel = "recurrent_kernel";
    public const string Bias = "bias";

    /// <summary>The three weights of a layer, two without a bias.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="gates">The gates in order; empty without gates.</param>
    /// <param name="biasShape">The shape of the bias, where it is not one row.</param>
    public static IReadOnlyList<WeightDefinition> Of(KerasUse use, string gates, string? biasShape = null)
    {
        var columns = gates.Length < 2 ? "u" : $"{gates.Length}u";
        var order = gates.Length < 2 ? null : gates;
        var sizes = new Dictionary<char, long> { ['u'] = use.Units };

        // The candidate (c, h) has the other activation.
        var squashed = gates.Length < 2 ? "" : gates.Replace("c", "", StringComparison.Ordinal).Replace("h", "", StringComparison.Ordinal);
        WeightDefinition[] all =
        [
            new(Kernel, $"(x, {columns})", order) { Sizes = sizes, Squashed = squashed },
            new(RecurrentKernel, $"(u, {columns})", order) { Sizes = sizes, Squashed = squashed },
            new(Bias, biasShape ?? $"({columns},)", order) { Sizes = sizes, Squashed = squashed },
        ];
        return use.Is(RecurrentArguments.UseBias.Name) ? all : all[..2];
    }

    /// <summary>Where Keras keeps the weights of a layer: in its cell.</summary>
    /// <param name="use">The layer.</param>
    public static IReadOnlyList<LayerPart> InCell(KerasUse use) =>
        [new([new PartStep("cell")], [.. use.WeightDefinitions.Select(weight => weight.Name)])];

    /// <summary>A recipe of a layer with these weights.</summary>
    public static LayerRecipe Recipe(
        KerasLayer layer, IReadOnlyDictionary<string, FactValue> arguments, Derivation kernel, Derivation recurrentKernel, Derivation? bias,
        IReadOnlyList<string> states) =>
        new(
            layer,
            new Dictionary<string, FactValue>(arguments, StringComparer.Ordinal)
            {
                [RecurrentArguments.UseBias.Name] = FactValue.Of(bias is not null),
                [RecurrentArguments.ReturnSequences.Name] = FactValue.Of(true),
            },
            bias is null ? [new(Kernel, kernel), new(RecurrentKernel, recurrentKernel)]
                : [new(Kernel, kernel), new(RecurrentKernel, recurrentKernel), new(Bias, bias)])
        {
            CellStates = states,
        };

    /// <summary>Weights of a Keras 1 layer with a matrix for each gate (W, U and b of one gate after another) with the gates side by
    /// side.</summary>
    /// <param name="weights">The weights.</param>
    /// <param name="order">For each gate of Keras 2, its place in Keras 1.</param>
    public static IReadOnlyList<NumericArray> FromKeras1(IReadOnlyList<NumericArray> weights, params IReadOnlyList<int> order) =>
        weights.Count != 3 * order.Count ? weights
        : [.. Enumerable.Range(0, 3).Select(part => NumericArray.Concatenate([.. order.Select(gate => weights[(3 * gate) + part])]))];

    /// <summary>Every other order of the gates, as other weights.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="gates">The order that it has.</param>
    public static IEnumerable<WrongLayer> OtherOrders(KerasUse use, string gates)
    {
        foreach (var order in Orders(gates))
        {
            var places = order.Select(gate => gates.IndexOf(gate, StringComparison.Ordinal)).ToArray();
            yield return new WrongLayer($"gates {order}", () => Reordered(use, places));
        }
    }

    /// <summary>The same layer with the blocks of every weight in another order.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="places">For each gate, the place of its block in the weights that are there.</param>
    public static KerasUse Reordered(KerasUse use, IReadOnlyList<int> places) =>
        use with
        {
            Weights = [.. use.Weights.Select(weight => weight.Width % places.Count == 0 ? weight.ColumnBlocks(places) : weight)],
        };

    /// <summary>Every other order of gates.</summary>
    /// <param name="gates">The order.</param>
    public static IEnumerable<string> Orders(string gates) => Permutations(gates).Where(order => order != gates);

    /// <summary>Each pair of neighbouring gates exchanged in every weight that has these gates.</summary>
    /// <param name="use">The layer or cell.</param>
    /// <param name="gates">The gates.</param>
    public static IEnumerable<WrongLayer> Exchanged(KerasUse use, string gates)
    {
        for (var k = 0; k + 1 < gates.Length; k++)
        {
            int[] places = [.. Enumerable.Range(0, gates.Length)];
            (places[k], places[k + 1]) = (k + 1, k);
            yield return new WrongLayer(
                $"gates {gates[k]} and {gates[k + 1]} exchanged",
                use with
                {
                    Weights =
                    [
                        .. use.WeightDefinitions.Zip(use.Weights, (definition, weight) =>
                            definition.Gates == gates ? weight.ColumnBlocks(places) : weight),
                    ],
                });
        }
    }

    /// <summary>The same layer with other blocks of columns in every weight.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="gates">The number of gates.</param>
    /// <param name="change">Gives the blocks of a weight, from left to right.</param>
    public static KerasUse Columns(KerasUse use, int gates, Func<NumericArray, IReadOnlyList<NumericArray>> change) =>
        use with
        {
            Weights = [.. use.Weights.Select(weight => weight.Width % gates == 0 ? NumericArray.Concatenate([.. change(weight)]) : weight)],
        };

    /// <summary>The columns of one gate.</summary>
    /// <param name="weight">The weight.</param>
    /// <param name="gates">The number of gates.</param>
    /// <param name="gate">The gate's place.</param>
    public static NumericArray Block(NumericArray weight, int gates, int gate) =>
        weight.Columns(gate * (weight.Width / gates), weight.Width / gates);

    private static IEnumerable<string> Permutations(string letters) => letters.Length < 2 ? [letters]
        : letters.SelectMany((letter, k) => Permutations(letters.Remove(k, 1)).Select(rest => letter + rest));
}
