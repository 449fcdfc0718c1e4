namespace LstmConvert.KerasLayers;

/// <summary>Keras's SimpleRNNCell: one step of <see cref="SimpleRnn"/>, for RNN.</summary>
internal static class SimpleRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = SimpleRnn.Definition with
    {
        ClassName = "SimpleRNNCell",
        Arguments = [RecurrentArguments.Units, RecurrentArguments.Activation, RecurrentArguments.UseBias],
        Parts = use => [new([], [.. use.WeightDefinitions.Select(weight => weight.Name)])],
        Run = null,
        Around = SimpleRnn.Definition,
        Step = RecurrentRun.SimpleRnn,
        IsRecurrent = false,
        IsNamed = false,
    };
}
