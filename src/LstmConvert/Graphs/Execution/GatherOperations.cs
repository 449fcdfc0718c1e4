using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>Rows looked up by number, and put by number.</summary>
internal static class GatherOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["Gather"] = Call.One(at => Gather(at, at[0], at[1], 0, 0)),
        ["GatherV2"] = Call.One(at => Gather(at, at[0], at[1], at.Axis(at[2].Integers[0], at[0].Rank), at.Node.Int("batch_dims"))),
        ["ResourceGather"] = Call.One(ResourceGather),
        ["GatherNd"] = Call.One(at => GatherNd(at, at[0], at[1])),
        ["ScatterNd"] = Call.One(at => ScatterNd(at, at[0], at[1], at.Ints(2))),
        ["OneHot"] = Call.One(OneHot),
        ["DynamicStitch"] = Call.One(Stitch),
        ["ParallelDynamicStitch"] = Call.One(Stitch),
    };

    private static GraphValue ResourceGather(Call at)
    {
        var table = VariableOperations.Read(at, 0);
        return table.Absent is null ? Gather(at, table, at[1], at.Node.Int("batch_dims"), at.Node.Int("batch_dims")) : table;
    }

    /// <summary>Slices along an axis by their numbers; axes before it may be the same in both.</summary>
    private static GraphValue Gather(Call at, GraphValue value, GraphValue indices, int axis, int batch)
    {
        batch = batch < 0 ? batch + indices.Rank : batch;
        if (batch < 0 || batch > axis || batch > indices.Rank || axis >= value.Rank)
        {
            throw at.Misfit($"it looks up axis {axis} of {value} by {indices}");
        }

        var result = at.NewLike(value, [.. value.Shape[..axis], .. indices.Shape[batch..], .. value.Shape[(axis + 1)..]]);
        var (inner, length, each) = (
            JoinOperations.Product(value.Shape, axis + 1),
            value.Shape[axis],
            JoinOperations.Product(indices.Shape, batch));
        var (batches, between) = (
            JoinOperations.Product(value.Shape.AsSpan(0, batch), 0),
            JoinOperations.Product(value.Shape.AsSpan(batch, axis - batch), 0));
        var target = 0;
        for (var row = 0; row < batches * between; row++)
        {
            for (var k = 0; k < each; k++, target += inner)
            {
                var index = indices.Integers[(batch == 0 ? 0 : row / between * each) + k];
                if (index < 0 || index >= length)
                {
                    throw at.Misfit($"row {index} of {length} is looked up");
                }

                Array.Copy(value.Data, ((row * length) + (int)index) * inner, result.Data, target, inner);
            }
        }

        return result;
    }

    private static GraphValue GatherNd(Call at, GraphValue value, GraphValue indices)
    {
        var depth = indices.Shape[^1];
        var result = at.NewLike(value, [.. indices.Shape[..^1], .. value.Shape[depth..]]);
        var inner = JoinOperations.Product(value.Shape, depth);
        for (var row = 0; depth > 0 && row < indices.Count / depth; row++)
        {
            Array.Copy(value.Data, Place(at, value.Shape, indices, row, depth) * inner, result.Data, row * inner, inner);
        }

        return result;
    }

    private static GraphValue ScatterNd(Call at, GraphValue indices, GraphValue updates, int[] shape)
    {
        var depth = indices.Shape[^1];
        var result = new double[at.Run.Budget.Count(shape)];
        var (numbers, inner) = (updates.ToDoubles(), JoinOperations.Product(shape, depth));
        for (var row = 0; depth > 0 && row < indices.Count / depth; row++)
        {
            var place = Place(at, shape, indices, row, depth) * inner;
            for (var k = 0; k < inner; k++)
            {
                result[place + k] += numbers[(row * inner) + k];
            }
        }

        return GraphValue.Of(DType.Float64, shape, result).Cast(updates.Type, at.Precision);
    }

    private static int Place(Call at, int[] shape, GraphValue indices, int row, int depth)
    {
        var place = 0;
        for (var k = 0; k < depth; k++)
        {
            var index = indices.Integers[(row * depth) + k];
            place =
                index >= 0 && index < shape[k]
                    ? (place * shape[k]) + (int)index
                    : throw at.Misfit($"place {index} of {shape[k]} is looked up");
        }

        return place;
    }

    private static GraphValue OneHot(Call at)
    {
        var (indices, depth) = (at[0], at.Int(1));
        var (on, off) = (at[2], at[3]);
        var axis = at.Node.Int("axis", -1);
        axis = at.Axis(axis, indices.Rank + 1);
        var result = ConstantOperations.Filled(at, [.. indices.Shape[..axis], depth, .. indices.Shape[axis..]], off);
        var inner = JoinOperations.Product(indices.Shape, axis);
        for (var k = 0; k < indices.Count; k++)
        {
            if (indices.Integers[k] is >= 0 and var index && index < depth)
            {
                Array.Copy(on.Data, 0, result.Data, (((k / inner * depth) + (int)index) * inner) + (k % inner), 1);
            }
        }

        return result;
    }

    /// <summary>Rows of several values at the places that belong to them.</summary>
    private static GraphValue Stitch(Call at)
    {
        var count = at.Count / 2;
        var (indices, values) = (at.From(0, count), at.From(count));
        var rows = indices.SelectMany(one => one.Integers).Select(index => (int)index).DefaultIfEmpty(-1).Max() + 1;
        int[] rest = values[0].Shape[indices[0].Rank..];
        var result = at.NewLike(values[0], [rows, .. rest]);
        var inner = JoinOperations.Product(rest, 0);
        for (var one = 0; one < count; one++)
        {
            for (var k = 0; k < indices[one].Count; k++)
            {
                Array.Copy(values[one].Data, k * inner, result.Data, (int)indices[one].Integers[k] * inner, inner);
            }
        }

        return result;
    }
}
