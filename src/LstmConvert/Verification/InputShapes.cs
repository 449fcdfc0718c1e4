using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>
/// What shape a program's own inputs have where the graph states none (TensorFlow 1.0 and older never do), by the name of their node: told by
/// what layers read of them. A sequence is <c>(b, t, w)</c>, rows of a table are looked up by <c>(b, t)</c>, lengths are <c>(b)</c>.
/// </summary>
internal sealed class InputShapes
{
    private readonly Dictionary<string, IReadOnlyList<int?>> shapes = new(StringComparer.Ordinal);
    private readonly HashSet<GraphCell> seen = [];
    private readonly IReadOnlyList<RecurrentLayer> layers;
    private readonly TensorSet variables;

    private InputShapes(IReadOnlyList<RecurrentLayer> layers, TensorSet variables) => (this.layers, this.variables) = (layers, variables);

    /// <summary>The shapes of the inputs of layers; null for any length.</summary>
    /// <param name="layer">The layer whose inputs they are, and those of what feeds it.</param>
    /// <param name="layers">All layers.</param>
    /// <param name="variables">The variables.</param>
    public static IReadOnlyDictionary<string, IReadOnlyList<int?>> Of(
        RecurrentLayer layer,
        IReadOnlyList<RecurrentLayer> layers,
        TensorSet variables)
    {
        var all = new InputShapes(layers, variables);
        all.Add(layer);
        return all.shapes;
    }

    private void Add(RecurrentLayer layer)
    {
        if (layer.Watched is not { } cell || !seen.Add(cell))
        {
            return;
        }

        foreach (var (tensor, extent) in cell.Taps.Value.Extents)
        {
            shapes[tensor] = extent switch { SequenceExtent.Lengths => [null], SequenceExtent.Steps => [], _ => [null, null] };
        }

        Add(cell.Feed, layer.InputSize);
        foreach (var given in cell.GivenFeeds)
        {
            Add(given, 1);
        }
    }

    private void Add(GraphFeed? feed, int? width)
    {
        switch (feed)
        {
            case GraphFeed.FromProgram given:
                shapes.TryAdd(given.Node, given.Table is null ? [null, null, width] : [null, null]);
                break;
            case GraphFeed.FromCell from when layers.FirstOrDefault(layer => layer.Watched == from.Cell) is { } other:
                Add(other);
                break;
            case GraphFeed.Joined joined:
                AddAll(joined.Parts, joined.Parts.Count == 1 ? width : null);
                break;
            case GraphFeed.Added added:
                AddAll(added.Terms, width);
                break;
            case GraphFeed.Alternatives several:
                AddAll(several.Feeds, width);
                break;
            case GraphFeed.Reversed reversed:
                Add(reversed.Feed, width);
                break;
            case GraphFeed.Computed computed:
                AddAll(
                    computed.From,
                    computed.Variables.Select(variables.Find).FirstOrDefault(one => one?.Shape.Rank == 2) is { } kernel
                        ? checked((int)kernel.Shape[0])
                        : null);
                break;
        }
    }

    private void AddAll(IReadOnlyList<GraphFeed> feeds, int? width)
    {
        foreach (var feed in feeds)
        {
            Add(feed, width);
        }
    }
}
