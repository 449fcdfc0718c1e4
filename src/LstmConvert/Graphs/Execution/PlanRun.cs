namespace LstmConvert.Graphs.Execution;

/// <summary>
/// One execution of a plan, by TensorFlow's rules (tensorflow/core/common_runtime/executor.cc): a node runs once all its inputs have
/// arrived, a Merge once one has;
/// what lies on a branch that is not taken is dead and makes dead what reads it; each iteration of a loop has values of its own, and begins
/// when nothing is left to do in the last one.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="plan">The plan.</param>
internal sealed class PlanRun(Executor run, ExecutionPlan plan)
{
    private readonly Stack<(PlanNode Node, Iteration At, bool IsDead)> ready = new();
    private readonly List<FrameRun> waiting = [];
    private readonly GraphValue?[] results = new GraphValue?[plan.Results];
    private int resultsLeft = plan.Results;

    /// <summary>Runs it.</summary>
    /// <param name="feeds">A value for each feed of the plan.</param>
    /// <returns>The results; null for one on a branch that is not taken.</returns>
    public GraphValue?[] Execute(IReadOnlyList<GraphValue> feeds)
    {
        var root = new Iteration(new FrameRun(plan.Root, null));
        run.Budget.Spend(plan.Nodes.Count);
        foreach (var source in plan.Sources)
        {
            ready.Push((source, root, false));
        }

        for (var k = 0; k < feeds.Count; k++)
        {
            HandOn(plan.Feeds[k], root, [feeds[k]]);
        }

        while (resultsLeft > 0)
        {
            if (ready.TryPop(out var next))
            {
                HandOn(next.Node, next.At, next.IsDead ? null : Compute(next.Node, next.At));
            }
            else if (!GoOn())
            {
                throw run.Stuck();
            }
        }

        return results;
    }

    private GraphValue?[] Compute(PlanNode node, Iteration at)
    {
        run.Budget.SpendNode();
        var inputs = new GraphValue?[node.Inputs];
        for (var k = 0; k < inputs.Length; k++)
        {
            if (at.Values[node.Slot + k] is { } value)
            {
                inputs[k] = value;
                at.Values[node.Slot + k] = null;
                run.Budget.Release(value);
            }
        }

        return run.Compute(node, inputs);
    }

    private void HandOn(PlanNode node, Iteration at, GraphValue?[]? outputs)
    {
        foreach (var (output, result) in node.Results)
        {
            if (node.Passing != Passing.Exit || outputs is not null)
            {
                results[result] = outputs is not null && output < outputs.Length ? outputs[output] : null;
                resultsLeft--;
            }
        }

        foreach (var (output, watch) in outputs is null ? [] : node.Watches)
        {
            run.Watch(watch, output < outputs!.Length ? outputs[output] : null);
        }

        switch (node.Passing)
        {
            case Passing.Enter:
                Enter(node, at, outputs);
                break;
            case Passing.Exit when outputs is null:
                at.Frame.DeadExits.Add(node);
                Wait(at.Frame);
                break;
            case Passing.Exit:
                Arrive(node, at.Frame.Outside!, outputs);
                break;
            case Passing.Next when outputs is not null:
                at.Frame.Next.Add((node, outputs));
                Wait(at.Frame);
                break;
            case Passing.Next:
                break;
            default:
                Arrive(node, at, outputs);
                break;
        }
    }

    private void Enter(PlanNode node, Iteration at, GraphValue?[]? outputs)
    {
        if (node.Readers.Count == 0)
        {
            return;
        }

        var inner = node.Readers[0].To.Frame!;
        if (!at.Inner.TryGetValue(inner, out var frame))
        {
            at.Inner[inner] = frame = new FrameRun(inner, at);
        }

        frame.EntersLeft--;
        if (node.Node!.Bool("is_constant"))
        {
            frame.Invariants.Add((node, outputs));
        }

        Arrive(node, frame.Current, outputs);
    }

    /// <summary>What arrives at the readers of a node; null is dead.</summary>
    private void Arrive(PlanNode node, Iteration at, GraphValue?[]? outputs)
    {
        foreach (var (to, input, output) in node.Readers)
        {
            var value =
                input < 0 || outputs is null ? null
                : output < outputs.Length ? outputs[output]
                : throw run.Misfit(node.Node!, $"it has no output {output}");
            var isDead = input < 0 ? outputs is null : value is null;
            var pending = at.Pending;
            if (isDead)
            {
                at.Dead[to.Local]++;
            }

            if (to.Passing == Passing.Merge)
            {
                ArriveAtMerge(to, input, value, isDead, at);
                continue;
            }

            if (value is not null)
            {
                run.Budget.Hold(value);
                at.Values[to.Slot + input] = value;
            }

            if (--pending[to.Local] == 0)
            {
                var isReaderDead = at.Dead[to.Local] > 0;
                if (isReaderDead)
                {
                    Drop(to, at);
                }

                ready.Push((to, at, isReaderDead));
            }
        }
    }

    /// <summary>The lowest bit of what a Merge waits for is set until a value has come; the rest counts what must run before.</summary>
    private void ArriveAtMerge(PlanNode to, int input, GraphValue? value, bool isDead, Iteration at)
    {
        ref var pending = ref at.Pending[to.Local];
        if (input < 0)
        {
            pending -= 2;
            at.Dead[to.Local] -= isDead ? 1 : 0;
        }
        else if (!isDead)
        {
            if ((pending & 1) == 0)
            {
                return;
            }

            pending &= ~1;
            run.Budget.Hold(value!);
            at.Values[to.Slot + input] = value;
        }

        // Into a loop on a branch that is not taken nothing comes, from the first value on.
        var allDead = at.Dead[to.Local] >= to.Inputs || (at.Dead[to.Local] > 0 && IsLoopHead(to));
        if (pending == 0 || (pending == 1 && allDead))
        {
            var hasValue = pending == 0;
            pending = -1 << 20;
            ready.Push((to, at, !hasValue));
        }
    }

    private static bool IsLoopHead(PlanNode merge) =>
        merge.Node!.Inputs.Any(input => input is { } edge && ControlFlowOperations.PassingOf(edge.Node.Op) == Passing.Enter);

    private void Drop(PlanNode node, Iteration at)
    {
        for (var k = 0; k < node.Inputs; k++)
        {
            if (at.Values[node.Slot + k] is { } value)
            {
                at.Values[node.Slot + k] = null;
                run.Budget.Release(value);
            }
        }
    }

    private void Wait(FrameRun frame)
    {
        if (!frame.IsWaiting)
        {
            frame.IsWaiting = true;
            waiting.Add(frame);
        }
    }

    /// <summary>Nothing is left to do but to begin the next iteration of a loop, or to leave one that never ran; the innermost
    /// first.</summary>
    private bool GoOn()
    {
        FrameRun? frame = null;
        run.Budget.Spend(waiting.Count);
        foreach (var one in waiting)
        {
            if (one.EntersLeft <= 0 && (frame is null || one.Frame.Depth >= frame.Frame.Depth))
            {
                frame = one;
            }
        }

        if (frame is null)
        {
            return false;
        }

        waiting.Remove(frame);
        frame.IsWaiting = false;
        var (next, exits) = (frame.Next.ToArray(), frame.DeadExits.ToArray());
        frame.Next.Clear();
        frame.DeadExits.Clear();
        if (next.Length == 0)
        {
            foreach (var exit in exits)
            {
                Arrive(exit, frame.Outside!, null);
            }

            return true;
        }

        if (++frame.Iterations > run.Budget.MaximumIterations)
        {
            throw run.Budget.Endless(frame.Frame.Name);
        }

        run.Budget.Spend(frame.Frame.Slots + frame.Frame.Nodes.Count);
        frame.Current = new Iteration(frame);
        foreach (var (node, outputs) in frame.Invariants.Concat(next.Select(one => (one.Node, (GraphValue?[]?)one.Outputs))))
        {
            Arrive(node, frame.Current, outputs);
        }

        return true;
    }

    /// <summary>A loop that runs.</summary>
    private sealed class FrameRun
    {
        public FrameRun(PlanFrame frame, Iteration? outside)
        {
            (Frame, Outside, EntersLeft) = (frame, outside, frame.Enters);
            Current = new Iteration(this);
        }

        public PlanFrame Frame { get; }

        public Iteration? Outside { get; }

        public Iteration Current { get; set; }

        public int EntersLeft { get; set; }

        public long Iterations { get; set; }

        public bool IsWaiting { get; set; }

        /// <summary>What the next iteration begins with.</summary>
        public List<(PlanNode Node, GraphValue?[] Outputs)> Next { get; } = [];

        /// <summary>Ways out of the loop that the last iteration did not take.</summary>
        public List<PlanNode> DeadExits { get; } = [];

        /// <summary>What every iteration has.</summary>
        public List<(PlanNode Node, GraphValue?[]? Outputs)> Invariants { get; } = [];
    }

    /// <summary>The values of one iteration of a loop.</summary>
    private sealed class Iteration(FrameRun frame)
    {
        public FrameRun Frame { get; } = frame;

        public GraphValue?[] Values { get; } = new GraphValue?[frame.Frame.Slots];

        public int[] Pending { get; } = (int[])frame.Frame.Pending.Clone();

        public int[] Dead { get; } = new int[frame.Frame.Nodes.Count];

        public Dictionary<PlanFrame, FrameRun> Inner { get; } = [];
    }
}
