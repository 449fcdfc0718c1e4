using System.Collections.Concurrent;
using LstmConvert.Arrays;
using LstmConvert.Equations;

namespace LstmConvert.Verification;

/// <summary>
/// What one step multiplies: its input and its state with each block of weights. Which block is which gate plays no part here, so that all
/// conventions of the same weights share the products, and the functions of them, which are computed when they are first asked for.
/// </summary>
/// <param name="weights">The weights.</param>
/// <param name="x">The input, <c>(b, x)</c>.</param>
/// <param name="h">The state, <c>(b, u)</c>, of all units.</param>
/// <param name="own">The blocks of the units that are computed.</param>
/// <param name="isFirst">True for the step that begins from zero states.</param>
internal sealed class BlockSums(ConventionWeights weights, NumericArray x, NumericArray h, UnitBlocks own, bool isFirst)
{
    private readonly ConcurrentDictionary<(int Block, string Part), NumericArray> known = new();
    private readonly ConcurrentDictionary<(int, int, Activation, Activation), (NumericArray State, NumericArray Shown)> firsts = new();

    /// <summary>True for the step that begins from zero states.</summary>
    public bool IsFirst => isFirst;

    /// <summary>The input's part: <c>x W + b</c>, <c>(b, u)</c>.</summary>
    /// <param name="block">The block.</param>
    public NumericArray Given(int block) => Known(block, "x", () => x.Dot(own.Inputs[block]) + own.Biases[block]);

    /// <summary>The state's part: <c>h U</c>, and the second bias where there is one, <c>(b, u)</c>.</summary>
    /// <param name="block">The block.</param>
    public NumericArray State(int block) => Known(block, "h", () => WithSecond(block, h.Dot(own.States[block])));

    /// <summary>Both parts.</summary>
    /// <param name="block">The block.</param>
    public NumericArray Of(int block) => Known(block, "", () => Given(block) + State(block));

    /// <summary>A function of both parts.</summary>
    /// <param name="block">The block.</param>
    /// <param name="function">The function.</param>
    /// <param name="plus">What is added before.</param>
    public NumericArray Applied(int block, Activation function, double plus = 0) =>
        plus == 0 ? Known(block, function.Name, () => function.TensorFlow(Of(block)))
        : plus == 1 ? Known(block, function.Name + "+", () => function.TensorFlow(Of(block) + 1))
        : function.TensorFlow(Of(block) + plus);

    /// <summary>The state's part of a candidate whose reset gate acts on the state before the product: <c>(r h) U</c>.</summary>
    /// <param name="block">The candidate's block.</param>
    /// <param name="gate">The block of the reset gate, of which all units are computed.</param>
    /// <param name="function">The gate's function.</param>
    public NumericArray StateAfterReset(int block, int gate, Activation function) =>
        Known(block, $"{gate} {function.Name}", () => WithSecond(block, Reset(gate, function).Dot(own.States[block])));

    /// <summary>The cell state of the first step, and what is shown of it, which several conventions share.</summary>
    /// <param name="key">The blocks and functions that it depends on.</param>
    /// <param name="value">Computes both.</param>
    public (NumericArray State, NumericArray Shown) First(
        (int Input, int Candidate, Activation Gate, Activation Function) key,
        Func<(NumericArray State, NumericArray Shown)> value) => firsts.GetOrAdd(key, _ => value());

    /// <summary>The units of a vector of all, <c>(u,)</c>.</summary>
    /// <param name="vector">The vector.</param>
    public NumericArray Own(NumericArray vector) => own.Of(vector);

    private NumericArray Reset(int gate, Activation function) => Known(gate, "reset " + function.Name, () =>
    {
        var sum = x.Dot(weights.Inputs[gate]) + weights.Biases[gate] + h.Dot(weights.States[gate]);
        return function.TensorFlow(weights.StateBiases is { } second ? sum + second[gate] : sum) * h;
    });

    private NumericArray WithSecond(int block, NumericArray product) => own.StateBiases is { } second ? product + second[block] : product;

    private NumericArray Known(int block, string part, Func<NumericArray> value) => known.GetOrAdd((block, part), _ => value());
}
