using System.Globalization;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN: a recurrent highway network, whose state passes several layers in every step. Its Python text is
/// <c>Python/RecurrentHighwayCell.py</c>.
/// <code>
/// kernel (x, 2u)   recurrent_kernel_0 (u, 2u)   bias_0 (2u,)   recurrent_kernel_1 …      columns c t: candidate, transform gate
/// </code>
/// </summary>
internal static class RecurrentHighwayCell
{
    private const string Gates = "ct";

    private static readonly ArgumentDefinition Layers = new("num_layers", FactValue.Of(1));

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("RecurrentHighwayCell")
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['u'] = use.Units };
            WeightDefinition Of(string name, string shape) => new(name, shape, Gates) { Sizes = sizes };
            return
            [
                Of(RecurrentWeights.Kernel, "(x, 2u)"),
                .. Enumerable
                    .Range(0, use.Count(Layers.Name))
                    .Select(layer => layer.ToString(CultureInfo.InvariantCulture))
                    .SelectMany(layer => new[]
                    {
                        Of($"{RecurrentWeights.RecurrentKernel}_{layer}", "(u, 2u)"),
                        Of($"{RecurrentWeights.Bias}_{layer}", "(2u,)"),
                    }),
            ];
        },
        Arguments = [RecurrentArguments.Units, Layers],
        States = _ => ["h"],
        Width = (use, _) => use.Units,
        Step = use => new RecurrentHighway(
            use.Weights[0],
            [.. Enumerable.Range(0, use.Count(Layers.Name)).Select(layer => (use.Weights[1 + (2 * layer)], use.Weights[2 + (2 * layer)]))]),
        Wrong = use =>
            RecurrentWeights
                .Exchanged(use, Gates)
                .Append(
                    new WrongLayer(
                        "what is carried and what is transformed exchanged",
                        RecurrentWeights.Columns(
                            use,
                            Gates.Length,
                            weight => [RecurrentWeights.Block(weight, 2, 0), RecurrentWeights.Block(weight, 2, 1) * -1]))),
        IsOurs = true,
    };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="kernel"><c>(x, 2u)</c>.</param>
    /// <param name="layers">Recurrent kernel <c>(u, 2u)</c> and bias <c>(2u,)</c> of each layer.</param>
    /// <param name="units">u.</param>
    /// <param name="states">The cell's state that is h.</param>
    public static LayerRecipe Of(
        Derivation kernel,
        IReadOnlyList<(Derivation Kernel, Derivation Bias)> layers,
        int units,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [Layers.Name] = FactValue.Of(layers.Count),
        });
        return Rnn.Of(cell, [kernel, .. layers.SelectMany(layer => new[] { layer.Kernel, layer.Bias })], states);
    }
}
