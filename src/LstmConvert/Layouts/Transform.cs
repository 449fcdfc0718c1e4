using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using LstmConvert.Tensors;

namespace LstmConvert.Layouts;

/// <summary>Executes arrangements: rows of a weight from the variables, block by block; memory does not grow with the tensor.</summary>
internal static class Transform
{
    /// <summary>The number of rows that fit into a block.</summary>
    /// <param name="shape">The shape of the weight.</param>
    /// <param name="itemSize">Bytes of one element.</param>
    public static int BlockRows(Shape shape, int itemSize) => (int)RowsOf(shape.RowLength, itemSize, Rows.BlockBytes, shape.Rows);

    /// <summary>Computes rows of a weight.</summary>
    /// <typeparam name="T">float or double, as the weight is written.</typeparam>
    /// <param name="arrangement">How the weight is made.</param>
    /// <param name="variables">The variables by role.</param>
    /// <param name="first">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="destination"><c>rows * row length</c>; filled where a piece lies.</param>
    public static void Fill<T>(
        Arrangement arrangement, IReadOnlyDictionary<string, Tensor> variables, long first, int rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using var windows = new SourceWindows<T>(variables);
        switch (arrangement)
        {
            case BlockArrangement blocks:
                Fill(blocks, windows, first, rows, destination);
                break;
            case ProductArrangement product:
                using (var doubles = new SourceWindows<double>(variables))
                {
                    Multiply(product, doubles, first, rows, destination);
                }

                break;
            default:
                throw new InvalidOperationException($"{arrangement.GetType().Name} is not known.");
        }
    }

    /// <summary>Computes rows of a weight that is made of rectangles, with the windows of earlier calls.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="blocks">How the weight is made.</param>
    /// <param name="windows">The variables.</param>
    /// <param name="first">The first row.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="destination"><c>rows * row length</c>; filled where a piece lies.</param>
    public static void Fill<T>(BlockArrangement blocks, SourceWindows<T> windows, long first, int rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var width = (int)blocks.Shape.RowLength;
        var pieces = blocks.Pieces.Where(piece => piece.Row < first + rows && piece.Row + piece.Rows > first).ToArray();
        var widest = pieces.SelectMany(piece => piece.Terms)
            .Where(term => !term.IsTransposed && !windows.IsSmall(term.Role))
            .Select(term => term.View.Width).DefaultIfEmpty(width).Max();

        // Rows of the variables may be much longer than the weight's: then fewer of them are in memory at a time.
        var step = (int)RowsOf(widest, Marshal.SizeOf<T>(), 2 * Rows.BlockBytes, rows);
        for (var at = 0; at < rows; at += step)
        {
            var count = Math.Min(step, rows - at);
            foreach (var piece in pieces)
            {
                if (piece.Cut(first + at, piece.Column, count, piece.Columns) is { } part)
                {
                    Fill(part, windows, destination[(int)(((part.Row - first) * width) + part.Column)..], width);
                }
            }
        }
    }

    private static void Fill<T>(Piece piece, SourceWindows<T> windows, Span<T> target, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (rows, columns) = ((int)piece.Rows, (int)piece.Columns);
        if (piece.IsMoved)
        {
            Gather(piece.Terms[0], windows, rows, columns, target, stride);
            for (var row = 0; row < rows && piece.Terms[0].Scale == -1; row++)
            {
                Negate(target.Slice(row * stride, columns));
            }

            return;
        }

        var sums = ArrayPool<double>.Shared.Rent(rows * columns);
        var values = ArrayPool<T>.Shared.Rent(rows * columns);
        Array.Fill(sums, 0, 0, rows * columns);
        foreach (var term in piece.Terms)
        {
            Gather(term, windows, rows, columns, values, columns);
            if (term.Factors.Count > 0)
            {
                Multiply(term, windows, rows, columns, values, sums);
                continue;
            }

            for (var k = 0; k < rows * columns; k++)
            {
                sums[k] += term.Scale * double.CreateTruncating(values[k]);
            }
        }

        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                target[(row * stride) + column] = T.CreateTruncating(sums[(row * columns) + column] + piece.Constant);
            }
        }

        ArrayPool<T>.Shared.Return(values);
        ArrayPool<double>.Shared.Return(sums);
    }

    /// <summary>Adds the numbers of a term times its factors.</summary>
    private static void Multiply<T>(Term term, SourceWindows<T> windows, int rows, int columns, T[] values, double[] sums)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var products = new double[rows * columns];
        for (var k = 0; k < products.Length; k++)
        {
            products[k] = term.Scale * double.CreateTruncating(values[k]);
        }

        foreach (var factor in term.Factors)
        {
            var height = factor.Kind == FactorKind.Elements ? rows : 1;
            var numbers = factor.Kind == FactorKind.OverLength ? OverLengths(factor, windows, columns) : new double[height * columns];
            if (factor.Kind != FactorKind.OverLength)
            {
                Gather(factor.Rectangle, windows, height, columns, values, columns);
                for (var k = 0; k < numbers.Length; k++)
                {
                    numbers[k] = double.CreateTruncating(values[k]);
                }
            }

            for (var k = 0; k < products.Length; k++)
            {
                products[k] *= numbers[height == rows ? k : k % columns];
            }
        }

        for (var k = 0; k < products.Length; k++)
        {
            sums[k] += products[k];
        }
    }

    /// <summary>One over the length of each column.</summary>
    private static double[] OverLengths<T>(Factor factor, SourceWindows<T> windows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (squares, line) = (new double[columns], new T[columns]);
        for (long row = 0; row < factor.Rows; row++)
        {
            Gather(factor.Rectangle.From(row, 0), windows, 1, columns, line, columns);
            for (var k = 0; k < columns; k++)
            {
                squares[k] += double.CreateTruncating(line[k]) * double.CreateTruncating(line[k]);
            }
        }

        return Array.ConvertAll(squares, square => 1 / Math.Sqrt(Math.Max(square, Factor.LeastSquare)));
    }

    /// <summary>Copies the numbers of a term, bit by bit.</summary>
    private static void Gather<T>(Term term, SourceWindows<T> windows, int rows, int columns, Span<T> target, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (view, start) = (term.View, term.View.Offset + (term.Row * term.View.Width));
        if (term.IsTransposed)
        {
            GatherTransposed(term, windows, rows, columns, target, stride);
        }
        else if (rows == 1)
        {
            windows.Get(term.Role, start + term.Column, columns).CopyTo(target);
        }
        else
        {
            var source = windows.Get(term.Role, start, checked((int)(rows * view.Width)));
            for (var row = 0; row < rows; row++)
            {
                source.Slice((int)((row * view.Width) + term.Column), columns).CopyTo(target[(row * stride)..]);
            }
        }
    }

    /// <summary>Columns of the variable become rows: its rows are read whole, or in parts where few of their columns are wanted.</summary>
    private static void GatherTransposed<T>(Term term, SourceWindows<T> windows, int rows, int columns, Span<T> target, int stride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var view = term.View;
        var isWhole = windows.IsSmall(term.Role) || 4L * rows >= view.Width;
        var step = isWhole ? (int)RowsOf(view.Width, Marshal.SizeOf<T>(), Rows.BlockBytes, columns) : 1;
        for (var at = 0; at < columns; at += step)
        {
            var count = Math.Min(step, columns - at);
            var start = view.Offset + ((term.Row + at) * view.Width);
            var source = isWhole
                ? windows.Get(term.Role, start, (int)(count * view.Width))
                : windows.Get(term.Role, start + term.Column, rows);
            for (var k = 0; k < count; k++)
            {
                var line = isWhole ? source.Slice((int)((k * view.Width) + term.Column), rows) : source;
                for (var row = 0; row < line.Length; row++)
                {
                    target[(row * stride) + at + k] = line[row];
                }
            }
        }
    }

    /// <summary>Turns the sign bit, of a NaN too.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="values">The numbers.</param>
    public static void Negate<T>(Span<T> values)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            foreach (ref var bits in MemoryMarshal.Cast<T, uint>(values))
            {
                bits ^= 0x8000_0000;
            }
        }
        else
        {
            foreach (ref var bits in MemoryMarshal.Cast<T, ulong>(values))
            {
                bits ^= 0x8000_0000_0000_0000;
            }
        }
    }

    /// <summary>Rows of a product, in float64, rounded once; the right factor passes by in blocks of rows.</summary>
    private static void Multiply<T>(ProductArrangement product, SourceWindows<double> windows, long first, int rows, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (inner, width) = (product.Right.Shape.Rows, (int)product.Shape.RowLength);
        var step = (int)RowsOf(Math.Max(inner, width), sizeof(double), 2 * Rows.BlockBytes, rows);
        var rightRows = BlockRows(product.Right.Shape, sizeof(double));
        var (left, right, sums) = (new double[step * inner], new double[(long)rightRows * width], new double[(long)step * width]);
        for (var at = 0; at < rows; at += step)
        {
            var height = Math.Min(step, rows - at);
            Fill(product.Left, windows, first + at, height, left.AsSpan(0, (int)(height * inner)));
            Array.Clear(sums);
            for (long start = 0; start < inner; start += rightRows)
            {
                var count = (int)Math.Min(rightRows, inner - start);
                Fill(product.Right, windows, start, count, right.AsSpan(0, count * width));
                for (var row = 0; row < height; row++)
                {
                    for (var k = 0; k < count; k++)
                    {
                        AddScaled(left[(row * inner) + start + k], right.AsSpan(k * width, width), sums.AsSpan(row * width, width));
                    }
                }
            }

            for (var k = 0; k < height * width; k++)
            {
                destination[(at * width) + k] = T.CreateTruncating(sums[k]);
            }
        }
    }

    /// <summary>Adds a row times a factor to a sum.</summary>
    private static void AddScaled(double factor, ReadOnlySpan<double> line, Span<double> sum)
    {
        var k = 0;
        for (; k <= line.Length - Vector<double>.Count; k += Vector<double>.Count)
        {
            (new Vector<double>(sum[k..]) + (factor * new Vector<double>(line[k..]))).CopyTo(sum[k..]);
        }

        for (; k < line.Length; k++)
        {
            sum[k] += factor * line[k];
        }
    }

    /// <summary>How many rows of a width fit into a number of bytes: at least one, at most all.</summary>
    private static long RowsOf(long width, int itemSize, int bytes, long all) =>
        Math.Clamp(bytes / Math.Max(1, width * itemSize), 1, Math.Max(1, all));
}
