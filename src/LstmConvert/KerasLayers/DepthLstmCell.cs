using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN: an LSTM over depth that starts anew from the input at every step, and one over time that feeds it. Its
/// Python text is <c>Python/DepthLSTMCell.py</c>.
/// <code>
/// input_kernel (x, 2u)   depth_kernel (2u, 4u), alone (u, 4u)   depth_bias (4u,)   time_kernel (2u, 4u)   time_bias (4u,)      columns i j f o
/// </code>
/// </summary>
internal static class DepthLstmCell
{
    private const string Gates = "ijfo";

    private static readonly ArgumentDefinition WalksTime = new("walks_time", FactValue.Of(true)) { LeftOutIf = FactValue.Of(true) };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("DepthLSTMCell")
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['u'] = use.Units };
            WeightDefinition Of(string name, string shape, string? gates = Gates) => new(name, shape, gates) { Sizes = sizes };
            return
            [
                Of("input_kernel", "(x, 2u)", null), Of("depth_kernel", use.Is(WalksTime.Name) ? "(2u, 4u)" : "(u, 4u)"), Of("depth_bias", "(4u,)"),
                .. use.Is(WalksTime.Name) ? [Of("time_kernel", "(2u, 4u)"), Of("time_bias", "(4u,)")] : Enumerable.Empty<WeightDefinition>(),
            ];
        },
        Arguments = [RecurrentArguments.Units, WalksTime],
        States = use => use.Is(WalksTime.Name) ? ["c0", "h0", "c1", "h1"] : ["c0", "h0"],
        Width = (use, _) => use.Units,
        Step = use => new DepthLstm(use.Weights[0], (use.Weights[1], use.Weights[2]), use.Is(WalksTime.Name) ? (use.Weights[3], use.Weights[4]) : null),
        Wrong = use => RecurrentWeights.Exchanged(use, Gates),
        IsOurs = true,
    };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="input"><c>(x, 2u)</c>.</param>
    /// <param name="dimensions">Kernel and bias of depth, and of time where there is one.</param>
    /// <param name="units">u.</param>
    /// <param name="states">The cell's states in order.</param>
    public static LayerRecipe Of(
        Derivation input,
        IReadOnlyList<(Derivation Kernel, Derivation Bias)> dimensions,
        int units,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [WalksTime.Name] = FactValue.Of(dimensions.Count > 1),
        });
        return Rnn.Of(cell, [input, .. dimensions.SelectMany(dimension => new[] { dimension.Kernel, dimension.Bias })], states);
    }
}
