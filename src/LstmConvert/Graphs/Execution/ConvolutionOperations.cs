namespace LstmConvert.Graphs.Execution;

/// <summary>Convolutions: the elements under each window as a row, times the filter as a matrix.</summary>
internal static class ConvolutionOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["Conv2D"] = Call.One(Convolve),
        ["Conv3D"] = Call.One(Convolve),
        ["DepthwiseConv2dNative"] = Call.One(Depthwise),
        ["SpaceToBatchND"] = Call.One(SpaceToBatch),
        ["BatchToSpaceND"] = Call.One(BatchToSpace),
    };

    private static GraphValue Convolve(Call at)
    {
        var isFirst = Window.IsChannelsFirst(at);
        var (value, filter) = (Window.ChannelsLast(at, at[0], isFirst), at[1]);
        var (window, channels) = (Window.Of(at, value, filter.Shape[..^2], isFirst), value.Shape[^1]);
        if (filter.Shape[^2] != channels)
        {
            throw channels % Math.Max(1, filter.Shape[^2]) == 0
                ? at.Unsupported("a convolution in groups")
                : at.Misfit($"its filter {filter} does not fit {value}");
        }

        var (places, width, length) = (
            JoinOperations.Product(window.Output, 0),
            JoinOperations.Product(filter.Shape.AsSpan(0, filter.Rank - 1), 0),
            JoinOperations.Product(window.Lengths, 0));
        var rows = at.NewLike(value, value.Shape[0], places, width);
        at.Run.Budget.Spend(2L * rows.Count / Math.Max(1, channels));
        for (var one = 0; one < value.Shape[0]; one++)
        {
            window.Visit(
                (place, element, from) =>
                    Array.Copy(
                        value.Data,
                        ((one * length) + from) * channels,
                        rows.Data,
                        (((one * places) + place) * width) + (element * channels),
                        channels));
        }

        var product = MatrixOperations.Product(
            at,
            rows.WithShape([value.Shape[0] * places, width]),
            filter.WithShape([width, filter.Shape[^1]]));
        return Window.AsNode(at, product.WithShape([value.Shape[0], .. window.Output, filter.Shape[^1]]), isFirst);
    }

    /// <summary>Each channel by itself, to as many as the filter's last axis has.</summary>
    private static GraphValue Depthwise(Call at)
    {
        var isFirst = Window.IsChannelsFirst(at);
        var (value, filter) = (Window.ChannelsLast(at, at[0], isFirst), at[1]);
        var (window, channels, times) = (Window.Of(at, value, filter.Shape[..^2], isFirst), value.Shape[^1], filter.Shape[^1]);
        if (filter.Shape[^2] != channels)
        {
            throw at.Misfit($"its filter {filter} does not fit {value}");
        }

        int[] shape = [value.Shape[0], .. window.Output, channels * times];
        var result = new double[at.Run.Budget.Count(shape)];
        var (numbers, weights, length, places) = (
            value.ToDoubles(),
            filter.ToDoubles(),
            JoinOperations.Product(window.Lengths, 0),
            JoinOperations.Product(window.Output, 0));
        at.Run.Budget.Spend((long)result.Length * JoinOperations.Product(window.Sizes, 0) * 2);
        for (var one = 0; one < value.Shape[0]; one++)
        {
            window.Visit((place, element, from) =>
            {
                for (var k = 0; k < channels * times; k++)
                {
                    result[(((one * places) + place) * channels * times) + k] += numbers[(((one * length) + from) * channels) + (k / times)] * weights[(element * channels * times) + k];
                }
            });
        }

        return Window.AsNode(at, GraphValue.Numbers(result, shape).Cast(value.Type, at.Precision), isFirst);
    }

    /// <summary>Blocks of places become rows of the batch: how a dilated convolution is lowered.</summary>
    private static GraphValue SpaceToBatch(Call at)
    {
        var (blocks, edges) = (at.Ints(1), at.Ints(2));
        var value = SliceOperations.Padded(
            at,
            at[0],
            [
                (0, 0),
                .. blocks.Index().Select(one => (edges[2 * one.Index], edges[(2 * one.Index) + 1])),
                .. Enumerable.Repeat((0, 0), at[0].Rank - 1 - blocks.Length),
            ],
            null);
        int[] rest = value.Shape[(blocks.Length + 1)..];
        int[] inner =
        [
            .. blocks.Select(
                (block, axis) =>
                    block > 0 && value.Shape[axis + 1] % block == 0
                        ? value.Shape[axis + 1] / block
                        : throw at.Misfit($"axis {axis + 1} of {value} has no blocks of {block}")),
        ];
        var split = value.WithShape([value.Shape[0], .. blocks.SelectMany((block, axis) => new[] { inner[axis], block }), .. rest]);
        var places = Enumerable.Range(0, blocks.Length);
        var moved = ShapeOperations.Transposed(
            at,
            split,
            [
                .. places.Select(axis => (2 * axis) + 2),
                0,
                .. places.Select(axis => (2 * axis) + 1),
                .. Enumerable.Range(1 + (2 * blocks.Length), rest.Length),
            ]);
        return moved.WithShape([value.Shape[0] * JoinOperations.Product(blocks, 0), .. inner, .. rest]);
    }

    private static GraphValue BatchToSpace(Call at)
    {
        var (value, blocks, crops) = (at[0], at.Ints(1), at.Ints(2));
        int[] rest = value.Shape[(blocks.Length + 1)..];
        var batch = value.Shape[0] / JoinOperations.Product(blocks, 0);
        var split = ShapeOperations.Reshape(at, value, [.. blocks, batch, .. value.Shape[1..]]);
        var places = Enumerable.Range(0, blocks.Length);
        var moved = ShapeOperations.Transposed(
            at,
            split,
            [
                blocks.Length,
                .. places.SelectMany(axis => new[] { blocks.Length + 1 + axis, axis }),
                .. Enumerable.Range(1 + (2 * blocks.Length), rest.Length),
            ]);
        var whole = moved.WithShape([batch, .. blocks.Select((block, axis) => value.Shape[axis + 1] * block), .. rest]);
        var (steps, start, shape) = (Strided.Steps(whole.Shape), 0, (int[])whole.Shape.Clone());
        foreach (var axis in places)
        {
            start += crops[2 * axis] * steps[axis + 1];
            shape[axis + 1] -= crops[2 * axis] + crops[(2 * axis) + 1];
        }

        return Strided.Take(at, whole, start, steps, shape);
    }
}
