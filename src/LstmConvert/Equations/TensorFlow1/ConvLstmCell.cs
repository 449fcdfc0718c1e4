using LstmConvert.Arrays;

namespace LstmConvert.Equations.TensorFlow1;

/// <summary>
/// ConvLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2067-2245; Shi et al. 2015), channels i j f o. States: c, h, <c>(b,
/// …, u)</c> each.
/// <code>
/// [i|j|f|o] = convolution([x;h], kernel) + biases      steps of one, padded with zeros to the same size
/// c' = sigmoid(f + forget_bias)*c + sigmoid(i)*tanh(j)      h' = tanh(c') * sigmoid(o)
/// </code>
/// </summary>
/// <param name="kernel"><c>(k, …, x+u, 4u)</c>.</param>
/// <param name="biases"><c>(4u,)</c>, or null.</param>
/// <param name="forgetBias">Added to the forget gate at run time.</param>
internal sealed class ConvLstmCell(NumericArray kernel, NumericArray? biases, double forgetBias) : IStepEquations
{
    /// <inheritdoc />
    public int OutputWidth => kernel.Width / 4;

    /// <inheritdoc />
    public StepResult Step(NumericArray x, IReadOnlyList<NumericArray> states)
    {
        var (c, u) = (states[0], OutputWidth);
        var z = Convolution(NumericArray.Concatenate(x, states[1]), kernel); // (b, …, 4u)
        z = biases is null ? z : z + biases;
        c = ((z.Columns(2 * u, u) + forgetBias).Sigmoid() * c) + (z.Columns(0, u).Sigmoid() * z.Columns(u, u).Tanh());
        var h = c.Tanh() * z.Columns(3 * u, u).Sigmoid(); // (b, …, u)
        return new StepResult(h, [c, h]);
    }

    /// <summary>A convolution with steps of one, padded with zeros to the same size.</summary>
    /// <param name="values"><c>(b, …, x)</c>.</param>
    /// <param name="kernel"><c>(k, …, x, n)</c>.</param>
    /// <returns><c>(b, …, n)</c>.</returns>
    internal static NumericArray Convolution(NumericArray values, NumericArray kernel) =>
        Windows(values, kernel)
            .Dot(kernel.Reshape([kernel.Count / kernel.Width, kernel.Width])) // (b …, k … x) @ (k … x, n)
            .Reshape([.. values.Dimensions.SkipLast(1), kernel.Width]);

    /// <summary>What the kernel covers at every place, one row each; of an even number of columns one more lies behind the place than
    /// before it.</summary>
    private static NumericArray Windows(NumericArray both, NumericArray kernel)
    {
        var (axes, width) = (kernel.Rank - 2, both.Width);
        var lengths = both.Dimensions.Skip(1).Take(axes).ToArray();
        var sizes = kernel.Dimensions.Take(axes).ToArray();
        var (places, cells, source) = (lengths.Aggregate(1, (a, b) => a * b), sizes.Aggregate(1, (a, b) => a * b), both.ToDoubles());
        var windows = new double[checked(both.RowCount * places * cells * width)];
        for (var row = 0; row < both.RowCount * places * cells; row++)
        {
            var (batch, place, cell) = (row / (places * cells), row / cells % places, row % cells);
            var (at, stride, isInside) = (0, 1, true);
            for (var axis = axes - 1; axis >= 0; axis--)
            {
                var index = (place % lengths[axis]) + (cell % sizes[axis]) - ((sizes[axis] - 1) / 2);
                isInside &= index >= 0 && index < lengths[axis];
                at += index * stride;
                (place, cell, stride) = (place / lengths[axis], cell / sizes[axis], stride * lengths[axis]);
            }

            if (isInside)
            {
                source.AsSpan(((batch * places) + at) * width, width).CopyTo(windows.AsSpan(row * width));
            }
        }

        return NumericArray.From(windows, both.Precision, both.RowCount * places, cells * width);
    }
}
