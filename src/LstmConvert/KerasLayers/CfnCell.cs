using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN: a chaos-free network. Its Python text is <c>Python/CFNCell.py</c>.
/// <code>
/// kernel (x, 3u)   columns t e c      recurrent_kernel (u, 2u)   bias (2u,)
/// </code>
/// </summary>
internal static class CfnCell
{
    private static readonly ArgumentDefinition Activation = RecurrentArguments.Activation;

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("CFNCell")
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['u'] = use.Units };
            return
            [
                new(RecurrentWeights.Kernel, "(x, 3u)", "tec") { Sizes = sizes },
                new(RecurrentWeights.RecurrentKernel, "(u, 2u)", "te") { Sizes = sizes },
                new(RecurrentWeights.Bias, "(2u,)", "te") { Sizes = sizes },
            ];
        },
        Arguments = [RecurrentArguments.Units, Activation],
        States = _ => ["h"],
        Width = (use, _) => use.Units,
        Step = use => new Cfn(use.Weights[0], use.Weights[1], use.Weights[2], RecurrentRun.Find(use, Activation.Name)),
        Wrong = use => RecurrentWeights.Exchanged(use, "te").Concat(RecurrentWeights.Exchanged(use, "tec")),
        IsOurs = true,
    };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="kernel"><c>(x, 3u)</c>.</param>
    /// <param name="recurrentKernel"><c>(u, 2u)</c>.</param>
    /// <param name="bias"><c>(2u,)</c>.</param>
    /// <param name="units">u.</param>
    /// <param name="activation">Of state and candidate.</param>
    /// <param name="states">The cell's state that is h.</param>
    public static LayerRecipe Of(
        Derivation kernel,
        Derivation recurrentKernel,
        Derivation bias,
        int units,
        string activation,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [Activation.Name] = FactValue.Of(activation),
        });
        return Rnn.Of(cell, [kernel, recurrentKernel, bias], states);
    }
}
