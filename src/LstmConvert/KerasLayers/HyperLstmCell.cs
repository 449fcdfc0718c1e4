using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>What a <see cref="HyperLstmCell"/> is made of, columns i f g o.</summary>
/// <param name="Units">u.</param>
/// <param name="HyperUnits">k.</param>
/// <param name="EmbeddingSize">e.</param>
internal sealed record HyperLstmRecipe(int Units, int HyperUnits, int EmbeddingSize)
{
    /// <summary><c>(x, 4u)</c>, <c>(u, 4u)</c> and <c>(4u,)</c>.</summary>
    public required IReadOnlyList<Derivation> Kernels { get; init; }

    /// <summary><c>(x+u, 4k)</c> and <c>(k, 4k)</c>; gamma and beta of its gates <c>(4k,)</c>, then of its state <c>(k,)</c>.</summary>
    public required IReadOnlyList<Derivation> Inside { get; init; }

    /// <summary>What scales the product with the input: <c>(k, 4e)</c>, <c>(4e,)</c> and <c>(e, 4u)</c>.</summary>
    public required IReadOnlyList<Derivation> Input { get; init; }

    /// <summary>The same of the product with the state.</summary>
    public required IReadOnlyList<Derivation> State { get; init; }

    /// <summary>What is added: <c>(k, 4e)</c> and <c>(e, 4u)</c>.</summary>
    public required IReadOnlyList<Derivation> Shift { get; init; }

    /// <summary>Gamma and beta of the cell state, <c>(u,)</c>.</summary>
    public required IReadOnlyList<Derivation> SeenState { get; init; }

    /// <summary>Gamma and beta of the gates, <c>(4u,)</c>; null where they are not normalised.</summary>
    public IReadOnlyList<Derivation>? Gates { get; init; }

    /// <summary>What is added to each variance.</summary>
    public required double Epsilon { get; init; }
}

/// <summary>
/// A cell of ours for Keras's RNN: an LSTM whose products a smaller LSTM scales. Its Python text is <c>Python/HyperLSTMCell.py</c>, which
/// has the weights in order.
/// </summary>
internal static class HyperLstmCell
{
    private const string Gates = "ifgo";

    private static readonly ArgumentDefinition HyperUnits = new("hyper_units", FactValue.None);
    private static readonly ArgumentDefinition EmbeddingSize = new("embedding_size", FactValue.None);
    private static readonly ArgumentDefinition Normalizes = new("normalize_gates", FactValue.Of(true)) { LeftOutIf = FactValue.Of(true) };
    private static readonly ArgumentDefinition Epsilon = new("epsilon", FactValue.Of(1e-3)) { LeftOutIf = FactValue.Of(1e-3) };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("HyperLSTMCell")
    {
        Weights = Weights,
        Arguments = [RecurrentArguments.Units, HyperUnits, EmbeddingSize, Normalizes, Epsilon],
        States = _ => ["h", "n", "c", "d"],
        StateWidths = use => [use.Units, use.Count(HyperUnits.Name), use.Units, use.Count(HyperUnits.Name)],
        Width = (use, _) => use.Units,
        Step = Step,
        Wrong = use =>
            RecurrentWeights
                .Exchanged(use, Gates)
                .Append(
                    new WrongLayer(
                        "nothing scaled",
                        use with
                        {
                            Weights =
                            [
                                .. use.WeightDefinitions.Zip(use.Weights, (definition, weight) =>
                                    definition.Name is "input_scale_kernel" or "state_scale_kernel" ? weight * 0 : weight),
                            ],
                        })),
        IsOurs = true,
    };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="recipe">What it is made of.</param>
    /// <param name="states">The cell's states that are h, n, c and d.</param>
    public static LayerRecipe Of(HyperLstmRecipe recipe, IReadOnlyList<string> states)
    {
        var cell = new KerasUse(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(recipe.Units),
            [HyperUnits.Name] = FactValue.Of(recipe.HyperUnits),
            [EmbeddingSize.Name] = FactValue.Of(recipe.EmbeddingSize),
            [Normalizes.Name] = FactValue.Of(recipe.Gates is not null),
            [Epsilon.Name] = FactValue.Of(recipe.Epsilon),
        });
        return Rnn.Of(
            cell,
            [
                .. recipe.Kernels,
                .. recipe.Inside,
                .. recipe.Input,
                .. recipe.State,
                .. recipe.Shift,
                .. recipe.SeenState,
                .. recipe.Gates ?? [],
            ],
            states);
    }

    private static IReadOnlyList<WeightDefinition> Weights(KerasUse use)
    {
        var sizes = new Dictionary<char, long>
        {
            ['u'] = use.Units,
            ['k'] = use.Count(HyperUnits.Name),
            ['e'] = use.Count(EmbeddingSize.Name),
        };
        WeightDefinition Of(string name, string shape) =>
            new(name, shape, shape.Contains('4', StringComparison.Ordinal) ? Gates : null) { Sizes = sizes };
        return
        [
            Of(RecurrentWeights.Kernel, "(x, 4u)"),
            Of(RecurrentWeights.RecurrentKernel, "(u, 4u)"),
            Of(RecurrentWeights.Bias, "(4u,)"),
            Of("hyper_kernel", "(x+u, 4k)") with { FeaturesBefore = -use.Units },
            Of("hyper_recurrent_kernel", "(k, 4k)"),
            Of("hyper_gate_gamma", "(4k,)"),
            Of("hyper_gate_beta", "(4k,)"),
            Of("hyper_state_gamma", "(k,)"),
            Of("hyper_state_beta", "(k,)"),
            Of("input_embedding", "(k, 4e)"),
            Of("input_embedding_bias", "(4e,)"),
            Of("input_scale_kernel", "(e, 4u)"),
            Of("state_embedding", "(k, 4e)"),
            Of("state_embedding_bias", "(4e,)"),
            Of("state_scale_kernel", "(e, 4u)"),
            Of("shift_embedding", "(k, 4e)"),
            Of("shift_kernel", "(e, 4u)"),
            Of("state_gamma", "(u,)"),
            Of("state_beta", "(u,)"),
            .. use.Is(Normalizes.Name) ? [Of("gate_gamma", "(4u,)"), Of("gate_beta", "(4u,)")] : Enumerable.Empty<WeightDefinition>(),
        ];
    }

    private static HyperLstm Step(KerasUse use)
    {
        var (weights, epsilon) = (use.Weights, use[Epsilon.Name].Number ?? 0);
        return new HyperLstm(
            new HyperInside(weights[3], weights[4], new(weights[5], weights[6], epsilon), new(weights[7], weights[8], epsilon)),
            weights[0],
            weights[1],
            weights[2])
        {
            Input = new(weights[9], weights[10], weights[11]),
            State = new(weights[12], weights[13], weights[14]),
            Shift = new(weights[15], null, weights[16]),
            SeenState = new(weights[17], weights[18], epsilon),
            Gates = use.Is(Normalizes.Name) ? new(weights[19], weights[20], epsilon) : null,
        };
    }
}
