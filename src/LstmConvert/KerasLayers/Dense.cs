using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's Dense: <c>act(x W + b)</c> on the last axis.
/// <code>
/// kernel (x, u)   bias (u,)
/// </code>
/// </summary>
internal static class Dense
{
    private static readonly ArgumentDefinition Activation =
        RecurrentArguments.Activation with { Default = FactValue.Of("linear"), LeftOutIf = FactValue.Of("linear") };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("Dense")
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['u'] = use.Units };
            WeightDefinition[] all =
                [new(RecurrentWeights.Kernel, "(x, u)") { Sizes = sizes }, new(RecurrentWeights.Bias, "(u,)") { Sizes = sizes }];
            return use.Is(RecurrentArguments.UseBias.Name) ? all : all[..1];
        },
        Arguments = [RecurrentArguments.Units, Activation, RecurrentArguments.UseBias],
        Width = (use, _) => use.Units,
        Run = Run,
        ActivatesLast = true,
        KeepsMask = true,
        Wrong = use => use.Weights is [var kernel, var bias] && Array.TrueForAll(kernel.ToDoubles(), value => value == 0)
            ? [new WrongLayer("no bias", use with { Weights = [kernel, bias * 0] })]
            : [new WrongLayer("no kernel", use with { Weights = [use.Weights[0] * 0, .. use.Weights.Skip(1)] })],
        IsNamed = true,
    };

    /// <summary>A layer that projects the output of a cell, or makes its input.</summary>
    /// <param name="kernel"><c>(u, p)</c>.</param>
    /// <param name="units">p.</param>
    /// <param name="suffix">What its name has after the cell's.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="bias"><c>(p,)</c>, or null for none.</param>
    public static LayerRecipe Of(Derivation kernel, int units, string suffix, string activation = "linear", Derivation? bias = null) =>
        new(
            Definition,
            Layer(units, activation, useBias: bias is not null).Arguments,
            bias is null
                ? [new WeightRecipe(RecurrentWeights.Kernel, kernel)]
                : [new WeightRecipe(RecurrentWeights.Kernel, kernel), new WeightRecipe(RecurrentWeights.Bias, bias)])
        {
            Suffix = suffix,
        };

    /// <summary>The layer alone.</summary>
    /// <param name="units">u.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="useBias">False for a layer without a bias.</param>
    public static KerasUse Layer(int units, string activation = "linear", bool useBias = true) =>
        new(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [Activation.Name] = FactValue.Of(activation),
            [RecurrentArguments.UseBias.Name] = FactValue.Of(useBias),
        });

    private static CallResult Run(KerasUse use, CallInputs inputs)
    {
        var dense = new Equations.Keras.Dense(use.Weights[0], use.Weights.ElementAtOrDefault(1), RecurrentRun.Find(use, Activation.Name));
        return CallResult.Of(inputs.Inputs[0] with { Data = dense.Call(inputs.Inputs[0].Data) });
    }
}
