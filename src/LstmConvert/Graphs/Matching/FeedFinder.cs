using LstmConvert.Graphs.Reading;

namespace LstmConvert.Graphs.Matching;

/// <summary>Follows what a cell reads back to where it comes from, as a tree.</summary>
/// <param name="variables">The variables of the graph.</param>
/// <param name="owners">The cell and the state that an output is.</param>
internal sealed class FeedFinder(GraphVariables variables, IReadOnlyDictionary<Output, (GraphCell Cell, string? State)> owners)
{
    /// <summary>Nodes followed for one feed.</summary>
    private const int MaximumNodes = 20_000;

    /// <summary>The deepest nesting that is followed; moves that change nothing do not count.</summary>
    private const int MaximumDepth = 200;

    /// <summary>The inputs of one node that are followed; the steps of an unrolled program are as many.</summary>
    private const int MaximumInputs = 512;

    /// <summary>Nodes followed for all feeds of a graph.</summary>
    private const int MaximumNodesOfGraph = 3_000_000;

    private readonly HashSet<Output> path = [];
    private int visitsOfGraph = MaximumNodesOfGraph;
    private int visitsLeft;

    /// <summary>The feed behind an output; null if nothing is: zeros before the first step.</summary>
    public GraphFeed? Of(Output? start)
    {
        path.Clear();
        visitsLeft = Math.Min(MaximumNodes, visitsOfGraph);
        return Follow(start, 0);
    }

    /// <summary>A state as a cell starts with it: what it reads besides its own last one.</summary>
    public GraphFeed? Initial(Output? enters, GraphCell own) =>
        Without(Of(enters), own) is { } feed
            ? Map(feed, one => one.IsSequence ? one : one with { FinalState = one.FinalState ?? one.State })
            : null;

    /// <summary>Feeds as one: what they all are, or alternatives.</summary>
    public static GraphFeed? OneOf(IEnumerable<GraphFeed?> feeds, string node)
    {
        var distinct = feeds
            .OfType<GraphFeed>()
            .SelectMany(feed => feed is GraphFeed.Alternatives several ? several.Feeds : [feed])
            .DistinctBy(feed => feed.Key)
            .ToArray();
        return distinct.Length switch
        {
            0 => null,
            1 => distinct[0],
            _ => new GraphFeed.Alternatives(distinct, node),
        };
    }

    private static GraphFeed? Without(GraphFeed? feed, GraphCell own) => feed switch
    {
        GraphFeed.FromCell one when one.Cell == own => null,
        GraphFeed.Alternatives several => OneOf(several.Feeds.Select(one => Without(one, own)), several.Node),
        _ => feed,
    };

    private static GraphFeed Map(GraphFeed feed, Func<GraphFeed.FromCell, GraphFeed.FromCell> change) => feed switch
    {
        GraphFeed.FromCell one => change(one),
        GraphFeed.Joined joined => joined with { Parts = [.. joined.Parts.Select(part => Map(part, change))] },
        GraphFeed.Added added => added with { Terms = [.. added.Terms.Select(term => Map(term, change))] },
        GraphFeed.Reversed reversed => reversed with { Feed = Map(reversed.Feed, change) },
        GraphFeed.Alternatives several => several with { Feeds = [.. several.Feeds.Select(one => Map(one, change))] },
        _ => feed,
    };

    private GraphFeed? Follow(Output? start, int depth)
    {
        if (start is not { } at || --visitsLeft < 0 || --visitsOfGraph < 0)
        {
            return null;
        }

        if (owners.TryGetValue(at, out var owner))
        {
            return new GraphFeed.FromCell(owner.Cell, null, IsSequence: false) { State = owner.State };
        }

        if (depth > MaximumDepth)
        {
            return new GraphFeed.Computed(at.Node.Name, at.Node.Op, [], []);
        }

        // What leads back to itself is a loop variable: it adds nothing.
        if (!path.Add(at))
        {
            return null;
        }

        var feed = Through(at, depth + 1);
        path.Remove(at);
        return feed;
    }

    private GraphFeed? Through(Output at, int depth)
    {
        var node = at.Node;
        if (DataEdges.IsReversal(node))
        {
            return Follow(node.Input(0), depth) switch
            {
                null => null,
                GraphFeed.Reversed twice => twice.Feed,
                { } feed => new GraphFeed.Reversed(feed, node.Name),
            };
        }

        if (Operations.IsAddition(node))
        {
            return Sum(node, depth);
        }

        if (DataEdges.Inputs(at) is { } inputs)
        {
            var feeds = inputs.Take(MaximumInputs).Select(input => Follow(input, depth)).ToArray();
            if (DataEdges.IsJoin(node))
            {
                var parts = feeds.OfType<GraphFeed>().ToArray();
                return parts.DistinctBy(part => part.Key).Count() > 1 ? new GraphFeed.Joined(parts, node.Name) : parts.FirstOrDefault();
            }

            var one = OneOf(feeds, node.Name);
            return one is null ? null
                : DataEdges.IsExit(node) ? Map(one, cell => cell.IsSequence ? cell : cell with { FinalState = cell.State })
                : DataEdges.IsSequence(node) ? Map(one, cell => cell.FinalState is null ? cell with { IsSequence = true } : cell)
                : one;
        }

        return DataEdges.IsNothing(node) ? null
            : DataEdges.Given(at, variables) is { } given
                ? new GraphFeed.FromProgram(node.Name, node.Op, given.Length > 0 ? given : null)
                {
                    Variable = variables.Names(at) is [var first, ..] ? first : null,
                }
            : Computed(node, depth);
    }

    private GraphFeed? Sum(GraphNode node, int depth)
    {
        // A number that is added, given as such or computed from others, makes another value of each.
        if (node.Inputs.Exists(input => variables.Names(input).Count > 0 || GraphVariables.Computed(input, double.NaN) is < 0 or > 0))
        {
            return Computed(node, depth);
        }

        var terms = node.Inputs.Take(MaximumInputs).Select(input => Follow(input, depth)).OfType<GraphFeed>().ToArray();
        return terms.Length > 1 ? new GraphFeed.Added(terms, node.Name) : terms.FirstOrDefault();
    }

    /// <summary>A computation, with those before it: from what it starts, and the variables in it.</summary>
    private GraphFeed.Computed Computed(GraphNode node, int depth)
    {
        var names = new List<string>();
        var from = new List<GraphFeed>();
        foreach (var input in node.Inputs.Take(8))
        {
            if (variables.Names(input) is { Count: > 0 } found)
            {
                names.AddRange(found);
            }
            else if (Follow(input, depth) is { } feed)
            {
                names.AddRange(feed is GraphFeed.Computed earlier ? earlier.Variables : []);
                from.AddRange(feed is GraphFeed.Computed before ? before.From : [feed]);
            }
        }

        return new GraphFeed.Computed(
            node.Name,
            node.Op,
            [.. names.Distinct(StringComparer.Ordinal).Take(64)],
            [.. from.DistinctBy(feed => feed.Key).Take(64)]);
    }
}
