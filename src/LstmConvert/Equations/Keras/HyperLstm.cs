using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>The small LSTM inside our HyperLSTMCell: its gates and the state that its output sees are normalised.</summary>
/// <param name="Kernel"><c>(x+u, 4k)</c>.</param>
/// <param name="RecurrentKernel"><c>(k, 4k)</c>.</param>
/// <param name="Gates">Of each gate.</param>
/// <param name="State">Of the cell state.</param>
internal sealed record HyperInside(NumericArray Kernel, NumericArray RecurrentKernel, RowNorm Gates, RowNorm State);

/// <summary>What scales the products, gate by gate.</summary>
/// <param name="Embedding"><c>(k, 4e)</c>.</param>
/// <param name="Bias"><c>(4e,)</c>, or null.</param>
/// <param name="Kernel"><c>(e, 4u)</c>.</param>
internal sealed record HyperScale(NumericArray Embedding, NumericArray? Bias, NumericArray Kernel)
{
    /// <summary>What it gives, <c>(b, 4u)</c>.</summary>
    /// <param name="n">The output of the small LSTM, <c>(b, k)</c>.</param>
    public NumericArray Of(NumericArray n)
    {
        var (z, e, u) = (n.Dot(Embedding), Embedding.Width / 4, Kernel.Width / 4);
        z = Bias is null ? z : z + Bias; // (b, 4e)
        return NumericArray.Concatenate([
            .. Enumerable.Range(0, 4).Select(gate => z.Columns(gate * e, e).Dot(Kernel, gate * u, u)),
        ]);
    }
}

/// <summary>
/// Our HyperLSTMCell (KerasLayers/Python/HyperLSTMCell.py), blocks i f g o: the equations are there. States: h, n, c, d.
/// </summary>
/// <param name="inside">The small LSTM.</param>
/// <param name="kernel"><c>(x, 4u)</c>.</param>
/// <param name="recurrentKernel"><c>(u, 4u)</c>.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
internal sealed class HyperLstm(HyperInside inside, NumericArray kernel, NumericArray recurrentKernel, NumericArray bias) : IStepEquations
{
    /// <summary>Of the product with the input.</summary>
    public required HyperScale Input { get; init; }

    /// <summary>Of the product with the state.</summary>
    public required HyperScale State { get; init; }

    /// <summary>What is added.</summary>
    public required HyperScale Shift { get; init; }

    /// <summary>Of each gate, or null.</summary>
    public RowNorm? Gates { get; init; }

    /// <summary>Of the cell state where the output sees it.</summary>
    public required RowNorm SeenState { get; init; }

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, n, c, d) = (states[0], states[1], states[2], states[3]);
        var z = NumericArray.Concatenate(x, h).Dot(inside.Kernel) + n.Dot(inside.RecurrentKernel); // (b, 4k)
        (n, d) = Step(inside.Gates.Of(z, parts: 4), d, inside.State);
        z = (Input.Of(n) * x.Dot(kernel)) + (State.Of(n) * h.Dot(recurrentKernel)) + Shift.Of(n) + bias; // (b, 4u)
        (h, c) = Step(Gates?.Of(z, parts: 4) ?? z, c, SeenState);
        return new StepResult(h, [h, n, c, d]);
    }

    private static (NumericArray Output, NumericArray State) Step(NumericArray z, NumericArray c, RowNorm seen)
    {
        var u = z.Width / 4;
        c = (z.Columns(u, u).Sigmoid() * c) + (z.Columns(0, u).Sigmoid() * z.Columns(2 * u, u).Tanh());
        return (z.Columns(3 * u, u).Sigmoid() * seen.Of(c).Tanh(), c);
    }
}
