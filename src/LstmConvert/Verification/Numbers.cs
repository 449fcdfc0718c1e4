using LstmConvert.Arrays;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Weights and states as arrays.</summary>
internal static class Numbers
{
    public static Precision Of(bool single) => single ? Precision.Single : Precision.Double;

    public static NumericArray Matrix(double[] values, int rows, int columns, bool single) => NumericArray.From(values, Of(single), rows, columns);

    /// <summary>A weight as it is stored.</summary>
    public static NumericArray Weight(Tensor tensor, bool single) =>
        NumericArray.From(tensor.ToDoubles(), Of(single), [.. Enumerable.Range(0, tensor.Shape.Rank).Select(axis => (int)tensor.Shape[axis])]);
}
