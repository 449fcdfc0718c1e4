using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;

namespace LstmConvert.KerasLayers;

/// <summary>Runs Keras's cells in Keras's loop with the arguments that its recurrent layers have in common.</summary>
internal static class RecurrentRun
{
    /// <summary>Why TensorFlow.js does not compute a layer alike: at a masked step it gives the last output, never zeros.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="hasMasks">True if the model has masks.</param>
    public static string? RefusedInBrowser(KerasUse use, bool hasMasks) =>
        hasMasks && use.Is(RecurrentArguments.ZeroOutputForMask.Name)
            ? "TensorFlow.js repeats the last output at masked steps, and zero_output_for_mask=True gives zeros there"
            : null;

    /// <summary>The equations of an LSTM with the layer's weights and arguments.</summary>
    /// <param name="use">The layer or cell.</param>
    public static IStepEquations Lstm(KerasUse use) =>
        new Equations.Keras.Lstm(use.Weights[0], use.Weights[1], use.Weights.ElementAtOrDefault(2), Activation(use), GateActivation(use));

    /// <summary>The equations of a GRU.</summary>
    /// <param name="use">The layer or cell.</param>
    public static IStepEquations Gru(KerasUse use) => new Equations.Keras.Gru(
        use.Weights[0], use.Weights[1], use.Weights.ElementAtOrDefault(2), use.Is(RecurrentArguments.ResetAfter.Name),
        Activation(use), GateActivation(use));

    /// <summary>The equations of a SimpleRNN.</summary>
    /// <param name="use">The layer or cell.</param>
    public static IStepEquations SimpleRnn(KerasUse use) =>
        new Equations.Keras.SimpleRnn(use.Weights[0], use.Weights[1], use.Weights.ElementAtOrDefault(2), Activation(use));

    /// <summary>Walks the sequence.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="cell">Its cell.</param>
    /// <param name="inputs">What it is called with.</param>
    public static CallResult Run(KerasUse use, IStepEquations cell, CallInputs inputs)
    {
        var x = inputs.Inputs[0];
        if (!x.HasTime)
        {
            throw new UnsupportedModelException($"{use.ClassName} walks a sequence and gets a value without a time axis.");
        }

        if (inputs.InitialStates is { } given && given.Count != use.States.Count)
        {
            throw new UnsupportedModelException(
                $"{use.ClassName} has {use.States.Count} states and is called with {given.Count} initial states.");
        }

        var (batch, steps) = (x.Data.Dimensions[0], x.Data.Dimensions[1]);
        var sequence = Sequence.Of(x.Data);
        var initial = inputs.InitialStates ?? [.. use.StateWidths.Select(width => NumericArray.Zeros(inputs.Precision, batch, width))];
        var mask = x.Mask is null || inputs.IgnoresMask ? null : Mask.Of(x.Mask);
        var result = Loop.Run(cell, sequence, mask, initial, use.IsBackward, use.Is(RecurrentArguments.ZeroOutputForMask.Name));
        var output = use.ReturnsSequences || result.LastOutput is null
            ? new Value(result.Output.ToArray(inputs.Precision), x.Mask)
            : new Value(result.LastOutput);
        var perStep = use.IsBackward ? [.. result.StatesPerStep.Select(state => state.Reversed())] : result.StatesPerStep;
        return new CallResult(output, perStep, result.FinalStates);
    }

    /// <summary>The layer with the logistic function of the other family in its gates.</summary>
    /// <param name="use">The layer.</param>
    public static WrongLayer OtherGateActivation(KerasUse use)
    {
        var other = use.ActivationName(RecurrentArguments.RecurrentActivation.Name) == Activations.HardSigmoid.Name
            ? Activations.Sigmoid.Name : Activations.HardSigmoid.Name;
        return new WrongLayer(
            $"{RecurrentArguments.RecurrentActivation.Name}={other}",
            use.With(RecurrentArguments.RecurrentActivation.Name, FactValue.Of(other)));
    }

    /// <summary>The activation that is an argument of a layer.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="argument">The argument.</param>
    /// <exception cref="UnsupportedModelException">No such activation is known.</exception>
    public static Equations.Activation Find(KerasUse use, string argument) => Activations.Find(use.ActivationName(argument))
        ?? throw new UnsupportedModelException(
            $"{use.ClassName} has {argument}={use.ActivationName(argument)}, which is no activation that is known to compute.");

    private static Equations.Activation Activation(KerasUse use) => Find(use, RecurrentArguments.Activation.Name);

    private static Equations.Activation GateActivation(KerasUse use) => Find(use, RecurrentArguments.RecurrentActivation.Name);
}
