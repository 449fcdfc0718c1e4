namespace LstmConvert.Graphs.Execution;

/// <summary>Sequences turned around and masked.</summary>
internal static class SequenceOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["ReverseSequence"] = Call.One(ReverseSequence),
        ["ReverseV2"] = Call.One(at => Reversed(at, [.. at[1].Integers.Select(axis => at.Axis(axis, at[0].Rank))])),
        ["Reverse"] = Call.One(at => Reversed(at, [.. at[1].Booleans.Index().Where(one => one.Item).Select(one => one.Index)])),
    };

    private static GraphValue Reversed(Call at, HashSet<int> axes)
    {
        var value = at[0];
        if (value.Count == 0)
        {
            return value;
        }

        var (steps, start) = (Strided.Steps(value.Shape), 0);
        foreach (var axis in axes)
        {
            start += (value.Shape[axis] - 1) * steps[axis];
            steps[axis] = -steps[axis];
        }

        return Strided.Take(at, value, start, steps, value.Shape);
    }

    /// <summary>Each row turned around within its length; what follows stays.</summary>
    private static GraphValue ReverseSequence(Call at)
    {
        var (value, lengths) = (at[0], at[1].Integers);
        var (along, batch) = (at.Axis(at.Node.Int("seq_dim"), value.Rank), at.Axis(at.Node.Int("batch_dim"), value.Rank));
        var result = at.NewLike(value, value.Shape);
        var (steps, last) = (Strided.Steps(value.Shape), Math.Max(along, batch));
        var inner = JoinOperations.Product(value.Shape, last + 1);
        for (var place = 0; inner > 0 && place < value.Count; place += inner)
        {
            var (row, step) = (place / steps[batch] % value.Shape[batch], place / steps[along] % value.Shape[along]);
            var length =
                lengths[row] >= 0 && lengths[row] <= value.Shape[along]
                    ? (int)lengths[row]
                    : throw at.Misfit($"row {row} has the length {lengths[row]} of {value.Shape[along]}");
            var from = step < length ? place + ((length - 1 - step - step) * steps[along]) : place;
            Array.Copy(value.Data, from, result.Data, place, inner);
        }

        return result;
    }
}
