using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// What people get wrong where they write the weights of a recurrent layer, kind by kind: each as the layer with the mistake undone, named
/// by what undoes it. Kinds stand
/// in the order in which two of them are undone: the layout of whole matrices, then blocks, then numbers, then arguments.
/// </summary>
internal static class RecurrentMistakes
{
    /// <summary>The kinds of a layer with kernel, recurrent kernel and bias.</summary>
    /// <param name="gates">Its gates in order; empty without gates.</param>
    /// <param name="further">Kinds of its own.</param>
    public static IReadOnlyList<Func<KerasUse, IEnumerable<WrongLayer>>> Of(
        string gates,
        params IReadOnlyList<Func<KerasUse, IEnumerable<WrongLayer>>> further) =>
        [
            use => Axes(use),
            use => Rows(use),
            use => Interleaved(use, gates.Length),
            use => Orders(use, gates),
            use => Transposed(use, Math.Max(1, gates.Length)),
            .. further,
            use => Functions(use, RecurrentArguments.Activation),
            use => gates.Length == 0 ? [] : GateFunctions(use),
            Direction,
        ];

    private static IReadOnlyList<Activation> OfGates { get; } =
    [
        Activations.Sigmoid,
        Activations.HardSigmoid,
        Activations.HardSigmoid3,
        Activations.Tanh,
        Activations.Linear,
        Activations.Relu,
        Activations.Softsign,
    ];

    /// <summary>A forget bias of the usual size added or taken away.</summary>
    /// <param name="gates">The gates.</param>
    public static Func<KerasUse, IEnumerable<WrongLayer>> ForgetBias(string gates) =>
        use =>
            use.Weights.Count < 3
                ? []
                :
                [
                    new WrongLayer("forget bias 1 added", Shifted(use, gates, 1)),
                    new WrongLayer("forget bias 1 taken away", Shifted(use, gates, -1)),
                ];

    /// <summary>The layer with a number added to the forget gate's bias.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="gates">Its gates.</param>
    /// <param name="plus">The number.</param>
    public static KerasUse Shifted(KerasUse use, string gates, double plus) =>
        use.Weights is not [var kernel, var recurrent, var bias]
            ? use
            : use with
            {
                Weights =
                [
                    kernel,
                    recurrent,
                    NumericArray.Concatenate([
                        .. Enumerable
                            .Range(0, gates.Length)
                            .Select(gate => RecurrentWeights.Block(bias, gates.Length, gate))
                            .Select((block, gate) => gates[gate] == 'f' ? block + plus : block),
                    ]),
                ],
            };

    /// <summary>A matrix whose numbers were written down in the other order of axes.</summary>
    private static IEnumerable<WrongLayer> Axes(KerasUse use)
    {
        NumericArray Other(NumericArray weight) => weight.Reshape(weight.Width, weight.Count / weight.Width).Transpose();
        var (kernel, recurrent) = (use.Weights[0], use.Weights[1]);
        yield return new WrongLayer(
            "both kernels' axes exchanged",
            use with
            {
                Weights = [Other(kernel), Other(recurrent), .. use.Weights.Skip(2)],
            });
        yield return new WrongLayer(
            "the kernel's axes exchanged",
            use with
            {
                Weights = [Other(kernel), recurrent, .. use.Weights.Skip(2)],
            });
        if (recurrent.RowCount != recurrent.Width)
        {
            yield return new WrongLayer(
                "the recurrent kernel's axes exchanged",
                use with
                {
                    Weights = [kernel, Other(recurrent), .. use.Weights.Skip(2)],
                });
        }
    }

    /// <summary>The rows of the state taken for those of the input.</summary>
    private static IEnumerable<WrongLayer> Rows(KerasUse use)
    {
        var (x, h) = (use.Weights[0].RowCount, use.Weights[1].RowCount);
        var joint = NumericArray.Stack(use.Weights[1], use.Weights[0]);
        yield return new WrongLayer(
            "the state's rows behind the input's",
            use with
            {
                Weights = [joint.Rows(0, x), joint.Rows(x, h), .. use.Weights.Skip(2)],
            });
    }

    /// <summary>The columns of a unit's gates beside each other, where those of a gate's units should be.</summary>
    private static IEnumerable<WrongLayer> Interleaved(KerasUse use, int gates)
    {
        if (gates < 2 || use.Units < 2)
        {
            yield break;
        }

        NumericArray Apart(NumericArray weight) =>
            NumericArray.Concatenate([
                .. Enumerable
                    .Range(0, gates)
                    .SelectMany(gate => Enumerable.Range(0, use.Units).Select(unit => weight.Columns((unit * gates) + gate, 1))),
            ]);
        yield return new WrongLayer("columns taken unit by unit", use with { Weights = [.. use.Weights.Select(Apart)] });
    }

    /// <summary>The blocks in another order of gates, named as they lie.</summary>
    private static IEnumerable<WrongLayer> Orders(KerasUse use, string gates) =>
        gates.Length < 2
            ? []
            : RecurrentWeights
                .Orders(gates)
                .Select(order => new WrongLayer(
                    $"gates taken as {Spaced(order)}",
                    () => RecurrentWeights.Reordered(use, [.. gates.Select(gate => order.IndexOf(gate, StringComparison.Ordinal))])));

    /// <summary>Square blocks that were transposed.</summary>
    private static IEnumerable<WrongLayer> Transposed(KerasUse use, int blocks)
    {
        if (use.Units < 2)
        {
            yield break;
        }

        NumericArray Turned(NumericArray weight) =>
            NumericArray.Concatenate([
                .. Enumerable.Range(0, blocks).Select(gate => RecurrentWeights.Block(weight, blocks, gate).Transpose()),
            ]);
        var (kernel, recurrent) = (use.Weights[0], use.Weights[1]);
        yield return new WrongLayer(
            "recurrent kernel transposed",
            use with
            {
                Weights = [kernel, Turned(recurrent), .. use.Weights.Skip(2)],
            });
        if (kernel.RowCount == recurrent.RowCount)
        {
            yield return new WrongLayer("kernel transposed", use with { Weights = [Turned(kernel), recurrent, .. use.Weights.Skip(2)] });
            yield return new WrongLayer(
                "kernel and recurrent kernel transposed",
                use with
                {
                    Weights = [Turned(kernel), Turned(recurrent), .. use.Weights.Skip(2)],
                });
        }
    }

    /// <summary>Other activations.</summary>
    /// <param name="use">The layer or cell.</param>
    /// <param name="argument">The argument.</param>
    public static IEnumerable<WrongLayer> Functions(KerasUse use, ArgumentDefinition argument) => Functions(use, argument, Activations.All);

    /// <summary>Other activations of the gates.</summary>
    /// <param name="use">The layer or cell.</param>
    public static IEnumerable<WrongLayer> GateFunctions(KerasUse use) => Functions(use, RecurrentArguments.RecurrentActivation, OfGates);

    /// <summary>An order as people read it: <c>i f c o</c>.</summary>
    /// <param name="order">The order.</param>
    public static string Spaced(string order) => string.Join(' ', order.ToCharArray());

    /// <summary>The other direction.</summary>
    /// <param name="use">The layer.</param>
    public static IEnumerable<WrongLayer> Direction(KerasUse use)
    {
        yield return use.IsBackward
            ? new WrongLayer("the direction forward", use.Forward())
            : new WrongLayer("the direction backward", use.Backward());
    }

    private static IEnumerable<WrongLayer> Functions(KerasUse use, ArgumentDefinition argument, IReadOnlyList<Activation> all) =>
        all.Where(one => one.Name != use.ActivationName(argument.Name))
            .Select(one => new WrongLayer($"{argument.Name}={one.Name}", use.With(argument.Name, FactValue.Of(one.Name))));
}
