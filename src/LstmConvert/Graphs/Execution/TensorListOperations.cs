using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>A list of tensors, which is a value like others: to set an item makes another list.</summary>
/// <param name="Type">The element type of its tensors.</param>
/// <param name="Shape">Their shape, -1 for a length that is not known; null if nothing is known.</param>
/// <param name="Items">The tensors; null for one that is not set.</param>
internal sealed record TensorList(DType Type, int[]? Shape, GraphValue?[] Items)
{
    /// <summary>As long, with nothing set.</summary>
    public TensorList Empty() => this with { Items = new GraphValue?[Items.Length] };
}

/// <summary>The lists of tensors of TensorFlow 2 (tensorflow/core/ops/list_ops.cc).</summary>
internal static class TensorListOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } =
        new Dictionary<string, Kernel>(StringComparer.Ordinal)
        {
            ["EmptyTensorList"] = Call.One(at => Made(at, 0, [])),
            ["TensorListReserve"] = Call.One(at => Made(at, 0, new GraphValue?[at.Run.Budget.Count([at.Int(1)])])),
            ["TensorListFromTensor"] = Call.One(at => FromTensor(at, at[0], at[1])),
            ["TensorListStack"] = Call.One(at => Stack(at, Of(at).Items, at.Count > 1 ? ShapeAt(at, 1) : null)),
            ["TensorListGather"] = Call.One(at =>
                Stack(at, [.. at.Ints(1).Select(index => Of(at).Items[index])], at.Count > 2 ? ShapeAt(at, 2) : null)),
            ["TensorListScatterV2"] = Call.One(Scatter),
            ["TensorListGetItem"] = Call.One(at => Item(at, Of(at), Of(at).Items[at.Int(1)], at.Count > 2 ? ShapeAt(at, 2) : null)),
            ["TensorListSetItem"] = Call.One(at => With(at, at.Int(1), at[2])),
            ["TensorListPushBack"] = Call.One(at => With(at, Of(at).Items.Length, at[1])),
            ["TensorListPopBack"] = PopBack,
            ["TensorListLength"] = Call.One(at => GraphValue.Of(DType.Int32, Of(at).Items.Length)),
            ["TensorListElementShape"] = Call.One(at =>
                Of(at).Shape is { } shape
                    ? ShapeOperations.Numbers(at.Node.Type("shape_type", DType.Int32), shape)
                    : GraphValue.Of(DType.Int32, -1)),
            ["TensorListResize"] = Call.One(Resize),
            ["TensorListConcat"] = Concat,
            ["TensorListConcatV2"] = Concat,
            ["TensorListConcatLists"] = Call.One(ConcatLists),
        };

    private static TensorList Of(Call at) => at[0].Handle as TensorList ?? throw at.Misfit("it has no list of tensors");

    private static GraphValue Made(Call at, int shape, GraphValue?[] items) =>
        GraphValue.OfHandle(new TensorList(at.Node.Type("element_dtype", DType.Float32), ShapeAt(at, shape), items), items.Length);

    /// <summary>A shape that may be unknown: a scalar then, or -1 for a length.</summary>
    private static int[]? ShapeAt(Call at, int input) => at[input].Rank == 0 ? null : at.Ints(input);

    private static GraphValue FromTensor(Call at, GraphValue value, GraphValue shape)
    {
        var items = JoinOperations.Unstacked(at, value, 0);
        foreach (var item in items)
        {
            at.Run.Budget.Hold(item);
        }

        return GraphValue.OfHandle(
            new TensorList(value.Type, shape.Rank == 0 ? null : [.. shape.Integers.Select(length => (int)length)], items),
            items.Length);
    }

    private static GraphValue Scatter(Call at)
    {
        var (rows, indices, count) = (JoinOperations.Unstacked(at, at[0], 0), at.Ints(1), at.Count > 3 ? at.Int(3) : -1);
        var items = new GraphValue?[at.Run.Budget.Count([Math.Max(count, indices.DefaultIfEmpty(-1).Max() + 1)])];
        for (var k = 0; k < indices.Length; k++)
        {
            at.Run.Budget.Hold(rows[k]);
            items[indices[k]] = rows[k];
        }

        return Made(at, 2, items);
    }

    private static GraphValue Stack(Call at, GraphValue?[] items, int[]? shape)
    {
        var list = Of(at);
        var empty = Array.Exists(items, item => item is null) ? Item(at, list, null, shape) : null;
        GraphValue[] parts = [.. items.Select(item => item ?? empty!)];
        return parts.Length > 0 ? JoinOperations.Stacked(at, parts, 0) : at.New(list.Type, [0, .. Known(list.Shape) ?? Known(shape) ?? []]);
    }

    /// <summary>A tensor; zeros where none was set.</summary>
    private static GraphValue Item(Call at, TensorList list, GraphValue? item, int[]? shape) =>
        item
        ?? at.New(
            list.Type,
            Known(list.Shape)
                ?? Known(shape)
                ?? Array.Find(list.Items, other => other is not null)?.Shape
                ?? throw at.Misfit("an item is read that was not set, of a shape that is not known"));

    private static int[]? Known(int[]? shape) => shape is not null && Array.TrueForAll(shape, length => length >= 0) ? shape : null;

    private static GraphValue With(Call at, int index, GraphValue value)
    {
        var list = Of(at);
        if (
            index < 0
            || index > list.Items.Length + at.Run.Budget.MaximumIterations
            || (index > list.Items.Length && !at.Node.Bool("resize_if_index_out_of_bounds")))
        {
            throw at.Misfit($"item {index} of a list of {list.Items.Length} is set");
        }

        var items = new GraphValue?[Math.Max(list.Items.Length, index + 1)];
        at.Run.Budget.Spend(items.Length / 4);
        list.Items.CopyTo(items, 0);
        at.Run.Budget.Hold(value);
        items[index] = value;
        return GraphValue.OfHandle(list with { Items = items }, items.Length);
    }

    private static GraphValue?[] PopBack(Call at)
    {
        var list = Of(at);
        return list.Items.Length > 0
            ?
            [
                GraphValue.OfHandle(list with { Items = list.Items[..^1] }, list.Items.Length),
                Item(at, list, list.Items[^1], ShapeAt(at, 1)),
            ]
            : throw at.Misfit("its list is empty");
    }

    private static GraphValue Resize(Call at)
    {
        var (list, items) = (Of(at), new GraphValue?[at.Run.Budget.Count([at.Int(1)])]);
        Array.Copy(list.Items, items, Math.Min(list.Items.Length, items.Length));
        return GraphValue.OfHandle(list with { Items = items }, items.Length);
    }

    private static GraphValue?[] Concat(Call at)
    {
        var list = Of(at);
        GraphValue[] parts = [.. list.Items.Select(item => Item(at, list, item, null))];
        return
        [
            JoinOperations.Concatenated(at, parts, 0),
            GraphValue.Of(DType.Int64, [parts.Length], parts.Select(part => (long)part.Shape[0]).ToArray()),
        ];
    }

    private static GraphValue ConcatLists(Call at)
    {
        var (list, other) = (Of(at), at[1].Handle as TensorList ?? throw at.Misfit("it has no list of tensors"));
        _ = at.Run.Budget.Count([list.Items.Length + other.Items.Length]);
        return GraphValue.OfHandle(list with { Items = [.. list.Items, .. other.Items] }, list.Items.Length + other.Items.Length);
    }
}
