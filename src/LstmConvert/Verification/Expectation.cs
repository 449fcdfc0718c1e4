using LstmConvert.Arrays;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Compares what a side computed with what another program recorded.</summary>
internal sealed class Expectation(SourceModel source, Sample sample, RecordedValues expected, VerificationOptions options, Limits limits)
{
    /// <summary>The default limit against values recorded in float32.</summary>
    private const double RecordedSingle = 2e-6;

    private readonly IReadOnlyDictionary<RecurrentLayer, string> ids = expected.Ids(source);
    private readonly HashSet<string> apart = Apart(source, sample);

    /// <summary>Compares one side.</summary>
    public void Compare(string side, SideRun run, List<ExpectationReport> found, List<string> notes)
    {
        void Add(string key, Tensor recorded, Func<Difference> compare)
        {
            try
            {
                var difference = compare();
                found.Add(new ExpectationReport(side, key, difference, Limit(recorded, difference)));
            }
            catch (UnreadableInputException e)
            {
                notes.Add($"The recorded {key} is not compared with {side}: {e.Message}");
            }
        }

        var layers = ids.Where(pair => !apart.Contains(pair.Key.CallName!)).ToArray();
        if (layers.Length < ids.Count)
        {
            var others = string.Join(", ", ids.Keys.Where(layer => apart.Contains(layer.CallName!)).Select(layer => layer.Scope));
            var note = $"What was recorded of {others} is not compared: what feeds it is of another width than the given input";
            notes.AddRange(notes.Contains(note) ? [] : [note]);
        }

        if (source.Groups.Count == 1 && layers.Length == ids.Count && expected.Find("outputs") is { } outputs)
        {
            Add("outputs", outputs, () => Difference.Of("outputs", Whole(run), RecordedValues.ToSequence(outputs), sample.Lengths));
        }

        foreach (var group in source.Groups)
        {
            foreach (var (key, isBackward) in new[] { ("outputs_fw", false), ("outputs_bw", true) })
            {
                var top = group.Layers.Where(layer => layer.IsBackward == isBackward).MaxBy(layer => layer.Level);
                if (
                    group.Layers.Any(layer => layer.IsBackward)
                    && top is not null
                    && !apart.Contains(top.CallName!)
                    && expected.Find(key) is { } recorded
                    && HandedOn(run, top) is { } output)
                {
                    Add(key, recorded, () => Difference.Of(key, output, RecordedValues.ToSequence(recorded), sample.Lengths));
                }
            }
        }

        foreach (var (layer, id) in layers)
        {
            if (source.Groups.Count > 1 && expected.Find($"outputs_{id}") is { } own && HandedOn(run, layer) is { } output)
            {
                Add($"outputs_{id}", own, () => Difference.Of($"outputs_{id}", output, RecordedValues.ToSequence(own), sample.Lengths));
            }

            States(run, layer, id, Add, notes);
        }
    }

    /// <summary>The inputs with numbers of their own, and the calls that they reach.</summary>
    private static HashSet<string> Apart(SourceModel source, Sample sample)
    {
        var apart = sample.Own.ToHashSet(StringComparer.Ordinal);
        foreach (var call in source.Model.Calls.Where(_ => apart.Count > 0))
        {
            if (call.Reads.Any(port => apart.Contains(port.From)))
            {
                apart.Add(call.Name);
            }
        }

        return apart;
    }

    private void States(SideRun run, RecurrentLayer layer, string id, Action<string, Tensor, Func<Difference>> add, List<string> notes)
    {
        if (!run.Layers.TryGetValue(layer, out var computed) || expected.StateArray("final", id) is not { } array)
        {
            return;
        }

        var (h, c) = expected.States("final", id, layer);
        foreach (var (name, recorded) in new[] { ("h", h), ("c", c) })
        {
            if (recorded is null || !computed.Finals.TryGetValue(name, out var own))
            {
                continue;
            }

            if (recorded.Length == own.Length)
            {
                add($"final_{id}_{name}", array, () => Difference.Of($"final_{id}_{name}", own, recorded, sample.RowCount));
            }
            else if (!notes.Exists(note => note.Contains($"final_{id}_{name}", StringComparison.Ordinal)))
            {
                notes.Add(
                    FormattableString.Invariant(
                        $"The recorded final_{id}_{name} has {recorded.Length} numbers and {layer.Scope} has {own.Length}; it is not compared."
                    ));
            }
        }
    }

    /// <summary>The output of the only group: of the model where the side has one, else what its layers hand on.</summary>
    private Sequence Whole(SideRun run) =>
        run.Outputs is [var only]
            ? only
            : source
                .Groups[0]
                .Layers.Where(layer => layer.Level == source.Groups[0].Layers.Max(other => other.Level))
                .OrderBy(layer => layer.IsBackward)
                .Select(layer => HandedOn(run, layer)!)
                .Aggregate((all, next) => all.Beside(next));

    /// <summary>What a layer hands on; a side of layers alone knows no residual addition.</summary>
    private static Sequence? HandedOn(SideRun run, RecurrentLayer layer) =>
        run.HandedOn.GetValueOrDefault(layer) ?? (run.Layers.TryGetValue(layer, out var computed)
            ? layer.Cell.IsResidual ? computed.Output.Plus(SideRun.ToSequence(computed.Input)) : computed.Output
            : null);

    /// <summary>
    /// float32 2e-6, float64 1e-10, float16 2e-3, bfloat16 2e-2, times the largest value at a valid step if that is above 1; the coarser of
    /// recorded and stored dtype; for float32 at least what rounding costs this sample.
    /// </summary>
    private double Limit(Tensor recorded, Difference difference)
    {
        if ((options.ExpectationLimit ?? options.Limit) is { } limit)
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
        var coarser = Math.Max(Of(recorded.DType), source.Layers.Max(layer => Of(layer.Cell.DType)));
        var cost = source.Layers.Select(limits.CostOf).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        return Math.Max(difference.Scaled(coarser), coarser >= RecordedSingle ? Math.Min(Rounding.Factor * cost, Rounding.Chaos) : 0);
    }
}
