using System.Numerics;
using LstmConvert.KerasFiles;
using LstmConvert.Layouts;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>What the check after writing found.</summary>
/// <param name="Moved">Numbers that came back bit for bit.</param>
/// <param name="Folded">Forget-bias entries, each within half an ulp of <c>b + forget_bias</c>.</param>
/// <param name="Computed">Entries of matrix products, each within rounding of the product.</param>
public sealed record ReadBackResult(long Moved, long Folded, long Computed);

/// <summary>
/// Reads a written file back and takes the recipe backwards: from the file's numbers to the variables'. Every number of every
/// variable must come back bit for bit; only forget-bias entries may differ, by half an ulp of <c>b + forget_bias</c>.
/// </summary>
internal static class ReadBack
{
    public static ReadBackResult Check(ConversionPlan plan, string path, CancellationToken cancel)
    {
        using var file = KerasWeightsFile.Open(path);
        var layers = file.Layers.ToDictionary(layer => layer.Name, StringComparer.Ordinal);
        long moved = 0, folded = 0, computed = 0;
        foreach (var layer in plan.Layers)
        {
            if (!layers.TryGetValue(layer.Name, out var written) || written.Weights.Count != layer.Weights.Count)
            {
                throw Failed(path, $"the layer {layer.Name} has {layer.Weights.Count} weights in the plan and {(written is null ? "is not" : $"{written.Weights.Count}")} in the file");
            }

            foreach (var (weight, tensor) in layer.Weights.Zip(written.Weights))
            {
                if (tensor.DType != weight.DType || !tensor.Shape.Equals(weight.Arrangement.Shape) || tensor.Name != $"{layer.Name}/{weight.Path}")
                {
                    throw Failed(path, $"{layer.Name}/{weight.Path} is {weight.DType.Name()} {weight.Arrangement.Shape} in the plan and {tensor} in the file");
                }

                if (weight.Arrangement is ProductArrangement product)
                {
                    computed += CheckProduct(path, product, weight, tensor, cancel);
                    continue;
                }

                var (same, sums) = weight.DType == DType.Float64
                    ? CheckMoves<double>(path, (MovedArrangement)weight.Arrangement, weight, tensor, cancel)
                    : CheckMoves<float>(path, (MovedArrangement)weight.Arrangement, weight, tensor, cancel);
                moved += same;
                folded += sums;
            }
        }

        CheckCoverage(plan);
        return new ReadBackResult(moved, folded, computed);
    }

    /// <summary>Every number of every variable went to at least one place, unless a product took it up.</summary>
    private static void CheckCoverage(ConversionPlan plan)
    {
        foreach (var cell in plan.Model.Cells)
        {
            var weights = plan.Layers.SelectMany(layer => layer.Weights).Where(weight => ReferenceEquals(weight.Cell, cell)).ToArray();
            var moves = weights.SelectMany(weight => weight.Arrangement switch
            {
                MovedArrangement moved => moved.Moves,
                ProductArrangement product => product.Right.Moves.Concat(product.Left.Moves),
                _ => [],
            }).DistinctBy(move => (move.Role, move.SourceRow, move.SourceColumn)).ToLookup(move => move.Role);
            foreach (var (role, tensor) in cell.Variables)
            {
                var covered = moves[role].Sum(move => move.Rows * move.Columns);
                if (covered != tensor.Shape.ElementCount)
                {
                    throw new InvalidOperationException($"The recipe of {cell.CellName} takes {covered} of the {tensor.Shape.ElementCount} numbers of {tensor.Name}.");
                }
            }
        }
    }

    private static (long Same, long Folded) CheckMoves<T>(string path, MovedArrangement arrangement, PlannedWeight weight, Tensor written, CancellationToken cancel)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        long same = 0, folded = 0;
        var width = arrangement.Shape.RowLength;
        var blockRows = Transform.BlockRows(arrangement.Shape, weight.DType.ItemSize());
        for (long first = 0; first < arrangement.Shape.Rows; first += blockRows)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = (int)Math.Min(blockRows, arrangement.Shape.Rows - first);
            var block = new T[rows * width];
            Transform.Read(written, first * width, block);
            foreach (var group in arrangement.Moves.GroupBy(move => (move.Role, move.Row, move.SourceRow, move.Rows)))
            {
                var from = Math.Max(group.Key.Row, first);
                var count = (int)(Math.Min(group.Key.Row + group.Key.Rows, first + rows) - from);
                if (count <= 0)
                {
                    continue;
                }

                var tensor = weight.Cell.Variables[group.Key.Role];
                var sourceWidth = tensor.Shape.RowLength;
                var source = new T[count * sourceWidth];
                Transform.Read(tensor, (from - group.Key.Row + group.Key.SourceRow) * sourceWidth, source);
                foreach (var move in group)
                {
                    for (var row = 0; row < count; row++)
                    {
                        var original = source.AsSpan((int)((row * sourceWidth) + move.SourceColumn), (int)move.Columns);
                        var result = block.AsSpan((int)(((from - first + row) * width) + move.Column), (int)move.Columns);
                        if (move.Plus == 0)
                        {
                            if (!System.Runtime.InteropServices.MemoryMarshal.AsBytes(original).SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(result)))
                            {
                                throw Failed(path, $"{weight.Path}, row {from + row}: numbers of {tensor.Name} did not come back bit for bit");
                            }

                            same += move.Columns;
                            continue;
                        }

                        for (var k = 0; k < original.Length; k++)
                        {
                            var sum = double.CreateTruncating(original[k]) + move.Plus;
                            var value = result[k];
                            var ulp = double.CreateTruncating(T.BitIncrement(T.Abs(value)) - T.Abs(value));
                            if (!(Math.Abs(double.CreateTruncating(value) - sum) <= ulp / 2) && double.IsFinite(sum))
                            {
                                throw Failed(path, FormattableString.Invariant($"{weight.Path}, entry {move.Column + k} is {value}; {tensor.Name} + {move.Plus} is {sum}"));
                            }
                        }

                        folded += move.Columns;
                    }
                }
            }
        }

        return (same, folded);
    }

    private static long CheckProduct(string path, ProductArrangement product, PlannedWeight weight, Tensor written, CancellationToken cancel)
    {
        var (inner, width) = (product.Right.Shape.Rows, (int)product.Shape.RowLength);
        var half = weight.DType == DType.Float64 ? Math.Pow(2, -53) : Math.Pow(2, -24);
        var blockRows = Math.Max(1, Transform.BlockRows(product.Shape, sizeof(double)));
        for (long first = 0; first < product.Shape.Rows; first += blockRows)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = (int)Math.Min(blockRows, product.Shape.Rows - first);
            var result = new double[(long)rows * width];
            written.ReadDoubles(first * width, result);
            var left = new double[rows * inner];
            Transform.Fill(product.Left, weight.Cell.Variables, first, rows, left.AsSpan());
            var (sums, sizes) = (new double[result.Length], new double[result.Length]);

            // Summed from the last term to the first, one row of the right factor at a time: another order than the conversion's.
            var right = new double[width];
            for (var k = inner - 1; k >= 0; k--)
            {
                Transform.Fill(product.Right, weight.Cell.Variables, k, 1, right.AsSpan());
                for (var row = 0; row < rows; row++)
                {
                    var factor = left[(row * inner) + k];
                    for (var column = 0; column < width; column++)
                    {
                        var term = factor * right[column];
                        sums[(row * width) + column] += term;
                        sizes[(row * width) + column] += Math.Abs(term);
                    }
                }
            }

            for (var k = 0; k < sums.Length; k++)
            {
                var bound = (half * Math.Abs(sums[k])) + (2 * (inner + 1) * Math.Pow(2, -52) * sizes[k]) + float.Epsilon;
                if (double.IsFinite(sums[k]) && !(Math.Abs(result[k] - sums[k]) <= bound))
                {
                    throw Failed(path, FormattableString.Invariant($"{weight.Path}, entry {k} is {result[k]}; the product is {sums[k]}"));
                }
            }
        }

        return product.Shape.ElementCount;
    }

    private static OutputException Failed(string path, string what) =>
        new($"The check after writing failed: {what} (in {path}). Nothing was kept; this is a fault of the disk or of lstmconvert, so convert again and report it if it stays.");
}
