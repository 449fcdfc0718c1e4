using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>What a verification is run on, and how strict it is.</summary>
public sealed record VerificationOptions
{
    /// <summary>The largest difference in float64; the default is 1e-6.</summary>
    public double LayoutLimit { get; init; } = 1e-6;

    /// <summary>True takes the limits as they are; else they are for values up to 1, and grow with larger ones.</summary>
    public bool LimitsAreAbsolute { get; init; }

    /// <summary>The largest difference in float32; the default is 1e-5.</summary>
    public double DeploymentLimit { get; init; } = 1e-5;

    /// <summary>The largest difference from recorded values; null for the default of their dtype.</summary>
    public double? ExpectationLimit { get; init; }

    /// <summary>The input of every group; null draws one.</summary>
    public Sequence? Input { get; init; }

    /// <summary>The valid length of each row of the input; null for all steps.</summary>
    public IReadOnlyList<int>? Lengths { get; init; }

    /// <summary>Where initial states of a given input come from; zero without.</summary>
    public RecordedValues? InitialStates { get; init; }

    /// <summary>Outputs and final states recorded elsewhere.</summary>
    public RecordedValues? Expected { get; init; }

    /// <summary>The seed of a sample that is drawn.</summary>
    public ulong Seed { get; init; } = 1;
}

/// <summary>Runs both sides and says whether they compute the same, and whether the sample could have told otherwise.</summary>
public static class Verifier
{
    /// <summary>The nearest wrong hypothesis must lie so many limits away.</summary>
    public const double PowerFactor = 1000;

    /// <summary>The default limit against values recorded in float32.</summary>
    public const double RecordedSingle = 2e-6;

    /// <summary>Trained weights lose more to float32 than that: the limit is at least so many times the loss that is measured on the sample itself.</summary>
    public const double RoundingFactor = 4;

    /// <summary>A measured loss raises the limit to this at the most.</summary>
    public const double LargestRounding = 1e-4;

    /// <summary>Verifies recognised cells against Keras layers.</summary>
    /// <param name="model">The cells.</param>
    /// <param name="layers">The layer of each cell.</param>
    /// <param name="options">The sample and the limits.</param>
    /// <exception cref="UsageException">The input does not fit the cells.</exception>
    public static VerificationReport Verify(RecognizedModel model, IReadOnlyDictionary<RecognizedCell, KerasLayer> layers, VerificationOptions options)
    {
        var (reports, expectations, notes, reasons) = (new List<LayerReport>(), new List<ExpectationReport>(), new List<string>(), new List<string>());
        var ids = options.Expected?.Ids(model) ?? new Dictionary<RecognizedCell, string>();
        foreach (var group in model.Groups)
        {
            var sample = options.Input is null ? Sample.Draw(group, options.Seed) : Given(model, group, options);
            if (sample is null)
            {
                notes.Add($"{group.Scope}: input size {group.Cells[0].InputSize}, the input has {options.Input!.Width}; verified on a sample of its own.");
                sample = Sample.Draw(group, options.Seed);
            }

            Verify(group, layers, sample, options, ids, model.Groups.Count, reports, expectations, notes);
        }

        var different = reports.Where(report => Over(report.Float64, options.LayoutLimit, options) || Over(report.Float32, options.DeploymentLimit, options)).ToArray();
        foreach (var report in different)
        {
            var worst = report.Float64.Concat(report.Float32).MaxBy(difference => double.IsNaN(difference.MaxAbs) ? double.PositiveInfinity : difference.MaxAbs)!;
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{report.Cell.Scope} differs by {worst.MaxAbs:g4} ({worst.What}, row {worst.Place.Row}, step {worst.Place.Step}, unit {worst.Place.Unit}; first over the limit at step {worst.FirstStepOver(LimitOf(worst, options.LayoutLimit, options))}).")
                + (report.Cause is { } cause ? $" The difference disappears with {cause}." : ""));
        }

        foreach (var missed in expectations.Where(expectation => !expectation.IsMet))
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{missed.Side} is {missed.Difference.MaxAbs:g4} away from the recorded {missed.Key} (limit {missed.Limit:g3})."));
        }

        if (options.Expected is not null && expectations.Count == 0)
        {
            reasons.Add("Nothing in --expect could be compared: it has no outputs and no final states of these cells.");
        }

        var weak = reports.Where(report => report.Power.Distance < PowerFactor * LimitOf(report.Float64[0], options.LayoutLimit, options)).ToArray();
        if (different.Length > 0 || expectations.Exists(expectation => !expectation.IsMet))
        {
            return Report(Verdict.Different);
        }

        foreach (var report in weak)
        {
            reasons.Add(string.Create(CultureInfo.InvariantCulture, $"{report.Cell.Scope}: this sample could not have told '{report.Power.Hypothesis}' from the right convention (it changes the outputs by {report.Power.Distance:g3} only, and {PowerFactor * LimitOf(report.Float64[0], options.LayoutLimit, options):g3} is needed). Verify without --input, or on more time steps and non-zero states."));
        }

        return Report(weak.Length > 0 || (options.Expected is not null && expectations.Count == 0) ? Verdict.Inconclusive : Verdict.Same);

        VerificationReport Report(Verdict verdict) => new(
            verdict, reasons, reports, expectations, options.LayoutLimit, options.DeploymentLimit, options.LimitsAreAbsolute,
            options.Input is { } x
                ? string.Create(CultureInfo.InvariantCulture, $"the given input ({x.Batch}, {x.Steps}, {x.Width}), {(options.InitialStates is null ? "zero states" : "given states")}")
                : string.Create(CultureInfo.InvariantCulture, $"random input ({Sample.Batch}, {Sample.Steps}, x) and random states, seed {options.Seed}"),
            notes);
    }

    private static bool Over(IReadOnlyList<Difference> differences, double limit, VerificationOptions options) => differences.Any(difference => !(difference.MaxAbs <= LimitOf(difference, limit, options)));

    private static double LimitOf(Difference difference, double limit, VerificationOptions options) => options.LimitsAreAbsolute ? limit : difference.Scaled(limit);

    private static void Verify(
        RecognizedGroup group, IReadOnlyDictionary<RecognizedCell, KerasLayer> layers, Sample sample, VerificationOptions options,
        IReadOnlyDictionary<RecognizedCell, string> ids, int groups, List<LayerReport> reports, List<ExpectationReport> expectations, List<string> notes)
    {
        var keras = new Dictionary<RecognizedCell, CellState?>(ReferenceEqualityComparer.Instance);
        foreach (var cell in group.Cells)
        {
            keras[cell] = KerasState(cell, layers[cell], sample.States[cell]);
            if (keras[cell] is null)
            {
                notes.Add($"{cell.Scope}: no Keras state gives this projected initial state (p = {cell.Projection}, u = {cell.Units}); only TensorFlow's side is compared with what was recorded.");
            }
        }

        var isComparable = keras.Values.All(state => state is not null);
        GroupRun TensorFlow(bool single) => GroupWiring.Run(group, sample.X, (cell, x) => TensorFlowSide.Run(cell, x, sample.Lengths, sample.States[cell], single));
        GroupRun Keras(bool single) => GroupWiring.Run(group, sample.X, (cell, x) => KerasSide.Run(cell, layers[cell], x, sample.Lengths, keras[cell]!, single));

        var (left, right) = (TensorFlow(single: false), isComparable ? Keras(single: false) : null);
        var leftSingle = TensorFlow(single: true);
        var rounding = options.Expected is null || options.ExpectationLimit is not null ? 0 : Rounding(left, leftSingle, sample.Lengths);
        if (RoundingFactor * rounding > RecordedSingle)
        {
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{group.Scope}: float32 alone moves this sample by {rounding:g2}, so values recorded in float32 are held to {Math.Min(RoundingFactor * rounding, LargestRounding):g2}."));
        }

        Expect(group, left, "TensorFlow", sample, options, ids, groups, rounding, expectations);
        if (right is null)
        {
            return;
        }

        Expect(group, right, "Keras", sample, options, ids, groups, rounding, expectations);
        var rightSingle = Keras(single: true);
        for (var k = 0; k < group.Cells.Count; k++)
        {
            var cell = group.Cells[k];
            var double64 = Compare(left.Cells[k], right.Cells[k], sample.Lengths);
            var power = PowerResult.Of(cell, layers[cell], right.Cells[k].Input, sample.Lengths, keras[cell]!);
            var cause = Over(double64, options.LayoutLimit, options) ? Cause(cell, layers[cell], left.Cells[k], sample.Lengths, keras[cell]!, options.LayoutLimit) : null;
            reports.Add(new LayerReport(cell, layers[cell].Name, double64, Compare(leftSingle.Cells[k], rightSingle.Cells[k], sample.Lengths), power, LastHidden(leftSingle.Cells[k], rightSingle.Cells[k], sample.X.Batch), cause));
        }
    }

    /// <summary>What float32 costs this sample: the largest distance between TensorFlow's cells in float64 and in float32.</summary>
    private static double Rounding(GroupRun wide, GroupRun single, int[] lengths) =>
        wide.Cells.Zip(single.Cells, (one, other) => Compare(one, other, lengths).Max(difference => difference.MaxAbs)).Where(double.IsFinite).DefaultIfEmpty(0).Max();

    private static Difference[] Compare(CellRun tensorFlow, CellRun keras, int[] lengths)
    {
        var output = Difference.Of("outputs", tensorFlow.Output, keras.Output, lengths);
        return tensorFlow.C is null ? [output] : [output, Difference.Of("c", tensorFlow.C, keras.C!, lengths)];
    }

    /// <summary>The wrong convention under which Keras' layer computes what TensorFlow's cell does.</summary>
    private static string? Cause(RecognizedCell cell, KerasLayer layer, CellRun tensorFlow, int[] lengths, CellState state, double limit)
    {
        var forgetBias = cell.ForgetBias?.Value ?? 0;
        var more = layer.ClassName != "LSTM" ? [] : new[] { 1.0, -1.0, forgetBias, -forgetBias }.Where(value => value != 0).Distinct()
            .Select(value => (Name: FormattableString.Invariant($"{value:+0.######;-0.######} on the forget bias in the Keras file"), Layer: PowerResult.WithForgetBias(layer, value)));
        return more.Concat(PowerResult.Hypotheses(cell, layer)).Append((Name: "recurrent_activation sigmoid", Layer: layer with { RecurrentActivation = "sigmoid" }))
            .FirstOrDefault(hypothesis => Difference.Of("outputs", tensorFlow.Output, KerasSide.Run(cell, hypothesis.Layer, tensorFlow.Input, lengths, state, single: false).Output, lengths).MaxAbs <= limit).Name;
    }

    private static double[][] LastHidden(CellRun tensorFlow, CellRun keras, int batch)
    {
        var width = keras.FinalH.Length / batch;
        return [.. Enumerable.Range(0, batch).Select(b => Enumerable.Range(0, width).Select(k => (double)((float)keras.FinalH[(b * width) + k] - (float)tensorFlow.FinalH[(b * width) + k])).ToArray())];
    }

    private static CellState? KerasState(RecognizedCell cell, KerasLayer layer, CellState state) =>
        layer.Projection is not { } projection ? state
        : LeastNorm.Solve(projection, layer.Units, layer.ProjectionSize, state.H) is { } h ? state with { H = h } : null;

    private static Sample? Given(RecognizedModel model, RecognizedGroup group, VerificationOptions options)
    {
        var x = options.Input!;
        if (x.Width != group.Cells.First(cell => cell.Level == 0).InputSize)
        {
            return model.Groups.Count > 1
                ? null
                : throw new UsageException($"The input has width {x.Width}, and {group.Cells[0].Scope} reads {group.Cells[0].InputSize}. Name an input of shape (b, t, {group.Cells[0].InputSize}).");
        }

        var lengths = options.Lengths?.ToArray() ?? [.. Enumerable.Repeat(x.Steps, x.Batch)];
        if (lengths.Length != x.Batch || lengths.Any(length => length < 0 || length > x.Steps))
        {
            throw new UsageException($"The sequence lengths ({string.Join(", ", lengths)}) do not fit an input of {x.Batch} rows and {x.Steps} steps. Name one length from 0 to {x.Steps} for each row.");
        }

        var ids = options.InitialStates?.Ids(model);
        var states = new Dictionary<RecognizedCell, CellState>(ReferenceEqualityComparer.Instance);
        foreach (var cell in group.Cells)
        {
            var given = ids is not null && ids.TryGetValue(cell, out var id) ? options.InitialStates!.States("init", id, cell) : default;
            if ((given.H is { } h && h.Length != x.Batch * cell.OutputSize) || (given.C is { } c && c.Length != x.Batch * cell.Units))
            {
                throw new UsageException($"The initial state of {cell.Scope} does not fit: ({x.Batch}, {cell.OutputSize}) for h and ({x.Batch}, {cell.Units}) for c are needed.");
            }

            states[cell] = new CellState(given.H ?? new double[x.Batch * cell.OutputSize], Sample.HasCellState(cell) ? given.C ?? new double[x.Batch * cell.Units] : null);
        }

        return new Sample(x, lengths, states);
    }

    private static void Expect(
        RecognizedGroup group, GroupRun run, string side, Sample sample, VerificationOptions options,
        IReadOnlyDictionary<RecognizedCell, string> ids, int groups, double rounding, List<ExpectationReport> expectations)
    {
        if (options.Expected is not { } expected)
        {
            return;
        }

        void Add(string key, Func<Tensor, Difference> compare)
        {
            if (expected.Find(key) is { } tensor)
            {
                expectations.Add(new ExpectationReport(side, key, compare(tensor), Limit(tensor, group, options, rounding)));
            }
        }

        var lengths = sample.Lengths;
        if (groups == 1)
        {
            Add("outputs", tensor => Difference.Of("outputs", run.Output, RecordedValues.ToSequence(tensor), lengths));
        }

        if (group.Wiring != Wiring.Chain)
        {
            var top = group.Cells.Max(cell => cell.Level);
            foreach (var (key, direction) in new[] { ("outputs_fw", Direction.Forward), ("outputs_bw", Direction.Backward) })
            {
                var output = run.Cells.First(cell => cell.Cell.Level == top && cell.Cell.Direction == direction).Output;
                Add(key, tensor => Difference.Of(key, output, RecordedValues.ToSequence(tensor), lengths));
            }
        }

        foreach (var cell in run.Cells.Where(cell => ids.ContainsKey(cell.Cell)))
        {
            var id = ids[cell.Cell];
            if (groups > 1 && group.Cells.Count == 1)
            {
                Add($"outputs_{id}", tensor => Difference.Of($"outputs_{id}", cell.Output, RecordedValues.ToSequence(tensor), lengths));
            }

            var (h, c) = expected.States("final", id, cell.Cell);
            var batch = sample.X.Batch;
            var source = expected.StateArray("final", id);
            if (h is not null && h.Length == cell.FinalH.Length)
            {
                expectations.Add(new ExpectationReport(side, $"final_{id}_h", Difference.Of($"final_{id}_h", cell.FinalH, h, batch), Limit(source!, group, options, rounding)));
            }

            if (c is not null && cell.FinalC is not null && c.Length == cell.FinalC.Length)
            {
                expectations.Add(new ExpectationReport(side, $"final_{id}_c", Difference.Of($"final_{id}_c", cell.FinalC, c, batch), Limit(source!, group, options, rounding)));
            }
        }
    }

    /// <summary>float32 2e-6, float64 1e-10, float16 2e-3, bfloat16 2e-2, times the largest recorded value if that is above 1; the coarser of recorded and stored dtype; for float32 at least what float32 costs this sample.</summary>
    private static double Limit(Tensor recorded, RecognizedGroup group, VerificationOptions options, double rounding)
    {
        if (options.ExpectationLimit is { } limit)
        {
            return limit;
        }

        static double Of(DType dtype) => dtype switch
        {
            DType.Float64 => 1e-10,
            DType.Float16 => 2e-3,
            DType.BFloat16 => 2e-2,
            _ => RecordedSingle,
        };
        var largest = recorded.ToDoubles().Select(Math.Abs).DefaultIfEmpty(0).Max();
        var coarser = Math.Max(Of(recorded.DType), group.Cells.Max(cell => Of(cell.Variables.Values.First().DType)));
        var standard = coarser * Math.Max(1, largest);
        return coarser == RecordedSingle ? Math.Max(standard, Math.Min(RoundingFactor * rounding, LargestRounding)) : standard;
    }
}
