namespace LstmConvert.Equations.Keras;

/// <summary>How a window walks over the axes of an image: TensorFlow's geometry, channels last (tensorflow
/// core/framework/kernel_shape_util.cc).</summary>
/// <param name="Size">The window's length on each axis.</param>
/// <param name="Strides">The steps on each axis.</param>
/// <param name="Dilation">The distance of neighbours in the window on each axis.</param>
/// <param name="Padding"><c>valid</c>, <c>same</c> or <c>causal</c>.</param>
internal sealed record Windows(IReadOnlyList<int> Size, IReadOnlyList<int> Strides, IReadOnlyList<int> Dilation, string Padding)
{
    /// <summary>The number of windows on each axis.</summary>
    /// <param name="lengths">The lengths of the axes.</param>
    public int[] Counts(IReadOnlyList<int> lengths) => [.. lengths.Select((length, axis) => Padding == "valid"
        ? Math.Max(0, (length - Extent(axis) + Strides[axis]) / Strides[axis])
        : Padding == "causal" ? ((length - 1) / Strides[axis]) + 1
        : (length + Strides[axis] - 1) / Strides[axis])];

    /// <summary>For each window, in order, the places that it covers, in order; -1 outside.</summary>
    /// <param name="lengths">The lengths of the axes.</param>
    /// <returns>Places by window and position in it: an element's place is its number in C order.</returns>
    public int[][] Places(IReadOnlyList<int> lengths)
    {
        var (counts, positions) = (Counts(lengths), Size.Aggregate(1, (product, size) => checked(product * size)));
        var windows = counts.Aggregate(1, (product, count) => checked(product * count));
        var result = new int[windows][];
        for (var window = 0; window < windows; window++)
        {
            var at = Unravel(window, counts);
            var places = result[window] = new int[positions];
            for (var position = 0; position < positions; position++)
            {
                var within = Unravel(position, Size);
                var place = 0;
                for (var axis = 0; axis < lengths.Count && place >= 0; axis++)
                {
                    var index = (at[axis] * Strides[axis]) + (within[axis] * Dilation[axis]) - Before(axis, lengths[axis], counts[axis]);
                    place = index < 0 || index >= lengths[axis] ? -1 : (place * lengths[axis]) + index;
                }

                places[position] = place;
            }
        }

        return result;
    }

    private int Extent(int axis) => ((Size[axis] - 1) * Dilation[axis]) + 1;

    /// <summary>What is added before an axis: half of what is missing, the smaller half first.</summary>
    private int Before(int axis, int length, int count) => Padding switch
    {
        "same" => Math.Max(0, ((count - 1) * Strides[axis]) + Extent(axis) - length) / 2,
        "causal" => Extent(axis) - 1,
        _ => 0,
    };

    private static int[] Unravel(int place, IReadOnlyList<int> lengths)
    {
        var at = new int[lengths.Count];
        for (var axis = lengths.Count - 1; axis >= 0; axis--)
        {
            (place, at[axis]) = (place / lengths[axis], place % lengths[axis]);
        }

        return at;
    }
}
