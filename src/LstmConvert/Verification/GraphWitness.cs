using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Graphs.Execution;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>
/// The user's own program as a witness: its graph is executed node by node on the source's variables, fed where the data enters, and each
/// layer's outputs and final
/// states are compared with what the layer's equations compute. A fact that recognition has wrong shows here and nowhere else.
/// </summary>
internal sealed class GraphWitness
{
    /// <summary>Inputs beside the layers' own that are fed ones.</summary>
    private const int MaximumStandIns = 6;

    private readonly RecurrentSource opened;
    private readonly SourceModel source;
    private readonly GraphProgram program;
    private readonly GraphSample sample;
    private readonly Limits limits;
    private readonly VerificationOptions options;
    private readonly List<string> notes;
    private readonly List<string> reasons = [];
    private readonly List<Remedy> remedies = [];
    private readonly Dictionary<string, GraphValue> feeds;
    private readonly Dictionary<string, long> iterations = new(StringComparer.Ordinal);
    private bool isRandom;
    private bool isTentative;

    /// <summary>The steps that an input beside the layers' own is made for, where the sample has another number of them.</summary>
    private int? stated;
    private int? walked;

    private GraphWitness(RecurrentSource source, GraphSample sample, Limits limits, VerificationOptions options, List<string> notes)
    {
        (opened, this.source) = (source, source.Model);
        program = GraphProgram.Of(source.Graph!, source.Variables);
        (this.sample, this.limits, this.options, this.notes) = (sample, limits, options, notes);
        feeds = sample.Feeds.ToDictionary(feed => feed.Key, feed => feed.Value, StringComparer.Ordinal);
        foreach (var (tensor, value) in options.GraphFeeds)
        {
            if (!program.Has(tensor))
            {
                throw new UsageException($"{program.Path} has no tensor {tensor}. Name one of its inputs.");
            }

            feeds[tensor] = GraphFeeds.Spread(program, tensor, value, sample.Sample.RowCount);
        }
    }

    /// <summary>Runs the graph beside the source; null where there is none.</summary>
    /// <param name="source">The source.</param>
    /// <param name="sample">The sample of the other witnesses.</param>
    /// <param name="left">What the layers' equations computed on it, in float64, and what they compute in float32.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="options">What the graph is fed besides.</param>
    /// <param name="notes">Gets what is to be said of the run.</param>
    public static GraphReport? Run(
        RecurrentSource source,
        Sample sample,
        (SideRun Double, Func<SideRun> Single) left,
        Limits limits,
        VerificationOptions options,
        List<string> notes)
    {
        if (source.Graph is null)
        {
            return null;
        }

        if (source.Model.Layers.All(layer => layer.Watched is null))
        {
            return new GraphReport([], [$"none of the layers was found in {source.Graph.Path}"], "");
        }

        var first = new GraphWitness(source, GraphSample.Of(source.Model, sample, options.Seed), limits, options, notes);
        var report = first.Compare(left);
        if (first.walked is not { } steps)
        {
            return first.ByStep(report);
        }

        // A loop that is made for so many steps walks them whatever it is fed, and so does one whose mask is made for so many.
        var second = new GraphWitness(source, GraphSample.Of(source.Model, sample, options.Seed, steps), limits, options, notes);
        return second.ByStep(second.Compare(left));
    }

    private GraphReport Compare((SideRun Double, Func<SideRun> Single) left)
    {
        var own = sample;
        if (own.Problems.Count > 0)
        {
            return new GraphReport([], own.Problems, "");
        }

        var text = own.IsSame
            ? "the sample of both cells"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"({own.Sample.RowCount}, {own.Sample.Inputs.Values.First().Steps}, x), as the graph takes it{(own.Sample.HasShortRows ? $", rows of {string.Join(", ", own.Sample.Lengths)} steps" : "")}"
            );
        return Compare(
            own.IsSame
                ? left
                : (SourceSide.Run(source, own.Sample, Precision.Double), () => SourceSide.Run(source, own.Sample, Precision.Single)),
            text);
    }

    private GraphReport Compare((SideRun Double, Func<SideRun> Single) ours, string text)
    {
        var watched = new List<LayerWatch>();
        foreach (var layer in source.Layers)
        {
            if (layer.Watched is null)
            {
                reasons.Add($"{layer.Scope} was not found in the graph");
            }
            else if (layer.Watched.Taps.Value.Unclosed is { } loop)
            {
                reasons.Add($"the program never closed the loop of {layer.Scope}, so that no step of it can be run ({loop})");
            }
            else if (sample.Unknown.TryGetValue(layer, out var unknown))
            {
                reasons.Add(unknown);
            }
            else if (LayerWatch.Of(layer) is { } watch)
            {
                watched.Add(watch);
            }
            else
            {
                reasons.Add($"{layer.Scope} puts nothing out of its loop ({layer.Watched.Node})");
            }
        }

        var values = Execute(watched, Precision.Double);
        var single = Execute(
            [.. watched.Where(watch => values.ContainsKey(watch) && watch.Layer.Cell.DType is DType.Float32)],
            Precision.Single);
        var oursSingle = single.Count > 0 ? ours.Single() : null;
        var reports = new List<GraphLayerReport>();
        foreach (var watch in watched.Where(watch => values.ContainsKey(watch) && WalksAll(watch)))
        {
            var report = new GraphLayerReport(
                watch.Layer,
                [.. watch.Compare(values[watch], ours.Double, sample.Sample, reasons).Select(one => limits.Layout(watch.Layer, one))],
                single.TryGetValue(watch, out var narrow)
                    ? [.. watch.Compare(narrow, oursSingle!, sample.Sample, reasons).Select(one => limits.Deployment(watch.Layer, one))]
                    : []);
            if (report.Float64.Count > 0)
            {
                reports.Add(report);
            }
        }

        if (
            !isRandom
            && !isTentative
            && reports.FindIndex(report => !report.IsConfirmed) is >= 0 and var first
            && watched.Find(watch => watch.Layer == reports[first].Layer) is { } refuted)
        {
            reports[first] = reports[first] with { Cause = Cause(refuted, values[refuted]) };
        }

        return new GraphReport(reports, [.. reasons.Distinct(StringComparer.Ordinal)], text)
        {
            IsConfirmed = reports.Count == source.Layers.Count() && reports.TrueForAll(report => report.IsConfirmed),
            IsRandom = isRandom || isTentative,
            Remedies = remedies,
        };
    }

    /// <summary>The facts with which the equations of a layer compute what the graph does.</summary>
    private string? Cause(LayerWatch watch, IReadOnlyList<GraphValue> values)
    {
        var isBackward = watch.Layer.IsBackward;
        return new FactCause(
            source,
            change =>
            {
                isBackward = change(watch.Layer.Cell).IsBackward;
                return SourceSide.Run(source, sample.Sample, Precision.Double, other: change);
            },
            run =>
                watch
                    .Compare(values, run, sample.Sample, [], isBackward)
                    .Select(one => limits.Layout(watch.Layer, one))
                    .Select(one => double.IsNaN(one.Difference.MaxAbs) ? double.PositiveInfinity : one.Difference.MaxAbs / one.Limit)
                    .DefaultIfEmpty(double.PositiveInfinity)
                    .Max()).Of([watch.Layer]);
    }

    /// <summary>False where the layer's loop is seen to walk another number of steps than the sample has.</summary>
    private bool WalksAll(LayerWatch watch)
    {
        var steps = sample.Sample.Inputs.Values.First().Steps;
        if (watch.Layer.Watched!.Function is not { } body || !iterations.TryGetValue(body, out var count) || count == steps)
        {
            return true;
        }

        walked = count is > 0 and <= GraphSample.MaximumSteps ? (int)count : null;
        reasons.Add(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{watch.Layer.Scope}: its loop walks {count} steps where it is fed {steps} ({watch.Layer.Watched.Node})"));
        return false;
    }

    /// <summary>Layers that could not be watched over a whole sequence are watched step by step; where the graph computes one otherwise,
    /// the step tells the node.</summary>
    private GraphReport ByStep(GraphReport report)
    {
        if (report.Refuted is { } refuted)
        {
            var (part, _) = StepWitness.Run(program, opened, refuted.Layer, limits, options);
            return report with
            {
                Layers =
                [
                    .. report.Layers.Select(one =>
                        one == refuted ? one with { Node = part?.Node, AreStepsConfirmed = part?.IsConfirmed } : one),
                ],
            };
        }

        var (layers, seen) = (source.Layers.ToArray(), report.Layers.Where(one => one.IsConfirmed).ToDictionary(one => one.Layer));
        if (seen.Count == layers.Length)
        {
            return report;
        }

        foreach (var layer in layers.Where(layer => layer.Watched is { Taps.Value.Unclosed: null } && !seen.ContainsKey(layer)))
        {
            var (steps, problem) = StepWitness.Run(program, opened, layer, limits, options);
            if (steps is not null)
            {
                seen[layer] = steps;
            }
            else if (problem.Length > 0)
            {
                reasons.Add($"{layer.Scope} cannot be watched step by step either: {problem}");
            }
        }

        var all = layers.Where(seen.ContainsKey).Select(layer => seen[layer]).ToArray();
        var isConfirmed = all.Length == layers.Length && Array.TrueForAll(all, one => one.IsConfirmed);
        if (isConfirmed)
        {
            notes.Add(
                $"{string.Join(", ", all.Where(one => one.IsByStep).Select(one => one.Layer.Scope))}: the source's own graph was watched step by step, fed at its own inputs, because {report.Reasons.FirstOrDefault("it draws random numbers").TrimEnd('.')}"
            );
        }

        if (report.IsRandom)
        {
            reasons.Insert(0, isTentative ? "inputs that nothing feeds are fed ones" : "it draws random numbers on the way");
        }

        return report with
        {
            Layers = all,
            Reasons = isConfirmed ? [] : [.. report.Reasons.Concat(reasons).Distinct(StringComparer.Ordinal)],
            Remedies = isConfirmed ? [] : report.Remedies,
            IsConfirmedByStep = isConfirmed,
        };
    }

    /// <summary>Runs the graph for all layers at once; where that cannot be done, for each alone.</summary>
    private Dictionary<LayerWatch, IReadOnlyList<GraphValue>> Execute(List<LayerWatch> watched, Precision precision)
    {
        var values = new Dictionary<LayerWatch, IReadOnlyList<GraphValue>>();
        if (watched.Count == 0 || Try(watched, precision, values) is not { } problem)
        {
            return values;
        }

        foreach (var watch in watched.Count > 1 ? watched : [])
        {
            if (Try([watch], precision, values) is { } own)
            {
                Say(own);
            }
        }

        if (watched.Count == 1)
        {
            Say(problem);
        }

        return values;
    }

    private void Say(LstmConvertException problem)
    {
        reasons.Add(problem.Message);
        remedies.AddRange(problem.Remedies);
    }

    private LstmConvertException? Try(
        List<LayerWatch> watched,
        Precision precision,
        Dictionary<LayerWatch, IReadOnlyList<GraphValue>> values)
    {
        try
        {
            var result = RunStanding(watched, precision);
            isRandom |= result.IsRandom;
            foreach (var (body, count) in result.Iterations)
            {
                iterations[body] = count;
            }

            notes.AddRange(result.Notes.Where(note => !notes.Contains(note, StringComparer.Ordinal)));
            var next = 0;
            foreach (var watch in watched)
            {
                values[watch] = [.. result.Values.Skip(next).Take(watch.Tensors.Count)];
                next += watch.Tensors.Count;
            }

            return null;
        }
        catch (LstmConvertException e)
        {
            walked ??= stated;
            return e;
        }
    }

    /// <summary>
    /// Runs the graph; inputs beside the layers' own, as a mask is made of, get ones. Where they are more than that the layers compute
    /// something else: then nothing is shown.
    /// </summary>
    private GraphResult RunStanding(List<LayerWatch> watched, Precision precision)
    {
        for (var count = 0; ; count++)
        {
            try
            {
                return program.Run(Known(feeds), [.. watched.SelectMany(watch => watch.Tensors)], precision);
            }
            catch (UndecidedException e)
                when (count < MaximumStandIns
                    && e.Remedies.OfType<FeedRemedy>().FirstOrDefault() is { } missing
                    && program.ShapeOf(missing.Tensor) is { Count: > 1 } shape)
            {
                var (rows, steps) = (sample.Sample.RowCount, sample.Sample.Inputs.Values.First().Steps);
                int[] lengths = [.. shape.Select((length, axis) => length ?? (axis == 0 ? rows : axis == 1 ? steps : 1))];
                var size = lengths.Aggregate(1L, (product, length) => product * length);
                if (size > GraphProgram.MaximumFeed)
                {
                    throw;
                }

                feeds[missing.Tensor] = GraphValue.Numbers([.. Enumerable.Repeat(1.0, (int)size)], lengths);
                isTentative = true;
                stated = shape[1] is > 1 and <= GraphSample.MaximumSteps and var own && own != steps ? own : stated;
                var note =
                    $"{missing.Tensor} of the source's own graph is fed ones: nothing else feeds it, and the layers' own inputs are fed behind it";
                if (!notes.Contains(note, StringComparer.Ordinal))
                {
                    notes.Add(note);
                }
            }
        }
    }

    /// <summary>Feeds of tensors that the program has; Matching may name one that execution has no name for.</summary>
    private Dictionary<string, GraphValue> Known(Dictionary<string, GraphValue> all) =>
        all.Where(feed => options.GraphFeeds.ContainsKey(feed.Key) || program.Has(feed.Key))
            .ToDictionary(feed => feed.Key, feed => feed.Value, StringComparer.Ordinal);
}
