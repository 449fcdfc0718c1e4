using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>What one witness computed for one layer, in the order of the input's time steps.</summary>
/// <param name="Input">What the layer read.</param>
/// <param name="Output">Its output, without a residual addition.</param>
/// <param name="States">Its states at each step, by name.</param>
/// <param name="Finals">Its final states, <c>(b, w)</c>, by name.</param>
internal sealed record LayerRun(
    Value Input,
    Sequence Output,
    IReadOnlyDictionary<string, Sequence> States,
    IReadOnlyDictionary<string, double[]> Finals)
{
    /// <summary>Runs a layer alone.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">What it is called with.</param>
    public static LayerRun Of(ICallable layer, CallInputs inputs) => Of(layer, inputs, layer.Run(inputs));

    /// <summary>Takes what a layer gave.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="inputs">What it was called with.</param>
    /// <param name="result">What it gave.</param>
    public static LayerRun Of(ICallable layer, CallInputs inputs, CallResult result) =>
        Of(inputs.Inputs[0], SideRun.ToSequence(result.Output), layer.States, result.StatesPerStep, result.FinalStates);

    /// <summary>Takes what a call gave.</summary>
    public static LayerRun Of(
        Value input,
        Sequence output,
        IReadOnlyList<string> names,
        IReadOnlyList<Sequence> states,
        IReadOnlyList<NumericArray> finals) =>
        new(
            input,
            states.FirstOrDefault(state => AreSame(state, output)) ?? output,
            names.Zip(states).ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal),
            names.Zip(finals).ToDictionary(pair => pair.First, pair => pair.Second.ToDoubles(), StringComparer.Ordinal));

    /// <summary>True if a state is the output, number by number: one of the two is enough.</summary>
    private static bool AreSame(Sequence state, Sequence output) =>
        state.Batch == output.Batch
        && state.Steps == output.Steps
        && state.StepShape.SequenceEqual(output.StepShape)
        && state.Values.AsSpan().SequenceEqual(output.Values);
}

/// <summary>What one witness computed.</summary>
/// <param name="Layers">Each layer that it knows.</param>
/// <param name="Outputs">The outputs of the model, in order; empty where it has no model, only layers.</param>
internal sealed record SideRun(IReadOnlyDictionary<RecurrentLayer, LayerRun> Layers, IReadOnlyList<Sequence> Outputs)
{
    /// <summary>The output of a layer as the next one reads it, a residual addition included; only of the source.</summary>
    public IReadOnlyDictionary<RecurrentLayer, Sequence> HandedOn { get; init; } = new Dictionary<RecurrentLayer, Sequence>();

    /// <summary>A value as a sequence; one without a time axis has one step.</summary>
    public static Sequence ToSequence(Value value) => Sequence.Of(value.Data);
}
