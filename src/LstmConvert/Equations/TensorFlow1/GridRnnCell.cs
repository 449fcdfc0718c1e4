using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// Grid1LSTMCell and Grid2LSTMCell (tensorflow v1.15.5 contrib/grid_rnn/python/ops/grid_rnn_cell.py; Kalchbrenner et al. 2016): the first
/// dimension starts anew from the input at every step,
/// the second walks over time. States: c and h of each dimension.
/// <code>
/// m0 = x @ project_m   c0 = x @ project_c      c1', h1' = lstm_1(m0, c1, h1)      c0', h0' = lstm_0(m0, c0, h1')      output h0'
/// of one dimension: c0', h0' = lstm_0(nothing, c0, m0)      lstm: [i|j|f|o] = [input; h] @ kernel + bias
/// </code>
/// </summary>
/// <param name="projectM"><c>(x, u)</c>.</param>
/// <param name="projectC"><c>(x, u)</c>.</param>
/// <param name="dimensions">Kernel <c>(2u, 4u)</c>, of one dimension <c>(u, 4u)</c>, and bias <c>(4u,)</c> of each.</param>
/// <param name="forgetBias">Added to the forget gates at run time.</param>
internal sealed class GridRnnCell(
    NumericArray projectM,
    NumericArray projectC,
    IReadOnlyList<(NumericArray Kernel, NumericArray Bias)> dimensions,
    double forgetBias) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => projectM.Width;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (m, c) = (x.Dot(projectM), x.Dot(projectC)); // (b, u)
        if (dimensions.Count == 1)
        {
            var (only, output) = Lstm(0, m, c);
            return new StepResult(output, [only, output]);
        }

        var (c1, h1) = Lstm(1, NumericArray.Concatenate(m, states[3]), states[2]);
        var (c0, h0) = Lstm(0, NumericArray.Concatenate(m, h1), c);
        return new StepResult(h0, [c0, h0, c1, h1]);
    }

    private (NumericArray C, NumericArray H) Lstm(int dimension, NumericArray read, NumericArray c)
    {
        var u = OutputWidth;
        var z = read.Dot(dimensions[dimension].Kernel) + dimensions[dimension].Bias; // (b, 4u)
        c = ((z.Columns(2 * u, u) + forgetBias).Sigmoid() * c) + (z.Columns(0, u).Sigmoid() * z.Columns(u, u).Tanh());
        return (c, c.Tanh() * z.Columns(3 * u, u).Sigmoid());
    }
}
