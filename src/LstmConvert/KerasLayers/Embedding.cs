using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's Embedding: a row of a table for each number; with <c>mask_zero</c> the number 0 is no step.
/// <code>
/// embeddings (v, u)
/// </code>
/// </summary>
internal static class Embedding
{
    private static readonly ArgumentDefinition Rows = new("input_dim", FactValue.None) { IsPositional = true };
    private static readonly ArgumentDefinition Columns = new("output_dim", FactValue.None) { IsPositional = true };
    private static readonly ArgumentDefinition MaskZero = new("mask_zero", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } =
        new("Embedding")
        {
            Weights = use =>
                [
                    new("embeddings", "(v, u)")
                    {
                        Sizes = new Dictionary<char, long> { ['v'] = use.Count(Rows.Name), ['u'] = use.Count(Columns.Name) },
                    },
                ],
            Arguments = [Rows, Columns, MaskZero],
            Width = (use, _) => use.Count(Columns.Name),
            Run = Run,
            MakesMask = use => use.Is(MaskZero.Name),
            IsNamed = true,
        };

    /// <summary>The number of rows of the table of a layer; 0 for other layers.</summary>
    /// <param name="use">The layer.</param>
    public static int RowsOf(KerasUse use) => use.ClassName == Definition.ClassName ? use.Count(Rows.Name) : 0;

    /// <summary>The layer.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns.</param>
    public static KerasUse Layer(int rows, int columns) => new(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
    {
        [Rows.Name] = FactValue.Of(rows),
        [Columns.Name] = FactValue.Of(columns),
    });

    /// <summary>The same layer with one row more, whose number stands behind each row's end.</summary>
    /// <param name="use">The layer.</param>
    public static KerasUse WithPadding(KerasUse use) => use.With(Rows.Name, FactValue.Of(use.Count(Rows.Name) + 1));

    private static CallResult Run(KerasUse use, CallInputs inputs)
    {
        var (ids, table) = (inputs.Inputs[0].Data, use.Weights[0]);
        var (batch, steps, width) = (ids.Dimensions[0], ids.Rank > 1 ? ids.Dimensions[1] : 1, table.Width);
        var (numbers, source) = (ids.ToDoubles(), table.ToDoubles());
        var target = new double[checked(numbers.Length * width)];
        var mask = new bool[batch, steps];
        for (var k = 0; k < numbers.Length; k++)
        {
            var row = (int)numbers[k];
            if (row < 0 || row >= table.RowCount)
            {
                throw new UnsupportedModelException(
                    $"An input holds {numbers[k]}, and the table of {use.ClassName} has {table.RowCount} rows.");
            }

            source.AsSpan(row * width, width).CopyTo(target.AsSpan(k * width));
            if (ids.Rank == 2)
            {
                mask[k / steps, k % steps] = row != 0;
            }
        }

        return CallResult.Of(
            new Value(
                NumericArray.From(target, table.Precision, [.. ids.Dimensions, width]),
                use.Is(MaskZero.Name) && ids.Rank == 2 ? mask : null));
    }
}
