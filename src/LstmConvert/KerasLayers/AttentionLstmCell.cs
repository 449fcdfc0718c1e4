using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN: an LSTM that attends to its own past outputs. Its Python text is <c>Python/AttentionLSTMCell.py</c>.
/// <code>
/// input_kernel (x+a, i), input_bias (i,)   kernel (i+u, 4u), bias (4u,), columns i j f o   memory_kernel (a, v), scores (v,)
/// query_kernel (2u, v), query_bias (v,)    output_kernel (u+a, a), output_bias (a,)
/// </code>
/// </summary>
internal static class AttentionLstmCell
{
    private const string Gates = "ijfo";

    private static readonly ArgumentDefinition InputSize = new("input_size", FactValue.None);
    private static readonly ArgumentDefinition OutputSize = new("attention_size", FactValue.None);
    private static readonly ArgumentDefinition ScoreSize = new("score_size", FactValue.None);
    private static readonly ArgumentDefinition Length = new("attention_length", FactValue.None);

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("AttentionLSTMCell")
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['u'] = use.Units, ['i'] = use.Count(InputSize.Name), ['a'] = use.Count(OutputSize.Name), ['v'] = use.Count(ScoreSize.Name) };
            WeightDefinition Of(string name, string shape, string? gates = null) => new(name, shape, gates) { Sizes = sizes };
            return
            [
                Of("input_kernel", "(x+a, i)") with { FeaturesBefore = -use.Count(OutputSize.Name) }, Of("input_bias", "(i,)"), Of(RecurrentWeights.Kernel, "(i+u, 4u)", Gates), Of(RecurrentWeights.Bias, "(4u,)", Gates),
                Of("memory_kernel", "(a, v)"), Of("scores", "(v,)"), Of("query_kernel", "(2u, v)"), Of("query_bias", "(v,)"), Of("output_kernel", "(u+a, a)"), Of("output_bias", "(a,)"),
            ];
        },
        Arguments = [RecurrentArguments.Units, InputSize, OutputSize, ScoreSize, Length],
        States = _ => ["attention", "past", "c", "h"],
        StateWidths = use => [use.Count(OutputSize.Name), use.Count(OutputSize.Name) * use.Count(Length.Name), use.Units, use.Units],
        Width = (use, _) => use.Count(OutputSize.Name),
        Step = use => new AttentionLstm(use.Weights),
        Wrong = use => RecurrentWeights.Exchanged(use, Gates),
        IsOurs = true,
    };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="weights">Of each weight in order.</param>
    /// <param name="units">u.</param>
    /// <param name="inputSize">i.</param>
    /// <param name="outputSize">a.</param>
    /// <param name="scoreSize">v.</param>
    /// <param name="length">The number of past outputs.</param>
    /// <param name="states">The cell's states in order.</param>
    public static LayerRecipe Of(
        IReadOnlyList<Derivation> weights,
        int units,
        int inputSize,
        int outputSize,
        int scoreSize,
        int length,
        IReadOnlyList<string> states) =>
        Rnn.Of(
            new KerasUse(
                Definition,
                new Dictionary<string, FactValue>(StringComparer.Ordinal)
                {
                    [RecurrentArguments.Units.Name] = FactValue.Of(units),
                    [InputSize.Name] = FactValue.Of(inputSize),
                    [OutputSize.Name] = FactValue.Of(outputSize),
                    [ScoreSize.Name] = FactValue.Of(scoreSize),
                    [Length.Name] = FactValue.Of(length),
                }),
            weights,
            states);
}
