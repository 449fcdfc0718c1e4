using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Reading;

/// <summary>
/// Constants and variables behind the edges of a graph, and the names under which the Saver stored the variables: those stand in
/// the Save operations, and need not be the names in the graph (a Saver may be built from a dictionary).
/// </summary>
internal sealed partial class GraphVariables
{
    private const int MaximumSteps = 64;

    /// <summary>The deepest nesting of what is computed from constants; that of a dropout's scale is two.</summary>
    private const int MaximumTerms = 6;

    /// <summary>Operations that put the parts of one variable together: of the partitioned one in each direction of a graph.</summary>
    private const int MaximumJoins = 16;

    /// <summary>Values that are looked at to find all variables of a graph, beyond a few for each node.</summary>
    private const long MaximumVisits = 5_000_000;

    private long visitsLeft = MaximumVisits;

    private readonly Dictionary<string, string> keys = new(StringComparer.Ordinal);
    private readonly Dictionary<Output, IReadOnlyList<string>> known = [];

    /// <summary>True while less than half of what may be looked at was: a graph that is searched again finds the same.</summary>
    public bool MaySearchAgain => visitsLeft > MaximumVisits / 2;

    public GraphVariables(IEnumerable<GraphNode> nodes)
    {
        foreach (var node in nodes.Where(node => node.Op is "SaveV2" or "SaveSlices" or "Save"))
        {
            ReadSaver(node);
        }
    }

    /// <summary>True for operations that hand on their first input unchanged.</summary>
    public static bool IsTransparent(GraphNode node) =>
        node.Op
            is "Identity"
                or "RefIdentity"
                or "Enter"
                or "RefEnter"
                or "Exit"
                or "RefExit"
                or "NextIteration"
                or "RefNextIteration"
                or "Snapshot"
                or "StopGradient"
                or "PreventGradient"
                or "CheckNumerics"
                or "Switch"
                or "RefSwitch";

    /// <summary>The node behind operations that change nothing, loop variables that never change included.</summary>
    public static Output? Behind(Output? output)
    {
        for (var step = 0; step < MaximumSteps && output is { } at; step++)
        {
            if (IsTransparent(at.Node))
            {
                output = at.Node.Input(0);
            }
            else if (at.Node.Op is "IdentityN")
            {
                output = at.Node.Input(at.Index);
            }
            else if (at.Node.Op == "Merge" && IsInvariant(at.Node))
            {
                output = at.Node.Input(0);
            }
            else
            {
                return at;
            }
        }

        return output;
    }

    /// <summary>The number behind an output if it is a constant with one element.</summary>
    public static (double Value, string Node)? Scalar(Output? output)
    {
        for (var step = 0; step < 8 && Behind(output) is { } at; step++)
        {
            if (at.Node.Op == "Const")
            {
                return
                    at.Node.Attribute("value")?.Tensor is { } value
                    && (value.TensorShape?.Dim.Count ?? 0) == 0
                    && TensorValues.Scalar(value) is { } number
                    ? (number, at.Node.Name)
                    : null;
            }

            if (at.Node.Op is not ("Cast" or "Reshape" or "ExpandDims" or "Squeeze"))
            {
                return null;
            }

            output = at.Node.Input(0);
        }

        return null;
    }

    /// <summary>The number that an output is, where it is computed from constants of one element, and from what the program is given, alone;
    /// null where it is not, or only after more than a few operations.</summary>
    /// <param name="output">The output.</param>
    /// <param name="given">What the program is given: the number that every placeholder has.</param>
    /// <param name="depth">Operations between.</param>
    public static double? Computed(Output? output, double given, int depth = 0)
    {
        if (Scalar(output) is { } constant)
        {
            return constant.Value;
        }

        return
            depth > MaximumTerms || Behind(output) is not { Node: var node } ? null
            : node.Op is "Placeholder" or "PlaceholderWithDefault" ? given
            : node.Op is "Sub" or "Add" or "AddV2" or "Mul" or "RealDiv"
            && Computed(node.Input(0), given, depth + 1) is { } left
            && Computed(node.Input(1), given, depth + 1) is { } right
                ? node.Op switch
                {
                    "Sub" => left - right,
                    "Mul" => left * right,
                    "RealDiv" => left / right,
                    _ => left + right,
                }
            : null;
    }

    /// <summary>The numbers of a constant of integers with at most one axis; null for any other output.</summary>
    public static IReadOnlyList<long>? Integers(Output? output)
    {
        if (
            Behind(output) is not { Node: { Op: "Const" } node }
            || node.Attribute("value")?.Tensor is not { } value
            || TensorValues.Info(node.Name, value)
                is not { DType: DType.Int32 or DType.Int64, Shape: { Rank: 0 or 1, ElementCount: > 0 and < 64 } } info
            || (value.TensorContent.Length != info.ByteCount && value.IntVal.Count == 0 && value.Int64Val.Count == 0))
        {
            return null;
        }

        var bytes = TensorValues.Bytes(info, value, node.Name).Span;
        return info.DType == DType.Int64
            ? MemoryMarshal.Cast<byte, long>(bytes).ToArray()
            : [.. MemoryMarshal.Cast<byte, int>(bytes).ToArray().Select(number => (long)number)];
    }

    /// <summary>The values of a constant of truths with one axis; null for any other output.</summary>
    public static IReadOnlyList<bool>? Truths(Output? output) =>
        Behind(output) is { Node: { Op: "Const" } node } && node.Attribute("value")?.Tensor is { } value
            && TensorValues.Info(node.Name, value) is { DType: DType.Bool, Shape: { Rank: 1, ElementCount: > 0 and < 64 } } info
            && (value.TensorContent.Length == info.ByteCount || value.BoolVal.Count > 0)
            ? [.. TensorValues.Bytes(info, value, node.Name).Span.ToArray().Select(one => one != 0)] : null;

    /// <summary>The variables behind an output: one, or the parts of a partitioned one; nothing if it is computed.</summary>
    public IReadOnlyList<string> Names(Output? output)
    {
        if (output is not { } at)
        {
            return [];
        }

        if (!known.TryGetValue(at, out var found))
        {
            known[at] = found = Find(at);
        }

        return found;
    }

    private string[] Find(Output output)
    {
        var names = new List<string>();
        if (!Collect(output, names, []) || names.Count == 0)
        {
            return [];
        }

        var stored = names.Select(name => keys.GetValueOrDefault(name, name)).Distinct(StringComparer.Ordinal).ToArray();

        // Parts that no Saver put together carry their number in the name. In another order, or with one of them twice, parts are not the
        // variable of that name.
        var whole = stored.Select(name => Part().Replace(name, "")).Distinct(StringComparer.Ordinal).ToArray();
        return names.Count == 1 || whole.Length > 1 ? stored : IsInOrder([.. names.Select(PartNumber)], names) ? whole : [];
    }

    /// <summary>True for parts in the order of their numbers; where no name has one, for different parts.</summary>
    private static bool IsInOrder(int[] numbers, List<string> names) =>
        Array.TrueForAll(numbers, number => number < 0)
            ? names.Distinct(StringComparer.Ordinal).Count() == names.Count
            : numbers.SequenceEqual(Enumerable.Range(0, numbers.Length));

    private static int PartNumber(string name) =>
        Part().Match(name) is { Success: true } part
        && int.TryParse(part.ValueSpan["/part_".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : -1;

    /// <summary>The variable, or the constant with an axis, behind an output that hands it on as it is; null for anything else.</summary>
    public static Output? Source(Output? output)
    {
        for (var step = 0; step < MaximumSteps && Behind(output) is { } at; step++)
        {
            switch (at.Node.Op)
            {
                case "Variable" or "VariableV2" or "TemporaryVariable" or "AutoReloadVariable" or "VarHandleOp":
                    return at;
                case "Const":
                    return at.Node.Attribute("value")?.Tensor is { TensorShape.Dim.Count: > 0 } ? at : null;
                case "ReadVariableOp":
                    output = at.Node.Input(0);
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>The shape of the one variable behind an output, or null where it is none, several, or of a shape that is not
    /// known.</summary>
    public static IReadOnlyList<long>? ShapeOf(Output? output)
    {
        for (var step = 0; step < MaximumSteps && Behind(output) is { } at; step++)
        {
            switch (at.Node.Op)
            {
                case "Variable" or "VariableV2" or "TemporaryVariable" or "AutoReloadVariable" or "VarHandleOp":
                    return at.Node.Attribute("shape")?.Shape is { UnknownRank: false } shape
                        ? [.. shape.Dim.Select(dim => dim.Size)]
                        : null;
                case "Const":
                    return at.Node.Attribute("value")?.Tensor?.TensorShape is { UnknownRank: false } constant
                        ? [.. constant.Dim.Select(dim => dim.Size)]
                        : null;
                case "ReadVariableOp" or "Cast":
                    output = at.Node.Input(0);
                    break;
                default:
                    return null;
            }
        }

        return null;
    }

    /// <summary>True if a loop variable is handed from step to step unchanged.</summary>
    private static bool IsInvariant(GraphNode merge)
    {
        var at = merge.Input(1);
        for (var step = 0; step < MaximumSteps && at is { } output; step++)
        {
            if (output.Node == merge)
            {
                return true;
            }

            if (!IsTransparent(output.Node))
            {
                return false;
            }

            at = output.Node.Input(0);
        }

        return false;
    }

    /// <summary>
    /// Adds the variables behind an output; what is put together of the same parts twice is looked at once. False where something else
    /// stands
    /// behind it, or beside a variable: then it is no variable, and no partitioned one.
    /// </summary>
    private bool Collect(Output? output, List<string> names, HashSet<GraphNode> joined)
    {
        visitsLeft--;
        for (var step = 0; step < MaximumSteps && Behind(output) is { } at; step++)
        {
            var node = at.Node;
            switch (node.Op)
            {
                case "Variable" or "VariableV2" or "TemporaryVariable" or "AutoReloadVariable":
                    names.Add(node.Name);
                    return true;
                case "VarHandleOp":
                    names.Add(node.Attribute("shared_name")?.S.ToStringUtf8() is { Length: > 0 } shared ? shared : node.Name);
                    return true;
                case "Const":
                    if (node.Attribute("value")?.Tensor is { } value && TensorValues.Info(node.Name, value) is { Shape.Rank: > 0 })
                    {
                        names.Add(node.Name);
                        return true;
                    }

                    return false;
                case "Concat" or "ConcatV2" when joined.Count < MaximumJoins && visitsLeft > 0 && joined.Add(node):
                    // The axis is the first input of the old operation, the last of the new one.
                    var parts = node.Op == "Concat" ? node.Inputs.Skip(1) : node.Inputs.SkipLast(1);
                    return parts.All(part => Collect(part, names, joined) || (part is { } twice && joined.Contains(twice.Node)));
                case "ReadVariableOp" or "Cast" or "Reshape" or "Squeeze" or "ExpandDims":
                    output = node.Input(0);
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    private void ReadSaver(GraphNode saver)
    {
        if (Texts(saver.Input(1)) is not { } names)
        {
            return;
        }

        var first = saver.Op == "Save" ? 2 : 3;
        for (var k = 0; k < names.Length; k++)
        {
            var variables = new List<string>();
            if (Collect(saver.Input(first + k), variables, []) && variables is [var variable])
            {
                keys.TryAdd(variable, names[k].EndsWith(":0", StringComparison.Ordinal) ? names[k][..^2] : names[k]);
            }
        }
    }

    /// <summary>The texts of a constant; null for any other output.</summary>
    public static string[]? Texts(Output? output) =>
        Behind(output) is { Node: { Op: "Const" } node } && node.Attribute("value")?.Tensor is { } value
            ? [.. value.StringVal.Select(text => text.ToStringUtf8())]
            : null;

    [GeneratedRegex("/part_[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Part();
}
