using LstmConvert.Arrays;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Keras's LSTM (keras 2.2.4 keras/layers/recurrent.py:1756, 3.15.1 src/layers/rnn/lstm.py); columns i f c o. The forget bias is in the
/// bias.
/// <code>
/// kernel (x, 4u)   recurrent_kernel (u, 4u)   bias (4u,)
/// </code>
/// </summary>
internal static class Lstm
{
    private const string Gates = "ifco";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("LSTM")
    {
        Weights = use => RecurrentWeights.Of(use, Gates),
        Arguments =
        [
            RecurrentArguments.Units, RecurrentArguments.Activation, RecurrentArguments.RecurrentActivation, RecurrentArguments.UseBias,
            .. RecurrentArguments.OfLoops,
        ],
        Parts = RecurrentWeights.InCell,
        States = _ => ["h", "c"],
        Width = (use, _) => use.Units,
        Run = (use, inputs) => RecurrentRun.Run(use, RecurrentRun.Lstm(use), inputs),
        Wrong = Wrong,
        Mistakes = Mistakes,
        WithForgetBias = (use, plus) => RecurrentMistakes.Shifted(use, Gates, plus),
        Loaded = (_, weights) => CuDnnWeights.Plain(RecurrentWeights.FromKeras1(weights, 0, 2, 1, 3), gates: 4),
        BrowserRefusal = RecurrentRun.RefusedInBrowser,
        IsRecurrent = true,
        IsNamed = true,
    };

    private static IReadOnlyList<Func<KerasUse, IEnumerable<WrongLayer>>> Mistakes(KerasUse _) =>
        RecurrentMistakes.Of(Gates, RecurrentMistakes.ForgetBias(Gates));

    /// <summary>The layer that stands for a cell.</summary>
    /// <param name="kernel"><c>(x, 4u)</c>.</param>
    /// <param name="recurrentKernel"><c>(u, 4u)</c>.</param>
    /// <param name="bias"><c>(4u,)</c>, or null for none.</param>
    /// <param name="units">u.</param>
    /// <param name="activation">Of candidate and output.</param>
    /// <param name="recurrentActivation">Of the gates.</param>
    /// <param name="states">The cell's states that are h and c.</param>
    public static LayerRecipe Of(
        Derivation kernel, Derivation recurrentKernel, Derivation? bias, int units, string activation, string recurrentActivation,
            IReadOnlyList<string> states) =>
        RecurrentWeights.Recipe(Definition, Arguments(units, activation, recurrentActivation), kernel, recurrentKernel, bias, states);

    /// <summary>The layer for a recipe that has nothing that it lacks.</summary>
    /// <param name="recipe">Kernels, bias and activations; the rest is not there.</param>
    /// <param name="states">The source's states, h first.</param>
    public static LayerRecipe Of(ExtendedLstmRecipe recipe, IReadOnlyList<string> states) =>
        Of(recipe.Kernel, recipe.RecurrentKernel, recipe.Bias, recipe.Units, recipe.Activation, recipe.RecurrentActivation, states);

    /// <summary>The layer alone, giving the output of every step.</summary>
    /// <param name="units">u.</param>
    /// <param name="activation">Of candidate and output.</param>
    /// <param name="recurrentActivation">Of the gates.</param>
    public static KerasUse Layer(int units, string activation = "tanh", string recurrentActivation = "sigmoid") =>
        new KerasUse(Definition, Arguments(units, activation, recurrentActivation)).ReturningSequences();

    private static Dictionary<string, FactValue> Arguments(int units, string activation, string recurrentActivation) =>
        new(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [RecurrentArguments.Activation.Name] = FactValue.Of(activation),
            [RecurrentArguments.RecurrentActivation.Name] = FactValue.Of(recurrentActivation),
        };

    private static IEnumerable<WrongLayer> Wrong(KerasUse use)
    {
        // Input gate times candidate is the same either way where both have one activation: that exchange is no mistake.
        var isSymmetric =
            use.ActivationName(RecurrentArguments.Activation.Name) == use.ActivationName(RecurrentArguments.RecurrentActivation.Name);
        foreach (var order in RecurrentWeights.OtherOrders(use, Gates).Where(order => !isSymmetric || order.Name != "gates cfio"))
        {
            yield return order;
        }

        foreach (var other in RecurrentMistakes.ForgetBias(Gates)(use))
        {
            yield return other;
        }

        yield return RecurrentRun.OtherGateActivation(use);
    }
}
