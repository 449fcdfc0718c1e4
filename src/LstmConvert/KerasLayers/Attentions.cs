using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Keras's Attention and AdditiveAttention (keras 3.15.1 src/layers/attention): each step of the query gets a mean of the values, weighted
/// by
/// softmax of the scores of the keys. Inputs: query, value, and the key, which is the value where it is not given.
/// </summary>
internal static class Attentions
{
    /// <summary>What a score of a masked step is lowered by (keras 3.15.1 src/layers/attention/attention.py _apply_scores).</summary>
    private const double MaskedScore = 1e9;

    private static readonly ArgumentDefinition UseScale = new("use_scale", FactValue.Of(false));
    private static readonly ArgumentDefinition ScoreMode = new("score_mode", FactValue.Of("dot"))
    {
        LeftOutIf = FactValue.Of("dot"),
        Honours = value => value.Text is "dot",
    };
    private static readonly ArgumentDefinition Causal = new("causal", FactValue.Of(false))
    {
        LeftOutIf = FactValue.Of(false),
        Honours = value => value.Truth != true,
    };

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        new("Attention")
        {
            Weights = use => use.Is(UseScale.Name) ? [new("scale", "()")] : [],
            Arguments = [UseScale, ScoreMode, Causal],
            Width = (_, inputs) => inputs.ElementAtOrDefault(1),
            Run = (use, inputs) =>
                Run(use, inputs, (query, key) =>
                    query.Dot(key.Transpose()) is var scores && use.Weights is [var scale] ? scores * scale.ToDoubles()[0] : scores),
            IsNamed = true,
        },
        new("AdditiveAttention")
        {
            Weights = use => use.Is(UseScale.Name) ? [new("scale", "(x,)")] : [],
            Arguments = [UseScale with { Default = FactValue.Of(true) }, Causal],
            Width = (_, inputs) => inputs.ElementAtOrDefault(1),
            Run = (use, inputs) => Run(use, inputs, (query, key) => Additive(query, key, use.Weights.ElementAtOrDefault(0))),
            IsNamed = true,
        },
    ];

    private static NumericArray Additive(NumericArray query, NumericArray key, NumericArray? scale)
    {
        var rows = Enumerable.Range(0, query.RowCount).Select(q => (key + query.Rows(q, 1).Reshape(query.Width)).Tanh() is var sum
            ? (scale is null ? sum : sum * scale).Sum().Reshape(1, key.RowCount) : null!).ToArray();
        return NumericArray.Stack(rows);
    }

    private static CallResult Run(KerasUse use, CallInputs inputs, Func<NumericArray, NumericArray, NumericArray> score)
    {
        if (inputs.Inputs.Count is < 2 or > 3)
        {
            throw new UnsupportedModelException($"{use.ClassName} takes query, value and key, and gets {inputs.Inputs.Count} inputs.");
        }

        var (query, value, key) = (inputs.Inputs[0], inputs.Inputs[1], inputs.Inputs.ElementAtOrDefault(2) ?? inputs.Inputs[1]);
        var rows = new NumericArray[query.Data.RowCount];
        for (var row = 0; row < rows.Length; row++)
        {
            var scores = score(Matrix(query.Data, row), Matrix(key.Data, row));
            if (value.Mask is { } mask)
            {
                var lowered = Enumerable.Range(0, scores.Width).Select(step => mask[row, step] ? 0 : -MaskedScore).ToArray();
                scores += NumericArray.From(lowered, scores.Precision, scores.Width);
            }

            var result = Activations.Softmax.Keras(scores).Dot(Matrix(value.Data, row));
            if (query.Mask is { } valid)
            {
                var kept = Enumerable.Range(0, result.RowCount).Select(step => valid[row, step] ? 1.0 : 0).ToArray();
                result *= NumericArray.From(kept, result.Precision, kept.Length, 1);
            }

            rows[row] = result.Reshape([1, .. result.Dimensions]);
        }

        return CallResult.Of(new Value(NumericArray.Stack(rows), query.Mask));
    }

    private static NumericArray Matrix(NumericArray x, int row) => x.Rows(row, 1).Reshape(x.Dimensions[1], x.Width);
}
