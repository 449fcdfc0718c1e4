using LstmConvert.Files;
using LstmConvert.Graphs.Reading;
using LstmConvert.TensorFlow;

namespace LstmConvert.Recognition;

/// <summary>
/// Graphs that were read, kept while many sources are opened one after another: all checkpoints of one training lie beside the same
/// graph, and reading it takes longer than converting a small cell. Files are the same if their bytes are. A graph is lent to one source at a
/// time, until that source is disposed; several threads may share a memory.
/// </summary>
public sealed class GraphMemory
{
    /// <summary>Bytes of the files whose graphs are kept; what is read of them takes some twenty times as much.</summary>
    private const long MaximumBytes = 8 << 20;

    /// <summary>Graphs that are kept: sources with the same one mostly follow each other, and what lives long costs time as well.</summary>
    private const int MaximumGraphs = 4;

    private readonly Lock access = new();
    private readonly LinkedList<GraphLoan> idle = [];
    private long bytesKept;

    /// <summary>Opens a graph, or takes one that was read of the same bytes.</summary>
    /// <param name="path">The file, or a SavedModel's folder.</param>
    /// <exception cref="UnreadableInputException">It is no graph, or is broken.</exception>
    internal GraphLoan Open(string path)
    {
        var file = GraphFile.FileOf(path);
        var bytes = InputFile.ReadAll(file, GraphFile.MaximumBytes);
        return
            Take(file, bytes) is { } known ? known with { Graph = known.Graph.At(file) }
            : new GraphLoan(Graph.Of(file, bytes), bytes.Length <= MaximumBytes ? bytes : []);
    }

    /// <summary>Takes back what was lent.</summary>
    internal void Return(GraphLoan loan)
    {
        if (loan.Bytes.Length == 0 || !loan.Graph.Variables.MaySearchAgain)
        {
            return;
        }

        lock (access)
        {
            idle.AddFirst(loan);
            bytesKept += loan.Bytes.Length;
            while ((bytesKept > MaximumBytes || idle.Count > MaximumGraphs) && idle.Last is { } oldest)
            {
                Drop(oldest);
            }
        }
    }

    private GraphLoan? Take(string file, byte[] bytes)
    {
        lock (access)
        {
            for (var at = idle.First; at is not null; at = at.Next)
            {
                if (at.Value.Holds(file, bytes))
                {
                    Drop(at);
                    return at.Value;
                }
            }
        }

        return null;
    }

    private void Drop(LinkedListNode<GraphLoan> at)
    {
        idle.Remove(at);
        bytesKept -= at.Value.Bytes.Length;
    }
}

/// <summary>A graph that one source has for itself.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Bytes">The file's bytes; none of one that is not kept.</param>
internal sealed record GraphLoan(Graph Graph, byte[] Bytes)
{
    /// <summary>True if another file holds the same; its ending says what kind of graph it is.</summary>
    public bool Holds(string file, ReadOnlySpan<byte> bytes) =>
        bytes.SequenceEqual(Bytes)
        && Path.GetExtension(file.AsSpan()).Equals(Path.GetExtension(Graph.Path.AsSpan()), StringComparison.OrdinalIgnoreCase);
}
