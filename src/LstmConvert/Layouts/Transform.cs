using System.Numerics;
using System.Runtime.InteropServices;
using LstmConvert.Layouts;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>Executes arrangements: computes rows of a weight from rows of the variables, block by block.</summary>
internal static class Transform
{
    /// <summary>The number of rows that fit into a block.</summary>
    public static int BlockRows(Shape shape, int itemSize) =>
        (int)Math.Clamp(Rows.BlockBytes / Math.Max(1, shape.RowLength * itemSize), 1, Math.Max(1, shape.Rows));

    /// <summary>Computes rows of a weight.</summary>
    /// <typeparam name="T">float or double, as the weight is written.</typeparam>
    /// <param name="arrangement">How the weight is made.</param>
    /// <param name="variables">The variables by role.</param>
    /// <param name="first">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="destination">Filled completely, <c>rows * row length</c>.</param>
    public static void Fill<T>(Arrangement arrangement, IReadOnlyDictionary<string, Tensor> variables, long first, int rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        switch (arrangement)
        {
            case MovedArrangement moved:
                Fill(moved, variables, first, rows, destination);
                break;
            case ProductArrangement product:
                Multiply(product, variables, first, rows, destination);
                break;
            default:
                throw new InvalidOperationException($"{arrangement.GetType().Name} is not known.");
        }
    }

    private static void Fill<T>(MovedArrangement moved, IReadOnlyDictionary<string, Tensor> variables, long first, int rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var width = moved.Shape.RowLength;

        // All moves of one variable that need the same of its rows share one read.
        foreach (var group in moved.Moves.Where(move => move.Row < first + rows && move.Row + move.Rows > first).GroupBy(move => (move.Role, Shift: move.SourceRow - move.Row, move.Row, move.Rows)))
        {
            var tensor = variables[group.Key.Role];
            var from = Math.Max(group.Key.Row, first);
            var count = (int)(Math.Min(group.Key.Row + group.Key.Rows, first + rows) - from);
            var sourceWidth = tensor.Shape.RowLength;
            var block = new T[count * sourceWidth];
            Read(tensor, (from + group.Key.Shift) * sourceWidth, block);
            foreach (var move in group)
            {
                for (var row = 0; row < count; row++)
                {
                    var source = block.AsSpan((int)((row * sourceWidth) + move.SourceColumn), (int)move.Columns);
                    var target = destination.Slice((int)(((from - first + row) * width) + move.Column), (int)move.Columns);
                    if (move.Plus == 0)
                    {
                        source.CopyTo(target);
                        continue;
                    }

                    for (var k = 0; k < source.Length; k++)
                    {
                        target[k] = T.CreateTruncating(double.CreateTruncating(source[k]) + move.Plus);
                    }
                }
            }
        }
    }

    /// <summary>Rows of a product, in float64, rounded once; the right factor passes by in blocks of rows.</summary>
    private static void Multiply<T>(ProductArrangement product, IReadOnlyDictionary<string, Tensor> variables, long first, int rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (inner, width) = (product.Right.Shape.Rows, (int)product.Shape.RowLength);
        var left = new double[rows * inner];
        Fill(product.Left, variables, first, rows, left.AsSpan());
        var sums = new double[(long)rows * width];
        var blockRows = BlockRows(product.Right.Shape, sizeof(double));
        for (long start = 0; start < inner; start += blockRows)
        {
            var count = (int)Math.Min(blockRows, inner - start);
            var right = new double[(long)count * width];
            Fill(product.Right, variables, start, count, right.AsSpan());
            for (var row = 0; row < rows; row++)
            {
                var sum = sums.AsSpan(row * width, width);
                for (var k = 0; k < count; k++)
                {
                    var factor = left[(row * inner) + start + k];
                    var line = right.AsSpan(k * width, width);
                    for (var column = 0; column < line.Length; column++)
                    {
                        sum[column] += factor * line[column];
                    }
                }
            }
        }

        for (var k = 0; k < sums.Length; k++)
        {
            destination[k] = T.CreateTruncating(sums[k]);
        }
    }

    /// <summary>Reads consecutive elements of a variable as float32 or float64.</summary>
    public static void Read<T>(Tensor tensor, long first, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
        {
            tensor.ReadSingles(first, MemoryMarshal.Cast<T, float>(destination));
        }
        else
        {
            tensor.ReadDoubles(first, MemoryMarshal.Cast<T, double>(destination));
        }
    }
}
