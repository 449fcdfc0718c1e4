using LstmConvert.Arrays;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>What an <see cref="ExtendedLstmCell"/> is made of; what is null is not there.</summary>
/// <param name="Kernel"><c>(x, 4u)</c>, columns i f g o.</param>
/// <param name="RecurrentKernel"><c>(p, 4u)</c>.</param>
/// <param name="Units">u.</param>
/// <param name="Activation">Of candidate and state.</param>
/// <param name="RecurrentActivation">Of the gates.</param>
internal sealed record ExtendedLstmRecipe(
    Derivation Kernel,
    Derivation RecurrentKernel,
    int Units,
    string Activation,
    string RecurrentActivation)
{
    /// <summary><c>(4u,)</c>.</summary>
    public Derivation? Bias { get; init; }

    /// <summary>The peepholes of i, f and o, <c>(u,)</c> each, or <c>(u, u)</c>.</summary>
    public (Derivation Input, Derivation Forget, Derivation Output)? Peepholes { get; init; }

    /// <summary>True if the peepholes are matrices.</summary>
    public bool HasFullPeepholes { get; init; }

    /// <summary><c>(u, p)</c>, and p.</summary>
    public (Derivation Kernel, int Width)? Projection { get; init; }

    /// <summary>The limit of the cell state.</summary>
    public FactValue CellClip { get; init; } = FactValue.None;

    /// <summary>The limit of the output.</summary>
    public FactValue ProjectionClip { get; init; } = FactValue.None;

    /// <summary>How the gates are normalised, with gamma and beta of <c>each</c> or <c>sum</c>, or of the input's and the state's
    /// <c>products</c>.</summary>
    public (string How, IReadOnlyList<Derivation> Weights)? Gates { get; init; }

    /// <summary>How the cell state is normalised: <c>carried</c> or <c>output</c>, with gamma and beta.</summary>
    public (string How, Derivation Gamma, Derivation Beta)? State { get; init; }

    /// <summary>What is added to each variance.</summary>
    public double Epsilon { get; init; } = 1e-12;

    /// <summary>True if the limits hold for the states that a step starts from.</summary>
    public bool ClipsIncoming { get; init; }

    /// <summary>True if the output's peephole stands beside the state, inside its activation.</summary>
    public bool PeepsIntoState { get; init; }

    /// <summary>The limit of what the activations of all four gates see.</summary>
    public FactValue GateClip { get; init; } = FactValue.None;

    /// <summary>Of the state that the output sees; null for that of the candidate.</summary>
    public string? OutputActivation { get; init; }
}

/// <summary>
/// A cell of ours for Keras's RNN: an LSTM with peepholes, clips, a projection whose output is the state, and layer normalisation, which no
/// stock layer has. Its Python text is <c>Python/ExtendedLSTMCell.py</c>. Columns i f g o; the forget bias is in the bias or in the betas.
/// <code>
/// kernel (x, 4u)   recurrent_kernel (p, 4u)   bias (4u,)   w_i, w_f, w_o (u,) or (u, u)   projection_kernel (u, p)
/// gate_gamma, gate_beta (4u,), or kernel_gamma, kernel_beta, recurrent_gamma, recurrent_beta (4u,)   state_gamma, state_beta (u,)
/// </code>
/// </summary>
internal static class ExtendedLstmCell
{
    /// <summary>Each gate is normalised by itself, its bias included.</summary>
    public const string Each = "each";

    /// <summary>All gates are normalised together, before the bias.</summary>
    public const string Sum = "sum";

    /// <summary>The products with the input and with the state are normalised, each by itself.</summary>
    public const string Products = "products";

    /// <summary>The cell state is kept normalised.</summary>
    public const string Carried = "carried";

    /// <summary>The cell state is normalised where the output sees it.</summary>
    public const string Output = "output";

    /// <summary>The output's peephole is added to its gate.</summary>
    private const string BesideGate = "gate";

    /// <summary>The output's peephole is added to the state that the output sees.</summary>
    private const string BesideState = "state";

    private const string Gates = "ifgo";

    /// <summary>The gates that the recurrent activation squashes.</summary>
    private const string Squashed = "ifo";

    private static readonly ArgumentDefinition Projection = Optional("num_proj");
    private static readonly ArgumentDefinition Peepholes = new("use_peepholes", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };
    private static readonly ArgumentDefinition CellClip = Optional("cell_clip");
    private static readonly ArgumentDefinition ProjectionClip = Optional("proj_clip");
    private static readonly ArgumentDefinition NormalizeGates = Optional("normalize_gates") with
    {
        Honours = value => value.IsNone || value.Text is Each or Sum or Products,
    };
    private static readonly ArgumentDefinition NormalizeState = Optional("normalize_state") with
    {
        Honours = value => value.IsNone || value.Text is Carried or Output,
    };
    private static readonly ArgumentDefinition Epsilon = new("epsilon", FactValue.Of(1e-12)) { LeftOutIf = FactValue.Of(1e-12) };
    private static readonly ArgumentDefinition ClipIncoming = new("clip_incoming", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };

    private static readonly ArgumentDefinition OutputPeephole = new("output_peephole", FactValue.Of(BesideGate))
    {
        LeftOutIf = FactValue.Of(BesideGate),
        Honours = value => value.Text is BesideGate or BesideState,
    };

    private static readonly ArgumentDefinition GateClip = Optional("gate_clip");

    private static readonly ArgumentDefinition FullPeepholes =
        new("full_peepholes", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };

    private static readonly ArgumentDefinition OutputActivation = Optional("output_activation") with { IsActivation = true };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } =
        new("ExtendedLSTMCell")
        {
            Weights = Weights,
            Arguments =
            [
                RecurrentArguments.Units,
                Projection,
                RecurrentArguments.Activation,
                RecurrentArguments.RecurrentActivation,
                RecurrentArguments.UseBias,
                Peepholes,
                CellClip,
                ProjectionClip,
                NormalizeGates,
                NormalizeState,
                Epsilon,
                ClipIncoming,
                OutputPeephole,
                GateClip,
                OutputActivation,
                FullPeepholes,
            ],
            States = _ => ["h", "c"],
            StateWidths = use => [OutputSize(use), use.Units],
            Width = (use, _) => OutputSize(use),
            Step = Step,
            Wrong = Wrong,
            Mistakes = Mistakes,
            IsOurs = true,
        };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="recipe">What it is made of.</param>
    /// <param name="states">The cell's states that are h and c.</param>
    public static LayerRecipe Of(ExtendedLstmRecipe recipe, IReadOnlyList<string> states)
    {
        var arguments = new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(recipe.Units),
            [Projection.Name] = recipe.Projection is { } width ? FactValue.Of(width.Width) : FactValue.None,
            [RecurrentArguments.Activation.Name] = FactValue.Of(recipe.Activation),
            [RecurrentArguments.RecurrentActivation.Name] = FactValue.Of(recipe.RecurrentActivation),
            [RecurrentArguments.UseBias.Name] = FactValue.Of(recipe.Bias is not null),
            [Peepholes.Name] = FactValue.Of(recipe.Peepholes is not null),
            [CellClip.Name] = recipe.CellClip,
            [ProjectionClip.Name] = recipe.ProjectionClip,
            [NormalizeGates.Name] = recipe.Gates is { } gates ? FactValue.Of(gates.How) : FactValue.None,
            [NormalizeState.Name] = recipe.State is { } state ? FactValue.Of(state.How) : FactValue.None,
            [Epsilon.Name] = recipe.Gates is null && recipe.State is null ? Epsilon.Default : FactValue.Of(recipe.Epsilon),
            [ClipIncoming.Name] = FactValue.Of(recipe.ClipsIncoming),
            [OutputPeephole.Name] = FactValue.Of(recipe.PeepsIntoState ? BesideState : BesideGate),
            [GateClip.Name] = recipe.GateClip,
            [FullPeepholes.Name] = FactValue.Of(recipe.HasFullPeepholes),
            [OutputActivation.Name] =
                recipe.OutputActivation is { } output && output != recipe.Activation ? FactValue.Of(output) : FactValue.None,
        };
        var cell = new KerasUse(Definition, arguments);
        Derivation[] weights =
        [
            recipe.Kernel, recipe.RecurrentKernel, .. recipe.Bias is { } bias ? [bias] : Enumerable.Empty<Derivation>(),
            .. recipe.Peepholes is { } peepholes ? [peepholes.Input, peepholes.Forget, peepholes.Output] : Enumerable.Empty<Derivation>(),
            .. recipe.Projection is { } projection ? [projection.Kernel] : Enumerable.Empty<Derivation>(),
            .. recipe.Gates?.Weights ?? [],
            .. recipe.State is { } norm ? [norm.Gamma, norm.Beta] : Enumerable.Empty<Derivation>(),
        ];
        return Rnn.Of(cell, weights, states);
    }

    private static ArgumentDefinition Optional(string name) => new(name, FactValue.None) { LeftOutIf = FactValue.None };

    private static int OutputSize(KerasUse use) => use[Projection.Name].IsNone ? use.Units : use.Count(Projection.Name);

    private static IReadOnlyList<WeightDefinition> Weights(KerasUse use)
    {
        var sizes = new Dictionary<char, long> { ['u'] = use.Units, ['p'] = OutputSize(use) };
        var how = use[NormalizeGates.Name].Text;
        WeightDefinition Row(string name, bool isSummed = true) =>
            new(name, "(4u,)", Gates) { Sizes = sizes, Squashed = isSummed ? Squashed : "" };
        WeightDefinition Unit(string name) => new(name, "(u,)") { Sizes = sizes };
        WeightDefinition Peephole(string name, string gate) =>
            new(name, use.Is(FullPeepholes.Name) ? "(u, u)" : "(u,)") { Sizes = sizes, Squashed = gate };
        return
        [
            Row(RecurrentWeights.Kernel, how is null) with { Shape = "(x, 4u)" },
            Row(RecurrentWeights.RecurrentKernel, how is null) with { Shape = "(p, 4u)" },
            .. use.Is(RecurrentArguments.UseBias.Name) ? [Row(RecurrentWeights.Bias, how is not Each)] : Enumerable.Empty<WeightDefinition>(),
            .. use.Is(Peepholes.Name)
                ? [Peephole("w_i", "i"), Peephole("w_f", "f"), Peephole("w_o", use[OutputPeephole.Name].Text == BesideState ? "" : "o")]
                : Enumerable.Empty<WeightDefinition>(),
            .. use[Projection.Name].IsNone
                ? Enumerable.Empty<WeightDefinition>()
                : [new WeightDefinition("projection_kernel", "(u, p)") { Sizes = sizes }],
            .. how switch
            {
                Each or Sum => [Row("gate_gamma"), Row("gate_beta")],
                Products => [Row("kernel_gamma"), Row("kernel_beta"), Row("recurrent_gamma"), Row("recurrent_beta")],
                _ => Enumerable.Empty<WeightDefinition>(),
            },
            .. use[NormalizeState.Name].IsNone ? Enumerable.Empty<WeightDefinition>() : [Unit("state_gamma"), Unit("state_beta")],
        ];
    }

    private static ExtendedLstm Step(KerasUse use)
    {
        var (weights, definitions, epsilon) = (use.Weights, use.WeightDefinitions, use[Epsilon.Name].Number ?? 0);
        NumericArray? Find(string name) =>
            definitions.Index().Where(one => one.Item.Name == name).Select(one => weights[one.Index]).FirstOrDefault();
        NumericArray Get(string name) => Find(name)!;
        RowNorm Norm(string name) => new(Get($"{name}_gamma"), Get($"{name}_beta"), epsilon);
        RowNorm? If(string argument, string how, string name) => use[argument].Text == how ? Norm(name) : null;
        return new ExtendedLstm(
            weights[0],
            weights[1],
            RecurrentRun.Find(use, RecurrentArguments.Activation.Name),
            RecurrentRun.Find(use, RecurrentArguments.RecurrentActivation.Name))
        {
            Bias = Find(RecurrentWeights.Bias),
            Peepholes = use.Is(Peepholes.Name) ? (Get("w_i"), Get("w_f"), Get("w_o")) : null,
            HasFullPeepholes = use.Is(FullPeepholes.Name),
            Projection = Find("projection_kernel"),
            CellClip = use[CellClip.Name].Number,
            ProjectionClip = use[ProjectionClip.Name].Number,
            ClipsIncoming = use.Is(ClipIncoming.Name),
            PeepsIntoState = use[OutputPeephole.Name].Text == BesideState,
            GateClip = use[GateClip.Name].Number,
            OutputActivation = use[OutputActivation.Name].IsNone ? null : RecurrentRun.Find(use, OutputActivation.Name),
            EachGate = If(NormalizeGates.Name, Each, "gate"),
            AllGates = If(NormalizeGates.Name, Sum, "gate"),
            Products = use[NormalizeGates.Name].Text == Products ? (Norm("kernel"), Norm("recurrent")) : null,
            CarriedState = If(NormalizeState.Name, Carried, "state"),
            SeenState = If(NormalizeState.Name, Output, "state"),
        };
    }

    private static IReadOnlyList<Func<KerasUse, IEnumerable<WrongLayer>>> Mistakes(KerasUse _) =>
        [
            use =>
                RecurrentWeights
                    .Orders(Gates)
                    .Select(order => new WrongLayer(
                        $"gates taken as {RecurrentMistakes.Spaced(order)}",
                        Ordered(use, [.. Gates.Select(gate => order.IndexOf(gate, StringComparison.Ordinal))]))),
            OtherPeepholes,
            OtherForgetBias,
            use => RecurrentMistakes.Functions(use, RecurrentArguments.Activation),
            use => RecurrentMistakes.GateFunctions(use),
        ];

    /// <summary>The vectors of the peepholes in another order, named as they lie.</summary>
    private static IEnumerable<WrongLayer> OtherPeepholes(KerasUse use)
    {
        const string Order = "ifo";
        if (use.Is(Peepholes.Name))
        {
            var first = use.WeightDefinitions.Index().First(one => one.Item.Name == "w_i").Index;
            foreach (var order in RecurrentWeights.Orders(Order))
            {
                yield return new WrongLayer(
                    $"peepholes taken as {RecurrentMistakes.Spaced(order)}",
                    use with
                    {
                        Weights =
                        [
                            .. use.Weights.Take(first),
                            .. Order.Select(gate => use.Weights[first + order.IndexOf(gate, StringComparison.Ordinal)]),
                            .. use.Weights.Skip(first + Order.Length),
                        ],
                    });
            }
        }
    }

    /// <summary>The constant stands in whatever row is added last.</summary>
    private static IEnumerable<WrongLayer> OtherForgetBias(KerasUse use) =>
        use.WeightDefinitions.LastOrDefault(one => one.Name is RecurrentWeights.Bias or "gate_beta" or "recurrent_beta") is not { } last
            ? []
            : new[] { ("forget bias 1 added", 1.0), ("forget bias 1 taken away", -1.0) }.Select(one => new WrongLayer(
                one.Item1,
                Changed(use, (definition, weight) =>
                    definition.Name != last.Name
                        ? weight
                        : NumericArray.Concatenate([
                            .. Gates.Select(
                                (gate, k) => RecurrentWeights.Block(weight, 4, k) is var block && gate == 'f' ? block + one.Item2 : block),
                        ]))));

    private static KerasUse Changed(KerasUse use, Func<WeightDefinition, NumericArray, NumericArray> change) =>
        use with
        {
            Weights = [.. use.WeightDefinitions.Zip(use.Weights, change)],
        };

    /// <summary>The layer with the blocks of every weight that has gates in another order.</summary>
    private static KerasUse Ordered(KerasUse use, int[] places) =>
        Changed(use, (definition, weight) => definition.Gates is null ? weight : weight.ColumnBlocks(places));

    private static IEnumerable<WrongLayer> Wrong(KerasUse use)
    {
        var definitions = use.WeightDefinitions;
        KerasUse With(Func<WeightDefinition, NumericArray, NumericArray> change) => Changed(use, change);
        foreach (var order in RecurrentWeights.Orders(Gates))
        {
            yield return new WrongLayer(
                $"gates {order}", Ordered(use, [.. order.Select(gate => Gates.IndexOf(gate, StringComparison.Ordinal))]));
        }

        foreach (var other in OtherForgetBias(use))
        {
            yield return other;
        }

        if (
            use.Is(Peepholes.Name)
            && definitions
                .Zip(use.Weights)
                .Any(pair => pair.First.Name.StartsWith("w_", StringComparison.Ordinal) && pair.Second.ToDoubles().Any(value => value != 0))
        )
        {
            yield return new WrongLayer(
                "without peepholes",
                With((definition, weight) => definition.Name.StartsWith("w_", StringComparison.Ordinal) ? weight * 0 : weight));
        }

        yield return RecurrentRun.OtherGateActivation(use);
    }
}
