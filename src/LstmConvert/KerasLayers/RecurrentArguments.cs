using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Arguments that several Keras layers have, with what the oldest Keras without them computed (keras 1.2.2 to 3.15.1, the layers'
/// constructors).</summary>
internal static class RecurrentArguments
{
    /// <summary>The number of units.</summary>
    public static ArgumentDefinition Units { get; } = new("units", FactValue.None) { NameInKeras1 = "output_dim", IsPositional = true };

    /// <summary>The activation of candidate and output.</summary>
    public static ArgumentDefinition Activation { get; } = new("activation", FactValue.Of("tanh")) { IsActivation = true };

    /// <summary>The activation of the gates: the default was hard_sigmoid until Keras 2.3, so code always says it.</summary>
    public static ArgumentDefinition RecurrentActivation { get; } = new("recurrent_activation", FactValue.Of("hard_sigmoid"))
    {
        NameInKeras1 = "inner_activation",
        IsActivation = true,
    };

    /// <summary>Whether there is a bias; Keras 1 always had one.</summary>
    public static ArgumentDefinition UseBias { get; } =
        new("use_bias", FactValue.Of(true)) { NameInKeras1 = "bias", LeftOutIf = FactValue.Of(true) };

    /// <summary>Where a GRU resets. False where it is absent; True is the default of TensorFlow 2 and Keras 3, so code always says
    /// it.</summary>
    public static ArgumentDefinition ResetAfter { get; } = new("reset_after", FactValue.Of(false));

    /// <summary>Walks the sequence from its last step; the outputs come in the order in which they are computed.</summary>
    public static ArgumentDefinition GoBackwards { get; } = Switch("go_backwards");

    /// <summary>Gives the output of every step.</summary>
    public static ArgumentDefinition ReturnSequences { get; } = Switch("return_sequences");

    /// <summary>Gives the final states beside the output.</summary>
    public static ArgumentDefinition ReturnState { get; } = Switch("return_state");

    /// <summary>Gives zeros at masked steps instead of the last output (TensorFlow 2.x and Keras 3).</summary>
    public static ArgumentDefinition ZeroOutputForMask { get; } = Switch("zero_output_for_mask");

    /// <summary>Time before batch (tf.keras only).</summary>
    public static ArgumentDefinition TimeMajor { get; } = Switch("time_major") with { Honours = value => value.Truth != true };

    /// <summary>What every layer that walks a sequence has.</summary>
    public static IReadOnlyList<ArgumentDefinition> OfLoops { get; } =
        [GoBackwards, ReturnSequences, ReturnState, ZeroOutputForMask, TimeMajor];

    private static ArgumentDefinition Switch(string name) => new(name, FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };
}
