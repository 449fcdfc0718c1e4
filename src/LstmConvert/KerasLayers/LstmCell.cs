namespace LstmConvert.KerasLayers;

/// <summary>Keras's LSTMCell: one step of <see cref="Lstm"/>, for RNN.</summary>
internal static class LstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = Lstm.Definition with
    {
        ClassName = "LSTMCell",
        Arguments = [
            RecurrentArguments.Units, RecurrentArguments.Activation, RecurrentArguments.RecurrentActivation, RecurrentArguments.UseBias],
        Parts = use => [new([], [.. use.WeightDefinitions.Select(weight => weight.Name)])],
        Run = null,
        Around = Lstm.Definition,
        Step = RecurrentRun.Lstm,
        IsRecurrent = false,
        IsNamed = false,
    };
}
