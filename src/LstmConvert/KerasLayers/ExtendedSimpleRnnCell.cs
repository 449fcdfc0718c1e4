using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN: a plain RNN that leaks its state or normalises its sum. Its Python text is
/// <c>Python/ExtendedSimpleRNNCell.py</c>.
/// <code>
/// kernel (x, u)   recurrent_kernel (u, u)   bias (u,)   gamma (u,)
/// </code>
/// </summary>
internal static class ExtendedSimpleRnnCell
{
    private static readonly ArgumentDefinition Leaky = new("leaky", FactValue.Of(1)) { LeftOutIf = FactValue.Of(1) };
    private static readonly ArgumentDefinition Normalize = new("normalize", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };
    private static readonly ArgumentDefinition Epsilon = new("epsilon", FactValue.Of(1e-5)) { LeftOutIf = FactValue.Of(1e-5) };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } =
        new("ExtendedSimpleRNNCell")
        {
            Weights = use =>
                use.Is(Normalize.Name)
                    ?
                    [
                        .. RecurrentWeights.Of(use, ""),
                        new WeightDefinition("gamma", "(u,)") { Sizes = new Dictionary<char, long> { ['u'] = use.Units } },
                    ]
                    : RecurrentWeights.Of(use, ""),
            Arguments = [RecurrentArguments.Units, RecurrentArguments.Activation, RecurrentArguments.UseBias, Leaky, Normalize, Epsilon],
            States = _ => ["h"],
            Width = (use, _) => use.Units,
            Step = use => new ExtendedSimpleRnn(
                use.Weights[0],
                use.Weights[1],
                use.Is(RecurrentArguments.UseBias.Name) ? use.Weights[2] : null,
                RecurrentRun.Find(use, RecurrentArguments.Activation.Name),
                use[Leaky.Name].Number ?? 1)
            {
                Norm = use.Is(Normalize.Name) ? (use.Weights[^1], use[Epsilon.Name].Number ?? 0) : null,
            },
            Wrong = use =>
                use.Is(Normalize.Name)
                    ? [new WrongLayer("rows and columns of the recurrent kernel exchanged", Turned(use))]
                    :
                    [
                        new WrongLayer("rows and columns of the recurrent kernel exchanged", Turned(use)),
                        new WrongLayer("leaky 0.5", use.With(Leaky.Name, FactValue.Of(0.5 * (use[Leaky.Name].Number ?? 1)))),
                    ],
            IsOurs = true,
        };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="kernel"><c>(x, u)</c>.</param>
    /// <param name="recurrentKernel"><c>(u, u)</c>.</param>
    /// <param name="bias"><c>(u,)</c>, or null.</param>
    /// <param name="units">u.</param>
    /// <param name="activation">act.</param>
    /// <param name="leaky">The share of the new value.</param>
    /// <param name="norm"><c>(u,)</c> and what is added to each variance, or null.</param>
    /// <param name="states">The cell's state that is h.</param>
    public static LayerRecipe Of(
        Derivation kernel,
        Derivation recurrentKernel,
        Derivation? bias,
        int units,
        string activation,
        double leaky,
        (Derivation Gamma, double Epsilon)? norm,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [RecurrentArguments.Activation.Name] = FactValue.Of(activation),
            [RecurrentArguments.UseBias.Name] = FactValue.Of(bias is not null),
            [Leaky.Name] = FactValue.Of(leaky),
            [Normalize.Name] = FactValue.Of(norm is not null),
            [Epsilon.Name] = norm is { } one ? FactValue.Of(one.Epsilon) : Epsilon.Default,
        });
        return Rnn.Of(
            cell,
            [
                kernel,
                recurrentKernel,
                .. bias is null ? Array.Empty<Derivation>() : [bias],
                .. norm is { } last ? [last.Gamma] : Array.Empty<Derivation>(),
            ],
            states);
    }

    private static KerasUse Turned(KerasUse use) =>
        use with
        {
            Weights = [use.Weights[0], use.Weights[1].Transpose(), .. use.Weights.Skip(2)],
        };
}
