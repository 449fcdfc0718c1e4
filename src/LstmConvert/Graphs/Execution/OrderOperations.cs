using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>The largest numbers, and which numbers there are.</summary>
internal static class OrderOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["TopK"] = at => Largest(at, at.Node.Int("k")),
        ["TopKV2"] = at => Largest(at, at.Int(1)),
    };

    /// <summary>The k largest of the last axis and where they are; of equal ones the first.</summary>
    private static GraphValue[] Largest(Call at, int k)
    {
        var (value, numbers, width) = (at[0], at[0].ToDoubles(), at[0].Shape[^1]);
        if (k < 0 || k > width)
        {
            throw at.Misfit($"it takes {k} of {width}");
        }

        int[] shape = [.. value.Shape[..^1], k];
        var (values, places) = (at.NewLike(value, shape), at.New(DType.Int32, shape));
        at.Run.Budget.Spend(20L * numbers.Length);
        for (var row = 0; k > 0 && row < values.Count / k; row++)
        {
            var order = Enumerable.Range(0, width).OrderByDescending(column => numbers[(row * width) + column]).Take(k).ToArray();
            for (var n = 0; n < k; n++)
            {
                Array.Copy(value.Data, (row * width) + order[n], values.Data, (row * k) + n, 1);
                places.Integers[(row * k) + n] = order[n];
            }
        }

        return [values, places];
    }
}
