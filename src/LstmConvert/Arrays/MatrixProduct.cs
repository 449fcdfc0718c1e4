using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using NumSharp;

namespace LstmConvert.Arrays;

/// <summary>
/// <c>c (m, n) = a (m, k) @ b (k, n)</c>, all in C order. Few rows: columns are done in panels, which threads share out; a panel of b is
/// read once, some of its rows at a time, and sums of four rows of c stay in registers meanwhile. The order of additions does not depend on
/// the number of threads. Stored weights are float32 for float64 products, too: memory is what a recurrent step waits for. Many rows:
/// NumSharp.
/// </summary>
internal static class MatrixProduct
{
    /// <summary>The columns of a panel: what is read of b and the rows of c for a batch of eight fit the caches of a core.</summary>
    private const int PanelWidth = 512;

    /// <summary>So many rows of b are added while sums stay in registers.</summary>
    private const int Depth = 16;

    /// <summary>Products with fewer multiplications than this are not worth a second thread.</summary>
    private const long Parallel = 1 << 19;

    /// <summary>From this many rows of a on NumSharp's product is faster; a recurrent step has fewer.</summary>
    public const int ManyRows = 32;

    /// <summary>Some columns of a matrix.</summary>
    /// <param name="Width">The columns that the matrix has.</param>
    /// <param name="Start">The first.</param>
    /// <param name="Count">How many.</param>
    public readonly record struct ColumnRange(int Width, int Start, int Count);

    /// <summary>The product.</summary>
    /// <typeparam name="TStored">What b is kept in: T, or float.</typeparam>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="a"><c>(m, k)</c>.</param>
    /// <param name="b"><c>(k, n)</c>.</param>
    /// <param name="m">Rows of a.</param>
    /// <param name="k">Columns of a.</param>
    /// <param name="n">Columns of b; of many rows all of them.</param>
    /// <returns><c>(m, n)</c>.</returns>
    public static T[] Of<TStored, T>(T[] a, TStored[] b, int m, int k, ColumnRange n)
        where TStored : unmanaged, INumber<TStored>
        where T : unmanaged, INumber<T>
    {
        if (k > 0 && n.Count > 0 && m >= ManyRows)
        {
            return OfMany(a, b as T[] ?? Array.ConvertAll(b, T.CreateTruncating), k, n.Width);
        }

        var c = new T[checked(m * n.Count)];
        Add(a, b, c, k, n);
        return c;
    }

    /// <summary>The product with all columns.</summary>
    public static T[] Of<T>(T[] a, T[] b, int m, int k, int n)
        where T : unmanaged, INumber<T> => Of(a, b, m, k, new ColumnRange(n, 0, n));

    /// <summary>The product, by NumSharp.</summary>
    internal static T[] OfMany<T>(T[] a, T[] b, int k, int n)
        where T : unmanaged
    {
        using var leftValues = np.array(a);
        using var left = leftValues.reshape(a.Length / k, k);
        using var rightValues = np.array(b);
        using var right = rightValues.reshape(k, n);
        using var product = np.dot(left, right);
        return product.ToArray<T>();
    }

    /// <summary>Adds the product to c.</summary>
    internal static void Add<TStored, T>(T[] a, TStored[] b, T[] c, int k, ColumnRange n)
        where TStored : unmanaged, INumber<TStored>
        where T : unmanaged, INumber<T>
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return;
        }

        var panels = (n.Count + PanelWidth - 1) / PanelWidth;
        if (panels == 1 || (long)a.Length * n.Count < Parallel)
        {
            for (var panel = 0; panel < panels; panel++)
            {
                Panel(a, b, c, k, n, panel * PanelWidth);
            }

            return;
        }

        System.Threading.Tasks.Parallel.For(0, panels, panel => Panel(a, b, c, k, n, panel * PanelWidth));
    }

    private static void Panel<TStored, T>(T[] a, TStored[] b, T[] c, int k, ColumnRange n, int start)
        where TStored : unmanaged, INumber<TStored>
        where T : unmanaged, INumber<T>
    {
        var (rows, width) = (a.Length / k, Math.Min(PanelWidth, n.Count - start));
        var tiled = width / (2 * Vector256<T>.Count) * (2 * Vector256<T>.Count);
        for (var inner = 0; inner < k; inner += Depth)
        {
            var depth = Math.Min(Depth, k - inner);
            var read = b.AsSpan((inner * n.Width) + n.Start + start);
            var row = 0;
            for (; row + 4 <= rows; row += 4)
            {
                FourRows(a.AsSpan((row * k) + inner), k, read, n.Width, c.AsSpan((row * n.Count) + start), n.Count, tiled, depth);
            }

            for (; row < rows; row++)
            {
                OneRow(a.AsSpan((row * k) + inner, depth), read, n.Width, c.AsSpan((row * n.Count) + start, width), tiled);
            }

            for (row = 0; tiled < width && row < rows; row++)
            {
                Rest(a.AsSpan((row * k) + inner, depth), read, n.Width, c.AsSpan((row * n.Count) + start, width), tiled);
            }
        }
    }

    /// <summary>Some rows of b for four rows of c, two vectors of each in registers.</summary>
    private static void FourRows<TStored, T>(
        ReadOnlySpan<T> a, int k, ReadOnlySpan<TStored> b, int stride, Span<T> c, int n, int width, int depth)
        where TStored : unmanaged
        where T : unmanaged
    {
        for (var j = 0; j < width; j += 2 * Vector256<T>.Count)
        {
            var next = j + Vector256<T>.Count;
            var (c0, c1, c2, c3) = (Load(c, j), Load(c, n + j), Load(c, (2 * n) + j), Load(c, (3 * n) + j));
            var (d0, d1, d2, d3) = (Load(c, next), Load(c, n + next), Load(c, (2 * n) + next), Load(c, (3 * n) + next));
            for (var inner = 0; inner < depth; inner++)
            {
                var (left, right) = (Widened<TStored, T>(b, (inner * stride) + j), Widened<TStored, T>(b, (inner * stride) + next));
                var factor = Vector256.Create(a[inner]);
                (c0, d0) = (MultiplyAdd(factor, left, c0), MultiplyAdd(factor, right, d0));
                factor = Vector256.Create(a[k + inner]);
                (c1, d1) = (MultiplyAdd(factor, left, c1), MultiplyAdd(factor, right, d1));
                factor = Vector256.Create(a[(2 * k) + inner]);
                (c2, d2) = (MultiplyAdd(factor, left, c2), MultiplyAdd(factor, right, d2));
                factor = Vector256.Create(a[(3 * k) + inner]);
                (c3, d3) = (MultiplyAdd(factor, left, c3), MultiplyAdd(factor, right, d3));
            }

            Store(c, j, c0, d0);
            Store(c, n + j, c1, d1);
            Store(c, (2 * n) + j, c2, d2);
            Store(c, (3 * n) + j, c3, d3);
        }
    }

    /// <summary>Some rows of b for one row of c.</summary>
    private static void OneRow<TStored, T>(ReadOnlySpan<T> a, ReadOnlySpan<TStored> b, int stride, Span<T> c, int width)
        where TStored : unmanaged
        where T : unmanaged
    {
        for (var j = 0; j < width; j += 2 * Vector256<T>.Count)
        {
            var next = j + Vector256<T>.Count;
            var (sum, second) = (Load(c, j), Load(c, next));
            for (var inner = 0; inner < a.Length; inner++)
            {
                var factor = Vector256.Create(a[inner]);
                sum = MultiplyAdd(factor, Widened<TStored, T>(b, (inner * stride) + j), sum);
                second = MultiplyAdd(factor, Widened<TStored, T>(b, (inner * stride) + next), second);
            }

            Store(c, j, sum, second);
        }
    }

    /// <summary>The columns of one row that fill no two vectors.</summary>
    private static void Rest<TStored, T>(ReadOnlySpan<T> a, ReadOnlySpan<TStored> b, int stride, Span<T> c, int start)
        where TStored : unmanaged, INumber<TStored>
        where T : unmanaged, INumber<T>
    {
        for (var inner = 0; inner < a.Length; inner++)
        {
            for (var j = start; j < c.Length; j++)
            {
                c[j] += a[inner] * T.CreateTruncating(b[(inner * stride) + j]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Load<T>(Span<T> values, int at)
        where T : unmanaged => Vector256.LoadUnsafe(ref values[at]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(Span<T> values, int at, Vector256<T> left, Vector256<T> right)
        where T : unmanaged
    {
        left.StoreUnsafe(ref values[at]);
        right.StoreUnsafe(ref values[at + Vector256<T>.Count]);
    }

    /// <summary>A vector of stored numbers; float32 becomes float64, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Widened<TStored, T>(ReadOnlySpan<TStored> values, int at)
        where TStored : unmanaged
        where T : unmanaged
    {
        ref var first = ref Unsafe.AsRef(in values[at]);
        if (typeof(TStored) == typeof(T))
        {
            return Vector256.LoadUnsafe(ref first).As<TStored, T>();
        }

        var narrow = Vector128.LoadUnsafe(ref first).AsSingle();
        return Avx.IsSupported
            ? Avx.ConvertToVector256Double(narrow).As<double, T>()
            : Vector256.Create(Vector128.WidenLower(narrow), Vector128.WidenUpper(narrow)).As<double, T>();
    }

    /// <summary>One rounding where the processor can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> MultiplyAdd<T>(Vector256<T> a, Vector256<T> b, Vector256<T> c)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? Vector256.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector256.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
}
