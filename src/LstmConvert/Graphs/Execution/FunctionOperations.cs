namespace LstmConvert.Graphs.Execution;

/// <summary>The control flow of TensorFlow 2: loops and branches that are functions. Plain calls are put in place before anything
/// runs.</summary>
internal static class FunctionOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["While"] = While,
        ["StatelessWhile"] = While,
        ["If"] = If,
        ["StatelessIf"] = If,
        ["Case"] = Case,
        ["StatelessCase"] = Case,
    };

    private static GraphValue[] While(Call at)
    {
        var variables = at.From(0);
        var (condition, body) = (Function(at, "cond"), Function(at, "body"));
        var iteration = 0L;
        for (
            ;
            ControlFlowOperations.Holds(
                at,
                at.Run.Invoke(at.Node, condition, variables) is [var truth, ..] ? truth : throw at.Misfit("its condition has no result"));
            iteration++)
        {
            if (iteration >= at.Run.Budget.MaximumIterations)
            {
                throw at.Run.Budget.Endless(at.Node.Name);
            }

            variables = at.Run.Invoke(at.Node, body, variables);
        }

        at.Run.Iterations[body] = iteration;
        return variables;
    }

    private static GraphValue[] If(Call at) =>
        at.Run.Invoke(at.Node, Function(at, ControlFlowOperations.Holds(at, at[0]) ? "then_branch" : "else_branch"), at.From(1));

    private static GraphValue[] Case(Call at)
    {
        if (at.Node.Attribute("branches").List is not { Func: { Count: > 0 } branches })
        {
            throw at.Misfit("it has no branches");
        }

        if (at[0].Absent is { } absent)
        {
            throw at.Run.Missing(absent, at.Node.Name);
        }

        var branch = at.Int(0);
        return at.Run.Invoke(at.Node, branches[branch >= 0 && branch < branches.Count ? branch : branches.Count - 1].Name, at.From(1));
    }

    private static string Function(Call at, string attribute) =>
        at.Node.Attribute(attribute).Func?.Name ?? throw at.Misfit($"it has no {attribute}");
}
