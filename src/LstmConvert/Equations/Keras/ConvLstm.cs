using LstmConvert.Arrays;

namespace LstmConvert.Equations.Keras;

/// <summary>
/// Keras's ConvLSTM over one, two or three axes (keras 3.15.1 src/layers/rnn/conv_lstm.py): an LSTM whose products are convolutions; the
/// recurrent one keeps
/// the size. Gates i f c o along the filters.
/// </summary>
/// <param name="kernel"><c>(k, …, x, 4f)</c>.</param>
/// <param name="recurrentKernel"><c>(k, …, f, 4f)</c>.</param>
/// <param name="bias"><c>(4f,)</c>, or null.</param>
/// <param name="windows">How the kernel walks over the input.</param>
/// <param name="activation">Of candidate and output.</param>
/// <param name="recurrentActivation">Of the gates.</param>
internal sealed class ConvLstm(
    NumericArray kernel,
    NumericArray recurrentKernel,
    NumericArray? bias,
    Windows windows,
    Activation activation,
    Activation recurrentActivation)
{
    private readonly Convolution input = new(kernel, bias, windows);
    private readonly Convolution recurrent = new(
        recurrentKernel,
        null,
        new Windows(windows.Size, [.. windows.Size.Select(_ => 1)], [.. windows.Size.Select(_ => 1)], "same"));

    /// <summary>The number of filters.</summary>
    public int Filters { get; } = recurrentKernel.Dimensions[^2];

    /// <summary>A state of zeros.</summary>
    /// <param name="x">The input of a step, <c>(b, …, x)</c>.</param>
    public NumericArray Start(NumericArray x) =>
        NumericArray.Zeros(x.Precision, [x.RowCount, .. windows.Counts([.. x.Dimensions.Skip(1).SkipLast(1)]), Filters]);

    /// <summary>One step.</summary>
    /// <param name="x"><c>(b, …, x)</c>.</param>
    /// <param name="h"><c>(b, …, f)</c>.</param>
    /// <param name="c"><c>(b, …, f)</c>.</param>
    public (NumericArray H, NumericArray C) Step(NumericArray x, NumericArray h, NumericArray c)
    {
        var z = input.Call(x) + recurrent.Call(h);
        var (i, f, j, o) = (
            z.Columns(0, Filters),
            z.Columns(Filters, Filters),
            z.Columns(2 * Filters, Filters),
            z.Columns(3 * Filters, Filters));
        var after = (recurrentActivation.Keras(f) * c) + (recurrentActivation.Keras(i) * activation.Keras(j));
        return (recurrentActivation.Keras(o) * activation.Keras(after), after);
    }
}
