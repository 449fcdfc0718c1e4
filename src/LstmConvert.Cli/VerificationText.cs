using System.Globalization;
using System.Text.Json.Nodes;
using LstmConvert.Recognition;
using LstmConvert.Verification;

namespace LstmConvert.Cli;

/// <summary>A verification as text and as JSON.</summary>
internal static class VerificationText
{
    /// <summary>As text.</summary>
    public static void Write(TextWriter output, VerificationReport report, bool showDifference, bool details)
    {
        output.WriteLine($"Sample: {report.SampleText}");
        if (report.Graph is { Layers.Count: > 0 } graph)
        {
            output.WriteLine($"The source's own graph: run on {graph.SampleText}");
        }

        foreach (var layer in report.Layers)
        {
            output.WriteLine();
            output.WriteLine($"{ModelText.Shown(layer.Layer.Scope)} ({layer.Layer.CellName}) against {layer.LayerName}");
            foreach (var fact in layer.Layer.Facts)
            {
                output.WriteLine($"  {fact}");
            }

            foreach (
                var (precision, compared) in layer
                    .Float64.Select(one => ("float64", one))
                    .Concat(layer.Float32.Select(one => ("float32", one))))
            {
                Write(output, precision, compared, details);
            }

            foreach (
                var (precision, compared) in layer.Graph is { } own
                    ? own.Float64.Select(one => ("float64", one)).Concat(own.Float32.Select(one => ("float32", one)))
                    : [])
            {
                output.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"  {precision} {compared.Difference.What,-8} of the source's own graph against TensorFlow's cell: max abs diff {compared.Difference.MaxAbs:g4} (limit {compared.Limit:g3}){(compared.FirstStepOver is { } over ? $"; first step over the limit: {over}" : "")}"
                    ));
            }

            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  per step (float64): {string.Join(" ", layer.Float64[0].Difference.PerStep.Take(16).Select(step => step.ToString("g2", CultureInfo.InvariantCulture)))}{(layer.Float64[0].Difference.PerStep.Count > 16 ? " …" : "")}"
                ));
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  power: the nearest of {layer.Power.Count} wrong conventions ({layer.Power.Hypothesis}) would differ by {layer.Power.Distance:g3}"
                ));
            foreach (var row in showDifference ? layer.LastHidden : [])
            {
                output.WriteLine(
                    $"  Keras - TensorFlow, last hidden state: {string.Join(" ", row.Select(value => value.ToString("0.00000000", CultureInfo.InvariantCulture)))}"
                );
            }
        }

        foreach (var compared in report.Outputs)
        {
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{char.ToUpperInvariant(compared.Difference.What[0])}{compared.Difference.What[1..]}: max abs diff {compared.Difference.MaxAbs:g4} (limit {compared.Limit:g3})"
                ));
        }

        foreach (var expectation in report.Expectations)
        {
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{expectation.Side} against recorded {expectation.Key}: max abs diff {expectation.Difference.MaxAbs:g4} (limit {expectation.Limit:g3}){(expectation.IsMet ? "" : "  EXCEEDED")}"
                ));
        }

        foreach (var note in report.Notes)
        {
            output.WriteLine($"Note: {note}");
        }

        output.WriteLine();
        output.WriteLine($"Verdict: {report.Sentence}");
        foreach (var reason in report.Reasons)
        {
            output.WriteLine($"  {reason}");
        }

        foreach (var witness in report.Witnesses.Where(witness => witness.State is WitnessState.NotRun or WitnessState.Partial))
        {
            output.WriteLine($"  {witness.Sentence[..1].ToUpperInvariant()}{witness.Sentence[1..]}.");
        }

        foreach (var remedy in RemedyText.Feeds(report.Graph?.Remedies ?? []))
        {
            output.WriteLine($"  {remedy}");
        }
    }

    private static void Write(TextWriter output, string precision, Compared compared, bool details)
    {
        var difference = compared.Difference;
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  {precision} {difference.What,-8} max abs diff {difference.MaxAbs:g4} (limit {compared.Limit:g3}), mean {difference.MeanAbs:g3}, at row {difference.Place.Row} step {difference.Place.Step} unit {difference.Place.Unit}: TensorFlow {difference.Left:g9}, Keras {difference.Right:g9}{(compared.FirstStepOver is { } step ? $"; first step over the limit: {step}" : "")}{(difference.NotFinite > 0 ? $"; {difference.NotFinite} values are NaN or infinite" : "")}"
            ));
        if (details)
        {
            var statistics = difference.Statistics();
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"          p99 {statistics.Percentile99:g4}, relative {statistics.Relative:g4}, 1 - cosine {1 - statistics.Cosine:g3}, at most {statistics.MaxUlp} float32 ulps apart"
                ));
        }
    }

    /// <summary>As JSON.</summary>
    public static JsonObject Document(VerificationReport report, string[] named, bool showDifference, SourceModel? model, string? page) => new()
    {
        ["source"] = string.Join(' ', named[..^1]),
        ["keras"] = named[^1],
        ["verdict"] = report.Verdict.ToString().ToLowerInvariant(),
        ["sentence"] = report.Sentence,
        ["warnings"] = Json.Array(model?.Warnings ?? [], warning => JsonValue.Create(warning)),
        ["assumed"] = Json.Array(report.Assumed, condition => JsonValue.Create(condition)),
        ["reasons"] = Json.Array(report.Reasons, reason => JsonValue.Create(reason)),
        ["worst"] = Worst(report),
        ["sample"] = report.SampleText,
        ["groups"] = model is null ? new JsonArray() : ModelText.Groups(model),
        ["layers"] = Json.Array(report.Layers, layer => new JsonObject
        {
            ["scope"] = layer.Layer.Scope,
            ["layer"] = layer.LayerName,
            ["float64"] = Json.Array(layer.Float64, Node),
            ["float32"] = Json.Array(layer.Float32, Node),
            ["graph"] = layer.Graph is { } graph ? new JsonObject
            {
                ["confirmed"] = graph.IsConfirmed,
                ["by_step"] = graph.IsByStep,
                ["node"] = graph.Node,
                ["cause"] = graph.Cause,
                ["float64"] = Json.Array(graph.Float64, Node),
                ["float32"] = Json.Array(graph.Float32, Node),
            }
            : null,
            ["power"] = new JsonObject
            {
                ["nearest"] = layer.Power.Hypothesis,
                ["distance"] = Json.Number(layer.Power.Distance),
                ["tried"] = layer.Power.Count,
                ["nearest_ones"] = Json.Array(layer.Power.Nearest, one => new JsonObject { ["name"] = one.Name, ["distance"] = Json.Number(one.Distance), ["per_step"] = Json.Array(one.PerStep, step => Json.Number(step)) }),
            },
            ["cause"] = layer.Cause,
            ["last_hidden_difference"] = showDifference ? Json.Array(layer.LastHidden, row => Json.Array(row, value => Json.Number(value))) : null,
        }),
        ["graph"] = report.Graph is { } all ? new JsonObject
        {
            ["confirmed"] = report.IsConfirmedByGraph,
            ["sample"] = all.SampleText,
            ["notes"] = Json.Array(all.Reasons, reason => JsonValue.Create(reason)),
        }
        : null,
        ["witnesses"] = Json.Array(report.Witnesses, witness => new JsonObject
        {
            ["witness"] = witness.Name,
            ["state"] = Word(witness.State),
            ["reasons"] = Json.Array(witness.Reasons, reason => JsonValue.Create(reason)),
        }),
        ["outputs"] = Json.Array(report.Outputs, Node),
        ["expectations"] = Json.Array(report.Expectations, expectation => new JsonObject
        {
            ["side"] = expectation.Side,
            ["key"] = expectation.Key,
            ["max_abs_diff"] = Json.Number(expectation.Difference.MaxAbs),
            ["limit"] = Json.Number(expectation.Limit),
            ["met"] = expectation.IsMet,
        }),
        ["notes"] = Json.Array(report.Notes, note => JsonValue.Create(note)),
        ["report"] = page,
    };

    private static string Word(WitnessState state) => state switch
    {
        WitnessState.Absent => "absent",
        WitnessState.NotRun => "not_run",
        WitnessState.Partial => "partial",
        WitnessState.EachStep => "each_step",
        WitnessState.Confirms => "confirms",
        _ => "contradicts",
    };

    private static JsonObject Node(Compared compared)
    {
        var node = Node(compared.Difference, compared.Difference.Statistics());
        node["limit"] = Json.Number(compared.Limit);
        node["first_step_over"] = compared.FirstStepOver;
        return node;
    }

    /// <summary>The largest difference of all, as a share of its limit, with its place; null where no layer was compared.</summary>
    private static JsonObject? Worst(VerificationReport report)
    {
        var all = report.Layers.SelectMany(layer =>
            layer
                .Float64.Select(one => (layer, Precision: "float64", One: one))
                .Concat(layer.Float32.Select(one => (layer, Precision: "float32", One: one))));
        if (
            all.OrderByDescending(one =>
                    double.IsNaN(one.One.Difference.MaxAbs) ? double.PositiveInfinity : one.One.Difference.MaxAbs / one.One.Limit)
                .FirstOrDefault()
            is not { layer: { } layer } worst)
        {
            return null;
        }

        var difference = worst.One.Difference;
        return new JsonObject
        {
            ["scope"] = layer.Layer.Scope,
            ["layer"] = layer.LayerName,
            ["precision"] = worst.Precision,
            ["what"] = difference.What,
            ["max_abs_diff"] = Json.Number(difference.MaxAbs),
            ["limit"] = Json.Number(worst.One.Limit),
            ["row"] = difference.Place.Row,
            ["step"] = difference.Place.Step,
            ["unit"] = difference.Place.Unit,
            ["tensorflow"] = Json.Number(difference.Left),
            ["keras"] = Json.Number(difference.Right),
        };
    }

    private static JsonObject Node(Difference difference, DifferenceStatistics statistics) => new()
    {
        ["what"] = difference.What,
        ["max_abs_diff"] = Json.Number(difference.MaxAbs),
        ["mean_abs_diff"] = Json.Number(difference.MeanAbs),
        ["row"] = difference.Place.Row,
        ["step"] = difference.Place.Step,
        ["unit"] = difference.Place.Unit,
        ["tensorflow"] = Json.Number(difference.Left),
        ["keras"] = Json.Number(difference.Right),
        ["per_step"] = Json.Array(difference.PerStep, step => Json.Number(step)),
        ["not_finite"] = difference.NotFinite,
        ["p99_abs_diff"] = Json.Number(statistics.Percentile99),
        ["relative_diff"] = Json.Number(statistics.Relative),
        ["cosine"] = Json.Number(statistics.Cosine),
        ["max_ulp"] = statistics.MaxUlp,
        ["ulp_counts"] = Json.Array(statistics.UlpCounts, count => JsonValue.Create(count)),
        ["growth_per_step"] = statistics.GrowthPerStep is { } growth ? Json.Number(growth) : null,
        ["nan"] = new JsonObject { ["left"] = statistics.NotANumber.Left, ["right"] = statistics.NotANumber.Right },
        ["infinite"] = new JsonObject { ["left"] = statistics.Infinite.Left, ["right"] = statistics.Infinite.Right },
    };
}
