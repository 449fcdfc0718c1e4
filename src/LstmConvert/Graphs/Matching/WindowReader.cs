using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Reads of a graph what a cell over windows of its features has in no variable: where the windows begin, how wide the input is,
/// the forget bias and the clip.</summary>
internal static class WindowReader
{
    private const int MaximumNodes = 4_000;

    /// <summary>The blocks that a kernel of four gates is split into.</summary>
    private const int Gates = 4;

    private const int ForgetGate = 2;

    /// <summary>The facts, each with the node that shows it; nothing where the windows are not sliced from one value at even
    /// distances.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kernel">The kernel's name, which each window is multiplied with.</param>
    public static IEnumerable<(string Fact, double? Value, string Node)> Of(Graph graph, string kernel)
    {
        var windows = graph
            .Nodes.Where(node => Operations.IsProduct(node) && graph.Variables.Names(node.Input(1)) is [var name] && name == kernel)
            .Select(Window)
            .ToArray();
        if (windows.Length == 0 || !Array.TrueForAll(windows, window => window is { } one && one.Size == windows[0]!.Value.Size))
        {
            yield break;
        }

        var begins = windows.Select(window => window!.Value.Begin).Distinct().Order().ToArray();
        var skip = begins.Length > 1 ? begins[1] - begins[0] : 1;
        if (begins[0] != 0 || begins.Where((begin, k) => begin != k * skip).Any())
        {
            yield break;
        }

        var (product, sliced) = (windows[0]!.Value.Product, windows[0]!.Value.Sliced);
        yield return ("frequency_skip", skip, product.Name);
        if (Width(sliced) is { } width)
        {
            yield return ("input_size", width.Value, width.Node);
        }

        if (SplitOf(product) is { } split)
        {
            yield return ("gates", Operations.EqualParts(split), split.Name);
            if (ForgetBias(split) is { } added)
            {
                yield return added;
            }
        }

        var step = product.Name[..(product.Name.LastIndexOf('/') + 1)];
        var clips = graph
            .Nodes.Where(node => node.Name.StartsWith(step, StringComparison.Ordinal))
            .Select(Operations.Limits)
            .Where(limits => limits is not null)
            .Select(limits => limits!.Value)
            .ToArray();
        if (clips.Length == 0)
        {
            yield return ("cell_clip", null, product.Name);
        }
        else if (Array.TrueForAll(clips, clip => clip.High == clips[0].High && clip.Low == -clip.High))
        {
            yield return ("cell_clip", clips[0].High, clips[0].Node);
        }
    }

    /// <summary>The number that is added to the third of four gates.</summary>
    private static (string Fact, double? Value, string Node)? ForgetBias(GraphNode split) =>
        Operations.EqualParts(split) == Gates
        && split.UsersOf(ForgetGate).Select(user => user.Node).FirstOrDefault() is { } reader
        && Operations.IsAddition(reader)
        && (GraphVariables.Scalar(reader.Input(0)) ?? GraphVariables.Scalar(reader.Input(1))) is { } scalar
            ? ("forget_bias", scalar.Value, scalar.Node)
            : null;

    /// <summary>The window that a product reads: it is put together with what the states hold.</summary>
    private static (GraphNode Product, Output Sliced, long Begin, long Size)? Window(GraphNode product)
    {
        return
            GraphVariables.Behind(product.Input(0))?.Node is { } joined
            && Operations.Concatenated(joined) is { Count: 3 } parts
            && GraphVariables.Behind(parts[0])?.Node is { } slice
            && Operations.ColumnsOf(slice) is { } columns
            ? (product, columns.Whole, columns.Begin, columns.Count)
            : null;
    }

    /// <summary>The last length of the input of the program that a value is read from.</summary>
    private static (double Value, string Node)? Width(Output start)
    {
        var (seen, todo) = (new HashSet<Output>(), new Queue<Output>([start]));
        while (todo.TryDequeue(out var at) && seen.Count < MaximumNodes)
        {
            if (!seen.Add(at))
            {
                continue;
            }

            if (SequenceEdges.Shape(at) is { Count: > 1 } shape && shape[^1] is { } width)
            {
                return (width, at.Node.Name);
            }

            foreach (var input in DataEdges.Inputs(at) ?? [])
            {
                if (input is { } before)
                {
                    todo.Enqueue(before);
                }
            }
        }

        return null;
    }

    /// <summary>What cuts the gates behind a product, or null.</summary>
    private static GraphNode? SplitOf(GraphNode product)
    {
        var at = product;
        for (var step = 0; step < 4 && (at.Op == product.Op || Operations.IsAddition(at) || GraphVariables.IsTransparent(at)); step++)
        {
            if (at.UsersOf(0).Select(user => user.Node).FirstOrDefault() is not { } next)
            {
                return null;
            }

            if (Operations.EqualParts(next) is not null)
            {
                return next;
            }

            at = next;
        }

        return null;
    }
}
