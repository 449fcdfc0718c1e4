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
        Honours = value => value.Text is "dot" or "concat",
    };
    private static readonly ArgumentDefinition Causal = new("causal", FactValue.Of(false))
    {
        LeftOutIf = FactValue.Of(false),
    };

    /// <summary>True where no step sees a later one; the layer's own argument <c>causal</c> up to TensorFlow 2.9.</summary>
    public static ArgumentDefinition UseCausalMask { get; } = new("use_causal_mask", FactValue.Of(false)) { IsOfCall = true };

    /// <summary>True where the scores are a second output.</summary>
    public static ArgumentDefinition ReturnScores { get; } = new("return_attention_scores", FactValue.Of(false)) { IsOfCall = true };

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } =
    [
        Of("Attention") with
        {
            Weights = use =>
                [
                    .. use.Is(UseScale.Name) ? [new WeightDefinition("scale", "()")] : Enumerable.Empty<WeightDefinition>(),
                    .. IsConcat(use) ? [new WeightDefinition("concat_score_weight", "()")] : Enumerable.Empty<WeightDefinition>(),
                ],
            Arguments = [UseScale, ScoreMode, Causal, UseCausalMask, ReturnScores],
            Run = (use, inputs) => Run(use, inputs, (query, key) => Scores(use, query, key)),
        },
        Of("AdditiveAttention") with
        {
            Weights = use => use.Is(UseScale.Name) ? [new("scale", "(x,)")] : [],
            Arguments = [UseScale with { Default = FactValue.Of(true) }, Causal, UseCausalMask, ReturnScores],
            Run = (use, inputs) => Run(use, inputs, (query, key) => Additive(query, key, use.Weights.ElementAtOrDefault(0))),
        },
    ];

    /// <summary>Scores, lowered so far that softmax gives zero, where a step may not see another one.</summary>
    /// <param name="scores"><c>(t, s)</c>.</param>
    /// <param name="isForbidden">Whether a step of t may not see one of s.</param>
    public static NumericArray Without(NumericArray scores, Func<int, int, bool> isForbidden)
    {
        var lowered = Enumerable
            .Range(0, scores.Count)
            .Select(k => isForbidden(k / scores.Width, k % scores.Width) ? -MaskedScore : 0)
            .ToArray();
        return scores + NumericArray.From(lowered, scores.Precision, scores.RowCount, scores.Width);
    }

    /// <summary>True for a step that comes after another one.</summary>
    /// <param name="step">The one that sees.</param>
    /// <param name="other">The one that is seen.</param>
    public static bool IsLater(int step, int other) => other > step;

    /// <summary>The steps of one row as a matrix.</summary>
    /// <param name="x"><c>(b, t, x)</c>.</param>
    /// <param name="row">The row.</param>
    public static NumericArray Matrix(NumericArray x, int row) => x.Rows(row, 1).Reshape(x.Dimensions[1], x.Width);

    private static KerasLayer Of(string className) => new(className)
    {
        Width = (_, inputs) => inputs.ElementAtOrDefault(1),
        OutputCount = use => use.Is(ReturnScores.Name) ? 2 : 1,
        Successor = use => use.Is(Causal.Name)
            ? use.With(Causal.Name, FactValue.Of(false)).With(UseCausalMask.Name, FactValue.Of(true)) : use,
        KeepsMask = true,
        ReadsMask = true,
        IsNamed = true,
    };

    private static bool IsConcat(KerasUse use) => use[ScoreMode.Name].Text == "concat";

    private static NumericArray Scores(KerasUse use, NumericArray query, NumericArray key)
    {
        var scale = use.Is(UseScale.Name) ? use.Weights[0].ToDoubles()[0] : 1;
        if (!IsConcat(use))
        {
            return query.Dot(key.Transpose()) * scale;
        }

        var sums = Enumerable.Range(0, query.RowCount)
            .Select(q => ((key + query.Rows(q, 1).Reshape(query.Width)) * scale).Tanh().Sum().Reshape(1, key.RowCount));
        return NumericArray.Stack([.. sums]) * use.Weights[^1].ToDoubles()[0];
    }

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

        foreach (var one in inputs.Inputs)
        {
            Shapes.OfRank(use, one.Data, 3);
        }

        var (query, value, key) = (inputs.Inputs[0], inputs.Inputs[1], inputs.Inputs.ElementAtOrDefault(2) ?? inputs.Inputs[1]);
        var (rows, distributions) = (new NumericArray[query.Data.RowCount], new NumericArray[query.Data.RowCount]);
        for (var row = 0; row < rows.Length; row++)
        {
            var scores = score(Matrix(query.Data, row), Matrix(key.Data, row));
            var isCausal = use.Is(UseCausalMask.Name);
            if (value.Mask is not null || isCausal)
            {
                var at = row;
                scores = Without(
                    scores,
                    (step, other) => (value.Mask is { } mask && !mask[at, other]) || (isCausal && IsLater(step, other)));
            }

            var distribution = Activations.Softmax.Keras(scores);
            distributions[row] = distribution.Reshape([1, .. distribution.Dimensions]);
            var result = distribution.Dot(Matrix(value.Data, row));
            if (query.Mask is { } valid)
            {
                var kept = Enumerable.Range(0, result.RowCount).Select(step => valid[row, step] ? 1.0 : 0).ToArray();
                result *= NumericArray.From(kept, result.Precision, kept.Length, 1);
            }

            rows[row] = result.Reshape([1, .. result.Dimensions]);
        }

        return CallResult.Of(new Value(NumericArray.Stack(rows), query.Mask)) with
        {
            FurtherOutputs = use.Is(ReturnScores.Name) ? [new Value(NumericArray.Stack(distributions))] : [],
        };
    }
}
