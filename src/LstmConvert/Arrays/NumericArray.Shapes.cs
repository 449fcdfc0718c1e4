using System.Numerics.Tensors;

namespace LstmConvert.Arrays;

/// <summary>Products, slices, and arrays beside each other.</summary>
internal sealed partial class NumericArray
{
    /// <summary>The matrix product <c>(m, k) @ (k, n)</c>; with more axes, the last one is <c>k</c>.</summary>
    /// <param name="right"><c>(k, n)</c>.</param>
    /// <returns><c>(m, n)</c>.</returns>
    /// <exception cref="MatrixMismatchException">The first has more or fewer columns than the second has rows.</exception>
    public NumericArray Dot(NumericArray right) => right.Rank == 2 ? Dot(right, 0, right.Width)
        : throw new MatrixMismatchException($"{Text(dimensions)} @ {Text(right.dimensions)} is no matrix product.");

    /// <summary>The matrix product with some columns of the second, which are not copied.</summary>
    /// <param name="right"><c>(k, n)</c>.</param>
    /// <param name="start">The first column.</param>
    /// <param name="count">How many.</param>
    /// <returns><c>(m, count)</c>.</returns>
    /// <exception cref="MatrixMismatchException">The first has more or fewer columns than the second has rows.</exception>
    public NumericArray Dot(NumericArray right, int start, int count)
    {
        if (right.Rank != 2 || right.RowCount != Width)
        {
            throw new MatrixMismatchException($"{Text(dimensions)} @ {Text(right.dimensions)} is no matrix product.");
        }

        int[] shape = [.. dimensions[..^1], count];
        var rows = Length(dimensions.AsSpan(0, Rank - 1));
        if (rows >= MatrixProduct.ManyRows && count < right.Width)
        {
            return Dot(right.Columns(start, count));
        }

        var columns = new MatrixProduct.ColumnRange(right.Width, start, count);
        return Precision == Precision.Single
                ? new NumericArray(MatrixProduct.Of(Singles(), right.Singles(), rows, right.RowCount, columns), shape)
            : right is { singles: { } narrow, Precision: Precision.Double }
                ? new NumericArray(MatrixProduct.Of(Doubles(), narrow, rows, right.RowCount, columns), shape)
            : new NumericArray(MatrixProduct.Of(Doubles(), right.Doubles(), rows, right.RowCount, columns), shape);
    }

    /// <summary>A part of the last axis.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="count">How many.</param>
    public NumericArray Columns(int start, int count)
    {
        var (result, width) = (EmptyLike([this], [.. dimensions[..^1], count]), Width);
        for (var row = 0; row < Length(dimensions.AsSpan(0, Rank - 1)); row++)
        {
            Copy((row * width) + start, count, result, row * count);
        }

        return result;
    }

    /// <summary>The last axis, in as many equal blocks as places are given, put together in their order.</summary>
    /// <param name="places">For each block of the result, its place in this array.</param>
    public NumericArray ColumnBlocks(IReadOnlyList<int> places)
    {
        var (result, count) = (EmptyLike([this], dimensions), Width / places.Count);
        for (var block = 0; count > 0 && block < Count / count; block++)
        {
            Copy((block - (block % places.Count) + places[block % places.Count]) * count, count, result, block * count);
        }

        return result;
    }

    /// <summary>A part of the first axis.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">How many.</param>
    public NumericArray Rows(int start, int count)
    {
        var length = Length(dimensions.AsSpan(1));
        var result = EmptyLike([this], [count, .. dimensions[1..]]);
        Copy(start * length, count * length, result, 0);
        return result;
    }

    /// <summary>Arrays beside each other on the last axis.</summary>
    /// <param name="parts">Equal in all axes but the last.</param>
    public static NumericArray Concatenate(params ReadOnlySpan<NumericArray> parts)
    {
        var width = 0;
        foreach (var part in parts)
        {
            width += part.Width;
        }

        var result = EmptyLike(parts, [.. parts[0].dimensions[..^1], width]);
        var at = 0;
        foreach (var part in parts)
        {
            for (var (row, count) = (0, part.Width); row < Length(part.dimensions.AsSpan(0, part.Rank - 1)); row++)
            {
                part.Copy(row * count, count, result, (row * width) + at);
            }

            at += part.Width;
        }

        return result;
    }

    /// <summary>Arrays below each other on the first axis.</summary>
    /// <param name="parts">Equal in all axes but the first.</param>
    public static NumericArray Stack(params ReadOnlySpan<NumericArray> parts)
    {
        var rows = 0;
        foreach (var part in parts)
        {
            rows += part.RowCount;
        }

        var result = EmptyLike(parts, [rows, .. parts[0].dimensions[1..]]);
        var at = 0;
        foreach (var part in parts)
        {
            part.Copy(0, part.Count, result, at);
            at += part.Count;
        }

        return result;
    }

    /// <summary>The same values under another shape.</summary>
    /// <param name="shape">As many elements.</param>
    public NumericArray Reshape(params ReadOnlySpan<int> shape) =>
        singles is not null ? new NumericArray(singles, shape.ToArray(), Precision) : new NumericArray(doubles!, shape.ToArray());

    /// <summary>A matrix with rows and columns exchanged.</summary>
    public NumericArray Transpose()
    {
        if (Rank != 2)
        {
            throw new ArgumentException($"{Text(dimensions)} is no matrix to be transposed.");
        }

        var (rows, columns) = (RowCount, Width);
        var result = EmptyLike([this], [columns, rows]);
        if (doubles is not null)
        {
            Transpose(doubles, result.doubles!, rows, columns);
        }
        else
        {
            Transpose(singles!, result.singles!, rows, columns);
        }

        return result;
    }

    /// <summary>Takes one of two arrays row by row.</summary>
    /// <param name="rows">True takes the row of the first.</param>
    /// <param name="then">Taken where it is true.</param>
    /// <param name="otherwise">Taken elsewhere, of the same shape.</param>
    public static NumericArray Where(bool[] rows, NumericArray then, NumericArray otherwise)
    {
        if (Array.TrueForAll(rows, row => row))
        {
            return then;
        }

        var result = EmptyLike([then, otherwise], then.dimensions);
        var length = Length(then.dimensions.AsSpan(1));
        for (var row = 0; row < rows.Length; row++)
        {
            (rows[row] ? then : otherwise).Copy(row * length, length, result, row * length);
        }

        return result;
    }

    /// <summary>An array that is to be filled with numbers of others: narrow where all of them are.</summary>
    private static NumericArray EmptyLike(ReadOnlySpan<NumericArray> parts, int[] dimensions)
    {
        foreach (var part in parts)
        {
            if (part.singles is null || part.Precision != parts[0].Precision)
            {
                return Empty(parts[0].Precision, dimensions);
            }
        }

        return new NumericArray(new float[Length(dimensions)], dimensions, parts[0].Precision);
    }

    private void Copy(int start, int count, NumericArray target, int at)
    {
        if (target.singles is not null)
        {
            (Precision == target.Precision ? singles : Singles()).AsSpan(start, count).CopyTo(target.singles.AsSpan(at));
        }
        else if (singles is not null && Precision == Precision.Double)
        {
            TensorPrimitives.ConvertTruncating<float, double>(singles.AsSpan(start, count), target.doubles.AsSpan(at, count));
        }
        else
        {
            Doubles().AsSpan(start, count).CopyTo(target.doubles.AsSpan(at));
        }
    }

    private static void Transpose<T>(T[] values, T[] result, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                result[(column * rows) + row] = values[(row * columns) + column];
            }
        }
    }
}
