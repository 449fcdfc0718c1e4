namespace LstmConvert.Graphs.Matching;

/// <summary>
/// Gives a feed in the order of time. In a graph a loop walks its input as it lies: to walk backward the input is turned around, and what
/// comes out lies backward until it is turned again. Where the steps are copies nothing is turned, the program takes them from the other
/// end.
/// </summary>
internal static class FeedOrder
{
    /// <summary>The feed of a cell, without the reversals that are its direction and those of other cells.</summary>
    public static GraphFeed InTime(GraphFeed feed, GraphCell reader)
    {
        var ordered = Ordered(feed, reader is { LiesBackward: true, IsDirectionFromNames: false });
        return Turns(ordered) == (true, true) ? new GraphFeed.Reversed(Straight(ordered), Node(ordered)) : ordered;
    }

    /// <summary>What the program reads of cells' outputs: of a cell whose outputs lie backward, with the reversal that puts them
    /// so.</summary>
    public static GraphFeed InTime(GraphFeed output) => Ordered(output, isTurned: false);

    /// <summary>The feed with its reversals at its ends.</summary>
    private static GraphFeed Ordered(GraphFeed feed, bool isTurned, string node = "") =>
        feed switch
        {
            GraphFeed.Reversed reversed => Ordered(reversed.Feed, !isTurned, reversed.Node),
            GraphFeed.Joined joined => joined with { Parts = [.. joined.Parts.Select(part => Ordered(part, isTurned, node))] },
            GraphFeed.Added added => added with { Terms = [.. added.Terms.Select(term => Ordered(term, isTurned, node))] },
            GraphFeed.Alternatives several => FeedFinder.OneOf(several.Feeds.Select(one => Ordered(one, isTurned, node)), several.Node)
                ?? several,
            GraphFeed.FromCell { FinalState: not null } => feed,
            _ => isTurned ^ LiesBackward(feed) ? new GraphFeed.Reversed(feed, node) : feed,
        };

    private static bool LiesBackward(GraphFeed feed) => feed switch
    {
        GraphFeed.FromCell one => one.Cell.LiesBackward,
        GraphFeed.Reversed reversed => !LiesBackward(reversed.Feed),
        GraphFeed.Computed { From: [var first, ..] } => LiesBackward(first),
        GraphFeed.Joined { Parts: [var first, ..] } => LiesBackward(first),
        GraphFeed.Added { Terms: [var first, ..] } => LiesBackward(first),
        _ => false,
    };

    /// <summary>Whether any end is turned, and whether all are.</summary>
    private static (bool Any, bool All) Turns(GraphFeed feed)
    {
        var ends = Ends(feed).ToArray();
        return (
            Array.Exists(ends, end => end is GraphFeed.Reversed),
            ends.Length > 0 && Array.TrueForAll(ends, end => end is GraphFeed.Reversed));
    }

    private static IEnumerable<GraphFeed> Ends(GraphFeed feed) => feed switch
    {
        GraphFeed.Joined joined => joined.Parts.SelectMany(Ends),
        GraphFeed.Added added => added.Terms.SelectMany(Ends),
        GraphFeed.Alternatives several => several.Feeds.SelectMany(Ends),
        _ => [feed],
    };

    private static string Node(GraphFeed feed) => Ends(feed).OfType<GraphFeed.Reversed>().First().Node;

    private static GraphFeed Straight(GraphFeed feed) => feed switch
    {
        GraphFeed.Reversed reversed => reversed.Feed,
        GraphFeed.Joined joined => joined with { Parts = [.. joined.Parts.Select(Straight)] },
        GraphFeed.Added added => added with { Terms = [.. added.Terms.Select(Straight)] },
        GraphFeed.Alternatives several => several with { Feeds = [.. several.Feeds.Select(Straight)] },
        _ => feed,
    };
}
