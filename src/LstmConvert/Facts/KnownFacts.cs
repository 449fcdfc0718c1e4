namespace LstmConvert.Facts;

/// <summary>Facts that many cells have, without their defaults: a cell gives those with <c>By</c>.</summary>
public static class KnownFacts
{
    /// <summary>What is added to the forget gate's pre-activation at run time.</summary>
    public static NumberFact ForgetBias { get; } = new("forget_bias")
    {
        Neutral = FactValue.Of(0),
        Meaning = "what the program adds to the forget gate as it runs",
    };

    /// <summary>The activation of candidate and output.</summary>
    public static ActivationFact Activation { get; } = new("activation")
    {
        Neutral = FactValue.Of("linear"),
        Meaning = "the activation of candidate and output",
    };

    /// <summary>The activation of the gates.</summary>
    public static ActivationFact RecurrentActivation { get; } = new("recurrent_activation")
    {
        Neutral = FactValue.Of("linear"),
        Meaning = "the activation of the gates",
    };

    /// <summary>The limit of the cell state.</summary>
    public static LimitFact CellClip { get; } = new("cell_clip")
    {
        NeutralCondition = "nothing is clipped",
        Meaning = "the limit to which the cell state is clipped",
    };

    /// <summary>The limit of the projected output.</summary>
    public static LimitFact ProjectionClip { get; } = new("proj_clip")
    {
        NeutralCondition = "nothing is clipped",
        Meaning = "the limit to which the projected output is clipped",
    };

    /// <summary>Whether the cell's input is added to its output (ResidualWrapper). Every layer has it.</summary>
    public static TruthFact Residual { get; } = new TruthFact("residual")
    {
        Neutral = FactValue.Of(false),
        NeutralCondition = "no input is added to an output",
        Meaning = "whether the input is added to the output",
    }.By(false);

    /// <summary>Whether the layer walks the sequence from its first or from its last step. Every layer has it.</summary>
    public static ChoiceFact Direction { get; } = new ChoiceFact("direction", ["forward", "backward"])
    {
        Neutral = FactValue.Of("forward"),
        Meaning = "the direction in which the sequence is walked",
    }.By("forward");

    /// <summary>
    /// How many levels of a stack the one cell is run at: <c>MultiRNNCell([cell] * 2)</c> has the variables of one cell. Only layers whose
    /// names leave it
    /// open have it.
    /// </summary>
    public static NumberFact Levels { get; } = new("levels")
    {
        Neutral = FactValue.Of(1),
        NeutralCondition = "no cell is run at several levels",
        OnlyIfShown = true,
        Meaning = "at how many levels of a stack the one cell is run",
    };

    /// <summary>How the cells of one group feed each other.</summary>
    public static ChoiceFact Wiring { get; } = new("wiring", ["chain", "independent", "bidirectional", "stack-bidirectional", "skip"])
    {
        Meaning = "which layers feed each other",
    };

    /// <summary>Whether rows have lengths of their own.</summary>
    public static TruthFact SequenceLengths { get; } =
        new("sequence_length") { OnlyIfShown = true, Meaning = "whether the program gave each row its length" };
}
