using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>Variables: read as they are stored, until the run itself sets them.</summary>
internal static class VariableOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } =
        new Dictionary<string, Kernel>(StringComparer.Ordinal)
        {
            ["Variable"] = Call.One(at => Read(at, at.Node)),
            ["VariableV2"] = Call.One(at => Read(at, at.Node)),
            ["VarHandleOp"] = Call.One(at => GraphValue.OfHandle(new VariableHandle(at.Node))),
            ["ReadVariableOp"] = Call.One(at => Read(at, Variable(at, 0).Node)),
            ["VarIsInitializedOp"] = Call.One(_ => GraphValue.Of(true)),
            ["IsVariableInitialized"] = Call.One(_ => GraphValue.Of(true)),
            ["VariableShape"] = Call.One(at => ShapeOperations.ShapeOf(at, Read(at, Variable(at, 0).Node))),
            ["Assign"] = Call.One(at => Set(at, at.Node.Inputs[0]!.Value.Node, at[1])),
            ["AssignAdd"] = Call.One(at => Set(at, at.Node.Inputs[0]!.Value.Node, ArithmeticOperations.Sum(at, at[0], at[1]))),
            ["AssignVariableOp"] = at => Nothing(Set(at, Variable(at, 0).Node, at[1])),
            ["AssignAddVariableOp"] = at =>
                Nothing(Set(at, Variable(at, 0).Node, ArithmeticOperations.Sum(at, Read(at, Variable(at, 0).Node), at[1]))),
        };

    /// <summary>The value of the variable behind a resource.</summary>
    public static GraphValue Read(Call at, int input) => Read(at, Variable(at, input).Node);

    private static VariableHandle Variable(Call at, int input) =>
        at[input].Handle as VariableHandle ?? throw at.Misfit($"its input {input} is no variable");

    private static GraphValue Read(Call at, ProgramNode variable) =>
        at.Run.Assigned.TryGetValue(variable.Name, out var assigned)
            ? assigned
            : at.Run.Variable(variable) ?? GraphValue.None(new Absence(variable.Name, variable.Op, IsInput: true));

    private static GraphValue Set(Call at, ProgramNode variable, GraphValue value)
    {
        if (at.Run.Assigned.Remove(variable.Name, out var before))
        {
            at.Run.Budget.Release(before);
        }

        at.Run.Budget.Hold(value);
        return at.Run.Assigned[variable.Name] = value;
    }

    private static GraphValue?[] Nothing(GraphValue done) => done is null ? [] : [GraphValue.Of(DType.Bool, [0], Array.Empty<bool>())];

    /// <summary>What a resource of a variable is.</summary>
    /// <param name="Node">The variable's node.</param>
    private sealed record VariableHandle(ProgramNode Node);
}
