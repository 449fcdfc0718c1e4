using LstmConvert.Arrays;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Matching;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>Tensors <c>(b, w1+w2+...)</c> in which a graph keeps the initial states of one cell, or of several, side by side: put together
/// of the states of a sample where every column is known to be one of them.</summary>
internal sealed class PackedStates
{
    private readonly Dictionary<string, SortedDictionary<long, NumericArray>> tensors = new(StringComparer.Ordinal);

    /// <summary>Puts them together.</summary>
    /// <param name="layers">The layers that start from states of the graph.</param>
    /// <param name="states">Their states in the sample.</param>
    /// <param name="isFed">True for a tensor that something else is fed at.</param>
    public PackedStates(
        IEnumerable<RecurrentLayer> layers,
        IReadOnlyDictionary<RecurrentLayer, IReadOnlyList<NumericArray>> states,
        Predicate<string> isFed)
    {
        var parts = layers
            .Where(layer => layer.Watched is not null)
            .SelectMany(layer => layer
                .Cell.States.Zip(states[layer])
                .Select(one => (Tap: layer.Watched!.Taps.Value.InitialStates.GetValueOrDefault(one.First.Name), State: one.Second)))
            .Where(part => part.Tap is not null)
            .ToLookup(part => part.Tap!.Tensor, part => (Tap: part.Tap!, part.State));
        foreach (var tensor in parts.Where(tensor => tensor.Any(part => part.Tap.Cut is not null) && !isFed(tensor.Key)))
        {
            var columns = new SortedDictionary<long, NumericArray>();
            foreach (var (tap, state) in tensor.Where(part => part.State.Rank == 2))
            {
                columns.TryAdd(Begin(tap, state), state);
            }

            if (Width(columns) is { } width && tensor.All(part => Fits(part, columns) && IsWide(part, width)))
            {
                tensors[tensor.Key] = columns;
            }
        }
    }

    /// <summary>True if a tensor holds states side by side, all of which are known.</summary>
    public bool Has(string tensor) => tensors.ContainsKey(tensor);

    /// <summary>The whole tensor.</summary>
    public GraphValue Whole(string tensor) =>
        GraphValue.Numbers(
            NumericArray.Concatenate([.. tensors[tensor].Values]).ToDoubles(),
            tensors[tensor].Values.First().Dimensions[0],
            tensors[tensor].Values.Sum(state => state.Dimensions[1]));

    /// <summary>What a state starts from: itself, or the one that another state in the same columns starts from.</summary>
    public NumericArray Part(GraphTap tap, NumericArray state) => tensors[tap.Tensor][Begin(tap, state)];

    private static long Begin(GraphTap tap, NumericArray state) => tap.Cut?.At(state.Dimensions[^1]) ?? 0;

    private static bool Fits((GraphTap Tap, NumericArray State) part, SortedDictionary<long, NumericArray> columns) =>
        part.State.Rank == 2 && columns[Begin(part.Tap, part.State)].Dimensions.SequenceEqual(part.State.Dimensions);

    /// <summary>False where the graph shows that the tensor has another width.</summary>
    private static bool IsWide((GraphTap Tap, NumericArray State) part, long width) =>
        (part.Tap.Shape is not [_, { } stated] || stated == width)
        && (part.Tap.Cut?.Whole is not { } times || times * part.State.Dimensions[1] == width);

    /// <summary>The width of all columns; null where one is no state's.</summary>
    private static long? Width(SortedDictionary<long, NumericArray> columns)
    {
        var end = 0L;
        foreach (var (begin, state) in columns)
        {
            if (begin != end)
            {
                return null;
            }

            end += state.Dimensions[1];
        }

        return end;
    }
}
