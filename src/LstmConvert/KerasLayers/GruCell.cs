namespace LstmConvert.KerasLayers;

/// <summary>Keras's GRUCell: one step of <see cref="Gru"/>, for RNN.</summary>
internal static class GruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = Gru.Definition with
    {
        ClassName = "GRUCell",
        Arguments = [
            RecurrentArguments.Units, RecurrentArguments.Activation, RecurrentArguments.RecurrentActivation, RecurrentArguments.ResetAfter,
            RecurrentArguments.UseBias],
        Parts = use => [new([], [.. use.WeightDefinitions.Select(weight => weight.Name)])],
        Run = null,
        Around = Gru.Definition,
        Step = RecurrentRun.Gru,
        IsRecurrent = false,
        IsNamed = false,
    };
}
