using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's Concatenate, on the last axis or another one.</summary>
internal static class Concatenate
{
    private static readonly ArgumentDefinition Axis =
        new("axis", FactValue.Of(-1)) { LeftOutIf = FactValue.Of(-1), Honours = value => value.Number is not null };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("Concatenate")
    {
        Arguments = [Axis],
        Width = (use, inputs) => use[Axis.Name].Number is -1 ? Merging.SumOfWidths(inputs) : null,
        Run = (use, inputs) => use[Axis.Name].Number is -1 ? Merging.Beside(inputs.Inputs) : OnAxis(use, inputs),
        KeepsMask = true,
        BrowserMask = BrowserMask.Read,
    };

    /// <summary>The layer.</summary>
    public static KerasUse Layer() => Merging.Layer(Definition);

    private static CallResult OnAxis(KerasUse use, CallInputs inputs)
    {
        var rank = inputs.Inputs[0].Data.Rank;
        var axis = (int)use[Axis.Name].Number!.Value is var said && said < 0 ? said + rank : said;
        if (axis == rank - 1)
        {
            return Merging.Beside(inputs.Inputs);
        }

        var order = Enumerable.Range(0, rank).Where(one => one != axis).Append(axis).ToArray();
        var joined = NumericArray.Concatenate([.. inputs.Inputs.Select(value => Shapes.Permuted(value.Data, order))]);
        return CallResult.Of(new Value(Shapes.Permuted(joined, [.. Enumerable.Range(0, rank).Select(one => Array.IndexOf(order, one))])));
    }
}
