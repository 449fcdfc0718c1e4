using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// Keras's MultiHeadAttention (keras 3.15.1 src/layers/attention/multi_head_attention.py): n times an attention of its own, between
/// projections of query, value and key, which is the value where it is not given.
/// <code>
/// query/kernel (x, n, k)   key/kernel (y, n, k)   value/kernel (z, n, v)   attention_output/kernel (n, v, o)
/// query/bias (n, k)        key/bias (n, k)        value/bias (n, v)        attention_output/bias (o,)
/// </code>
/// </summary>
internal static class MultiHeadAttention
{
    private static readonly ArgumentDefinition Heads = new("num_heads", FactValue.None);
    private static readonly ArgumentDefinition KeyWidth = new("key_dim", FactValue.None);
    private static readonly ArgumentDefinition ValueWidth = new("value_dim", FactValue.None);
    private static readonly ArgumentDefinition OutputShape = new("output_shape", FactValue.None) { IsOneOfList = true };
    private static readonly ArgumentDefinition AttentionAxes = new("attention_axes", FactValue.None)
    {
        Honours = value => value.IsNone || value.Number is 1 || Numbers.List(value) is [1],
    };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("MultiHeadAttention")
    {
        Weights = use => [.. Projections(use).SelectMany(one => one.Weights)],
        Parts = use =>
        [
            .. Projections(use).Select(one =>
                new LayerPart([new PartStep(one.Attribute)], [.. one.Weights.Select(weight => weight.Name[(weight.Name.IndexOf('/') + 1)..])])),
        ],
        Arguments =
        [
            Heads, KeyWidth, ValueWidth, OutputShape, AttentionAxes, RecurrentArguments.UseBias, Attentions.UseCausalMask, Attentions.ReturnScores,
        ],
        InputNames = ["query", "value", "key"],
        OutputCount = use => use.Is(Attentions.ReturnScores.Name) ? 2 : 1,
        Width = (use, inputs) => use[OutputShape.Name].Number is { } width ? (int)width : inputs.Count > 0 ? inputs[0] : null,
        Run = Run,
        KeepsMask = true,
        ReadsMask = true,
        IsNamed = true,
    };

    private static IEnumerable<(string Attribute, WeightDefinition[] Weights)> Projections(KerasUse use)
    {
        var sizes = new Dictionary<char, long>
        {
            ['n'] = use.Count(Heads.Name),
            ['k'] = use.Count(KeyWidth.Name),
            ['v'] = use.Count(use[ValueWidth.Name].IsNone ? KeyWidth.Name : ValueWidth.Name),
        };
        (string Attribute, string Name, string Kernel, string Bias)[] all =
        [
            ("query_dense", "query", "(x, n, k)", "(n, k)"),
            ("key_dense", "key", "(y, n, k)", "(n, k)"),
            ("value_dense", "value", "(z, n, v)", "(n, v)"),
            ("output_dense", "attention_output", "(n, v, o)", "(o,)"),
        ];
        foreach (var one in all)
        {
            var kernel = new WeightDefinition($"{one.Name}/{RecurrentWeights.Kernel}", one.Kernel) { Sizes = sizes };
            var bias = new WeightDefinition($"{one.Name}/{RecurrentWeights.Bias}", one.Bias) { Sizes = sizes };
            yield return (one.Attribute, use.Is(RecurrentArguments.UseBias.Name) ? [kernel, bias] : [kernel]);
        }
    }

    private static CallResult Run(KerasUse use, CallInputs inputs)
    {
        Value? Given(int place) => place < inputs.Inputs.Count ? inputs.Inputs[place] : inputs.Named(use.Layer.InputNames![place]);
        var given = new[] { Given(0), Given(1), Given(2) ?? Given(1) };
        if (given.Any(one => one?.Data.Rank != 3))
        {
            throw new UnsupportedModelException($"{use.ClassName} takes query, value and key of three axes each, and gets others.");
        }

        if (given.Any(one => one?.Mask is not null))
        {
            throw new UnsupportedModelException($"{use.ClassName} gets masked steps, for which the Kerases compute different things.");
        }

        var (query, value, key) = (given[0]!.Data, given[1]!.Data, given[2]!.Data);
        var perWeight = use.Is(RecurrentArguments.UseBias.Name) ? 2 : 1;
        NumericArray Projected(NumericArray x, int place)
        {
            var kernel = use.Weights[place * perWeight];
            var width = kernel.Count / kernel.RowCount;
            var y = x.Reshape(x.RowCount * x.Dimensions[1], x.Width).Dot(kernel.Reshape(kernel.RowCount, width));
            return (perWeight == 1 ? y : y + use.Weights[(place * perWeight) + 1].Reshape(width)).Reshape(x.RowCount, x.Dimensions[1], width);
        }

        var (q, k, v) = (Projected(query, 0), Projected(key, 1), Projected(value, 2));
        var (rows, scores) = (new NumericArray[query.RowCount], new NumericArray[query.RowCount]);
        for (var row = 0; row < rows.Length; row++)
        {
            (rows[row], scores[row]) = OfSample(use, Attentions.Matrix(q, row), Attentions.Matrix(k, row), Attentions.Matrix(v, row));
        }

        var output = use.Weights[3 * perWeight];
        var joined = NumericArray.Stack(rows);
        var result = joined.Reshape(joined.Count / joined.Width, joined.Width).Dot(output.Reshape(joined.Width, output.Width));
        result = (perWeight == 1 ? result : result + use.Weights[(3 * perWeight) + 1]).Reshape(query.RowCount, query.Dimensions[1], output.Width);
        return CallResult.Of(new Value(result)) with
        {
            FurtherOutputs = use.Is(Attentions.ReturnScores.Name) ? [new Value(NumericArray.Stack(scores))] : [],
        };
    }

    /// <summary>One sample: the heads beside each other <c>(1, t, nv)</c>, and their scores <c>(1, n, t, s)</c>.</summary>
    private static (NumericArray Output, NumericArray Scores) OfSample(KerasUse use, NumericArray q, NumericArray k, NumericArray v)
    {
        var heads = use.Count(Heads.Name);
        var (width, valueWidth) = (q.Width / heads, v.Width / heads);
        var (outputs, scores) = (new NumericArray[heads], new NumericArray[heads]);
        for (var head = 0; head < heads; head++)
        {
            var product = q.Columns(head * width, width).Dot(k.Columns(head * width, width).Transpose()) / Math.Sqrt(width);
            if (use.Is(Attentions.UseCausalMask.Name))
            {
                product = Attentions.Without(product, Attentions.IsLater);
            }

            var softmax = Activations.Softmax.Keras(product);
            (outputs[head], scores[head]) =
                (softmax.Dot(v.Columns(head * valueWidth, valueWidth)), softmax.Reshape(1, softmax.RowCount, softmax.Width));
        }

        var joined = NumericArray.Concatenate(outputs);
        var all = NumericArray.Stack(scores);
        return (joined.Reshape(1, joined.RowCount, joined.Width), all.Reshape([1, .. all.Dimensions]));
    }
}
