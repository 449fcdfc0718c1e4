using System.Globalization;
using System.IO.Enumeration;
using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>One variable, or a part of one, under the role that its name gives it in a scope.</summary>
/// <param name="Tensor">The variable.</param>
/// <param name="Part">The number of the part, or null.</param>
/// <param name="Leaf">The end of its name as it was written.</param>
internal sealed record NamedPart(Tensor Tensor, int? Part, string Leaf);

/// <summary>The variables of a source by scope and role, as the dialects read their names; those of training and those that the user leaves
/// out apart.</summary>
internal sealed class CellVariables
{
    /// <summary>What ends the names of variables in an object graph.</summary>
    public const string ValueAttribute = "/.ATTRIBUTES/VARIABLE_VALUE";

    private static readonly string[] Roles =
    [
        .. CellCatalog.All.SelectMany(cell => cell.Variables).Select(role => role.Name).Distinct(StringComparer.Ordinal),
    ];

    private IReadOnlyList<string>? sorted;
    private readonly Dictionary<string, string?> storedScopes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> byStored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, List<NamedPart>>> scopes = new(StringComparer.Ordinal);

    public CellVariables(TensorSet source, RecognitionOptions options)
    {
        var programNames = ProgramNames(source);
        foreach (
            var (stored, program) in programNames.Count > 0
                ? new Dictionary<string, string>()
                : DialectCatalog.Names([.. source.Tensors.Select(tensor => tensor.Info)], options.Dialect))
        {
            programNames[stored] = program;
        }

        Unmatched =
        [
            .. options.Include.Where(pattern =>
                !source.Tensors.Any(tensor => FileSystemName.MatchesSimpleExpression(pattern, tensor.Name, ignoreCase: false))),
            .. options.Exclude.Where(pattern =>
                !source.Tensors.Any(tensor =>
                    FileSystemName.MatchesSimpleExpression(pattern, tensor.Name, ignoreCase: false)
                    || (
                        programNames.TryGetValue(tensor.Name, out var name)
                        && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)))),
        ];
        foreach (var stored in source.Tensors)
        {
            var tensor = programNames.TryGetValue(stored.Name, out var programName) ? new RenamedTensor(stored, programName) : stored;
            StoredNames[tensor.Name] = stored.Name;
            byStored[stored.Name] = tensor.Name;
            if (
                (
                    Excluded(stored.Name, options)
                    ?? Excluded(tensor.Name, options, includes: false)
                    ?? LeftOutVariables.Reason(stored.Name)
                    ?? LeftOutVariables.Reason(tensor.Name)) is
                { } reason)
            {
                LeftOut.Add(new LeftOut(stored.Name, reason));
                continue;
            }

            Tensors[tensor.Name] = tensor;
            if (tensor.DType.IsWeight())
            {
                Place(
                    tensor,
                    options.Dialect is { } named ? DialectCatalog.Find(named).Read(tensor.Name) : DialectCatalog.Read(tensor.Name));
            }
        }
    }

    /// <summary>The patterns of the user that match no variable.</summary>
    public IReadOnlyList<string> Unmatched { get; }

    /// <summary>The variables that may be weights, by the names that they have in the program.</summary>
    public Dictionary<string, Tensor> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>The names in the file by the names in the program.</summary>
    public Dictionary<string, string> StoredNames { get; } = new(StringComparer.Ordinal);

    /// <summary>The variables that are none, with the reason.</summary>
    public List<LeftOut> LeftOut { get; } = [];

    /// <summary>What a user says, in the scopes that are used here, where it is said of what the names in the file have in
    /// common.</summary>
    /// <param name="said">What the user says.</param>
    public RecognitionOptions InScopes(RecognitionOptions said)
    {
        string? Scope(string? named) =>
            named is not null && !scopes.ContainsKey(named) ? storedScopes.GetValueOrDefault(named) ?? named : named;
        return storedScopes.Count == 0
            ? said
            : said with
            {
                Facts = [.. said.Facts.Select(fact => fact with { Scope = Scope(fact.Scope) })],
                Cells = [.. said.Cells.Select(cell => cell with { Scope = Scope(cell.Scope) })],
            };
    }

    /// <summary>The scopes, forward before backward, by natural order.</summary>
    public IReadOnlyList<string> Scopes =>
        sorted ??= [
            .. scopes
                .Keys.Select(scope => (Scope: scope, Key: ForwardFirst(scope)))
                .OrderBy(one => one.Key, Files.NaturalOrder.Comparer)
                .Select(one => one.Scope),
        ];

    /// <summary>True if a scope has variables.</summary>
    public bool Has(string scope) => scopes.ContainsKey(scope);

    /// <summary>The roles of a scope.</summary>
    public IReadOnlyDictionary<string, List<NamedPart>> RolesOf(string scope) => scopes[scope];

    /// <summary>The variable of a name as the graph has it, or its parts; nothing if the source has none.</summary>
    public IEnumerable<NamedPart> Find(string name)
    {
        if (
            Tensors.TryGetValue(name, out var tensor)
            || (byStored.TryGetValue(name, out var program) && Tensors.TryGetValue(program, out tensor)))
        {
            return [new NamedPart(tensor, null, name[(name.LastIndexOf('/') + 1)..])];
        }

        return Tensors
            .Values.Where(part => part.Name.StartsWith(name + "/part_", StringComparison.Ordinal))
            .Select(part =>
                (
                    Part: part,
                    Number: int.TryParse(
                        part.Name[(name.Length + "/part_".Length)..],
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var number)
                        ? number
                        : -1))
            .Where(one => one.Number >= 0)
            .OrderBy(one => one.Number)
            .Select(one => new NamedPart(one.Part, one.Number, "kernel"));
    }

    /// <summary>The parts of one variable put together.</summary>
    /// <exception cref="UnreadableInputException">A part is missing.</exception>
    public static Tensor Join(string scope, string role, IReadOnlyList<NamedPart> parts, long? biasLength)
    {
        if (parts is [{ Part: null or 0 }])
        {
            return parts[0].Tensor;
        }

        var ordered = parts.OrderBy(part => part.Part).ToArray();
        for (var k = 0; k < ordered.Length; k++)
        {
            if (ordered[k].Part != k)
            {
                throw new UnreadableInputException(
                    $"Part {k} of {scope}/{role} is missing; there are {string.Join(", ", ordered.Select(part => part.Tensor.Name))}. Export all parts."
                );
            }
        }

        // Releases 0.5 and 0.6 split the columns, later ones the rows (tensorflow 0.5 and 0.12 rnn_cell.py): the bias tells the width.
        var tensors = ordered.Select(part => part.Tensor).ToArray();
        var byColumns = biasLength is { } width && tensors[0].Shape.Rank == 2 && !role.Contains('/', StringComparison.Ordinal)
            && tensors[0].Shape[1] != width && tensors.Sum(tensor => tensor.Shape.Rank == 2 ? tensor.Shape[1] : 0) == width;
        return new ConcatenatedTensor(scope.Length == 0 ? role : $"{scope}/{role}", tensors, byColumns ? 1 : 0);
    }

    private void Place(Tensor tensor, VariableReading? reading)
    {
        if (reading is null)
        {
            return;
        }

        foreach (var role in Roles)
        {
            if (reading.Path != role && !(reading.Path.EndsWith(role, StringComparison.Ordinal) && reading.Path[^(role.Length + 1)] == '/'))
            {
                continue;
            }

            var scope = reading.Path[..^role.Length].TrimEnd('/');
            if (!scopes.TryGetValue(scope, out var roles))
            {
                scopes[scope] = roles = new Dictionary<string, List<NamedPart>>(StringComparer.Ordinal);
            }

            if (!roles.TryGetValue(role, out var parts))
            {
                roles[role] = parts = [];
            }

            parts.Add(new NamedPart(tensor, reading.Part, reading.Leaf));
            if (StoredNames[tensor.Name] is var stored && stored != tensor.Name && stored.LastIndexOf('/') is > 0 and var end)
            {
                var above = stored[..end];
                storedScopes[above] = storedScopes.TryGetValue(above, out var other) && other != scope ? null : scope;
            }
        }
    }

    /// <summary>
    /// The names that variables of an object-based checkpoint have in their program, where those are unique; else what is left of the
    /// key without its end.
    /// </summary>
    private static Dictionary<string, string> ProgramNames(TensorSet source)
    {
        var names = source.Tensors
            .Where(tensor => tensor.Name.EndsWith(ValueAttribute, StringComparison.Ordinal) && LeftOutVariables.Reason(tensor.Name) is null)
            .ToDictionary(tensor => tensor.Name, tensor => source.ProgramNames.GetValueOrDefault(tensor.Name, ""), StringComparer.Ordinal);
        var isUnique = names.Values.Distinct(StringComparer.Ordinal).Count() == names.Count && !names.ContainsValue("");
        return isUnique
            ? names
            : names.ToDictionary(name => name.Key, name => Unescaped(name.Key[..^ValueAttribute.Length]), StringComparer.Ordinal);
    }

    /// <summary>A path of attributes, in which <c>.S</c> stands for <c>/</c> and <c>..</c> for a point
    /// (tensorflow/python/training/tracking/graph_view.py).</summary>
    private static string Unescaped(string key) =>
        key.Replace(".S", "/", StringComparison.Ordinal).Replace("..", ".", StringComparison.Ordinal);

    /// <summary>True if the source has a variable that is left out, of which this is the program's or the stored name.</summary>
    /// <param name="name">The name.</param>
    public bool IsLeftOut(string name) => LeftOut.Any(one => one.Name == (StoredNames.GetValueOrDefault(name) ?? name));

    private static string? Excluded(string name, RecognitionOptions options, bool includes = true) =>
        includes
        && options.Include.Count > 0
        && !options.Include.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
            ? "not included"
            : options.Exclude.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false)) ? "excluded" : null;

    /// <summary>A key under which fw comes before bw.</summary>
    private static string ForwardFirst(string scope) =>
        string.Join(
            '/',
            scope
                .Split('/')
                .Select(step =>
                    step.StartsWith("bw", StringComparison.Ordinal) || step.StartsWith("backward", StringComparison.Ordinal) ? "g" + step
                    : step.StartsWith("BW", StringComparison.Ordinal) || step.StartsWith("BiRNN_BW", StringComparison.Ordinal)
                        ? step[..^2] + "G" + step[^2..]
                    : step));
}
