using System.Text.Json;
using System.Text.Json.Nodes;
using LstmConvert.Formats;

namespace LstmConvert.Cli;

/// <summary>One entry of a plan that was read.</summary>
/// <param name="Entry">The source and the target.</param>
/// <param name="Words">The options, in the command line's own words.</param>
/// <param name="Code">The exit code of planning it.</param>
/// <param name="Error">Why it could not be planned; null where it was.</param>
/// <param name="Plan">What it must be.</param>
internal sealed record PlanEntry(Entry Entry, IReadOnlyList<string> Words, int Code, string? Error, ApprovedPlan Plan);

/// <summary>
/// A plan that <c>plan</c> wrote: JSON of the schema <c>lstmconvert/2</c> with the command <c>plan</c>. What stands in it is checked before
/// anything is
/// done; what it names is read and written like what is typed.
/// </summary>
internal static class PlanFile
{
    /// <summary>The largest plan, in bytes: a hundred thousand entries.</summary>
    private const int MaximumLength = 512 << 20;

    /// <summary>Reads a plan.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UnreadableInputException">It cannot be read, or is no plan.</exception>
    public static IReadOnlyList<PlanEntry> Read(string path)
    {
        JsonNode? document;
        try
        {
            document = JsonNode.Parse(SourceFiles.ReadBytes(path, MaximumLength));
        }
        catch (JsonException e)
        {
            throw new UnreadableInputException(
                $"{path} is no JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}. Name a file that 'lstmconvert plan -o' wrote.",
                e);
        }

        try
        {
            if (document is not JsonObject frame || Text(frame, "command", path) != "plan" || Text(frame, "schema", path) != Json.Schema)
            {
                throw new UnreadableInputException(
                    $"{path} is no plan of this version: its schema is to be {Json.Schema} and its command plan. Name a file that 'lstmconvert plan -o' wrote."
                );
            }

            var entries = List(frame, "entries", path).Select((entry, k) => Of(entry, $"{path}: entry {k + 1}")).ToArray();
            var targets = entries
                .CountBy(entry => Path.GetFullPath(entry.Entry.Target), StringComparer.Ordinal)
                .Where(pair => pair.Value > 1)
                .Select(pair => pair.Key)
                .ToHashSet(StringComparer.Ordinal);
            return
            [
                .. entries.Select(entry =>
                    targets.Contains(Path.GetFullPath(entry.Entry.Target))
                        ? entry with
                        {
                            Entry = entry.Entry with
                            {
                                Clash =
                                    $"{entry.Entry.Target} is the target of more than one entry of the plan, so of none. Plan them apart.",
                            },
                        }
                        : entry),
            ];
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException)
        {
            // A member twice, or a text that is no Unicode.
            throw new UnreadableInputException($"{path} is no plan: {e.Message}", e);
        }
    }

    private static PlanEntry Of(JsonNode? node, string where)
    {
        if (node is not JsonObject entry)
        {
            throw new UnreadableInputException($"{where} is no object. Name a file that 'lstmconvert plan -o' wrote.");
        }

        var sources = Texts(entry, "sources", where);
        var target = Text(entry, "target", where);
        if (sources.Count == 0 || sources.Append(target).Any(path => path.Length == 0 || path.Contains('\0', StringComparison.Ordinal)))
        {
            throw new UnreadableInputException($"{where} names no source or no target.");
        }

        var error = entry["error"] is JsonValue said && said.TryGetValue(out string? sentence) ? sentence : null;
        var code =
            entry["exit_code"] is JsonValue number && number.TryGetValue(out int value)
                ? value
                : throw new UnreadableInputException($"{where} has no exit_code, a number.");
        if (error is null)
        {
            foreach (var key in new[] { "files", "groups", "layers" })
            {
                foreach (var item in List(entry, key, where).Where(item => item is not JsonObject))
                {
                    throw new UnreadableInputException($"{where}: {key} holds {item?.ToJsonString() ?? "null"}, which is no object.");
                }
            }
        }

        return new PlanEntry(
            new Entry(sources, target),
            error is null ? Texts(entry, "options", where) : [],
            code,
            error,
            new ApprovedPlan(entry));
    }

    private static JsonArray List(JsonObject of, string key, string where) =>
        of[key] as JsonArray
        ?? throw new UnreadableInputException($"{where} has no {key}, a list. Name a file that 'lstmconvert plan -o' wrote.");

    private static string Text(JsonObject of, string key, string where) =>
        of[key] is JsonValue value && value.TryGetValue(out string? text)
            ? text!
            : throw new UnreadableInputException($"{where} has no {key}, a text. Name a file that 'lstmconvert plan -o' wrote.");

    private static List<string> Texts(JsonObject of, string key, string where) =>
        [
            .. List(of, key, where)
                .Select(item =>
                    item is JsonValue value && value.TryGetValue(out string? text)
                        ? text!
                        : throw new UnreadableInputException($"{where}: {key} holds what is no text.")),
        ];
}
