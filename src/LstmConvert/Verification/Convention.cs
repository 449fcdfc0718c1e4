using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;

namespace LstmConvert.Verification;

/// <summary>What a set of weights may mean: which block is which gate, and what no variable holds.</summary>
/// <param name="Weights">The weights in blocks.</param>
/// <param name="Order">A letter for each block: i j f o (j the candidate), z r h (h the candidate); empty without gates.</param>
/// <param name="Activation">Of candidate and output.</param>
/// <param name="RecurrentActivation">Of the gates.</param>
/// <param name="IsBackward">True if it walks from the end.</param>
internal sealed record Convention(
    ConventionWeights Weights,
    string Order,
    Activation Activation,
    Activation RecurrentActivation,
    bool IsBackward)
{
    /// <summary>What is added to the forget gate.</summary>
    public double ForgetBias { get; init; }

    /// <summary>True if the reset gate acts after the product with the state.</summary>
    public bool ResetsAfter { get; init; }

    /// <summary>True if the update gate lets the candidate in, where it usually keeps the state.</summary>
    public bool UpdatesWithCandidate { get; init; }

    /// <summary>The limit of the cell state; null for none.</summary>
    public double? CellClip { get; init; }

    /// <summary>True if the input is added to the output.</summary>
    public bool IsResidual { get; init; }

    /// <summary>The Keras layer of this kind, as people call the cell.</summary>
    public string Kind => Order.Length switch
    {
        4 => Lstm.Definition.ClassName,
        3 => Gru.Definition.ClassName,
        _ => SimpleRnn.Definition.ClassName,
    };

    /// <summary>The convention in words.</summary>
    public IReadOnlyList<string> Words =>
        [
            .. Order.Length > 0 ? [$"gates {string.Join(' ', Order.ToCharArray())}"] : Array.Empty<string>(),
            .. Order.Length == 4
                ? [string.Create(CultureInfo.InvariantCulture, $"{KnownFacts.ForgetBias.Name} = {ForgetBias:g6}")]
                : Array.Empty<string>(),
            .. Order.Length == 3
                ?
                [
                    $"{RecurrentArguments.ResetAfter.Name} = {(ResetsAfter ? "yes" : "no")}",
                    UpdatesWithCandidate ? "the update gate lets the candidate in" : "the update gate keeps the state",
                ]
                : Array.Empty<string>(),
            .. Weights.Peepholes is { } look
                ? [$"peepholes i f o = {string.Join(", ", look.Select(one => one.Name))}"]
                : Array.Empty<string>(),
            .. CellClip is { } clip
                ? [string.Create(CultureInfo.InvariantCulture, $"{KnownFacts.CellClip.Name} = {clip:g6}")]
                : Array.Empty<string>(),
            $"activation = {Activation.Name}",
            .. Order.Length > 0 ? [$"recurrent_activation = {RecurrentActivation.Name}"] : Array.Empty<string>(),
            $"direction = {(IsBackward ? "backward" : "forward")}",
            .. IsResidual ? ["the input is added to the output"] : Array.Empty<string>(),
        ];

    /// <summary>The outputs of some steps from zero states, in the order in which they are computed, <c>(b, u)</c> each.</summary>
    /// <param name="steps">The inputs in that order, <c>(b, x)</c> each.</param>
    public IEnumerable<NumericArray> Run(IEnumerable<NumericArray> steps)
    {
        NumericArray? h = null, c = null;
        var all = new UnitBlocks(Weights);
        foreach (var (step, x) in steps.Index())
        {
            h ??= NumericArray.Zeros(x.Precision, x.RowCount, Weights.Biases[0].Count);
            c ??= h;
            (h, c) = Next(new BlockSums(Weights, x, h, all, isFirst: step == 0), h, c);
            yield return IsResidual ? h + x : h;
        }
    }

    /// <summary>One step: what is carried on, and the cell state.</summary>
    /// <param name="sums">The products of the step's input and state with the blocks.</param>
    /// <param name="h">The state that was carried on, <c>(b, u)</c>, of the units of the sums.</param>
    /// <param name="c">The cell state, likewise.</param>
    public (NumericArray H, NumericArray C) Next(BlockSums sums, NumericArray h, NumericArray c) => Order.Length switch
    {
        4 => FourBlocks(sums, c),
        3 => (ThreeBlocks(sums, h), c),
        _ => (sums.Applied(0, Activation), c),
    };

    private int Block(char letter) => Order.IndexOf(letter, StringComparison.Ordinal);

    private (NumericArray H, NumericArray C) FourBlocks(BlockSums sums, NumericArray c)
    {
        var look = Weights.Peepholes;
        NumericArray Gate(char letter, int gate, NumericArray state, double plus = 0) =>
            look is null
                ? sums.Applied(Block(letter), RecurrentActivation, plus)
                : RecurrentActivation.TensorFlow(sums.Of(Block(letter)) + (sums.Own(look[gate].Array) * state) + plus);
        NumericArray Taken() => Gate('i', 0, c) * sums.Applied(Block('j'), Activation);
        if (sums.IsFirst && look is null)
        {
            // From a zero state the forget gate has no say.
            var key = (Block('i'), Block('j'), RecurrentActivation, Activation);
            var (first, shown) = sums.First(key, () => Taken() is var taken ? (taken, Activation.TensorFlow(taken)) : default);
            (first, shown) = CellClip is { } most && first.Clip(most) is var held ? (held, Activation.TensorFlow(held)) : (first, shown);
            return (Gate('o', 2, first) * shown, first);
        }

        var next = (Gate('f', 1, c, ForgetBias) * c) + Taken();
        next = CellClip is { } limit ? next.Clip(limit) : next;
        return (Gate('o', 2, next) * Activation.TensorFlow(next), next);
    }

    private NumericArray ThreeBlocks(BlockSums sums, NumericArray h)
    {
        var (z, block) = (sums.Applied(Block('z'), RecurrentActivation), Block('h'));
        var state = ResetsAfter
            ? sums.Applied(Block('r'), RecurrentActivation) * sums.State(block)
            : sums.StateAfterReset(block, Block('r'), RecurrentActivation);
        var candidate = Activation.TensorFlow(sums.Given(block) + state);
        return UpdatesWithCandidate ? (z * candidate) + ((1 - z) * h) : (z * h) + ((1 - z) * candidate);
    }
}
