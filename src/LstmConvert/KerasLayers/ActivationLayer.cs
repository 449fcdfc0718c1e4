using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's Activation: an activation alone.</summary>
internal static class ActivationLayer
{
    private static readonly ArgumentDefinition Function =
        RecurrentArguments.Activation with { Default = FactValue.Of("linear"), IsPositional = true };

    /// <summary>The layer as a part of what stands for a cell.</summary>
    /// <param name="activation">The activation.</param>
    /// <param name="suffix">What its name has after the cell's.</param>
    public static LayerRecipe Of(string activation, string suffix) =>
        new(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal) { [Function.Name] = FactValue.Of(activation) }, [])
        {
            Suffix = suffix,
        };

    /// <summary>The layer.</summary>
    /// <param name="activation">The activation.</param>
    public static KerasUse Layer(string activation) =>
        new(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal) { [Function.Name] = FactValue.Of(activation) });

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("Activation")
    {
        Arguments = [Function],
        KeepsMask = true,
        AsActivation = use => Activations.Find(use.ActivationName(Function.Name)),
        Run = (use, inputs) =>
            CallResult.Of(inputs.Inputs[0] with { Data = RecurrentRun.Find(use, Function.Name).Keras(inputs.Inputs[0].Data) }),
    };
}
