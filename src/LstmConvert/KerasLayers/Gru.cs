using LstmConvert.Arrays;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Keras's GRU (keras 2.2.4 keras/layers/recurrent.py:1163, 3.15.1 src/layers/rnn/gru.py); columns z r h, and z keeps the old state.
/// <code>
/// kernel (x, 3u)   recurrent_kernel (u, 3u)   bias (3u,)
///                                             bias (2, 3u)  with reset_after: that of the input, then that of the state
/// </code>
/// </summary>
internal static class Gru
{
    private const string Gates = "zrh";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("GRU")
    {
        Weights = use => RecurrentWeights.Of(use, Gates, use.Is(RecurrentArguments.ResetAfter.Name) ? "(2, 3u)" : null),
        Arguments =
        [
            RecurrentArguments.Units, RecurrentArguments.Activation, RecurrentArguments.RecurrentActivation, RecurrentArguments.ResetAfter,
                RecurrentArguments.UseBias,
            .. RecurrentArguments.OfLoops,
        ],
        Parts = RecurrentWeights.InCell,
        States = _ => ["h"],
        Width = (use, _) => use.Units,
        Run = (use, inputs) => RecurrentRun.Run(use, RecurrentRun.Gru(use), inputs),
        Wrong = Wrong,
        Mistakes = Mistakes,
        Simplest = Simplest,
        Loaded = (_, weights) => CuDnnWeights.Plain(RecurrentWeights.FromKeras1(weights, 0, 1, 2), gates: 3),
        BrowserRefusal = RefusedInBrowser,
        IsRecurrent = true,
        IsNamed = true,
    };

    /// <summary>TensorFlow.js's GRU resets before the product alone (@tensorflow/tfjs-layers 4.22 dist/layers/recurrent.js
    /// GRUCell).</summary>
    /// <param name="use">The layer, or its cell.</param>
    /// <param name="hasMasks">True if the model has masks.</param>
    public static string? RefusedInBrowser(KerasUse use, bool hasMasks) =>
        use.Is(RecurrentArguments.ResetAfter.Name)
            ? "TensorFlow.js has no GRU with reset_after=True"
            : RecurrentRun.RefusedInBrowser(use, hasMasks);

    /// <summary>The layer that multiplies the reset state: <c>(r*h) @ R</c>.</summary>
    /// <param name="kernel"><c>(x, 3u)</c>.</param>
    /// <param name="recurrentKernel"><c>(u, 3u)</c>.</param>
    /// <param name="bias"><c>(3u,)</c>, or null for none.</param>
    /// <param name="units">u.</param>
    /// <param name="activation">Of the candidate.</param>
    /// <param name="recurrentActivation">Of the gates.</param>
    /// <param name="states">The cell's state that is h.</param>
    public static LayerRecipe ResetBefore(
        Derivation kernel, Derivation recurrentKernel, Derivation? bias, int units, string activation, string recurrentActivation,
            IReadOnlyList<string> states) =>
        RecurrentWeights.Recipe(
            Definition, Arguments(units, activation, recurrentActivation, resetAfter: false), kernel, recurrentKernel, bias, states);

    /// <summary>The layer that resets the product: <c>r * (h @ R + d)</c>.</summary>
    /// <param name="kernel"><c>(x, 3u)</c>.</param>
    /// <param name="recurrentKernel"><c>(u, 3u)</c>.</param>
    /// <param name="bias"><c>(2, 3u)</c>, or null for none.</param>
    /// <param name="units">u.</param>
    /// <param name="activation">Of the candidate.</param>
    /// <param name="recurrentActivation">Of the gates.</param>
    /// <param name="states">The cell's state that is h.</param>
    public static LayerRecipe ResetAfter(
        Derivation kernel, Derivation recurrentKernel, Derivation? bias, int units, string activation, string recurrentActivation,
            IReadOnlyList<string> states) =>
        RecurrentWeights.Recipe(
            Definition, Arguments(units, activation, recurrentActivation, resetAfter: true), kernel, recurrentKernel, bias, states);

    /// <summary>The same layer with the reset gate applied after, or before, the recurrent product; another layer as it is.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="after">True for after.</param>
    /// <exception cref="UsageException">The layer has two biases, which only one that resets after has.</exception>
    public static KerasUse Resetting(KerasUse use, bool after)
    {
        if (use.ClassName != Definition.ClassName)
        {
            return use;
        }

        var changed = use.With(RecurrentArguments.ResetAfter.Name, FactValue.Of(after));
        if (use.Weights is not [var kernel, var recurrent, var bias] || bias.Dimensions.Count == (after ? 2 : 1))
        {
            return changed;
        }

        return after
            ? changed with
            {
                Weights =
                [
                    kernel,
                    recurrent,
                    NumericArray.Stack(bias.Reshape(1, bias.Count), NumericArray.Zeros(bias.Precision, 1, bias.Count)),
                ],
            }
            : throw new UsageException(
                $"The bias of {use.Name} has two rows, and a GRU with reset_after=False has one: there is no such layer with these weights."
            );
    }

    /// <summary>The layer alone, giving the output of every step.</summary>
    /// <param name="units">u.</param>
    /// <param name="resetAfter">True to reset the product.</param>
    /// <param name="activation">Of the candidate.</param>
    /// <param name="recurrentActivation">Of the gates.</param>
    public static KerasUse Layer(int units, bool resetAfter, string activation = "tanh", string recurrentActivation = "sigmoid") =>
        new KerasUse(Definition, Arguments(units, activation, recurrentActivation, resetAfter)).ReturningSequences();

    private static Dictionary<string, FactValue> Arguments(int units, string activation, string recurrentActivation, bool resetAfter) =>
        new(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [RecurrentArguments.Activation.Name] = FactValue.Of(activation),
            [RecurrentArguments.RecurrentActivation.Name] = FactValue.Of(recurrentActivation),
            [RecurrentArguments.ResetAfter.Name] = FactValue.Of(resetAfter),
        };

    private static IReadOnlyList<Func<KerasUse, IEnumerable<WrongLayer>>> Mistakes(KerasUse _) =>
        RecurrentMistakes.Of(
            Gates,
            one => [Negated(one)],
            one => [Flipped(one)],
            one => one.Weights is [_, _, { Rank: 2 } bias] ? [Turned(one, bias)] : []);

    private static WrongLayer Turned(KerasUse use, NumericArray bias) =>
        new(
            "both biases exchanged",
            use with
            {
                Weights = [use.Weights[0], use.Weights[1], NumericArray.Stack(bias.Rows(1, 1), bias.Rows(0, 1))],
            });

    /// <summary>sigmoid(-a) = 1 - sigmoid(a): z is that of the other convention, in which it lets the candidate in.</summary>
    private static WrongLayer Negated(KerasUse use) =>
        new(
            "update gate with the other sign",
            RecurrentWeights.Columns(use, Gates.Length, weight =>
                [
                    -RecurrentWeights.Block(weight, Gates.Length, 0),
                    RecurrentWeights.Block(weight, Gates.Length, 1),
                    RecurrentWeights.Block(weight, Gates.Length, 2),
                ]));

    private static IEnumerable<WrongLayer> Wrong(KerasUse use)
    {
        foreach (var order in RecurrentWeights.OtherOrders(use, Gates))
        {
            yield return order;
        }

        yield return Negated(use);
        yield return Flipped(use);
        yield return RecurrentRun.OtherGateActivation(use);
    }

    /// <summary>Both biases of a gate are added to each other: one can be zero. Of the candidate only the second one is reset.</summary>
    private static KerasUse Simplest(KerasUse use)
    {
        if (use.Weights is not [var kernel, var recurrent, { Rank: 2 } bias])
        {
            return use;
        }

        var gates = 2 * (bias.Width / Gates.Length);
        var (first, second) = (bias.Rows(0, 1), bias.Rows(1, 1));
        var both = NumericArray.Concatenate(first.Columns(0, gates) + second.Columns(0, gates), first.Columns(gates, bias.Width - gates));
        var rest = NumericArray.Concatenate(second.Columns(0, gates) * 0, second.Columns(gates, bias.Width - gates));
        return use with { Weights = [kernel, recurrent, NumericArray.Stack(both, rest)] };
    }

    private static WrongLayer Flipped(KerasUse use)
    {
        var isAfter = use.Is(RecurrentArguments.ResetAfter.Name);
        var flipped = use.With(RecurrentArguments.ResetAfter.Name, FactValue.Of(!isAfter));
        if (use.Weights is [var kernel, var recurrentKernel, var bias])
        {
            // One row of biases is added where both are; the recurrent bias of a layer that had none is zero.
            var other = isAfter ? bias.Rows(0, 1) + bias.Rows(1, 1)
                : NumericArray.Stack(bias.Reshape(1, bias.Width), NumericArray.Zeros(bias.Precision, 1, bias.Width));
            flipped = flipped with { Weights = [kernel, recurrentKernel, isAfter ? other.Reshape(bias.Width) : other] };
        }

        return new WrongLayer(isAfter ? "reset_after=False" : "reset_after=True", flipped);
    }
}
