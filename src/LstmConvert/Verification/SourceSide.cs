using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.Models;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>Runs the source's model: its cells on its own variables, in TensorFlow's loop.</summary>
internal static class SourceSide
{
    /// <summary>Computes.</summary>
    /// <param name="source">The source.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="precision">The arithmetic.</param>
    /// <param name="change">Other arrays or facts in place of the cells' own, or null.</param>
    /// <param name="other">Other cells in place of the source's, or null.</param>
    public static SideRun Run(
        SourceModel source,
        Sample sample,
        Precision precision,
        Func<CellArrays, CellArrays>? change = null,
        Func<BoundCell, BoundCell>? other = null)
    {
        var model =
            change is null && other is null
                ? source.Model
                : source.Model.With(layer =>
                    layer.Callee is CellCall call ? (other is null ? call : new CellCall(other(call.Cell))).With(change) : layer.Callee);
        var byCall = source.Layers.ToDictionary(layer => layer.CallName!, StringComparer.Ordinal);
        var byOutput = source.Layers.ToLookup(layer => layer.Output!.From, StringComparer.Ordinal);
        var (runs, handedOn) = (new Dictionary<RecurrentLayer, LayerRun>(), new Dictionary<RecurrentLayer, Sequence>());
        var outputs = ModelWalker.Run(
            model,
            model.Inputs.ToDictionary(input => input.Name, input => sample.ValueOf(input.Name), StringComparer.Ordinal),
            precision,
            source.Layers.ToDictionary(layer => layer.CallName!, layer => sample.States[layer], StringComparer.Ordinal),
            (call, inputs, result) =>
            {
                if (byCall.TryGetValue(call.Name, out var layer))
                {
                    runs[layer] = LayerRun.Of(call.Callee, inputs, result);
                }

                foreach (var owner in byOutput[call.Name])
                {
                    handedOn[owner] = SideRun.ToSequence(result.Output);
                }
            });
        return new SideRun(runs, [.. outputs.Select(SideRun.ToSequence)]) { HandedOn = handedOn };
    }
}
