using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN, gated over time and depth. Its Python text is <c>Python/IntersectionRNNCell.py</c>.
/// <code>
/// projection_kernel (x, u)   projection_bias (u,)   kernel (u, 4u)   recurrent_kernel (u, 4u)   bias (4u,)      columns g s q y
/// </code>
/// </summary>
internal static class IntersectionRnnCell
{
    private const string Gates = "gsqy";

    private static readonly ArgumentDefinition Activation = RecurrentArguments.Activation with { Default = FactValue.Of("relu") };
    private static readonly ArgumentDefinition Projects = new("project_inputs", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("IntersectionRNNCell")
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['u'] = use.Units };
            WeightDefinition Of(string name, string shape, string? gates = Gates) => new(name, shape, gates) { Sizes = sizes };
            return
            [
                .. use.Is(Projects.Name) ? [Of("projection_kernel", "(x, u)", null), Of("projection_bias", "(u,)", null)] : Enumerable.Empty<WeightDefinition>(),
                Of(RecurrentWeights.Kernel, "(u, 4u)"), Of(RecurrentWeights.RecurrentKernel, "(u, 4u)"), Of(RecurrentWeights.Bias, "(4u,)"),
            ];
        },
        Arguments = [RecurrentArguments.Units, Activation, Projects],
        States = _ => ["h"],
        Width = (use, _) => use.Units,
        Step = use => new IntersectionRnn(use.Weights[^3], use.Weights[^2], use.Weights[^1], RecurrentRun.Find(use, Activation.Name))
        {
            Projection = use.Is(Projects.Name) ? (use.Weights[0], use.Weights[1]) : null,
        },
        Wrong = use => RecurrentWeights.Exchanged(use, Gates),
        IsOurs = true,
    };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="projection"><c>(x, u)</c> and <c>(u,)</c>, or null.</param>
    /// <param name="kernel"><c>(u, 4u)</c>.</param>
    /// <param name="recurrentKernel"><c>(u, 4u)</c>.</param>
    /// <param name="bias"><c>(4u,)</c>.</param>
    /// <param name="units">u.</param>
    /// <param name="activation">Of the output.</param>
    /// <param name="states">The cell's state that is h.</param>
    public static LayerRecipe Of(
        (Derivation Kernel, Derivation Bias)? projection,
        Derivation kernel,
        Derivation recurrentKernel,
        Derivation bias,
        int units,
        string activation,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(
            Definition,
            new Dictionary<string, FactValue>(StringComparer.Ordinal)
            {
                [RecurrentArguments.Units.Name] = FactValue.Of(units),
                [Activation.Name] = FactValue.Of(activation),
                [Projects.Name] = FactValue.Of(projection is not null),
            });
        return Rnn.Of(
            cell,
            [.. projection is { } first ? [first.Kernel, first.Bias] : Array.Empty<Derivation>(), kernel, recurrentKernel, bias],
            states);
    }
}
