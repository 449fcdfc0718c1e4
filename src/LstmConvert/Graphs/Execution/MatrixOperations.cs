using LstmConvert.Arrays;

namespace LstmConvert.Graphs.Execution;

/// <summary>Products of matrices.</summary>
internal static class MatrixOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["MatMul"] = Call.One(at => Product(at, at[0], at[1], at.Node.Bool("transpose_a"), at.Node.Bool("transpose_b"))),
        ["SparseMatMul"] = Call.One(at => Product(at, at[0], at[1], at.Node.Bool("transpose_a"), at.Node.Bool("transpose_b"))),
        ["BatchMatMul"] = Call.One(Batched),
        ["BatchMatMulV2"] = Call.One(Batched),
        ["BatchMatMulV3"] = Call.One(Batched),
        ["Einsum"] = Call.One(Einsum),
    };

    /// <summary><c>(m, k) @ (k, n)</c>.</summary>
    public static GraphValue Product(Call at, GraphValue a, GraphValue b, bool transposeA = false, bool transposeB = false)
    {
        (a, b) = (transposeA ? ShapeOperations.Transposed(at, a, [1, 0]) : a, transposeB ? ShapeOperations.Transposed(at, b, [1, 0]) : b);
        if (a.Rank != 2 || b.Rank != 2 || a.Shape[1] != b.Shape[0])
        {
            throw at.Misfit($"{a} and {b} have no product");
        }

        int[] shape = [a.Shape[0], b.Shape[1]];
        _ = at.Run.Budget.Count(shape);
        at.Run.Budget.Spend((long)a.Count * b.Shape[1] / 4);
        return a.Data switch
        {
            float[] singles => GraphValue.Of(a.Type, shape, MatrixProduct.Of(singles, b.Singles, shape[0], a.Shape[1], shape[1])),
            double[] doubles => GraphValue.Of(a.Type, shape, MatrixProduct.Of(doubles, b.Doubles, shape[0], a.Shape[1], shape[1])),
            _ => GraphValue
                .Of(a.Type, shape, MatrixProduct.Of(a.ToDoubles(), b.ToDoubles(), shape[0], a.Shape[1], shape[1]))
                .Cast(Tensors.DType.Float64, Precision.Double)
                .Cast(a.Type, at.Precision),
        };
    }

    /// <summary>Products of matrices that lie behind each other; the axes before them broadcast.</summary>
    private static GraphValue Batched(Call at) => Batched(at, at[0], at[1], at.Node.Bool("adj_x"), at.Node.Bool("adj_y"));

    private static GraphValue Batched(Call at, GraphValue a, GraphValue b, bool adjointA, bool adjointB)
    {
        if (a.Rank == 2 && b.Rank == 2)
        {
            return Product(at, a, b, adjointA, adjointB);
        }

        (a, b) = (adjointA ? Swapped(at, a) : a, adjointB ? Swapped(at, b) : b);
        var (m, k, n) = (a.Shape[^2], a.Shape[^1], b.Shape[^1]);
        var batch = new Broadcast([1, .. a.Shape[..^2]], [1, .. b.Shape[..^2]]).Dimensions[1..];
        (a, b) = (ShapeOperations.BroadcastTo(at, a, [.. batch, m, k]), ShapeOperations.BroadcastTo(at, b, [.. batch, b.Shape[^2], n]));
        var result = at.NewLike(a, [.. batch, m, n]);
        for (var one = 0; one < JoinOperations.Product(batch, 0); one++)
        {
            var product = Product(at, Part(a, one, m, k), Part(b, one, b.Shape[^2], n));
            Array.Copy(product.Data, 0, result.Data, one * m * n, m * n);
        }

        return result;
    }

    private static GraphValue Part(GraphValue value, int index, int rows, int columns)
    {
        var data = Array.CreateInstanceFromArrayType(value.Data.GetType(), rows * columns);
        Array.Copy(value.Data, index * rows * columns, data, 0, rows * columns);
        return GraphValue.Of(value.Type, [rows, columns], data);
    }

    private static GraphValue Swapped(Call at, GraphValue value) =>
        ShapeOperations.Transposed(at, value, [.. Enumerable.Range(0, value.Rank - 2), value.Rank - 1, value.Rank - 2]);

    /// <summary>A product by the letters of its axes: those of one side alone, those of both that stay, those that are summed
    /// over.</summary>
    private static GraphValue Einsum(Call at)
    {
        var equation = at.Node.Text("equation", "").Replace(" ", "", StringComparison.Ordinal);
        if (
            at.Count != 2
            || equation.Contains('.', StringComparison.Ordinal)
            || equation.Split("->") is not [var inputs, var result]
            || inputs.Split(',') is not [var left, var right]
            || left.Length != at[0].Rank
            || right.Length != at[1].Rank
            || new[] { left, right, result }.Any(term => term.Distinct().Count() != term.Length))
        {
            throw at.Unsupported($"the product {equation}");
        }

        var lengths = new Dictionary<char, int>();
        foreach (var (letter, length) in left.Zip(at[0].Shape).Concat(right.Zip(at[1].Shape)))
        {
            lengths[letter] =
                lengths.TryGetValue(letter, out var known) && known != length ? throw at.Misfit($"axis {letter} has two lengths") : length;
        }

        var (batch, sum) = (
            left.Where(letter => right.Contains(letter, StringComparison.Ordinal) && result.Contains(letter, StringComparison.Ordinal))
                .ToArray(),
            left.Where(letter => right.Contains(letter, StringComparison.Ordinal) && !result.Contains(letter, StringComparison.Ordinal))
                .ToArray());
        var (rows, columns) = (left.Except(right).ToArray(), right.Except(left).ToArray());
        if (rows.Concat(columns).Concat(batch).Except(result).Any() || result.Length != rows.Length + columns.Length + batch.Length)
        {
            throw at.Unsupported($"the product {equation}");
        }

        int Size(IEnumerable<char> letters) => letters.Aggregate(1, (product, letter) => checked(product * lengths[letter]));
        GraphValue Arranged(int input, string term, IEnumerable<char> order) =>
            ShapeOperations.Transposed(at, at[input], [.. order.Select(letter => term.IndexOf(letter, StringComparison.Ordinal))]);
        var a = Arranged(0, left, [.. batch, .. rows, .. sum]).WithShape([Size(batch), Size(rows), Size(sum)]);
        var b = Arranged(1, right, [.. batch, .. sum, .. columns]).WithShape([Size(batch), Size(sum), Size(columns)]);
        char[] made = [.. batch, .. rows, .. columns];
        var product = Batched(at, a, b, false, false).WithShape([.. made.Select(letter => lengths[letter])]);
        return ShapeOperations.Transposed(at, product, [.. result.Select(letter => Array.IndexOf(made, letter))]);
    }
}
