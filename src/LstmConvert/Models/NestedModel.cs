using LstmConvert.Equations;
using LstmConvert.KerasLayers;

namespace LstmConvert.Models;

/// <summary>A model that is called by another one.</summary>
/// <param name="ClassName"><c>Functional</c> or <c>Sequential</c>, as its configuration says.</param>
/// <param name="Model">The model.</param>
internal sealed record NestedModel(string ClassName, Model Model) : ICallable
{
    /// <summary>True for a model inside a layer that calls it with each step: the steps of all rows are its samples.</summary>
    public bool IsOnEachStep { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<string> States => [];

    /// <inheritdoc/>
    public IReadOnlyList<int> StateWidths => [];

    /// <inheritdoc/>
    public int OutputCount => Model.Outputs.Count;

    /// <inheritdoc/>
    public bool CarriesStates => Model.Calls.Any(call => call.Callee.CarriesStates);

    /// <inheritdoc/>
    public CallResult Run(CallInputs inputs)
    {
        if (inputs.Inputs.Count != Model.Inputs.Count)
        {
            throw new UnsupportedModelException(
                $"A nested model has {Model.Inputs.Count} inputs and is called with {inputs.Inputs.Count}.");
        }

        if (IsOnEachStep)
        {
            TimeDistributed.RefuseCarried(this);
        }

        var given = IsOnEachStep ? inputs.Inputs.Select(Steps.AsRows) : inputs.Inputs;
        var named = Model.Inputs.Zip(given).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        var outputs = ModelWalker.Run(Model, named, inputs.Precision);
        if (IsOnEachStep)
        {
            outputs = [.. outputs.Select(output => Steps.FromRows(output, inputs.Inputs[0]))];
        }

        return CallResult.Of(outputs[0]) with { FurtherOutputs = [.. outputs.Skip(1)] };
    }
}
