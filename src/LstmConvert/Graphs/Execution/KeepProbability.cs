namespace LstmConvert.Graphs.Execution;

/// <summary>
/// A placeholder that is the probability of a dropout: it goes, perhaps subtracted from one, to where a mask is made of random numbers
/// (<c>floor(keep_prob + random)</c> or <c>random >= rate</c>), whatever its name. Without a value it is what makes the mask one
/// everywhere.
/// </summary>
internal static class KeepProbability
{
    /// <summary>Readers and inputs that are looked at for all placeholders of a plan.</summary>
    private const int MaximumVisits = 200_000;

    private const int MaximumDepth = 6;

    /// <summary>Sets the default of every such placeholder.</summary>
    public static void Find(ExecutionPlan plan)
    {
        var left = MaximumVisits;
        foreach (var node in plan.Nodes.Where(node => node.Node is { Op: "Placeholder" or "PlaceholderV2" }))
        {
            node.Default = Follow(node, ref left);
        }
    }

    private static double? Follow(PlanNode start, ref int left)
    {
        var seen = new HashSet<(PlanNode, bool)>();
        var todo = new Queue<(PlanNode Node, bool IsComplement)>([(start, false)]);
        while (todo.TryDequeue(out var at))
        {
            if (!seen.Add(at))
            {
                continue;
            }

            foreach (var (to, input, _) in at.Node.Readers)
            {
                if (--left < 0)
                {
                    return null;
                }

                switch (to.Node?.Op)
                {
                    case "Add" or "AddV2" when IsRandom(to, 1 - input, ref left):
                        return at.IsComplement ? 0 : 1;
                    case "GreaterEqual" when input == 1 && IsRandom(to, 0, ref left):
                    case "LessEqual" when input == 0 && IsRandom(to, 1, ref left):
                        return at.IsComplement ? 1 : 0;
                    case "Less" when input == 1 && IsRandom(to, 0, ref left):
                        return at.IsComplement ? 0 : 1;
                    case "Sub" when input == 1:
                        todo.Enqueue((to, !at.IsComplement));
                        break;
                    case "Identity" or "Enter" or "RefEnter" or "Switch" or "Merge" or "Cast" or "Reshape" or "StopGradient":
                        todo.Enqueue((to, at.IsComplement));
                        break;
                    default:
                        break;
                }
            }
        }

        return null;
    }

    /// <summary>True if an input is made of random numbers, moved and scaled.</summary>
    private static bool IsRandom(PlanNode node, int input, ref int left)
    {
        var todo = new Queue<(Edge? Edge, int Depth)>([(node.Node!.Inputs.ElementAtOrDefault(input), 0)]);
        while (--left >= 0 && todo.TryDequeue(out var at))
        {
            if (at.Edge is not { } edge || at.Depth > MaximumDepth)
            {
                continue;
            }

            if (RandomOperations.IsRandom(edge.Node.Op))
            {
                return true;
            }

            foreach (var next in edge.Node.Op is "Add" or "AddV2" or "Mul" or "Sub" or "Identity" or "Cast" ? edge.Node.Inputs : [])
            {
                todo.Enqueue((next, at.Depth + 1));
            }
        }

        return false;
    }
}
