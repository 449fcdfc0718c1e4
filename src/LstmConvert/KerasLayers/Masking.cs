using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's Masking: a step all of whose features have a certain value is none; what it gives there is zeros.</summary>
internal static class Masking
{
    /// <summary>A value that no input has and that is a float32 exactly. Never 0.0: that would skip a real step of zeros.</summary>
    public const double PaddingValue = -1e9;

    private static readonly ArgumentDefinition MaskValue = new("mask_value", FactValue.Of(0.0)) { IsPositional = true };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("Masking")
    {
        Arguments = [MaskValue],
        Run = Run,
        MakesMask = _ => true,
        MaskedValue = use => use[MaskValue.Name].Number ?? 0,
        PassesThrough = true,
        PythonComment = "set x to this value, which no input has, after each row's end (0.0 would skip real steps of zeros)",
    };

    /// <summary>The layer that masks by the padding value.</summary>
    public static KerasUse Layer() =>
        new(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal) { [MaskValue.Name] = FactValue.Of(PaddingValue) });

    /// <summary>True if a layer is one.</summary>
    /// <param name="use">The layer.</param>
    public static bool Is(KerasUse use) => use.Layer.ClassName == Definition.ClassName;

    /// <summary>True if a layer masks by the padding value.</summary>
    /// <param name="use">The layer.</param>
    public static bool IsPadding(KerasUse use) => Is(use) && use[MaskValue.Name].Number == PaddingValue;

    /// <summary>A value whose steps outside its mask are set to the padding value, as a model with the layer wants its input.</summary>
    /// <param name="value">The value.</param>
    public static Value Padded(Value value)
    {
        if (value.Mask is not { } mask)
        {
            return value;
        }

        var (numbers, width) = (value.Data.ToDoubles(), value.Data.Width);
        for (var row = 0; row < numbers.Length / width; row++)
        {
            if (!mask[row / mask.GetLength(1), row % mask.GetLength(1)])
            {
                numbers.AsSpan(row * width, width).Fill(PaddingValue);
            }
        }

        return new Value(NumericArray.From(numbers, value.Data.Precision, [.. value.Data.Dimensions]));
    }

    private static CallResult Run(KerasUse use, CallInputs inputs)
    {
        var x = inputs.Inputs[0].Data;
        if (x.Rank < 3)
        {
            throw new UnsupportedModelException($"{use.ClassName} takes a value with steps, and gets {x}.");
        }

        var (numbers, width) = (x.ToDoubles(), x.Width);
        var mask = new bool[x.Dimensions[0], x.Dimensions[1]];

        // Compared as the model computes: float32 numbers with the value rounded to float32.
        var value = use[MaskValue.Name].Number is { } number && x.Precision == Precision.Single ? (float)number
            : use[MaskValue.Name].Number ?? 0;
        for (var row = 0; row < mask.Length; row++)
        {
            var step = numbers.AsSpan(row * width, width);
            var isValid = step.ContainsAnyExcept(value);
            mask[row / mask.GetLength(1), row % mask.GetLength(1)] = isValid;
            if (!isValid)
            {
                step.Clear();
            }
        }

        return CallResult.Of(new Value(NumericArray.From(numbers, x.Precision, [.. x.Dimensions]), mask));
    }
}
