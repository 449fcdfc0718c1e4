using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.KerasFiles;

/// <summary>
/// Where TensorFlow.js computes by masks that it has bent: what adds or multiplies gives <c>(1, b, t)</c> where <c>(b, t)</c> went in,
/// which a layer
/// behind it refuses, or, where the numbers happen to fit, takes for another mask without a word.
/// </summary>
internal static class BrowserMasks
{
    private enum State
    {
        None,
        Whole,
        Bent,
    }

    /// <summary>The layers that would compute by a bent mask, as phrases.</summary>
    /// <param name="model">The model.</param>
    public static IReadOnlyList<string> Obstacles(Model model)
    {
        var found = new List<string>();
        Walk(model, [.. model.Inputs.Select(_ => State.None)], found);
        return [.. found.Distinct(StringComparer.Ordinal)];
    }

    private static State[] Walk(Model model, IReadOnlyList<State> inputs, List<string> found)
    {
        var states = model.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => pair.Second, StringComparer.Ordinal);
        foreach (var call in model.Calls)
        {
            var given = call.Reads.Select(port => port.State is null ? states.GetValueOrDefault(port.From) : State.None).ToArray();
            if (call.IgnoresMask && given is [not State.None, ..])
            {
                found.Add($"{call.Name} would compute by a mask that Keras 3 leaves out where a layer begins with states that it is handed");
            }

            states[call.Name] = call.Callee switch
            {
                KerasUse use => After(use, call.Name, given.Length == 0 ? State.None : given.Max(), found),
                NestedModel nested => Walk(
                        nested.Model,
                        [.. call.Inputs.Select(port => port.State is null ? states.GetValueOrDefault(port.From) : State.None)],
                        found)
                    .DefaultIfEmpty()
                    .Max(),
                _ => State.None,
            };
        }

        return [.. model.Outputs.Select(port => port.State is null ? states.GetValueOrDefault(port.From) : State.None)];
    }

    private static State After(KerasUse use, string name, State given, List<string> found)
    {
        if (given == State.Bent && Reads(use))
        {
            found.Add(
                $"{name} would compute by a mask that TensorFlow.js gives another shape in the layer that adds or multiplies before it");
        }

        return use.Layer.MakesMask(use) ? State.Whole
            : use.Layer.IsRecurrent && !use.ReturnsSequences ? State.None
            : given != State.None && use.Layer.BrowserMask == BrowserMask.Bent ? State.Bent
            : given;
    }

    private static bool Reads(KerasUse use) => use.Layer.IsRecurrent || use.Layer.BrowserMask == BrowserMask.Read || use.Inner.Any(Reads);
}
