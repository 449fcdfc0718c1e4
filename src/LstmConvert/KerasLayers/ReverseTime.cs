using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Reverses the time axis: after a layer that walks from the end it puts the outputs in the order of the input. In printed code it is a
/// Lambda, which needs no module; a file of a whole model holds no code, so there it is a layer of ours.
/// The mask passes as it is: a layer that walks from the end gives that of its input, although its outputs are reversed.
/// </summary>
internal static class ReverseTime
{
    /// <summary>What it does in Python: PyTorch's tensors have no steps backwards, and no other backend's have a method that flips
    /// them.</summary>
    private const string Function = "lambda t: t.flip(1) if hasattr(t, \"flip\") else t[:, ::-1]";

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } =
        new("ReverseTime")
        {
            Run = (_, inputs) => CallResult.Of(Reversed(inputs.Inputs[0])),
            IsOurs = true,
            PythonName = "Lambda",
            PythonArguments = hasMasks => hasMasks ? Function + ", mask=lambda t, m: m" : Function,
            PythonComment = "go_backwards gives its outputs last step first",
        };

    /// <summary>The layer.</summary>
    public static KerasUse Layer() => new(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal));

    /// <summary>True if a layer is one.</summary>
    /// <param name="use">The layer.</param>
    public static bool Is(KerasUse use) => use.Layer.ClassName == Definition.ClassName;

    /// <summary>A value with its time axis reversed and its mask as it is.</summary>
    /// <param name="value">The value.</param>
    public static Value Reversed(Value value)
    {
        if (!value.HasTime)
        {
            throw new UnsupportedModelException("A value without a time axis cannot be reversed in time.");
        }

        var (batch, steps) = (value.Data.Dimensions[0], value.Data.Dimensions[1]);
        var length = value.Data.Count / Math.Max(1, batch * steps);
        var source = value.Data.ToDoubles();
        var target = new double[source.Length];
        for (var b = 0; b < batch; b++)
        {
            for (var t = 0; t < steps; t++)
            {
                source.AsSpan(((b * steps) + t) * length, length).CopyTo(target.AsSpan(((b * steps) + steps - 1 - t) * length));
            }
        }

        return value with { Data = NumericArray.From(target, value.Data.Precision, [.. value.Data.Dimensions]) };
    }
}
