using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN with the equations that neural architecture search found. Its Python text is <c>Python/NASCell.py</c>.
/// <code>
/// kernel (x, 8u)   recurrent_kernel (p, 8u)   bias (8u,)   projection_kernel (u, p)
/// </code>
/// </summary>
internal static class NasCell
{
    private const string Gates = "01234567";

    private static readonly ArgumentDefinition Projection = new("num_proj", FactValue.None) { LeftOutIf = FactValue.None };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } =
        new("NASCell")
        {
            Weights = Weights,
            Arguments = [RecurrentArguments.Units, Projection, RecurrentArguments.UseBias],
            States = _ => ["h", "c"],
            StateWidths = use => [OutputSize(use), use.Units],
            Width = (use, _) => OutputSize(use),
            Step = use => new Nas(
                use.Weights[0],
                use.Weights[1],
                use.Is(RecurrentArguments.UseBias.Name) ? use.Weights[2] : null,
                use[Projection.Name].IsNone ? null : use.Weights[^1]),
            Wrong = use => RecurrentWeights.Exchanged(use, Gates),
            IsOurs = true,
        };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="kernel"><c>(x, 8u)</c>.</param>
    /// <param name="recurrentKernel"><c>(p, 8u)</c>.</param>
    /// <param name="bias"><c>(8u,)</c>, or null.</param>
    /// <param name="projection"><c>(u, p)</c> and p, or null.</param>
    /// <param name="units">u.</param>
    /// <param name="states">The cell's states that are h and c.</param>
    public static LayerRecipe Of(
        Derivation kernel,
        Derivation recurrentKernel,
        Derivation? bias,
        (Derivation Kernel, int Width)? projection,
        int units,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(
            Definition,
            new Dictionary<string, FactValue>(StringComparer.Ordinal)
            {
                [RecurrentArguments.Units.Name] = FactValue.Of(units),
                [Projection.Name] = projection is { } width ? FactValue.Of(width.Width) : FactValue.None,
                [RecurrentArguments.UseBias.Name] = FactValue.Of(bias is not null),
            });
        return Rnn.Of(
            cell,
            [
                kernel,
                recurrentKernel,
                .. bias is null ? Array.Empty<Derivation>() : [bias],
                .. projection is { } last ? [last.Kernel] : Array.Empty<Derivation>(),
            ],
            states);
    }

    private static int OutputSize(KerasUse use) => use[Projection.Name].IsNone ? use.Units : use.Count(Projection.Name);

    private static IReadOnlyList<WeightDefinition> Weights(KerasUse use)
    {
        var sizes = new Dictionary<char, long> { ['u'] = use.Units, ['p'] = OutputSize(use) };
        WeightDefinition Of(string name, string shape, string? gates = Gates) => new(name, shape, gates) { Sizes = sizes };
        return
        [
            Of(RecurrentWeights.Kernel, "(x, 8u)"), Of(RecurrentWeights.RecurrentKernel, "(p, 8u)"),
            .. use.Is(RecurrentArguments.UseBias.Name) ? [Of(RecurrentWeights.Bias, "(8u,)")] : Enumerable.Empty<WeightDefinition>(),
            .. use[Projection.Name].IsNone ? Enumerable.Empty<WeightDefinition>() : [Of("projection_kernel", "(u, p)", null)],
        ];
    }
}
