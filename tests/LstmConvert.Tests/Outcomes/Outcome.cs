using System.Globalization;
using System.Text.Json.Nodes;

namespace LstmConvert.Tests.Outcomes;

/// <summary>What becomes of one program: a line of the outcome table.</summary>
internal static class Outcome
{
    /// <summary>
    /// The line of a case: what becomes of its own file without an option, and of its variables with the case's facts as options.
    /// <c>exact</c> (or <c>exact as a whole model</c>, where only a file with what stands around the layers computes what was recorded),
    /// <c>different</c>, <c>around</c> (something else is computed around the layers, or nothing was recorded) or <c>refused</c>; the exit
    /// codes of <c>verify</c> for each sample and of <c>--strict</c>.
    /// </summary>
    public static async Task<string> LineAsync(GoldenCase golden, KerasPython? keras)
    {
        var folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;
        try
        {
            var judge = new KerasJudge(golden);
            var own = await ConvertAsync(golden, judge, keras, golden.Own, [], Path.Combine(folder, "own.h5"));
            var variables =
                golden.Variables is { } path && path != golden.Own
                    ? await ConvertAsync(golden, judge, keras, path, golden.Options, Path.Combine(folder, "variables.h5"))
                    : "none";
            return $"{golden.Name} | own: {own} | variables: {variables}";
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>What follows a refusal of a program that is exact as a whole model.</summary>
    private const string WholeInstead = " (exact as a whole model";

    /// <summary>What of a line is known without Keras.</summary>
    public static string WithoutKeras(string line) =>
        string.Join(
            " | ",
            line.Split(" | ")
                .Select(
                    (half, k) =>
                        k == 0 || half.Contains(": refused", StringComparison.Ordinal) || half.EndsWith(": none", StringComparison.Ordinal)
                            ? half.Split(WholeInstead)[0]
                            : $"{half.Split(':')[0]}: converted{half[half.LastIndexOf("; verify", StringComparison.Ordinal)..]}"));

    private static async Task<string> ConvertAsync(
        GoldenCase golden,
        KerasJudge judge,
        KerasPython? keras,
        string source,
        IReadOnlyList<string> options,
        string target)
    {
        var folder = Path.GetDirectoryName(target)!;
        var answer = await Product.RunAsync(["tf2keras", source, .. options, "-o", target, "--json"]);
        if (answer.Code != 0)
        {
            var refused = string.Create(CultureInfo.InvariantCulture, $"refused {answer.Code}: {answer.Refusal(golden, folder)}");
            return
                keras is not null
                && golden.IsWholeModel
                && await WholeAsync(golden, judge, keras, source, options, Path.ChangeExtension(target, ".keras")) is { } model
                    ? $"{refused}{WholeInstead} [{model.Layers}] keras {model.Shown})"
                    : refused;
        }

        var code = answer.Json!["keras_code"]!.GetValue<string>();
        var verdict = keras is null ? null : await judge.JudgeAsync(keras, code, folder);
        var strict = await Product.RunAsync(["tf2keras", source, .. options, "-o", target, "--json", "--strict", "--dry-run"]);
        var other = strict.Code == 0 && strict.Json!["keras_code"]!.GetValue<string>() != code ? " with other code" : "";
        var verified = await VerifyAsync(golden, source, options, target);
        if (verdict is null)
        {
            return string.Create(CultureInfo.InvariantCulture, $"converted; verify {verified}; strict {strict.Code}{other}");
        }

        var word =
            verdict.Problem is null && verdict.Shown.Length > 0 ? "exact"
            : verdict.Problem is null ? "around (nothing recorded that its code can be given)"
            : golden.Around is { } around ? $"around ({around}; {Said(answer.Json!)})"
            : "different";
        if (word[0] == 'a' && await WholeAsync(golden, judge, keras!, source, options, Path.ChangeExtension(target, ".keras")) is { } whole)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"exact as a whole model [{whole.Layers}] keras {whole.Shown}; verify {verified}; strict {strict.Code}{other}");
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"{word} [{verdict.Layers}]{(verdict.Shown.Length > 0 ? $" keras {verdict.Shown}" : "")}{(verdict.Problem is { } problem ? $" {problem}" : "")}; verify {verified}; strict {strict.Code}{other}"
        );
    }

    /// <summary>What Keras says of the program with what stands around its layers, as a <c>.keras</c> file has it; null where that is not
    /// what was recorded either.</summary>
    private static async Task<KerasVerdict?> WholeAsync(
        GoldenCase golden,
        KerasJudge judge,
        KerasPython keras,
        string source,
        IReadOnlyList<string> options,
        string target)
    {
        var answer = await Product.RunAsync(["tf2keras", source, .. options, "-o", target, "--json"]);
        var verdict =
            answer.Code == 0
                ? await judge.JudgeAsync(keras, answer.Json!["keras_code"]!.GetValue<string>(), Path.GetDirectoryName(target)!)
                : null;
        return verdict is { Problem: null, Shown.Length: > 0 } ? verdict : null;
    }

    /// <summary>The exit code of <c>verify</c> against each recorded sample, or on a sample of its own.</summary>
    private static async Task<string> VerifyAsync(GoldenCase golden, string source, IReadOnlyList<string> options, string target)
    {
        var known = options.ToArray();
        if (golden.IsWholeModel || golden.Recorded is not { } recorded)
        {
            return (await Product.RunAsync(["verify", source, target, .. known, "--quiet"])).Code.ToString(CultureInfo.InvariantCulture);
        }

        var keys = NumberArray.ReadNpz(recorded);
        var codes = new List<string>();
        foreach (var sample in new[] { "a_", "b_" }.Where(prefix => keys.ContainsKey(prefix + "x")))
        {
            codes.Add(
                (
                    await Product.RunAsync([
                        "verify",
                        source,
                        target,
                        .. known,
                        "--input",
                        recorded,
                        "--expect",
                        recorded,
                        "--sample",
                        sample,
                        "--quiet",
                    ])).Code.ToString(CultureInfo.InvariantCulture));
        }

        return codes.Count > 0 ? string.Join(" ", codes) : "-";
    }

    /// <summary>How much the answer says of what it leaves alone.</summary>
    private static string Said(JsonNode document)
    {
        var (left, warnings) = ((document["left_out"] as JsonArray)?.Count ?? 0, (document["warnings"] as JsonArray)?.Count ?? 0);
        return string.Create(CultureInfo.InvariantCulture, $"{left} left out, {warnings} warnings");
    }
}
