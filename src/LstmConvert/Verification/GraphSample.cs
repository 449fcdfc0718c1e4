using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>A sample as a graph takes it: rows and steps as many as the graph is made for, states and lengths where it reads them, zeros
/// and full rows elsewhere.</summary>
internal sealed class GraphSample
{
    /// <summary>The most steps that are drawn because a graph walks so many.</summary>
    public const int MaximumSteps = 10_000;

    private readonly SourceModel source;
    private readonly IReadOnlyList<RecurrentLayer> layers;
    private readonly Dictionary<string, GraphValue> feeds = new(StringComparer.Ordinal);
    private readonly Dictionary<RecurrentLayer, IReadOnlyList<NumericArray>> states = [];

    private GraphSample(SourceModel source, Sample sample, ulong seed, int? walked)
    {
        this.source = source;
        layers = [.. source.Layers.Where(layer => layer.Watched is not null)];
        var entries = source.Model.Inputs.Select(input => (Input: input.Name, Tap: EntryOf(input.Name, input.Width))).ToArray();
        var (batch, steps) = Extent(entries.Select(entry => entry.Tap).OfType<GraphTap>());
        steps = walked ?? steps;
        var own =
            sample.Inputs.Values.Select(input => (input.Batch, input.Steps)).Distinct().ToArray() is [var size]
            && (batch ?? size.Batch) == size.Batch
            && (steps ?? size.Steps) == size.Steps;
        var drawn = own ? sample : Sample.Draw(source, seed, batch ?? Sample.Batch, steps ?? Sample.Steps);
        var lengths = Lengths(drawn, own && sample.HasShortRows);
        IsSame = own && lengths.SequenceEqual(sample.Lengths);
        foreach (var (input, tap) in entries)
        {
            if (tap is not null)
            {
                feeds.TryAdd(tap.Tensor, Arranged(drawn.Inputs[input], tap));
            }
            else if (!FeedSteps(input, drawn.Inputs[input]) && Inside(input) is { } inside)
            {
                Problems.Add(inside);
            }
        }

        FeedStates(drawn);
        FeedExtents(lengths, drawn.Inputs.Values.First().Steps);
        Sample = drawn with { Lengths = lengths, States = states };
    }

    /// <summary>The sample.</summary>
    public Sample Sample { get; }

    /// <summary>True if it is the one that it was made of.</summary>
    public bool IsSame { get; private set; }

    /// <summary>What the graph is fed.</summary>
    public IReadOnlyDictionary<string, GraphValue> Feeds => feeds;

    /// <summary>Layers that start from what cannot be fed and is not zero, with the reason.</summary>
    public Dictionary<RecurrentLayer, string> Unknown { get; } = [];

    /// <summary>Why the graph cannot be fed the sample, as clauses; empty if it can.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Makes a sample for a graph.</summary>
    /// <param name="source">The source.</param>
    /// <param name="sample">The sample of the other witnesses.</param>
    /// <param name="seed">The seed, where another has to be drawn.</param>
    /// <param name="steps">How many steps the graph was seen to walk whatever it is fed; null where nothing was seen.</param>
    public static GraphSample Of(SourceModel source, Sample sample, ulong seed, int? steps = null) => new(source, sample, seed, steps);

    /// <summary>The tensor that is an input of the model.</summary>
    private GraphTap? EntryOf(string input, int? width)
    {
        foreach (var layer in layers)
        {
            foreach (var feed in Parts(layer.Watched!.Feed))
            {
                if (
                    width is { } known
                    && GraphFeedReader.Input(feed.Key, known).Name == input
                    && Node(feed) is { } node
                    && layer.Watched.Taps.Value.Entries.TryGetValue(node, out var tap))
                {
                    return tap;
                }
            }
        }

        // A configuration joins inputs under names of its own, in the order of the graph.
        if (layers.Select(layer => PartOf(layer, input, width)).FirstOrDefault(tap => tap is not null) is { } part)
        {
            return part;
        }

        // Where the names say how the layers feed each other the input has no name of the graph's.
        var readers = source
            .Model.Readers(input)
            .Select(call => layers.FirstOrDefault(layer => layer.CallName == call.Name))
            .OfType<RecurrentLayer>();
        return readers
            .Select(layer =>
                layer.Watched!.Feed is { } feed && IsOutside(feed) && Node(feed) is { } node
                    ? layer.Watched.Taps.Value.Entries.GetValueOrDefault(node)
                    : null)
            .FirstOrDefault(tap => tap is not null);
    }

    /// <summary>
    /// The tensor of one of several inputs that a layer reads side by side; null where it does not, or reads something else too. Which of
    /// the graph's it is tells its name, which each of them must have alone: by its place an exchange of two would not be seen.
    /// </summary>
    private static GraphTap? PartOf(RecurrentLayer layer, string input, int? width)
    {
        if (
            layer is not { Feed: Feed.Joined joined, Watched.Feed: GraphFeed.Joined graph }
            || joined.Parts.Count != graph.Parts.Count
            || !joined.Parts.All(part => part is Feed.FromInput))
        {
            return null;
        }

        var named = joined
            .Parts.OfType<Feed.FromInput>()
            .Select(part => (part.Name, Fits: graph.Parts.Where(one => IsOutside(one) && IsNamed(Node(one), part.Name)).ToArray()))
            .ToArray();
        return
            Array.TrueForAll(named, part => part.Fits.Length == 1)
            && named.Select(part => part.Fits[0].Key).Distinct().Count() == named.Length
            && Array.Find(named, part => part.Name == input).Fits is [var own]
            && layer.Watched.Taps.Value.Entries.GetValueOrDefault(Node(own)!) is { } tap
            && (tap.Shape is not [.., { } last] || last == width)
                ? tap
                : null;
    }

    /// <summary>True if a node is a layer's of the name, or what a signature gives it: <c>f::model/embedding/embedding_lookup</c>,
    /// <c>serving_default_features</c>.</summary>
    private static bool IsNamed(string? node, string layer) =>
        node is not null
        && node[(node.LastIndexOf(':') + 1)..] is var own
        && (own.Split('/').Contains(layer, StringComparer.Ordinal) || own.EndsWith($"serving_default_{layer}", StringComparison.Ordinal));

    private static IEnumerable<GraphFeed> Parts(GraphFeed? feed) => feed is null ? [] : ((IEnumerable<GraphFeed>)[feed]).Concat(feed switch
    {
        GraphFeed.Joined joined => joined.Parts.SelectMany(Parts),
        GraphFeed.Added added => added.Terms.SelectMany(Parts),
        GraphFeed.Reversed reversed => Parts(reversed.Feed),
        GraphFeed.Alternatives several => several.Feeds.SelectMany(Parts),
        _ => [],
    });

    /// <summary>True if no cell's output is in a feed as it is: what is computed of one is an input of the model of its own.</summary>
    private static bool IsOutside(GraphFeed feed) => !feed.Flat.Any(one => one is GraphFeed.FromCell);

    private static string? Node(GraphFeed feed) => feed switch
    {
        GraphFeed.FromProgram given => given.Node,
        GraphFeed.Computed computed => computed.Node,
        GraphFeed.Joined joined => joined.Node,
        GraphFeed.Added added => added.Node,
        _ => null,
    };

    /// <summary>How many rows and steps the graph is made for; null for any number.</summary>
    private (int? Batch, int? Steps) Extent(IEnumerable<GraphTap> entries)
    {
        int? batch = null, steps = null;
        foreach (var layer in layers)
        {
            var taps = layer.Watched!.Taps.Value;
            steps ??= taps.Steps.Count > 0 ? taps.Steps.Count : null;
            batch ??= taps
                .InitialStates.Values.Where(tap => tap is { Axis: TimeAxis.None, Shape.Count: 2 })
                .Select(tap => tap.Shape![0])
                .FirstOrDefault(rows => rows is not null);
        }

        foreach (var entry in entries.Where(entry => entry.Shape is not null))
        {
            var (shape, axis) = (entry.Shape!, (int)entry.Axis);
            if (shape.Count == (axis == 0 ? 2 : 3))
            {
                batch ??= shape[axis == 1 ? 1 : 0];
                steps ??= axis == 0 ? null : shape[axis - 1];
            }
        }

        return (batch, steps);
    }

    /// <summary>Rows of several lengths where every layer takes them and the graph says where; full ones elsewhere.</summary>
    private int[] Lengths(Sample drawn, bool isGiven)
    {
        var steps = drawn.Inputs.Values.First().Steps;
        var takes = source.Layers.All(layer =>
            layer.HasLengths
            && layer.Watched is { Loop.Value: GraphLoop.While } found
            && found.Taps.Value.Extents.Any(extent => extent.Extent == SequenceExtent.Lengths));
        return takes && isGiven ? drawn.Lengths
            : takes ? [.. Enumerable.Range(0, drawn.RowCount).Select(row => Math.Max(1, steps - (row * Math.Max(1, steps / 4))))]
            : [.. Enumerable.Repeat(steps, drawn.RowCount)];
    }

    private static GraphValue Arranged(Sequence sequence, GraphTap tap)
    {
        if (tap.Axis != TimeAxis.First)
        {
            return tap.Axis == TimeAxis.None && sequence.Steps == 1
                ? GraphValue.Numbers(sequence.Values, [sequence.Batch, .. sequence.StepShape])
                : GraphValue.Numbers(sequence.Values, [sequence.Batch, sequence.Steps, .. sequence.StepShape]);
        }

        var values = new double[sequence.Values.Length];
        for (var b = 0; b < sequence.Batch; b++)
        {
            for (var t = 0; t < sequence.Steps; t++)
            {
                sequence
                    .Values.AsSpan(((b * sequence.Steps) + t) * sequence.Width, sequence.Width)
                    .CopyTo(values.AsSpan(((t * sequence.Batch) + b) * sequence.Width));
            }
        }

        return GraphValue.Numbers(values, [sequence.Steps, sequence.Batch, .. sequence.StepShape]);
    }

    /// <summary>Feeds a program that takes a tensor for each step.</summary>
    private bool FeedSteps(string input, Sequence sequence)
    {
        var isFed = false;
        foreach (
            var layer in source
                .Model.Readers(input)
                .Select(call => layers.FirstOrDefault(layer => layer.CallName == call.Name))
                .OfType<RecurrentLayer>())
        {
            var inputs = layer.Watched!.Taps.Value.StepInputs;
            for (
                var k = 0;
                layer.Watched.Feed is GraphFeed.Alternatives several
                    && !several.Cells.Any()
                    && inputs.Count == sequence.Steps
                    && k < inputs.Count;
                k++)
            {
                var step = layer.IsBackward ? sequence.Steps - 1 - k : k;
                var values = new double[sequence.Batch * sequence.Width];
                for (var b = 0; b < sequence.Batch; b++)
                {
                    sequence
                        .Values.AsSpan(((b * sequence.Steps) + step) * sequence.Width, sequence.Width)
                        .CopyTo(values.AsSpan(b * sequence.Width));
                }

                feeds.TryAdd(inputs[k], GraphValue.Numbers(values, [sequence.Batch, .. sequence.StepShape]));
                isFed = true;
            }
        }

        return isFed;
    }

    /// <summary>Why an input of the model can be fed nowhere, as a clause; null where it is none of the graph's: another edge is claimed
    /// than the graph has.</summary>
    private string? Inside(string input) =>
        source
            .Model.Readers(input)
            .Select(call => layers.FirstOrDefault(layer => layer.CallName == call.Name))
            .OfType<RecurrentLayer>()
            .Where(layer => layer.Watched!.Feed is { } feed && (layer.FedByMore is not null || IsOutside(feed)))
            .Select(layer => $"what {layer.Scope} reads is put together where nothing can be fed ({layer.Watched!.Node})")
            .FirstOrDefault();

    private void FeedStates(Sample drawn)
    {
        foreach (var layer in source.Layers)
        {
            states[layer] = drawn.States[layer];
            if (layer.Watched?.Givens is { Count: > 0 } givens)
            {
                Unknown[layer] = $"{layer.Scope} reads {string.Join(", ", givens)} beside its input ({layer.Watched.Node})";
            }
        }

        var packed = new PackedStates(source.Layers.Where(layer => layer.InitialStates is null), states, feeds.ContainsKey);
        foreach (var layer in source.Layers.Where(layer => layer.InitialStates is null))
        {
            FeedStates(layer, packed);
        }
    }

    private void FeedStates(RecurrentLayer layer, PackedStates packed)
    {
        var own = states[layer];
        var names = layer.Cell.States.Select(state => state.Name).ToArray();
        var taps = layer.Watched?.Taps.Value.InitialStates;
        if (
            taps is null
            || !Array.TrueForAll(names, taps.ContainsKey)
            || names.Zip(own).Any(one => !packed.Has(taps[one.First].Tensor)
                && (taps[one.First].Cut is not null
                    || (feeds.TryGetValue(taps[one.First].Tensor, out var fed) && fed.Count != one.Second.Count))))
        {
            if (layer.Watched?.InitialStates.Count > 0)
            {
                Unknown[layer] = $"{layer.Scope} starts from states that the graph puts together ({layer.Watched.Node})";
            }

            IsSame &= own.All(state => state.ToDoubles().All(value => value == 0));
            states[layer] = [.. own.Select(state => NumericArray.Zeros(Precision.Double, [.. state.Dimensions]))];
            return;
        }

        // Two states may start from one tensor of zeros: then they start from the same numbers.
        states[layer] = [.. names.Zip(own, (name, state) =>
        {
            var tap = taps[name];
            if (packed.Has(tap.Tensor))
            {
                feeds[tap.Tensor] = packed.Whole(tap.Tensor);
                var part = packed.Part(tap, state);
                IsSame &= part == state;
                return part;
            }

            if (!feeds.TryGetValue(tap.Tensor, out var fed))
            {
                feeds[tap.Tensor] = GraphValue.Numbers(state.ToDoubles(), tap.Axis == TimeAxis.First ? [1, .. state.Dimensions] : [.. state.Dimensions]);
                return state;
            }

            IsSame = false;
            return NumericArray.From(fed.ToDoubles(), Precision.Double, [.. state.Dimensions]);
        })];
    }

    private void FeedExtents(int[] lengths, int steps)
    {
        foreach (var (tensor, extent) in layers.SelectMany(layer => layer.Watched!.Taps.Value.Extents))
        {
            feeds.TryAdd(
                tensor,
                extent switch
                {
                    SequenceExtent.Lengths => GraphValue.Numbers(Array.ConvertAll(lengths, length => (double)length), lengths.Length),
                    SequenceExtent.Steps => GraphValue.Numbers([steps], []),
                    _ => GraphValue.Numbers(
                        [.. lengths.SelectMany(length => Enumerable.Range(0, steps).Select(step => step < length ? 1.0 : 0))],
                        lengths.Length,
                        steps),
                });
        }
    }
}
