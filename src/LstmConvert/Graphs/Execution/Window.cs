namespace LstmConvert.Graphs.Execution;

/// <summary>How a window moves over the axes between batch and channels: sizes, strides, dilations and edges of each, as TensorFlow reckons
/// them.</summary>
internal sealed class Window
{
    /// <summary>To find one element takes as long as so many operations on numbers.</summary>
    private const double Visiting = 16;

    private Window(Call at, GraphValue value, int[] sizes, bool isFirst)
    {
        var axes = value.Rank - 2;
        int[] Of(string attribute) =>
            at.Node.Ints(attribute) is { } all && all.Length == value.Rank
                ? isFirst
                    ? all[2..]
                    : all[1..^1]
                : [.. Enumerable.Repeat(1, axes)];
        (Sizes, Strides, Dilations) = (sizes, Of("strides"), Of("dilations"));
        (Before, Output) = (new int[axes], new int[axes]);
        var (padding, edges) = (at.Node.Text("padding", "VALID"), at.Node.Ints("explicit_paddings"));
        for (var axis = 0; axis < axes; axis++)
        {
            var (length, stride) = (value.Shape[axis + 1], Strides[axis]);
            if (stride < 1 || Dilations[axis] < 1 || Sizes[axis] < 1)
            {
                throw at.Misfit("its window does not move");
            }

            var span = checked(((Sizes[axis] - 1) * Dilations[axis]) + 1);
            if (padding == "SAME")
            {
                Output[axis] = (int)((length + stride - 1L) / stride);
                Before[axis] = Math.Max(0, ((Output[axis] - 1) * stride) + span - length) / 2;
            }
            else
            {
                var place = isFirst ? axis + 2 : axis + 1;
                var behind = padding == "EXPLICIT" ? edges[(2 * place) + 1] : 0;
                Before[axis] = padding == "EXPLICIT" ? edges[2 * place] : 0;
                Output[axis] = Math.Max(0, (length + Before[axis] + behind - span + stride) / stride);
            }
        }

        Lengths = value.Shape[1..^1];
        at.Run.Budget.Spend(
            (double)Math.Max(1, value.Shape[0]) * JoinOperations.Product(Output, 0) * JoinOperations.Product(Sizes, 0) * Visiting);
    }

    public int[] Sizes { get; }

    public int[] Strides { get; }

    public int[] Dilations { get; }

    public int[] Before { get; }

    /// <summary>The lengths of what it moves over.</summary>
    public int[] Lengths { get; }

    /// <summary>How many places it has on each axis.</summary>
    public int[] Output { get; }

    /// <summary>A window over a value whose channels are the last axis.</summary>
    public static Window Of(Call at, GraphValue value, int[] sizes, bool isFirst) =>
        sizes.Length == value.Rank - 2
            ? new Window(at, value, sizes, isFirst)
            : throw at.Misfit($"its window has {sizes.Length} axes over {value}");

    /// <summary>True if channels come before the places.</summary>
    public static bool IsChannelsFirst(Call at) => at.Node.Text("data_format", "NHWC").StartsWith("NC", StringComparison.Ordinal);

    /// <summary>The value with its channels last.</summary>
    public static GraphValue ChannelsLast(Call at, GraphValue value, bool isFirst) =>
        isFirst ? ShapeOperations.Transposed(at, value, [0, .. Enumerable.Range(2, value.Rank - 2), 1]) : value;

    /// <summary>The value with its channels where the node has them.</summary>
    public static GraphValue AsNode(Call at, GraphValue value, bool isFirst) =>
        isFirst ? ShapeOperations.Transposed(at, value, [0, value.Rank - 1, .. Enumerable.Range(1, value.Rank - 2)]) : value;

    /// <summary>Each place of the window, and in it each element that lies within the edges.</summary>
    /// <param name="visit">Takes the number of the place, the number of the element in the window, and the number of the element in what it
    /// moves over.</param>
    public void Visit(Action<int, int, int> visit)
    {
        var (places, elements) = (JoinOperations.Product(Output, 0), JoinOperations.Product(Sizes, 0));
        Span<int> corner = stackalloc int[Output.Length];
        for (var place = 0; place < places; place++)
        {
            for (var (axis, rest) = (Output.Length - 1, place); axis >= 0; axis--)
            {
                corner[axis] = (rest % Output[axis] * Strides[axis]) - Before[axis];
                rest /= Output[axis];
            }

            for (var element = 0; element < elements; element++)
            {
                var (from, step, isInside) = (0, 1, true);
                for (var (axis, rest) = (Output.Length - 1, element); axis >= 0 && isInside; axis--)
                {
                    var index = corner[axis] + (rest % Sizes[axis] * Dilations[axis]);
                    isInside = index >= 0 && index < Lengths[axis];
                    (from, step, rest) = (from + (index * step), step * Lengths[axis], rest / Sizes[axis]);
                }

                if (isInside)
                {
                    visit(place, element, from);
                }
            }
        }
    }
}
