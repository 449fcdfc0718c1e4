using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>Layer normalisation of rows, or of equal parts of each row by themselves.</summary>
/// <param name="Gamma">The factor of each column.</param>
/// <param name="Beta">What is added to each column.</param>
/// <param name="Epsilon">Added to the variance.</param>
internal sealed record RowNorm(NumericArray Gamma, NumericArray Beta, double Epsilon)
{
    /// <summary>Normalises.</summary>
    /// <param name="v"><c>(b, w)</c>.</param>
    /// <param name="parts">How many parts of a row are normalised each by itself.</param>
    public NumericArray Of(NumericArray v, int parts = 1)
    {
        var (rows, width) = (v.RowCount, v.Width);
        var centred = v.Reshape(rows * parts, width / parts);
        centred -= centred.Mean();
        centred /= ((centred * centred).Mean() + Epsilon).Sqrt();
        return (centred.Reshape(rows, width) * Gamma) + Beta;
    }
}

/// <summary>
/// Our ExtendedLSTMCell (KerasLayers/Python/ExtendedLSTMCell.py), blocks i f g o. The forget bias is in the stored bias, or in the beta of
/// the gates. States: h, c.
/// <code>
/// [i|f|g|o] = x @ kernel + h @ recurrent_kernel + bias
/// c' = gate(f + w_f*c) * c + gate(i + w_i*c) * act(g)         clipped to ±cell_clip
/// h' = (gate(o + w_o*c') * act(c')) @ projection_kernel       clipped to ±proj_clip
/// </code>
/// </summary>
/// <param name="kernel"><c>(x, 4u)</c>.</param>
/// <param name="recurrentKernel"><c>(p, 4u)</c>.</param>
/// <param name="activation">Of candidate and state.</param>
/// <param name="recurrentActivation">Of the gates.</param>
internal sealed class ExtendedLstm(NumericArray kernel, NumericArray recurrentKernel, Activation activation, Activation recurrentActivation)
    : IStepEquations
{
    /// <summary><c>(4u,)</c>, or null.</summary>
    public NumericArray? Bias { get; init; }

    /// <summary>The peepholes of i, f and o, <c>(u,)</c> each, or <c>(u, u)</c>; null without.</summary>
    public (NumericArray Input, NumericArray Forget, NumericArray Output)? Peepholes { get; init; }

    /// <summary>True if the peepholes are matrices: <c>c @ w</c> in place of <c>w*c</c>.</summary>
    public bool HasFullPeepholes { get; init; }

    /// <summary><c>(u, p)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <summary>The limit of the cell state, or null.</summary>
    public double? CellClip { get; init; }

    /// <summary>The limit of the output, or null.</summary>
    public double? ProjectionClip { get; init; }

    /// <summary>True if the limits hold for the states that a step starts from, in place of those that it gives.</summary>
    public bool ClipsIncoming { get; init; }

    /// <summary>True if the output's peephole stands beside the state: <c>h' = gate(o) * act(c' + w_o*c')</c>.</summary>
    public bool PeepsIntoState { get; init; }

    /// <summary>Of each gate by itself, the bias included, or null.</summary>
    public RowNorm? EachGate { get; init; }

    /// <summary>Of all gates together before the bias, or null.</summary>
    public RowNorm? AllGates { get; init; }

    /// <summary>Of the product with the input and of that with the state, or null.</summary>
    public (RowNorm Input, RowNorm State)? Products { get; init; }

    /// <summary>Of the new cell state, which is kept normalised, or null.</summary>
    public RowNorm? CarriedState { get; init; }

    /// <summary>Of the cell state where the output sees it, or null.</summary>
    public RowNorm? SeenState { get; init; }

    /// <summary>The limit of what the activations of all four gates see, or null.</summary>
    public double? GateClip { get; init; }

    /// <summary>Of the state that the output sees, or null for that of the candidate.</summary>
    public Activation? OutputActivation { get; init; }

    /// <inheritdoc />
    public int OutputWidth => recurrentKernel.RowCount;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (h, c, u) = (states[0], states[1], kernel.Width / 4);
        var (act, gate) = (activation.Keras, recurrentActivation.Keras);
        (h, c) = ClipsIncoming ? (Limited(h, ProjectionClip), Limited(c, CellClip)) : (h, c);
        var (fromInput, fromState) = (x.Dot(kernel), h.Dot(recurrentKernel)); // (b, 4u)
        var z = Products is { } products ? products.Input.Of(fromInput) + products.State.Of(fromState) : fromInput + fromState;
        z = AllGates?.Of(z) ?? z;
        z = Bias is null ? z : z + Bias;
        z = EachGate?.Of(z, parts: 4) ?? z;
        var (i, f, g, o) = (z.Columns(0, u), z.Columns(u, u), z.Columns(2 * u, u), z.Columns(3 * u, u)); // (b, u)
        if (Peepholes is { } old)
        {
            (i, f) = (i + Peep(old.Input, c), f + Peep(old.Forget, c));
        }

        (i, f, g) = (Limited(i, GateClip), Limited(f, GateClip), Limited(g, GateClip));
        c = (gate(f) * c) + (gate(i) * act(g)); // (b, u)
        c = CarriedState?.Of(c) ?? c;
        c = ClipsIncoming ? c : Limited(c, CellClip);
        var peephole = Peepholes is { } next ? Peep(next.Output, c) : null;
        o = peephole is null || PeepsIntoState ? o : o + peephole;
        var seen = peephole is not null && PeepsIntoState ? c + peephole : c;
        h = gate(Limited(o, GateClip)) * (OutputActivation ?? activation).Keras(SeenState?.Of(seen) ?? seen);
        h = Projection is null ? h : h.Dot(Projection); // (b, p)
        h = ClipsIncoming ? h : Limited(h, ProjectionClip);
        return new StepResult(h, [h, c]);
    }

    private NumericArray Peep(NumericArray weights, NumericArray c) => HasFullPeepholes ? c.Dot(weights) : weights * c;

    private static NumericArray Limited(NumericArray v, double? bound) => bound is { } limit ? v.Clip(limit) : v;
}
