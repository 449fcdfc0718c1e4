using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>The tensors of a graph at which one layer is watched.</summary>
internal sealed class LayerWatch
{
    private readonly IReadOnlyList<string> sequence;
    private readonly IReadOnlyList<(string State, GraphTap Tap)> finals;
    private readonly bool isSum;

    private LayerWatch(
        RecurrentLayer layer,
        IReadOnlyList<string> sequence,
        bool isSum,
        IReadOnlyList<(string State, GraphTap Tap)> finals)
    {
        Layer = layer;
        (this.sequence, this.isSum, this.finals) = (sequence, isSum, finals);
    }

    /// <summary>The layer.</summary>
    public RecurrentLayer Layer { get; }

    /// <summary>What is fetched.</summary>
    public IReadOnlyList<string> Tensors => [.. sequence, .. finals.Select(final => final.Tap.Tensor)];

    /// <summary>A layer's tensors; null where nothing of it leaves its loop.</summary>
    public static LayerWatch? Of(RecurrentLayer layer)
    {
        var taps = layer.Watched!.Taps.Value;
        var isSum = taps.Output is null && taps.Sum is not null;
        IReadOnlyList<string> sequence = (taps.Output ?? taps.Sum) is { } tap ? [tap.Tensor] : taps.Steps;
        var finals = layer
            .Cell.States.Where(state => taps.FinalStates.ContainsKey(state.Name))
            .Select(state => (state.Name, taps.FinalStates[state.Name]))
            .ToArray();
        return sequence.Count + finals.Length == 0 ? null : new LayerWatch(layer, sequence, isSum, finals);
    }

    /// <summary>Compares what the graph gave with what the equations gave; a value of another form is a reason, no difference.</summary>
    /// <param name="values">What was fetched.</param>
    /// <param name="ours">What the equations gave.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="reasons">Gets why something is not compared.</param>
    /// <param name="isBackward">The direction that is taken for the layer's; null for its own.</param>
    public IReadOnlyList<Difference> Compare(
        IReadOnlyList<GraphValue> values,
        SideRun ours,
        Sample sample,
        List<string> reasons,
        bool? isBackward = null)
    {
        var (run, differences) = (ours.Layers[Layer], new List<Difference>());
        var isTurned = (isBackward ?? Layer.IsBackward) && !Layer.Watched!.TurnsItself;
        var expected = isSum ? ours.HandedOn[Layer] : run.Output;
        if (sequence.Count > 0)
        {
            if (Walked(values, expected) is { } walked)
            {
                differences.Add(
                    Difference.Of(
                        "outputs",
                        isTurned ? TurnedWithin(walked, sample.Lengths) : walked,
                        expected,
                        sample.Lengths));
            }
            else if (sequence.Count == 1 && values[0].Shape.SequenceEqual([1, expected.Batch, expected.Width]) && !sample.HasShortRows)
            {
                // The program keeps the last step alone.
                differences.Add(
                    Difference.Of(
                        "last output",
                        values[0].ToDoubles(),
                        LastWalked(expected, isTurned),
                        expected.Batch));
            }
            else
            {
                reasons.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{Layer.Scope}: {sequence[0]} is ({string.Join(", ", values[0].Shape)}) in the graph, and no sequence ({string.Join(", ", expected.StepShape.Prepend(expected.Steps).Prepend(expected.Batch))}) step by step"
                    ));

                // It did not run over the sample: its states are those of another sequence.
                return [];
            }
        }

        foreach (var (final, value) in finals.Zip(values.Skip(sequence.Count)))
        {
            if (run.Finals.TryGetValue(final.State, out var state) && Columns(value, final.Tap.Cut, state.Length) is { } given)
            {
                differences.Add(Difference.Of($"final {final.State}", given, state, sample.RowCount));
            }
        }

        return differences;
    }

    /// <summary>The numbers of a final state; null where the graph has it in another form.</summary>
    private static double[]? Columns(GraphValue value, ColumnCut? cut, int count)
    {
        if (cut is null)
        {
            return value.Count == count ? value.ToDoubles() : null;
        }

        var rows = value.Rank == 2 ? value.Shape[0] : 0;
        if (rows == 0 || count % rows != 0 || cut.At(count / rows) + (count / rows) > value.Shape[1])
        {
            return null;
        }

        var (width, begin, all) = (count / rows, (int)cut.At(count / rows), value.ToDoubles());
        return [.. Enumerable.Range(0, rows).SelectMany(row => all.AsSpan((row * value.Shape[1]) + begin, width).ToArray())];
    }

    private static double[] LastWalked(Sequence all, bool isBackward)
    {
        var last = new double[all.Batch * all.Width];
        for (var b = 0; b < all.Batch; b++)
        {
            all.Values.AsSpan(((b * all.Steps) + (isBackward ? 0 : all.Steps - 1)) * all.Width, all.Width)
                .CopyTo(last.AsSpan(b * all.Width));
        }

        return last;
    }

    /// <summary>The outputs in the order in which the graph walks; null where they have another form.</summary>
    private Sequence? Walked(IReadOnlyList<GraphValue> values, Sequence expected)
    {
        var (batch, steps, width) = (expected.Batch, expected.Steps, expected.Width);
        var isWhole = sequence.Count == 1 && values[0].Rank >= 3;
        if (
            isWhole
                ? !values[0].Shape.SequenceEqual([steps, batch, .. expected.StepShape])
                : sequence.Count != steps || values.Take(steps).Any(value => value.Count != batch * width))
        {
            return null;
        }

        var walked = new double[batch * steps * width];
        for (var t = 0; t < steps; t++)
        {
            var step = isWhole ? values[0].ToDoubles().AsSpan(t * batch * width, batch * width) : values[t].ToDoubles();
            for (var b = 0; b < batch; b++)
            {
                step.Slice(b * width, width).CopyTo(walked.AsSpan(((b * steps) + t) * width));
            }
        }

        return new Sequence(batch, steps, expected.StepShape, walked);
    }

    private static Sequence TurnedWithin(Sequence walked, int[] lengths)
    {
        var values = (double[])walked.Values.Clone();
        for (var b = 0; b < walked.Batch; b++)
        {
            for (var t = 0; t < lengths[b]; t++)
            {
                walked
                    .Values.AsSpan(((b * walked.Steps) + lengths[b] - 1 - t) * walked.Width, walked.Width)
                    .CopyTo(values.AsSpan(((b * walked.Steps) + t) * walked.Width));
            }
        }

        return new Sequence(walked.Batch, walked.Steps, walked.StepShape, values);
    }
}
