using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// WeightNormLSTMCell with norms (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2819-3080), gates i j f o: an LSTMCell with the
/// kernel
/// <code>
/// [ g_0 * V_x / |V_x| ; g_1 * V_h / |V_h| ]        |V| the length of each column, at least 1e-6
/// </code>
/// </summary>
/// <param name="kernel">V, <c>(x+p, 4u)</c>, p = u without projection.</param>
/// <param name="bias"><c>(4u,)</c>.</param>
/// <param name="inputNorm">g_0, <c>(4u,)</c>.</param>
/// <param name="recurrentNorm">g_1, <c>(4u,)</c>.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
/// <param name="activation">Of candidate and output.</param>
internal sealed class WeightNormLstmCell(
    NumericArray kernel,
    NumericArray bias,
    NumericArray inputNorm,
    NumericArray recurrentNorm,
    double forgetBias,
    Activation activation) : IStepEquations
{
    private LstmCell? normalised;

    /// <summary>Null without peepholes.</summary>
    public LstmPeepholes? Peepholes { get; init; }

    /// <summary><c>(u, p)</c>, or null.</summary>
    public NumericArray? Projection { get; init; }

    /// <summary><c>(p,)</c>, or null.</summary>
    public NumericArray? ProjectionNorm { get; init; }

    /// <summary>The limit of the cell state, or null.</summary>
    public double? CellClip { get; init; }

    /// <summary>The limit of the projected output, or null.</summary>
    public double? ProjectionClip { get; init; }

    /// <inheritdoc />
    public int OutputWidth => Projection?.Width ?? (kernel.Width / 4);

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        normalised ??= new LstmCell(
            NumericArray.Stack(
                Normalised(kernel.Rows(0, x.Width), inputNorm),
                Normalised(kernel.Rows(x.Width, kernel.RowCount - x.Width), recurrentNorm)),
            bias,
            forgetBias,
            activation)
        {
            Peepholes = Peepholes,
            Projection = Projection is null ? null : Normalised(Projection, ProjectionNorm!),
            CellClip = CellClip,
            ProjectionClip = ProjectionClip,
        };
        return normalised.Step(x, states);
    }

    /// <summary>Every column of the length that its norm says.</summary>
    private static NumericArray Normalised(NumericArray v, NumericArray norm)
    {
        var squares = (v * v).Transpose().Sum().Max(1e-12); // (n,) or (n, 1)
        return v * (norm / squares.Sqrt().Reshape(norm.Count)); // (m, n)
    }
}
