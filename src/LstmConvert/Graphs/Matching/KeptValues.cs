using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Finds what a program takes from within a cell's steps: a layer gives outputs and states only.</summary>
internal static class KeptValues
{
    private const int MaximumNodes = 200;

    /// <summary>The values of one use.</summary>
    /// <param name="use">The use.</param>
    public static IEnumerable<KeptValue> Of(CellUse use) => use.IsFusedSequence ? BesideOutput(use) : OfSteps(use);

    /// <summary>What is read of an operation that walks the sequence itself, where nothing reads its output.</summary>
    private static IEnumerable<KeptValue> BesideOutput(CellUse use) =>
        use.Hidden.Node.UsersOf(use.Hidden.Index).Any()
            ? []
            : use
                .Hidden.Node.Users.Where(user => user.Output >= 0 && user.Output != use.Hidden.Index)
                .Select(user => new KeptValue(FormattableString.Invariant($"{use.Hidden.Node.Name}:{user.Output}"), user.Node.Name))
                .Take(1);

    /// <summary>What a loop puts among the values of the other steps.</summary>
    private static IEnumerable<KeptValue> OfSteps(CellUse use)
    {
        var states = use.First.States.Values.ToArray();
        var begins = states.Select(state => state.Enters).Append(use.X).Concat(use.First.Givens).OfType<Output>().ToHashSet();
        var ends = states.Select(state => state.Leaves).OfType<Output>().Concat(use.Outputs).ToHashSet();
        var (todo, seen) = (new Stack<Output>(ends), new HashSet<Output>());
        while (todo.TryPop(out var at) && seen.Count < MaximumNodes)
        {
            if (begins.Contains(at) || !seen.Add(at))
            {
                continue;
            }

            if (!ends.Contains(at) && at.Node.UsersOf(at.Index).Select(user => user.Node).FirstOrDefault(SequenceEdges.Stores) is { } store)
            {
                yield return new KeptValue(at.Node.Name, store.Name);
            }

            foreach (var input in at.Node.Inputs.OfType<Output>())
            {
                todo.Push(input);
            }
        }
    }
}
