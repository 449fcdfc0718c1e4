namespace LstmConvert.Graphs.Execution;

/// <summary>
/// What one run may take. A program that computes something takes about its weights times its sample; a graph that was made to take more is
/// stopped.
/// </summary>
/// <param name="path">The graph, for messages.</param>
/// <param name="weights">Elements of the variables and constants.</param>
/// <param name="sample">Elements that are fed.</param>
/// <param name="nodes">Nodes of the graph.</param>
/// <param name="longest">The longest axis of what is fed.</param>
internal sealed class Budget(string path, long weights, long sample, long nodes, int longest)
{
    /// <summary>Bytes alive that any run may have.</summary>
    private const long BaseBytes = 96L << 20;

    /// <summary>Operations on single numbers that any run may take: about a second.</summary>
    private const long BaseWork = 500_000_000;

    /// <summary>Nodes that any run may execute.</summary>
    private const long BaseNodes = 1_500_000;

    /// <summary>Iterations that any loop may have.</summary>
    private const long BaseIterations = 10_000;

    /// <summary>Making a tensor takes as long as so many operations on numbers.</summary>
    private const long Making = 64;

    private readonly long maximumBytes = BaseBytes + (64 * (weights + sample));
    private long workLeft = BaseWork + (4 * Math.Min(weights, 1L << 30) * Math.Clamp(sample, 64, 1L << 28));
    private long nodesLeft = BaseNodes + (Math.Min(nodes, 1L << 24) * Math.Min(sample, 1L << 28));
    private long bytes;

    /// <summary>Iterations that one loop may have.</summary>
    public long MaximumIterations { get; } = Math.Max(BaseIterations, 4L * longest);

    /// <summary>Counts operations on numbers.</summary>
    public void Spend(long work)
    {
        workLeft -= work;
        if (workLeft < 0)
        {
            throw Exceeded("computes far more than its variables and the sample are");
        }
    }

    /// <summary>Counts operations on numbers, of which there may be more than can be counted.</summary>
    public void Spend(double work) => Spend((long)Math.Min(work, long.MaxValue >> 2));

    /// <summary>Counts one node, before it is executed.</summary>
    public void SpendNode()
    {
        if (--nodesLeft < 0)
        {
            throw Exceeded("executes far more nodes than it has");
        }
    }

    /// <summary>Number of elements of a shape that is about to be made.</summary>
    public int Count(ReadOnlySpan<int> shape)
    {
        var count = 1L;
        foreach (var length in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            count = Math.Min(count * length, long.MaxValue >> 32);
        }

        if (8 * count > maximumBytes - bytes)
        {
            throw Exceeded("makes tensors far larger than its variables and the sample are");
        }

        Spend(count + Making);
        return (int)count;
    }

    /// <summary>Counts a value that something holds.</summary>
    public void Hold(GraphValue value)
    {
        if (value.Holders++ == 0 && (bytes += value.ByteCount) > maximumBytes)
        {
            throw Exceeded("keeps far more in memory than its variables and the sample are");
        }
    }

    /// <summary>Counts a value that is let go.</summary>
    public void Release(GraphValue value)
    {
        if (--value.Holders == 0)
        {
            bytes -= value.ByteCount;
        }
    }

    /// <summary>The sentence for a loop without an end.</summary>
    public UnreadableInputException Endless(string node) =>
        new(
            $"{path} cannot be executed: the loop of {node} has more than {MaximumIterations} iterations on this sample. Give a shorter sample, or another graph."
        );

    private UnreadableInputException Exceeded(string what) =>
        new($"{path} cannot be executed: it {what}. Give a smaller sample, or another graph.");
}
