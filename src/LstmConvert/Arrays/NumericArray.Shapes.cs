namespace LstmConvert.Arrays;

/// <summary>Products, slices, and arrays beside each other.</summary>
internal sealed partial class NumericArray
{
    /// <summary>The matrix product <c>(m, k) @ (k, n)</c>; with more axes, the last one is <c>k</c>.</summary>
    /// <param name="right"><c>(k, n)</c>.</param>
    /// <returns><c>(m, n)</c>.</returns>
    /// <exception cref="MatrixMismatchException">The first has more or fewer columns than the second has rows.</exception>
    public NumericArray Dot(NumericArray right)
    {
        if (right.Rank != 2 || right.RowCount != Width)
        {
            throw new MatrixMismatchException($"{Text(dimensions)} @ {Text(right.dimensions)} is no matrix product.");
        }

        int[] shape = [.. dimensions[..^1], right.Width];
        var rows = Length(dimensions.AsSpan(0, Rank - 1));
        return doubles is not null
            ? new NumericArray(MatrixProduct.Of(doubles, right.Doubles(), rows, right.RowCount, right.Width), shape)
            : new NumericArray(MatrixProduct.Of(singles!, right.Singles(), rows, right.RowCount, right.Width), shape);
    }

    /// <summary>A part of the last axis.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="count">How many.</param>
    public NumericArray Columns(int start, int count)
    {
        var (result, width) = (Empty(Precision, [.. dimensions[..^1], count]), Width);
        for (var row = 0; row < Count / width; row++)
        {
            singles?.AsSpan((row * width) + start, count).CopyTo(result.singles.AsSpan(row * count));
            doubles?.AsSpan((row * width) + start, count).CopyTo(result.doubles.AsSpan(row * count));
        }

        return result;
    }

    /// <summary>A part of the first axis.</summary>
    /// <param name="start">The first row.</param>
    /// <param name="count">How many.</param>
    public NumericArray Rows(int start, int count)
    {
        var length = Length(dimensions.AsSpan(1));
        var result = Empty(Precision, [count, .. dimensions[1..]]);
        singles?.AsSpan(start * length, count * length).CopyTo(result.singles);
        doubles?.AsSpan(start * length, count * length).CopyTo(result.doubles);
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

        var result = Empty(parts[0].Precision, [.. parts[0].dimensions[..^1], width]);
        var at = 0;
        foreach (var part in parts)
        {
            for (var (row, count) = (0, part.Width); row < part.Count / count; row++)
            {
                part.singles?.AsSpan(row * count, count).CopyTo(result.Singles().AsSpan((row * width) + at));
                part.doubles?.AsSpan(row * count, count).CopyTo(result.Doubles().AsSpan((row * width) + at));
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

        var result = Empty(parts[0].Precision, [rows, .. parts[0].dimensions[1..]]);
        var at = 0;
        foreach (var part in parts)
        {
            part.singles?.CopyTo(result.Singles().AsSpan(at));
            part.doubles?.CopyTo(result.Doubles().AsSpan(at));
            at += part.Count;
        }

        return result;
    }

    /// <summary>The same values under another shape.</summary>
    /// <param name="shape">As many elements.</param>
    public NumericArray Reshape(params ReadOnlySpan<int> shape) =>
        singles is not null ? new NumericArray(singles, shape.ToArray()) : new NumericArray(doubles!, shape.ToArray());

    /// <summary>A matrix with rows and columns exchanged.</summary>
    public NumericArray Transpose()
    {
        if (Rank != 2)
        {
            throw new ArgumentException($"{Text(dimensions)} is no matrix to be transposed.");
        }

        var (rows, columns) = (RowCount, Width);
        var result = Empty(Precision, [columns, rows]);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                if (doubles is not null)
                {
                    result.doubles![(column * rows) + row] = doubles[(row * columns) + column];
                }
                else
                {
                    result.singles![(column * rows) + row] = singles![(row * columns) + column];
                }
            }
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

        var result = Empty(then.Precision, then.dimensions);
        var length = Length(then.dimensions.AsSpan(1));
        for (var row = 0; row < rows.Length; row++)
        {
            var taken = rows[row] ? then : otherwise;
            taken.singles?.AsSpan(row * length, length).CopyTo(result.Singles().AsSpan(row * length));
            taken.doubles?.AsSpan(row * length, length).CopyTo(result.Doubles().AsSpan(row * length));
        }

        return result;
    }
}
