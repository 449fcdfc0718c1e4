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
        foreach (var x in steps)
        {
            h ??= NumericArray.Zeros(x.Precision, x.RowCount, Weights.Biases[0].Count);
            c ??= h;
            (h, c) = Order.Length switch
            {
                4 => FourBlocks(x, h, c),
                3 => (ThreeBlocks(x, h), c),
                _ => (Activation.TensorFlow(Sum(0, x, h)), c),
            };
            yield return IsResidual ? h + x : h;
        }
    }

    private NumericArray Sum(int block, NumericArray x, NumericArray h)
    {
        var sum = x.Dot(Weights.Inputs[block]) + h.Dot(Weights.States[block]) + Weights.Biases[block];
        return Weights.StateBiases is { } second ? sum + second[block] : sum;
    }

    private NumericArray Gate(char letter, NumericArray x, NumericArray h) => Sum(Order.IndexOf(letter, StringComparison.Ordinal), x, h);

    private (NumericArray H, NumericArray C) FourBlocks(NumericArray x, NumericArray h, NumericArray c)
    {
        var look = Weights.Peepholes;
        NumericArray Seen(int gate, NumericArray sum, NumericArray state) => look is null ? sum : sum + (look[gate].Array * state);
        var forget = RecurrentActivation.TensorFlow(Seen(1, Gate('f', x, h), c) + ForgetBias);
        var input = RecurrentActivation.TensorFlow(Seen(0, Gate('i', x, h), c));
        var next = (forget * c) + (input * Activation.TensorFlow(Gate('j', x, h)));
        next = CellClip is { } limit ? next.Clip(limit) : next;
        return (RecurrentActivation.TensorFlow(Seen(2, Gate('o', x, h), next)) * Activation.TensorFlow(next), next);
    }

    private NumericArray ThreeBlocks(NumericArray x, NumericArray h)
    {
        var (z, r) = (RecurrentActivation.TensorFlow(Gate('z', x, h)), RecurrentActivation.TensorFlow(Gate('r', x, h)));
        var block = Order.IndexOf('h', StringComparison.Ordinal);
        var second = Weights.StateBiases?[block];
        var given = x.Dot(Weights.Inputs[block]) + Weights.Biases[block];
        var state =
            ResetsAfter ? r * (second is null ? h.Dot(Weights.States[block]) : h.Dot(Weights.States[block]) + second)
            : second is null ? (r * h).Dot(Weights.States[block])
            : (r * h).Dot(Weights.States[block]) + second;
        var candidate = Activation.TensorFlow(given + state);
        return UpdatesWithCandidate ? (z * candidate) + ((1 - z) * h) : (z * h) + ((1 - z) * candidate);
    }
}
