using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace LstmConvert.Tests.Outcomes;

/// <summary>What real Keras says of one printed program.</summary>
/// <param name="Layers">The classes of the model's layers.</param>
/// <param name="Shown">The samples that were compared: <c>a</c>, <c>b</c>.</param>
/// <param name="Problem">How the outputs differ from those that were recorded, or null.</param>
internal sealed record KerasVerdict(string Layers, string Shown, string? Problem);

/// <summary>Holds the outputs of printed code, run in real Keras, against what was recorded.</summary>
internal sealed class KerasJudge(GoldenCase golden)
{
    private readonly Dictionary<string, NumberArray> io = golden.Recorded is { } path ? NumberArray.ReadNpz(path) : [];

    /// <summary>Runs the code beside its file.</summary>
    public async Task<KerasVerdict> JudgeAsync(KerasPython keras, string code, string folder)
    {
        var samples = golden.IsWholeModel ? [""] : new[] { "a_", "b_" }.Where(prefix => Given(prefix).Length > 0).ToArray();
        var requests = samples
            .Select(prefix => (Prefix: prefix, Request: Sample(prefix)))
            .Where(sample => sample.Request is not null)
            .ToArray();
        var answer = await keras.AskAsync(
            new JsonObject
            {
                ["code"] = code,
                ["folder"] = folder,
                ["samples"] = new JsonArray([.. requests.Select(sample => (JsonNode)sample.Request!)]),
            });
        if (!answer["ok"]!.GetValue<bool>())
        {
            return new("", "", $"({answer["error"]})");
        }

        var layers = string.Join(
            " ",
            answer["layers"]!
                .AsArray()
                .Select(name => name!.GetValue<string>())
                .GroupBy(name => name)
                .Select(group => group.Count() == 1 ? group.Key : $"{group.Key}*{group.Count()}"));
        var (shown, problem) = ("", (string?)null);
        foreach (var (sample, result) in requests.Zip(answer["samples"]!.AsArray()))
        {
            if (result!["outputs"] is JsonArray outputs)
            {
                shown += sample.Prefix.Length > 0 ? sample.Prefix[..1] : "y";
                problem ??= Compare(sample.Prefix, [.. outputs.Select(output => NumberArray.FromJson(output!))]) is { } found
                    ? $"({shown[^1]} {found})"
                    : null;
            }
        }

        return new(layers, shown, problem);
    }

    /// <summary>What the program was given: <c>x</c>, with the time of each step before its features where it reads that; numbers of rows
    /// of a table.</summary>
    private NumberArray[] Given(string prefix) =>
        io.TryGetValue(prefix + "x", out var x) ? [io.TryGetValue(prefix + "time", out var time) ? NumberArray.Beside(time, x) : x]
        : io.TryGetValue(prefix + "ids", out var ids) ? [ids.WithoutLastAxis()]
        : [];

    /// <summary>One sample as the worker takes it, or null where it needs what no code can be given.</summary>
    private JsonObject? Sample(string prefix)
    {
        if (golden.IsWholeModel)
        {
            return new JsonObject { ["x"] = new JsonArray([.. Series("x").Select(x => (JsonNode)x.ToJson())]) };
        }

        var x = Given(prefix)[0];
        var given = io.Where(pair =>
                pair.Key.StartsWith(prefix + "init_", StringComparison.Ordinal)
                || pair.Key == prefix + "state"
                || pair.Key == prefix + "init")
            .ToArray();
        var states = given.All(pair => pair.Value.IsZero) ? null : States(prefix, given.Length);
        var restarts = io.TryGetValue(prefix + "mask", out var mask) && !io.ContainsKey(prefix + "sequence_length") && !mask.IsZero;
        return restarts || (states is null && !given.All(pair => pair.Value.IsZero))
            ? null
            : new JsonObject
            {
                ["x"] = golden.ReversesSecondInput
                    ? new JsonArray(x.ToJson(), x.Reversed(Lengths(prefix)).ToJson())
                    : new JsonArray([.. Given(prefix).Select(one => (JsonNode)(golden.IsOneStep ? one.FirstSteps(1) : one).ToJson())]),
                ["lengths"] = Lengths(prefix) is { } lengths ? new JsonArray([.. lengths.Select(length => (JsonNode)length)]) : null,
                ["states"] = states,
            };
    }

    /// <summary>The initial states of every layer, forward before backward within a level; null where they are not one h or one pair a
    /// layer.</summary>
    private JsonArray? States(string prefix, int count)
    {
        var ordered = golden.Layers.OrderBy(GoldenCase.Level).ThenBy(layer => GoldenCase.Text(layer, "direction") == "bw").ToArray();
        var found = ordered
            .Select(layer =>
                (
                    Layer: layer,
                    Values: new[] { "h", "c" }
                        .Select(role => io.GetValueOrDefault($"{prefix}init_{GoldenCase.Text(layer, "id")}_{role}"))
                        .OfType<NumberArray>()
                        .ToArray()))
            .ToArray();
        return found.Any(layer => layer.Values.Length == 0) || found.Sum(layer => layer.Values.Length) != count
            ? null
            : new JsonArray([
                .. found.Select(layer =>
                    (JsonNode)
                        new JsonObject
                        {
                            ["name"] = GoldenCase.Scope(layer.Layer).Replace('/', '_'),
                            ["values"] = new JsonArray([.. layer.Values.Select(value => (JsonNode)value.ToJson())]),
                        }),
            ]);
    }

    private int[]? Lengths(string prefix) =>
        io.TryGetValue(prefix + "sequence_length", out var lengths) ? [.. lengths.Values.Select(length => (int)length)]
        : io.TryGetValue(prefix + "seq_len_max", out var all) ? [.. Enumerable.Repeat((int)all.Values[0], io[prefix + "x"].Shape[0])]
        : golden.EndsWithZeros ? io[prefix + "x"].StepsBeforeZeros() : null;

    /// <summary>How the outputs differ from the recorded ones, or null.</summary>
    private string? Compare(string prefix, NumberArray[] outputs)
    {
        var lengths = golden.IsWholeModel ? null : Lengths(prefix);
        if (golden.IsWholeModel)
        {
            return InOrder(outputs, [.. Series("y")]);
        }

        var (required, optional) = Expected(prefix);
        outputs = golden.ReversesSecondInput && outputs.Length == 2 ? [outputs[0], outputs[1].Reversed(lengths)] : outputs;
        var sequences = outputs.Where(output => output.Rank >= 3).Select(output => golden.IsOneStep ? output.Step(0) : output).ToArray();
        if (
            Finished(sequences) is { } finished
            && (
                Match(finished, required, [], lengths) is null
                || (lengths is null && Match(finished.Select(output => output.Step(-1)), required, [], null) is null)))
        {
            return null;
        }

        // A program of several loops that recorded some of what it computes: all of that is among the outputs.
        if (
            golden.Around is not null
            && required.Length > 0
            && required.Length < sequences.Length
            && required.All(expected => sequences.Any(output => output.DistanceTo(expected, lengths) <= Limit(expected))))
        {
            return null;
        }

        var states = io.Where(pair => pair.Key.StartsWith(prefix + "final_", StringComparison.Ordinal))
            .Select(pair => pair.Value)
            .ToArray();
        return Match(sequences, required, optional, lengths) ?? Match(outputs.Where(output => output.Rank < 3), [], states, null);
    }

    /// <summary>What was recorded: all of the first must be among the outputs, the second may.</summary>
    private (NumberArray[] Required, NumberArray[] Optional) Expected(string prefix)
    {
        if (io.TryGetValue(prefix + "outputs", out var outputs))
        {
            return ([outputs], []);
        }

        var parts = io.Where(pair => pair.Key.StartsWith(prefix + "outputs_", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[(prefix.Length + 8)..], pair => pair.Value);
        if (parts.TryGetValue("fw", out var forward) && parts.TryGetValue("bw", out var backward))
        {
            return ([NumberArray.Beside(forward, backward)], [forward, backward]);
        }

        var last =
            golden.Wiring == "independent"
                ? [.. parts.Keys]
                : golden
                    .Layers.GroupBy(layer => GoldenCase.Text(layer, "direction"))
                    .Select(group => GoldenCase.Text(group.MaxBy(GoldenCase.Level), "id")!)
                    .Where(parts.ContainsKey)
                    .ToArray();
        return (
            last.Length == 0 ? [.. parts.Values] : [.. last.Select(id => parts[id])],
            [.. parts.Where(part => !last.Contains(part.Key)).Select(part => part.Value)]);
    }

    /// <summary>Each output is matched with the recorded one that it is nearest to; null where all fit and none is missing.</summary>
    private string? Match(IEnumerable<NumberArray> outputs, NumberArray[] required, NumberArray[] optional, int[]? lengths)
    {
        var (missing, left) = (required.ToList(), outputs.ToList());
        if (required.Length == 1 && optional.Length == 2 && left.Count == 2)
        {
            left = [NumberArray.Beside(left[0], left[1])];
        }

        foreach (var output in left)
        {
            var candidates = missing
                .Concat(optional)
                .Select(expected => (Expected: expected, Distance: output.DistanceTo(expected, lengths) / Limit(expected)))
                .OrderBy(candidate => candidate.Distance)
                .ToArray();
            if (candidates.Length == 0)
            {
                return $"{left.Count} outputs where the program has {required.Length}";
            }

            if (!(candidates[0].Distance <= 1))
            {
                return double.IsInfinity(candidates[0].Distance)
                    ? $"output ({string.Join(", ", output.Shape)}) where the program has {string.Join(" ", required.Concat(optional).Select(expected => $"({string.Join(", ", expected.Shape)})").Distinct())}"
                    : string.Create(CultureInfo.InvariantCulture, $"by {candidates[0].Distance * Limit(candidates[0].Expected):g1}");
            }

            missing.Remove(candidates[0].Expected);
        }

        return missing.Count > 0 && required.Length > 0 ? $"{left.Count} outputs where the program has {required.Length}" : null;
    }

    private string? InOrder(NumberArray[] outputs, NumberArray[] expected)
    {
        if (outputs.Length != expected.Length)
        {
            return $"{outputs.Length} outputs where the model has {expected.Length}";
        }

        // A layer that returned its last step alone is printed with all its steps.
        var pairs = outputs
            .Zip(expected)
            .Select(pair =>
                pair.First.Rank == pair.Second.Rank + 1 && pair.First.Rank == 3 ? (First: pair.First.Step(-1), pair.Second) : pair)
            .ToArray();
        return pairs
            .Select(pair =>
                pair.First.DistanceTo(pair.Second, null) is var distance && distance <= Limit(pair.Second) ? null
                : double.IsInfinity(distance)
                    ? $"output ({string.Join(", ", pair.First.Shape)}) where the model has ({string.Join(", ", pair.Second.Shape)})"
                : string.Create(CultureInfo.InvariantCulture, $"by {distance:g1}"))
            .FirstOrDefault(text => text is not null);
    }

    /// <summary>The outputs behind the program's dense layer, whose kernel and bias are applied here, step by step (a program may keep the
    /// last one); null where there is none.</summary>
    private NumberArray[]? Finished(NumberArray[] sequences)
    {
        if (
            golden.Layers.LastOrDefault() is not { ValueKind: JsonValueKind.Object } last
            || GoldenCase.Text(last, "cell") != "Dense"
            || golden.Variables is null
            || sequences.Length != 1)
        {
            return null;
        }

        var variables = NumberArray.ReadNpz(golden.Variables);
        var named = last.GetProperty("variables");
        return
            GoldenCase.Text(named, "kernel") is { } kernel
            && GoldenCase.Text(named, "bias") is { } bias
            && variables.TryGetValue(kernel, out var k)
            && variables.TryGetValue(bias, out var b)
            && sequences[0].Shape[^1] == k.Shape[0]
            ? [sequences[0].Times(k, b)]
            : null;
    }

    private IEnumerable<NumberArray> Series(string letter) =>
        Enumerable
            .Range(0, io.Count)
            .Select(k => letter + k.ToString(CultureInfo.InvariantCulture))
            .TakeWhile(io.ContainsKey)
            .Select(key => io[key]);

    /// <summary>The largest difference allowed, scaled with values above 1.</summary>
    private double Limit(NumberArray expected) =>
        Math.Max(1, expected.Values.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max())
        * golden.DType switch
        {
            "float16" => 2e-3,
            "bfloat16" => 2e-2,
            _ => 5e-6,
        };
}
