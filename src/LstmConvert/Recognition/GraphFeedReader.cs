using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LstmConvert.Cells;
using LstmConvert.Graphs.Matching;

namespace LstmConvert.Recognition;

/// <summary>Says what feeds a layer in the words of the model, from the tree that the graph shows.</summary>
internal sealed class GraphFeedReader
{
    /// <summary>The longest feed that is an input's name as it is.</summary>
    private const int MaximumName = 256;

    private readonly Dictionary<GraphCell, RecurrentLayer> layers;

    /// <summary>The width of what the program gives, by the feed's key, where a layer reads it alone.</summary>
    private readonly Dictionary<string, int> widths = new(StringComparer.Ordinal);

    /// <summary>A reader for layers whose cells were found in the graph.</summary>
    /// <param name="layers">The layer of each cell.</param>
    public GraphFeedReader(Dictionary<GraphCell, RecurrentLayer> layers)
    {
        this.layers = layers;
        foreach (var (cell, layer) in layers)
        {
            foreach (var end in Ends(cell.Feed).OfType<GraphFeed.FromProgram>())
            {
                widths[end.Key] = layer.InputSize;
            }
        }
    }

    /// <summary>Gives a layer its feed, and the final states that it starts from.</summary>
    /// <param name="layer">The layer; its cell was found.</param>
    public void Read(RecurrentLayer layer)
    {
        var feed = layer.Found!.Feed;
        layer.Feed = feed is null ? Input(layer.Found.Node, layer.InputSize) : Known(feed, layer.InputSize, layer) ?? Own(layer, feed);
        layer.InitialStates = States(layer);
    }

    /// <summary>What layers put out together, where the graph puts their outputs side by side or adds them before anything reads them; null
    /// where each is read alone.</summary>
    /// <param name="ends">The layers whose outputs are to be in it.</param>
    /// <param name="layers">The layers of the group, which alone may be in it.</param>
    public Feed? Together(IReadOnlyList<RecurrentLayer> ends, IReadOnlyCollection<RecurrentLayer> layers)
    {
        var found = ends.SelectMany(layer => layer.Found!.Outputs)
            .Where(feed =>
                feed is GraphFeed.Joined or GraphFeed.Added
                && !IsBesideInput(feed)
                && feed.Flat.OfType<GraphFeed.FromCell>().All(one => one.IsSequence || one.Cell.Loop.Value == GraphLoop.Unrolled))
            .Select(feed => Width(feed) is { } width ? Known(feed, width, null) : null)
            .OfType<Feed>()
            .Where(feed => feed is Feed.Joined or Feed.Summed && ends.All(feed.Layers.Contains) && feed.Layers.All(layers.Contains))
            .Distinct()
            .ToArray();
        return found is [var only] ? only : null;
    }

    /// <summary>What a layer puts out by itself: turned around where the program reads the outputs of a layer that walks from the end as
    /// they lie.</summary>
    /// <param name="layer">The layer; its cell was found.</param>
    public static Feed Alone(RecurrentLayer layer)
    {
        var read = layer.Found!.Outputs.Where(feed => feed is not GraphFeed.FromCell { FinalState: not null }).ToArray();
        return
            layer.IsBackward
            && read.Length > 0
            && Array.TrueForAll(read, feed =>
                feed is GraphFeed.Reversed { Feed: GraphFeed.FromCell { IsOutput: true, IsSequence: true } from }
                && from.Cell == layer.Found)
            ? new Feed.Reversed(new Feed.FromLayer(layer))
            : new Feed.FromLayer(layer);
    }

    /// <summary>True where something that the program gives stands beside outputs: for what reads them, not for the layers.</summary>
    private static bool IsBesideInput(GraphFeed feed) => feed switch
    {
        GraphFeed.Joined joined => joined.Parts.Any(part => part is not GraphFeed.FromCell && (!part.Cells.Any() || IsBesideInput(part))),
        GraphFeed.Added added => added.Terms.Any(IsBesideInput),
        GraphFeed.Reversed => true,
        _ => false,
    };

    /// <summary>An input of its own for a layer whose feed cannot be said; that is told where other layers are in it.</summary>
    private Feed.FromInput Own(RecurrentLayer layer, GraphFeed feed)
    {
        var others = feed.Cells.Where(cell => cell != layer.Found).Distinct().ToArray();
        if (others.Length > 0)
        {
            layer.FedByMore = string.Join(
                " and ",
                others
                    .Select(cell => layers.TryGetValue(cell, out var other) ? other.Scope : cell.Node)
                    .Concat(feed.Flat.Select(Name).OfType<string>())
                    .Distinct(StringComparer.Ordinal)
                    .Take(4));
        }

        return Input(feed.Key, layer.InputSize);
    }

    private static string? Name(GraphFeed feed) => feed switch
    {
        GraphFeed.FromProgram given => given.Node,
        GraphFeed.Computed computed => computed.Node,
        _ => null,
    };

    /// <summary>An input that is the same for the same feed; a long feed is told by its digest.</summary>
    internal static Feed.FromInput Input(string key, int width)
    {
        var name =
            key.Length <= MaximumName
                ? key
                : $"{key[..(MaximumName / 2)]}{Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";
        return new Feed.FromInput(string.Create(CultureInfo.InvariantCulture, $"{name}\n{width}"), width);
    }

    /// <summary>The feed of a known width in the words of the model; null if they cannot say it.</summary>
    private Feed? Known(GraphFeed feed, int width, RecurrentLayer? reader) =>
        feed switch
        {
            not GraphFeed.Reversed when !feed.Cells.Any() => Input(feed.Key, width),
            GraphFeed.FromCell { IsOutput: true } one => layers.TryGetValue(one.Cell, out var layer)
            && layer != reader
            && layer.OutputSize == width
                ? new Feed.FromLayer(layer, IsBare: one.Cell.Residual is { Value: true })
                : null,
            GraphFeed.Reversed reversed => Known(reversed.Feed, width, reader) is { } inner ? new Feed.Reversed(inner) : null,
            GraphFeed.Joined joined => Side(joined, width, reader),
            GraphFeed.Added added => Sum(added, width, reader),
            GraphFeed.Alternatives several => several.Feeds.Select(one => Known(one, width, reader)).Distinct().ToArray() is [{ } only]
                ? only
                : null,
            _ => null,
        };

    /// <summary>Feeds side by side; what the program puts together itself is one input.</summary>
    private Feed.Joined? Side(GraphFeed.Joined joined, int width, RecurrentLayer? reader)
    {
        if (HasTwoSteps(joined.Parts))
        {
            return null;
        }

        var parts = new List<(IReadOnlyList<GraphFeed> Feeds, int? Width)>();
        foreach (var part in joined.Parts)
        {
            var known = Width(part);
            if (known is null && parts is [.., (_, null) last] && !part.Cells.Any() && !last.Feeds.Any(feed => feed.Cells.Any()))
            {
                parts[^1] = ([.. last.Feeds, part], null);
            }
            else
            {
                parts.Add(([part], known));
            }
        }

        var left = width - parts.Sum(part => part.Width ?? 0);
        if (parts.Count(part => part.Width is null) != (left > 0 ? 1 : 0) || left < 0)
        {
            return null;
        }

        var feeds = parts
            .Select(part =>
                part.Feeds is [var only]
                    ? Known(only, part.Width ?? left, reader)
                    : Input(string.Join('\n', part.Feeds.Select(feed => feed.Key)), left))
            .ToArray();
        return Array.TrueForAll(feeds, feed => feed is not null) ? new Feed.Joined([.. feeds.Select(feed => feed!)]) : null;
    }

    /// <summary>A sum; a layer that adds its input to its output is known as that.</summary>
    private Feed? Sum(GraphFeed.Added added, int width, RecurrentLayer? reader)
    {
        if (HasTwoSteps(added.Terms))
        {
            return null;
        }

        foreach (
            var one in added
                .Terms.OfType<GraphFeed.FromCell>()
                .Where(one => one is { IsOutput: true, Cell.Residual.Value: true } && one.Cell != reader?.Found))
        {
            GraphFeed[] own =
                one.Cell.Feed is GraphFeed.Added sum && added.Terms.Count > 2 ? [.. sum.Terms]
                : one.Cell.Feed is { } fed ? [fed]
                : [];
            if (
                Keys(added.Terms.Where(term => term != one)).SequenceEqual(Keys(own))
                && layers.TryGetValue(one.Cell, out var layer)
                && layer.OutputSize == width)
            {
                return new Feed.FromLayer(layer);
            }
        }

        var terms = added.Terms.Select(term => Known(term, width, reader)).ToArray();
        return Array.TrueForAll(terms, term => term is not null) ? new Feed.Summed([.. terms.Select(term => term!)]) : null;
    }

    /// <summary>True where one cell's output stands twice: once it is the one of the step before.</summary>
    private static bool HasTwoSteps(IReadOnlyList<GraphFeed> feeds) =>
        feeds.OfType<GraphFeed.FromCell>().Where(one => one.FinalState is null).GroupBy(one => one.Cell).Any(one => one.Count() > 1);

    private static IEnumerable<string> Keys(IEnumerable<GraphFeed> feeds) => feeds.Select(feed => feed.Key).Order(StringComparer.Ordinal);

    private int? Width(GraphFeed feed) =>
        feed switch
        {
            GraphFeed.FromCell { IsOutput: true } one => layers.TryGetValue(one.Cell, out var layer) ? layer.OutputSize : null,
            GraphFeed.FromProgram => widths.TryGetValue(feed.Key, out var width) ? width : null,
            GraphFeed.Reversed reversed => Width(reversed.Feed),
            GraphFeed.Added added => added.Terms.Select(Width).FirstOrDefault(width => width is not null),
            GraphFeed.Alternatives several => several.Feeds.Select(Width).FirstOrDefault(width => width is not null),
            GraphFeed.Joined joined => joined.Parts.Select(Width).ToArray() is var parts
            && Array.TrueForAll(parts, part => part is not null)
                ? parts.Sum()
                : null,
            _ => null,
        };

    /// <summary>What has the width of the whole feed.</summary>
    private static IEnumerable<GraphFeed> Ends(GraphFeed? feed) => feed switch
    {
        GraphFeed.Reversed reversed => Ends(reversed.Feed),
        GraphFeed.Added added => added.Terms.SelectMany(Ends),
        GraphFeed.Alternatives several => several.Feeds.SelectMany(Ends),
        null => [],
        _ => [feed],
    };

    /// <summary>The final states that a layer starts from, in the order of its own; null where it starts from none, or not from final
    /// states alone.</summary>
    private IReadOnlyList<Feed.FromState>? States(RecurrentLayer layer)
    {
        var starts = layer.Found!.InitialStates.ToDictionary(start => start.Key, start => Before(start.Value, layer.Found));
        var others = starts
            .Values.OfType<GraphFeed>()
            .SelectMany(feed => feed.Cells)
            .Where(cell => cell != layer.Found)
            .Distinct()
            .ToArray();
        if (others.Length == 0)
        {
            return null;
        }

        var states = layer
            .Cell.States.Select(state =>
                starts.GetValueOrDefault(state.Name) is GraphFeed.FromCell { FinalState: { } final } one
                && one.Cell != layer.Found
                && layers.TryGetValue(one.Cell, out var from)
                && from.Cell.States.FirstOrDefault(other => other.Name == final) is { } other
                && Size(from, other) == Size(layer, state)
                    ? new Feed.FromState(from, final)
                    : null)
            .ToArray();
        if (Array.TrueForAll(states, state => state is not null))
        {
            return [.. states.Select(state => state!)];
        }

        layer.StartsWithMore = string.Join(
            " and ",
            others.Select(cell => layers.TryGetValue(cell, out var other) ? other.Scope : cell.Node).Take(4));
        return null;
    }

    /// <summary>What a state starts from, without what is handed on from step to step: in one piece with the states of other cells, if they
    /// are put together.</summary>
    private static GraphFeed? Before(GraphFeed start, GraphCell own) =>
        start is GraphFeed.Alternatives several
            ? several.Feeds.Where(feed => !feed.Cells.Contains(own)).ToArray() switch
            {
                [] => null,
                [var only] => only,
                var others => several with { Feeds = others },
            }
        : start.Cells.Contains(own) ? null
        : start;

    /// <summary>The width of a state; of a projected one none is known to Keras.</summary>
    private static long? Size(RecurrentLayer layer, CellState state) =>
        layer.OutputSize == layer.Units ? layer.Cell.Sizes.GetValueOrDefault(state.Width) : null;
}
