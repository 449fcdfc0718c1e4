using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>Runs all witnesses and says whether they compute the same, under which conditions, and whether the sample could have told
/// otherwise.</summary>
public sealed class Verifier
{
    /// <summary>The nearest wrong hypothesis must lie so many limits away.</summary>
    public const double PowerFactor = 1000;

    /// <summary>The default limit in float64, for values up to 1.</summary>
    public const double LayoutLimit = 1e-6;

    /// <summary>The default limit in float32, for values up to 1.</summary>
    public const double DeploymentLimit = 1e-5;

    private readonly RecurrentSource opened;
    private readonly SourceModel source;
    private readonly KerasSide keras;
    private readonly VerificationOptions options;
    private readonly Sample sample;
    private readonly List<string> notes = [];
    private readonly List<string> reasons = [];
    private readonly List<string> assumedMerges = [];
    private IReadOnlyList<string> around = [];
    private GraphCutResult? whole;
    private GraphReport? graph;

    private Verifier(RecurrentSource opened, KerasSide keras, VerificationOptions options)
    {
        (this.opened, source, this.keras, this.options) = (opened, opened.Model, keras, options);
        sample = options.Input is null
            ? Sample.Draw(source, options.Seed, Sample.Batch, options.Steps)
            : GivenSample.Of(source, options, notes);
    }

    /// <summary>Verifies a Keras file against a source.</summary>
    /// <param name="source">The source's path.</param>
    /// <param name="keras">The Keras file's path.</param>
    /// <exception cref="LstmConvertException">One of them cannot be read, or is not understood.</exception>
    public static VerificationReport Run(string source, string keras)
    {
        using var opened = RecurrentSource.Open(source);
        return Run(opened, keras, new VerificationOptions());
    }

    /// <summary>Verifies a Keras file against a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="keras">The Keras file's path.</param>
    /// <param name="options">The sample and the limits.</param>
    /// <exception cref="LstmConvertException">One of them cannot be read, or is not understood.</exception>
    /// <exception cref="UsageException">A cut names tensors that are not there, or the file describes no model.</exception>
    public static VerificationReport Run(RecurrentSource source, string keras, VerificationOptions options)
    {
        if (options.Cut is not null)
        {
            return GraphCutVerifier.Run(source, keras, options);
        }

        source.RefuseUndecided();
        using var file = KerasFile.Open(keras);
        var described = file.ReadWithValues();
        var left = file.LeftOverText;
        if (left is not null && source.Options.IsStrict)
        {
            throw new UndecidedException($"{left} A strict verification leaves no number unread: save the file again with Keras.");
        }

        return Run(source, file, described, options, left is null ? [] : [left]);
    }

    /// <summary>Verifies a Keras model against a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="file">The file.</param>
    /// <param name="described">The model, as the file describes it; null where it describes none.</param>
    /// <param name="options">The sample and the limits.</param>
    /// <param name="told">What is to be said of the file, as sentences.</param>
    internal static VerificationReport Run(
        RecurrentSource source, KerasFile file, Models.Model? described, VerificationOptions options, IReadOnlyList<string>? told = null)
    {
        var model = options.KerasResetAfter is { } after
            ? described?.With(layer => layer.Callee is KerasUse use ? Gru.Resetting(use, after) : layer.Callee)
            : described;
        var scopes = source.Model.Layers.Select(layer => layer.Scope).ToHashSet(StringComparer.Ordinal);
        model = model is null ? null : Models.UnstackedCells.Of(model, scopes.Contains);
        var pairs = LayerPairing.Pair(source.Model, file, model, options.LayerNames);
        var around = Around(model, pairs);
        var verifier = new Verifier(source, new KerasSide(around.Count > 0 ? null : model, pairs), options) { around = around };
        verifier.notes.AddRange(told ?? []);
        verifier.notes.AddRange(
            around.Count > 0
                ? []
                : source.Model.Layers.SelectMany(layer =>
                    layer.StateSurroundings.Select(sentence => $"In the program of {layer.Scope} {sentence}: that was not compared.")));
        verifier.whole = around.Count > 0 && options.AsksGraph ? GraphAroundWitness.Run(source, model!, options, verifier.notes) : null;
        return verifier.Verify(Contradictions.Of(pairs, file));
    }

    /// <summary>The layers of a whole model that stand around those that are compared.</summary>
    private static IReadOnlyList<string> Around(Models.Model? model, IReadOnlyList<LayerPair> pairs)
    {
        var compared = pairs.SelectMany(pair => pair.Names).ToHashSet(StringComparer.Ordinal);
        return model is null
            ? []
            :
            [
                .. model
                    .Calls.Where(call =>
                        call.Callee is KerasUse { WeightDefinitions.Count: > 0 } or Models.NestedModel && !compared.Contains(call.Name))
                    .Select(call => call.Name),
            ];
    }

    private VerificationReport Verify(IReadOnlyList<string> contradictions)
    {
        var inputs = source.Model.Inputs.Select(input => sample.ValueOf(input.Name)).ToArray();
        var left = SourceSide.Run(source, sample, Precision.Double);
        var narrow = new Held<SideRun>(WeightCount);
        SideRun LeftSingle() => narrow.Get(() => SourceSide.Run(source, sample, Precision.Single));
        Held.LetGo(WeightCount);
        var limits = Limits.Measured(source, left, sample, options.Limit, notes);
        graph = options.AsksGraph ? GraphWitness.Run(opened, sample, (left, LeftSingle), limits, options, notes) : null;
        if (whole is { IsSame: true, IsWhole: true })
        {
            graph = graph is null
                ? new GraphReport([], [], whole.Text) { IsConfirmed = true }
                : graph with
                {
                    IsConfirmed = graph.Refuted is null,
                };
        }

        var expectations = new List<ExpectationReport>();
        var expectation = options.Expected is { } expected ? new Expectation(source, sample, expected, options, limits) : null;
        expectation?.Compare("TensorFlow", left, expectations, notes);
        var recordedCause = expectation is not null && expectations.Exists(one => !one.IsMet) ? RecordedCause(expectation) : null;

        var states = KerasStates.Of(keras.Pairs, keras.Model is null ? sample.StartingAs(left) : sample, notes);
        var (layers, outputs) = (new List<LayerReport>(), new List<Compared>());
        if (Misfit() is { } misfit)
        {
            reasons.Add(misfit);
        }
        else if (states is not null)
        {
            var singles = Aside(() => Singles(LeftSingle(), fed => keras.Run(fed, inputs, states, Precision.Single)));
            var right = keras.Run(left, inputs, states, Precision.Double);
            Held.LetGo(WeightCount);
            expectation?.Compare("Keras", right, expectations, notes);
            layers.AddRange(
                keras.Pairs.SelectMany(pair =>
                {
                    var alone = options.AsksPower && options.Input is null
                        ? LayerAlone.Of(pair, left.Layers[pair.Layers[0]].Input, sample, states[pair]) : null;
                    return pair.Layers.Select(layer =>
                        Report(pair, layer, (left, right), singles()[layer], states[pair], limits, alone));
                }));
            outputs.AddRange(Outputs(left, right, limits));
            outputs.AddRange(whole?.Compared ?? []);
        }

        return Conclude(contradictions, layers, outputs, expectations, limits, recordedCause);
    }

    private long WeightCount => source.Layers.Sum(layer => layer.Cell.WeightCount);

    /// <summary>Does what can be done on a second thread; where there are many weights before all else, so that nothing of it stands in
    /// the way of what follows.</summary>
    private Func<T> Aside<T>(Func<T> work)
    {
        if (WeightCount > Held.Many)
        {
            var done = work();
            Held.LetGo(WeightCount);
            return () => done;
        }

        var task = Task.Run(work);
        return () => task.GetAwaiter().GetResult();
    }

    /// <summary>How far both sides lie apart in float32, layer by layer, and in which numbers their last outputs differ.</summary>
    private Dictionary<RecurrentLayer, (IReadOnlyList<Difference> Differences, double[][] LastHidden)> Singles(
        SideRun left, Func<SideRun, SideRun> run)
    {
        Held.LetGo(WeightCount);
        var right = run(left);
        Held.LetGo(WeightCount);
        return keras.Pairs
            .SelectMany(pair => pair.Layers)
            .ToDictionary(
                layer => layer,
                layer => (
                    (IReadOnlyList<Difference>)[
                        .. Comparison.Of(left.Layers[layer], right.Layers[layer], sample.Lengths).Select(one => one.InSingle())],
                    LastHidden(left.Layers[layer], right.Layers[layer])));
    }

    /// <summary>The facts with which the source computes what was recorded, of all layers alike or of one.</summary>
    private string? RecordedCause(Expectation expectation)
    {
        var cause = new FactCause(
            source,
            change => SourceSide.Run(source, sample, Precision.Double, other: change),
            run =>
            {
                var found = new List<ExpectationReport>();
                expectation.Compare("TensorFlow", run, found, []);
                return found
                    .Select(one => double.IsNaN(one.Difference.MaxAbs) ? double.PositiveInfinity : one.Difference.MaxAbs / one.Limit)
                    .DefaultIfEmpty(double.PositiveInfinity)
                    .Max();
            });
        var layers = source.Layers.ToArray();
        return cause.Of(layers)
            ?? (layers.Length > 1 ? layers.Select(layer => cause.Of([layer])).FirstOrDefault(one => one is not null) : null);
    }

    /// <summary>Why the Keras model cannot be fed what the source is fed, or null.</summary>
    private string? Misfit()
    {
        if (keras.Model is not { } model)
        {
            return null;
        }

        var (theirs, ours) = (model.Inputs, source.Model.Inputs);
        return theirs.Count != ours.Count
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"The Keras model has {theirs.Count} inputs and the source {ours.Count}: they are not wired alike.")
            : theirs.Zip(ours).FirstOrDefault(pair => pair.First.Width is { } width && pair.Second.Width is { } own && width != own)
                is ({ } input, { } other)
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"The Keras model's input {input.Name} has width {input.Width}, and the source's {other.Width}.")
            : null;
    }

    private LayerReport Report(
        LayerPair pair, RecurrentLayer layer, (SideRun Source, SideRun Keras) runs,
        (IReadOnlyList<Difference> Differences, double[][] LastHidden) single,
        IReadOnlyList<IReadOnlyList<NumericArray>> states, Limits limits, LayerAlone? alone)
    {
        var float64 = Comparison
            .Of(runs.Source.Layers[layer], runs.Keras.Layers[layer], sample.Lengths)
            .Select(one => limits.Layout(layer, one))
            .ToArray();
        var float32 = single.Differences.Select(one => limits.Deployment(layer, one)).ToArray();
        if (alone is not null)
        {
            notes.Add($"{layer.Scope} was run on an input of its own too: what feeds it leaves features at zero on this sample");
            float64 = [.. float64, .. Comparison
                .Of(alone.Source[layer], alone.Keras[layer], sample.Lengths)
                .Select(one => limits.Layout(layer, one))
                .Where(one => !one.IsMet)];
        }

        var search = float64.All(one => one.IsMet) ? null : new Cause(pair, layer, keras.Pairs, limits);
        var cause = search?.Of(runs.Source, sample, states);
        if (search is { IsCut: true })
        {
            notes.Add($"{layer.Scope}: every single mistake was tried as the cause, and not every two of them: the layer is large");
        }

        var power = !options.AsksPower
            ? new PowerResult("none", double.PositiveInfinity, 0)
            : PowerResult.Of(pair, alone?.Source ?? runs.Source.Layers, sample, states);
        return new LayerReport(
            layer,
            pair.Name,
            float64,
            float32,
            power,
            single.LastHidden,
            cause)
        {
            Graph = graph?.Layers.FirstOrDefault(one => one.Layer == layer),
        };
    }

    /// <summary>
    /// Facts that the graph has otherwise than they were said, where its run does not show it: a residual stands between layers that are
    /// watched step by step, a limit is not reached by this sample.
    /// </summary>
    private IEnumerable<string> Overridden() =>
        !options.AsksGraph
            ? []
            :
            from layer in source.Layers
            where graph?.Refuted?.Layer != layer
            from fact in layer.Cell.Facts
            where fact.Overridden is not null
            select $"{layer.Scope}: {fact}, and the source's own graph has {fact.Overridden!.Name} = {fact.Overridden.Value} ({fact.Overridden.Evidence.Detail}), whether this sample shows it or not.";

    private IEnumerable<Compared> Outputs(SideRun left, SideRun right, Limits limits)
    {
        if (keras.Model is null)
        {
            yield break;
        }

        var given = MergedOutputs.Joined(keras.Model, right.Outputs);

        // Final states that the Keras model gives away too are compared layer by layer.
        if (given.Count > left.Outputs.Count && given.Skip(left.Outputs.Count).All(one => one.Port.State is not null))
        {
            given = [.. given.Take(left.Outputs.Count)];
        }

        if (left.Outputs.Count != given.Count)
        {
            reasons.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The Keras model has {given.Count} outputs and the source {left.Outputs.Count}: they are not wired alike."));
            yield break;
        }

        for (var k = 0; k < left.Outputs.Count; k++)
        {
            var (ours, theirs) = (left.Outputs[k], given[k].Value);
            var name =
                left.Outputs.Count == 1 ? "the model's output" : string.Create(CultureInfo.InvariantCulture, $"the model's output {k}");
            if (
                MergedOutputs.AsKerasMerges(keras, given[k].Port, left, ours, theirs, Last) is var (merged, mode)
                && (mode is null || opened.Graph is null))
            {
                ours = merged;
                assumedMerges.AddRange(mode is null
                    ? []
                    : [$"the outputs of both directions become one by merge_mode={mode} ({given[k].Port.From}), as the Keras file alone says"]);
            }
            else if (theirs.Steps == 1 && ours.Steps > 1)
            {
                ours = Last(ours);
            }

            if (ours.Width != theirs.Width || ours.Steps != theirs.Steps)
            {
                reasons.Add(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"In Keras {name} is ({theirs.Batch}, {theirs.Steps}, {theirs.Width}), in the source ({ours.Batch}, {ours.Steps}, {ours.Width})."
                    ));
                continue;
            }

            yield return limits.Output(
                Difference.Of(name, ours, theirs, ours.Steps == 1 ? [.. Enumerable.Repeat(1, ours.Batch)] : sample.Lengths));
        }
    }

    /// <summary>The last valid step of each row: what a Keras layer gives that does not return sequences.</summary>
    private Sequence Last(Sequence all)
    {
        var last = Sequence.Zeros(all.Batch, 1, all.Width);
        for (var b = 0; b < all.Batch; b++)
        {
            all.Values.AsSpan(((b * all.Steps) + Math.Max(0, sample.Lengths[b] - 1)) * all.Width, all.Width)
                .CopyTo(last.Values.AsSpan(b * all.Width));
        }

        return last;
    }

    private VerificationReport Conclude(
        IReadOnlyList<string> contradictions,
        List<LayerReport> layers,
        List<Compared> outputs,
        List<ExpectationReport> expectations,
        Limits limits,
        string? recordedCause)
    {
        reasons.AddRange(contradictions);
        reasons.AddRange(graph is { Refuted: { } refuted } ? [Sentence(refuted)] : Array.Empty<string>());
        reasons.AddRange(Overridden());
        reasons.AddRange(layers.Where(layer => !layer.IsSame).Select(Sentence));
        reasons.AddRange(
            (whole?.Compared ?? [])
                .Where(one => !one.IsMet && layers.All(layer => layer.IsSame))
                .Take(1)
                .Select(one =>
                    $"Every layer computes the same, and from the program's inputs on the source's own graph computes something else than the Keras model: {ModelRuns.Sentence(one)}"
                ));
        reasons.AddRange(
            outputs
                .Where(output => !output.IsMet && whole?.Compared.Contains(output) is not true && layers.All(layer => layer.IsSame))
                .Select(output =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Every layer computes the same, and {output.Difference.What} differs by {output.Difference.MaxAbs:g4}: the layers are not wired alike."
                    )));
        reasons.AddRange(expectations.Where(one => !one.IsMet).Select(one => one.Reason));
        reasons.AddRange(recordedCause is null ? [] : [$"What was recorded is computed with {recordedCause}."]);
        if (reasons.Count > 0)
        {
            return Report(Verdict.Different);
        }

        string[] alike =
        [
            .. layers.SelectMany(layer => layer.Float64.Concat(layer.Float32).Select(one => (Of: layer.Layer.Scope, one.Difference)))
                .Concat(outputs.Select(one => (Of: "", one.Difference)))
                .Concat(expectations.Select(one => (Of: "", one.Difference)))
                .Where(one => one.Difference.NotFiniteAlike > 0)
                .DistinctBy(one => one.Of)
                .Where((one, k) => k == 0 || one.Of.Length > 0)
                .Select(one => $"{(one.Of.Length > 0 ? one.Of + ": " : "")}{one.Difference.AlikeText}"),
        ];
        reasons.AddRange(alike);
        var nothingExpected = options.Expected is not null && expectations.Count == 0;
        if (nothingExpected)
        {
            reasons.Add("Nothing that was recorded could be compared: it has no outputs and no final states of these cells.");
        }

        reasons.AddRange(
            (alike.Length > 0 ? [] : limits.Chaotic).Select(layer =>
                $"{layer.Scope}: the network is chaotic on this sample: half an ulp in its weights changes its outputs by more than {Rounding.Chaos}. Verify on fewer time steps."
            ));
        reasons.AddRange(
            layers
                .Where(layer => layer.Power.Distance < PowerFactor * layer.Float64[0].Limit)
                .Select(layer =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{layer.Layer.Scope}: this sample could not have told '{layer.Power.Hypothesis}' from the right convention (it changes the outputs by {layer.Power.Distance:g3} only, and {PowerFactor * layer.Float64[0].Limit:g3} is needed). Verify on a drawn sample, or on more time steps and non-zero inputs and states."
                    )));
        return Report(reasons.Count > 0 || layers.Count == 0 ? Verdict.Inconclusive : Verdict.Same);

        VerificationReport Report(Verdict verdict) =>
            new(verdict, Conditions(), reasons, layers, outputs, expectations, SampleText(), notes)
            {
                Graph = graph,
                Witnesses = [.. Testified(expectations)],
            };
    }

    /// <summary>What testified beside the cells, and what did not.</summary>
    private IEnumerable<WitnessReport> Testified(List<ExpectationReport> expectations)
    {
        yield return Witnesses.OfGraph(opened.Graph is not null, graph);
        if (options.Expected is not null)
        {
            yield return Witnesses.OfRecorded(expectations);
        }
    }

    /// <summary>Where the graph first computes something else than the equations with the facts that were recognised or said.</summary>
    private static string Sentence(GraphLayerReport report)
    {
        var worst = report.Float64.Concat(report.Float32).First(one => !one.IsMet);
        var difference = worst.Difference;
        var part =
            report.Node is { } node ? $" They part at {node}."
            : report.AreStepsConfirmed is true
                ? " Each step alone is the same: it is fed by something else, walks the other way, or ends elsewhere."
            : $" Its step is {report.Layer.Watched!.Node}.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Layer.Scope}: the source's own graph computes something else than {report.Layer.CellName} with these facts: {difference.What} differ by {difference.MaxAbs:g4} (limit {worst.Limit:g3}), first at step {worst.FirstStepOver}, most at row {difference.Place.Row}, step {difference.Place.Step}, unit {difference.Place.Unit} (graph {difference.Left:g9}, equations {difference.Right:g9}).{part}{(report.Cause is { } cause ? $" Both are the same with {cause}." : "")}"
        );
    }

    private static string Sentence(LayerReport report)
    {
        var (precision, worst) = report
            .Float64.Select(one => ("float64", one))
            .Concat(report.Float32.Select(one => ("float32", one)))
            .Where(one => !one.Item2.IsMet)
            .MaxBy(one => double.IsNaN(one.Item2.Difference.MaxAbs) ? double.PositiveInfinity : one.Item2.Difference.MaxAbs);
        var difference = worst.Difference;
        return string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Layer.Scope} differs by {difference.MaxAbs:g4}{(double.IsNaN(difference.MaxAbs) ? string.Create(CultureInfo.InvariantCulture, $": {difference.Left:g9} in TensorFlow and {difference.Right:g9} in Keras") : "")} ({difference.What} in {precision}, row {difference.Place.Row}, step {difference.Place.Step}, unit {difference.Place.Unit}; first over the limit at step {worst.FirstStepOver})."
            ) + (report.Cause is { } cause ? $" {cause}" : "");
    }

    /// <summary>The facts that nothing says, as conditions, each once.</summary>
    private List<string> Conditions()
    {
        var several = source.Layers.Count() > 1;
        var decided = graph
            ?.Layers.Where(one => one.IsConfirmed && !one.IsByStep)
            .Select(one => one.Layer.Scope)
            .ToHashSet(StringComparer.Ordinal)
            ?? [];
        var stepped = graph
            ?.Layers.Where(one => one.IsConfirmed && one.IsByStep)
            .ToDictionary(
                one => one.Layer.Scope,
                one => one.Layer.Cell.Definition.Facts.Select(fact => fact.Name).ToHashSet(StringComparer.Ordinal),
                StringComparer.Ordinal)
            ?? [];

        // A limit that the sample did not reach is decided by no sample.
        var all = source
            .Assumed.Where(one =>
                one.Fact.Definition is LimitFact
                || !(
                    decided.Contains(one.Scope)
                    || graph is { IsConfirmed: true }
                    || (stepped.TryGetValue(one.Scope, out var own) && own.Contains(one.Fact.Name))))
            .ToArray();
        var conditions = new List<string>();
        foreach (var group in all.GroupBy(one => one.Fact.Condition))
        {
            var isEverywhere = source.Layers.All(layer =>
                !layer.Facts.Any(fact => fact.Name == group.First().Fact.Name) || group.Any(one => one.Scope == layer.Scope));
            conditions.Add(several && !isEverywhere ? $"{group.Key} ({string.Join(", ", group.Select(one => one.Scope))})" : group.Key);
        }

        // What runs from the program's inputs on has started where the program starts.
        conditions.AddRange(
            whole is not null
                ? []
                : source.Layers
                    .Where(layer => layer.OwnStarts.Count > 0)
                    .Select(layer => $"{layer.Scope} is started as its program starts it ({string.Join(", ", layer.OwnStarts)})"));
        conditions.AddRange(assumedMerges.Distinct());
        if (around.Count > 0 && whole is null)
        {
            conditions.Add(
                $"the layers around the recurrent ones ({string.Join(", ", around.Take(4))}{(around.Count > 4 ? ", …" : "")}) do what the program does: each recurrent layer was fed what the source's was fed"
            );
        }
        else if (around.Count == 0 && keras.Model is null)
        {
            conditions.Add("the Keras layers are built with these arguments and wired so, which the file does not say");
        }

        return conditions;
    }

    private string SampleText() =>
        options.Input is null
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"random input ({Sample.Batch}, {options.Steps}, x) and random states, seed {options.Seed}")
        : sample.Inputs.Values.First() is var x
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the given input ({x.Batch}, {x.Steps}, {x.Width}), {(sample.States.Values.Any(states => states.Any(state => state.ToDoubles().Any(value => value != 0))) ? "given states" : "zero states")}"
            )
        : "";

    private static double[][] LastHidden(LayerRun left, LayerRun right)
    {
        var batch = left.Output.Batch;
        if (!left.Finals.TryGetValue("h", out var ours) || !right.Finals.TryGetValue("h", out var theirs) || ours.Length != theirs.Length)
        {
            return [];
        }

        var width = batch == 0 ? 0 : theirs.Length / batch;
        return
        [
            .. Enumerable
                .Range(0, batch)
                .Select(b =>
                    Enumerable
                        .Range(0, width)
                        .Select(k => (double)((float)theirs[(b * width) + k] - (float)ours[(b * width) + k]))
                        .ToArray()),
        ];
    }
}
