using LstmConvert.Arrays;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Keras's SimpleRNN: <c>h' = act(x W + b + h R)</c> (keras 2.2.4 keras/layers/recurrent.py, 3.15.1 src/layers/rnn/simple_rnn.py).
/// <code>
/// kernel (x, u)   recurrent_kernel (u, u)   bias (u,)
/// </code>
/// </summary>
internal static class SimpleRnn
{
    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("SimpleRNN")
    {
        Weights = use => RecurrentWeights.Of(use, ""),
        Arguments = [RecurrentArguments.Units, RecurrentArguments.Activation, RecurrentArguments.UseBias, .. RecurrentArguments.OfLoops],
        Parts = RecurrentWeights.InCell,
        ActivatesLast = true,
        States = _ => ["h"],
        Width = (use, _) => use.Units,
        Run = (use, inputs) => RecurrentRun.Run(use, RecurrentRun.SimpleRnn(use), inputs),
        Wrong = Wrong,
        Mistakes = Mistakes,
        IsRecurrent = true,
        IsNamed = true,
    };

    private static IReadOnlyList<Func<KerasUse, IEnumerable<WrongLayer>>> Mistakes(KerasUse _) => RecurrentMistakes.Of("");

    /// <summary>The layer that stands for a cell.</summary>
    /// <param name="kernel"><c>(x, u)</c>.</param>
    /// <param name="recurrentKernel"><c>(u, u)</c>.</param>
    /// <param name="bias"><c>(u,)</c>, or null for none.</param>
    /// <param name="units">u.</param>
    /// <param name="activation">The activation.</param>
    /// <param name="states">The cell's state that is h.</param>
    public static LayerRecipe Of(
        Derivation kernel, Derivation recurrentKernel, Derivation? bias, int units, string activation, IReadOnlyList<string> states) =>
        RecurrentWeights.Recipe(Definition, Arguments(units, activation), kernel, recurrentKernel, bias, states);

    /// <summary>The layer alone, giving the output of every step.</summary>
    /// <param name="units">u.</param>
    /// <param name="activation">The activation.</param>
    public static KerasUse Layer(int units, string activation = "tanh") =>
        new KerasUse(Definition, Arguments(units, activation)).ReturningSequences();

    private static Dictionary<string, FactValue> Arguments(int units, string activation) => new(StringComparer.Ordinal)
    {
        [RecurrentArguments.Units.Name] = FactValue.Of(units),
        [RecurrentArguments.Activation.Name] = FactValue.Of(activation),
    };

    private static IEnumerable<WrongLayer> Wrong(KerasUse use)
    {
        var (kernel, recurrentKernel) = (use.Weights[0], use.Weights[1]);
        KerasUse With(NumericArray other) => use with { Weights = [kernel, other, .. use.Weights.Skip(2)] };
        yield return new WrongLayer("no recurrence", With(recurrentKernel * 0));
        yield return new WrongLayer("recurrent kernel transposed", With(recurrentKernel.Transpose()));
    }
}
