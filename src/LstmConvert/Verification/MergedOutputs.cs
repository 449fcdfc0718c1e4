using LstmConvert.Arrays;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.Verification;

/// <summary>The outputs of both directions as the Keras model gives them: one, merged in some way, or two, where a source has one.</summary>
internal static class MergedOutputs
{
    /// <summary>The outputs of a Keras model, those of both directions that are given apart beside each other.</summary>
    /// <param name="model">The model.</param>
    /// <param name="outputs">What it gave, in the order of its outputs.</param>
    public static IReadOnlyList<(Port Port, Sequence Value)> Joined(Model model, IReadOnlyList<Sequence> outputs)
    {
        var joined = new List<(Port Port, Sequence Value)>();
        foreach (var (port, value) in model.Outputs.Zip(outputs))
        {
            if (
                joined is [.., var (before, forward)]
                && port is { State: null, Output: 1 }
                && before is { State: null, Output: 0 }
                && before.From == port.From
                && model.Find(port.From)?.Callee is KerasUse use
                && Bidirectional.Is(use))
            {
                joined[^1] = (before, forward.Beside(value));
            }
            else
            {
                joined.Add((port, value));
            }
        }

        return joined;
    }

    /// <summary>The source's output of both directions beside each other as a Keras layer of both gives it; null where it is no such
    /// output.</summary>
    /// <param name="keras">The Keras side.</param>
    /// <param name="port">The Keras model's output.</param>
    /// <param name="source">What the source computed.</param>
    /// <param name="ours">The source's output.</param>
    /// <param name="theirs">The Keras model's.</param>
    /// <param name="last">The last valid step of each row.</param>
    /// <returns>It, and how both are merged where that makes other numbers than putting them beside each other.</returns>
    public static (Sequence Value, string? Mode)? AsKerasMerges(
        KerasSide keras,
        Port port,
        SideRun source,
        Sequence ours,
        Sequence theirs,
        Func<Sequence, Sequence> last)
    {
        if (port.State is not null || keras.Pairs.FirstOrDefault(pair => pair.IsMerged && pair.Name == port.From) is not { } pair)
        {
            return null;
        }

        var (forward, backward) = (source.Layers[pair.Layers[0]].Output, source.Layers[pair.Layers[1]].Output);
        if (
            forward.Batch != ours.Batch
            || forward.Steps != ours.Steps
            || !forward.Beside(backward).Values.AsSpan().SequenceEqual(ours.Values))
        {
            return null;
        }

        // What walks from a row's end ends at its first step.
        (forward, backward) =
            theirs.Steps == 1 && ours.Steps > 1 ? (last(forward), backward.Head(backward.Batch, 1)) : (forward, backward);
        return Bidirectional.Merged(pair.Uses[0], forward, backward) is { } merged
            ? (merged, Bidirectional.Merges(pair.Uses[0]))
            : (forward.Beside(backward), null);
    }
}
