namespace LstmConvert.Verification;

/// <summary>Solves <c>h @ W = m</c> for the h of least norm: <c>h = m (WᵀW)⁻¹ Wᵀ</c>, where the columns of W are independent.</summary>
internal static class LeastNorm
{
    /// <summary>Solves for several rows.</summary>
    /// <param name="w"><c>(u, p)</c>.</param>
    /// <param name="u">Rows of W.</param>
    /// <param name="p">Columns of W.</param>
    /// <param name="m"><c>(b, p)</c>.</param>
    /// <returns><c>(b, u)</c>, or null if p &gt; u or the columns are dependent.</returns>
    public static double[]? Solve(double[] w, int u, int p, double[] m)
    {
        if (p > u)
        {
            return Array.TrueForAll(m, value => value == 0) ? new double[m.Length / p * u] : null;
        }

        var gram = new double[p, p];
        for (var i = 0; i < p; i++)
        {
            for (var j = 0; j < p; j++)
            {
                for (var k = 0; k < u; k++)
                {
                    gram[i, j] += w[(k * p) + i] * w[(k * p) + j];
                }
            }
        }

        var batch = m.Length / p;
        var right = new double[p, batch];
        for (var i = 0; i < p; i++)
        {
            for (var b = 0; b < batch; b++)
            {
                right[i, b] = m[(b * p) + i];
            }
        }

        if (!Eliminate(gram, right, p, batch))
        {
            return null;
        }

        var h = new double[batch * u];
        for (var b = 0; b < batch; b++)
        {
            for (var k = 0; k < u; k++)
            {
                for (var i = 0; i < p; i++)
                {
                    h[(b * u) + k] += right[i, b] * w[(k * p) + i];
                }
            }
        }

        return h;
    }

    /// <summary>Gauss-Jordan with row pivoting; the solution replaces the right side.</summary>
    private static bool Eliminate(double[,] a, double[,] right, int size, int columns)
    {
        var largest = Enumerable.Range(0, size).Max(k => Math.Abs(a[k, k]));
        for (var column = 0; column < size; column++)
        {
            var pivot = Enumerable.Range(column, size - column).MaxBy(row => Math.Abs(a[row, column]));
            if (!(Math.Abs(a[pivot, column]) > 1e-12 * largest))
            {
                return false;
            }

            for (var k = 0; k < size; k++)
            {
                (a[column, k], a[pivot, k]) = (a[pivot, k], a[column, k]);
            }

            for (var k = 0; k < columns; k++)
            {
                (right[column, k], right[pivot, k]) = (right[pivot, k], right[column, k]);
            }

            for (var row = 0; row < size; row++)
            {
                var factor = row == column ? 0 : a[row, column] / a[column, column];
                for (var k = 0; k < size && factor != 0; k++)
                {
                    a[row, k] -= factor * a[column, k];
                }

                for (var k = 0; k < columns && factor != 0; k++)
                {
                    right[row, k] -= factor * right[column, k];
                }
            }
        }

        for (var row = 0; row < size; row++)
        {
            for (var k = 0; k < columns; k++)
            {
                right[row, k] /= a[row, row];
            }
        }

        return true;
    }
}
