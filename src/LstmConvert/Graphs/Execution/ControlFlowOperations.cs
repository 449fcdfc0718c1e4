using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>The control flow of TensorFlow 1, and what hands a value on unchanged.</summary>
internal static class ControlFlowOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["Switch"] = Switch,
        ["RefSwitch"] = Switch,
        ["Merge"] = Merge,
        ["RefMerge"] = Merge,
        ["Enter"] = Call.One(at => at[0]),
        ["RefEnter"] = Call.One(at => at[0]),
        ["Exit"] = Call.One(at => at[0]),
        ["RefExit"] = Call.One(at => at[0]),
        ["NextIteration"] = Call.One(at => at[0]),
        ["RefNextIteration"] = Call.One(at => at[0]),
        ["LoopCond"] = Call.One(at => at[0]),
        ["Identity"] = Call.One(at => at[0]),
        ["RefIdentity"] = Call.One(at => at[0]),
        ["IdentityN"] = at => [.. at.Inputs],
        ["Snapshot"] = Call.One(at => at[0]),
        ["StopGradient"] = Call.One(at => at[0]),
        ["PreventGradient"] = Call.One(at => at[0]),
        ["NoOp"] = _ => [],
        ["ControlTrigger"] = _ => [],
        ["Assert"] = Assert,
        ["Print"] = Call.One(at => at[0]),
    };

    /// <summary>How the outputs of an operation are handed on.</summary>
    public static Passing PassingOf(string operation) => operation switch
    {
        "Merge" or "RefMerge" => Passing.Merge,
        "Enter" or "RefEnter" => Passing.Enter,
        "Exit" or "RefExit" => Passing.Exit,
        "NextIteration" or "RefNextIteration" => Passing.Next,
        _ => Passing.Plain,
    };

    /// <summary>True for what does not compute with its inputs itself: one that is absent need not matter.</summary>
    public static bool TakesAbsent(string operation) =>
        operation is "Switch" or "RefSwitch" or "Merge" or "RefMerge" or "IdentityN" or "NoOp"
        || FunctionOperations.Table.ContainsKey(operation);

    /// <summary>Whether a condition holds; one that is absent must be known.</summary>
    public static bool Holds(Call at, GraphValue condition) =>
        condition.Absent is { } absent
            ? throw at.Run.Missing(absent, at.Node.Name)
            : condition.Data switch
            {
                bool[] booleans => booleans is [var truth] ? truth : booleans.Length > 0,
                byte[][] texts => texts is not [[]],
                _ => condition.ToDoubles() is [var number] ? number != 0 : condition.Count > 0,
            };

    private static GraphValue?[] Switch(Call at) => Holds(at, at[1]) ? [null, at[0]] : [at[0], null];

    private static GraphValue?[] Merge(Call at)
    {
        for (var k = 0; k < at.Count; k++)
        {
            if (at.Inputs[k] is { } value)
            {
                return [value, GraphValue.Of(DType.Int32, k)];
            }
        }

        throw at.Misfit("nothing reaches it");
    }

    private static GraphValue?[] Assert(Call at)
    {
        if (!Array.TrueForAll(at[0].Booleans, truth => truth))
        {
            at.Run.Note($"{at.Node.Name}, an assertion of the graph, does not hold on this sample.");
        }

        return [];
    }
}
