using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>
/// Follows a state from where a step reads it back to where the step before left it. A plain cell hands its states on as they are; only a
/// choice by the rows' lengths, dropout and another form of the same values may lie in between.
/// </summary>
internal sealed class StateFlow
{
    /// <summary>Nodes followed for one state; between two steps of a program lie a dozen.</summary>
    private const int MaximumNodes = 2_000;

    private readonly Dictionary<Output, (CellUse Use, string State)> left = [];

    /// <summary>A follower for the states of some uses.</summary>
    public StateFlow(IEnumerable<CellUse> uses)
    {
        foreach (var use in uses)
        {
            foreach (var (state, (_, leaves)) in use.First.States)
            {
                if (leaves is { } output)
                {
                    left.TryAdd(output, (use, state));
                }
            }
        }
    }

    /// <summary>What becomes of a state between two steps, as a phrase; null where it is handed on as it is.</summary>
    /// <param name="use">The use that reads it.</param>
    /// <param name="state">The state's name.</param>
    public string? Change(CellUse use, string state)
    {
        if (use.First.States[state].Enters is not { } enters || use.IsFusedSequence)
        {
            return null;
        }

        var walk = Walked(use, state, enters);
        if (walk.Problem is { } problem)
        {
            return problem;
        }

        use.Resets.AddRange(walk.Resets.Select(reset => new StateReset(state, reset.Given.Name, reset.By)));

        // A step of which one state comes from the step before has them all from there.
        return
            !walk.IsOwn
            && use.First.States.Any(other => other.Key != state && other.Value.Enters is { } entry && Walked(use, other.Key, entry).IsOwn)
            ? $"its state {state} is not what the step before left ({enters.Node.Name})"
            : null;
    }

    private Walk Walked(CellUse use, string state, Output enters)
    {
        var walk = new Walk(this, use, state);
        walk.From(enters);
        return walk;
    }

    /// <summary>A part that was cut from a value on the way; the number of equal parts is 0 where that is not known.</summary>
    private sealed record Cut(int Index, long Count, Cut? Rest);

    /// <summary>One state of one use.</summary>
    private sealed class Walk(StateFlow flow, CellUse use, string state)
    {
        private readonly HashSet<(Output, Cut?)> seen = [];
        private readonly List<GraphNode> ends = [];
        private readonly Stack<(Output At, Cut? Cut)> todo = new();
        private GraphNode? loop;
        private GraphNode? entered;
        private bool isUnclosed;
        private bool isLenient;
        private string? other;
        private string? changed;
        private bool isChangedFromOwn;

        /// <summary>Where the state is multiplied by 1 minus what the program is given, and what that is.</summary>
        public List<(GraphNode Given, GraphNode By)> Resets { get; } = [];

        /// <summary>True if the state is one that the step before left.</summary>
        public bool IsOwn { get; private set; }

        /// <summary>What was found.</summary>
        public string? Problem =>
            isLenient && IsOwn ? null
            : other is not null ? $"its state {state} is what its state {other}"
            : isChangedFromOwn || (loop is not null && changed is not null) ? $"its state {state} is changed between two steps ({changed})"
            : !IsOwn && loop is null && entered is not null && !isUnclosed ? $"its state {state} is the same before every step ({entered.Name})"
            : IsOwn || loop is null ? null
            : $"its state {state} is not what the step before left ({loop.Name})";

        public void From(Output enters)
        {
            todo.Push((enters, null));
            while (todo.TryPop(out var next) && seen.Count < MaximumNodes)
            {
                if (seen.Add(next))
                {
                    Visit(next.At, next.Cut);
                }
            }

            LookBehind();
        }

        /// <summary>Whether what changes the value is made of what a step before left: else it is where the state starts.</summary>
        private void LookBehind()
        {
            var (behind, further) = (new HashSet<GraphNode>(ReferenceEqualityComparer.Instance), new Stack<GraphNode>(ends));
            while (further.TryPop(out var node) && behind.Count < MaximumNodes && !isChangedFromOwn)
            {
                if (!behind.Add(node))
                {
                    continue;
                }

                foreach (var input in node.Inputs.OfType<Output>())
                {
                    isChangedFromOwn |= flow.left.TryGetValue(input, out var leaves) && leaves.Use.First.Kernels == use.First.Kernels;
                    further.Push(input.Node);
                }
            }
        }

        private void Change(GraphNode node)
        {
            changed ??= node.Name;
            ends.Add(node);
        }

        private void Visit(Output at, Cut? cut)
        {
            if (flow.left.TryGetValue(at, out var leaves) && leaves.Use.First.Kernels == use.First.Kernels)
            {
                IsOwn |= leaves.State == state;
                other ??= leaves.State == state ? null : $"{leaves.State} was ({at.Node.Name})";
                return;
            }

            var node = at.Node;
            entered ??= DataEdges.IsEntry(node) ? node : null;
            isUnclosed |= DataEdges.IsUnclosed(node);
            if (DataEdges.NextOfLoop(node) is { } following)
            {
                if (DataEdges.IsSetAnew(node))
                {
                    (loop, entered) = (loop ?? node, node);
                    Change(node);
                }
                else if (loop is null || loop == node)
                {
                    loop = node;
                    todo.Push((following, cut));
                }
                else
                {
                    Change(node);
                }
            }
            else if (DataEdges.Cut(at) is { } part)
            {
                Push(part.Whole, new Cut(part.Index, part.Count, cut));
            }
            else if (DataEdges.Together(node) is { } parts)
            {
                Join(node, parts, cut);
            }
            else if (DataEdges.Same(at) is { } inputs)
            {
                foreach (var input in inputs)
                {
                    Push(input, cut);
                }
            }
            else if (DataEdges.Reset(node) is var (value, given))
            {
                Resets.Add((given, node));
                Push(value, cut);
            }
            else
            {
                Change(node);
            }
        }

        private void Join(GraphNode node, IReadOnlyList<Output?> parts, Cut? cut)
        {
            if (cut is null)
            {
                Change(node);
            }
            else if (cut.Count == parts.Count)
            {
                Push(parts[cut.Index], cut.Rest);
            }
            else
            {
                // Which part it is depends on their widths: one of them has to be the state.
                isLenient = true;
                foreach (var part in parts)
                {
                    Push(part, cut.Rest);
                }
            }
        }

        private void Push(Output? at, Cut? cut)
        {
            if (at is { } output)
            {
                todo.Push((output, cut));
            }
        }
    }
}
