using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using NumSharp;

namespace LstmConvert.Arrays;

/// <summary>
/// <c>c (m, n) = a (m, k) @ b (k, n)</c>, all in C order. Few rows: columns are done in panels, which threads share out; a panel of b is
/// read once, four of its rows at a time, each for two rows of c, and the order of additions does not depend on the number of threads.
/// Many rows: NumSharp.
/// </summary>
internal static class MatrixProduct
{
    /// <summary>The bytes of one row of a panel: four of b and the rows of c for a batch of eight fit the first cache.</summary>
    private const int PanelBytes = 2048;

    /// <summary>Products with fewer multiplications than this are not worth a second thread.</summary>
    private const long Parallel = 1 << 19;

    /// <summary>From this many rows of a on NumSharp's product is faster; a recurrent step has fewer.</summary>
    private const int ManyRows = 32;

    /// <summary>The product.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    /// <param name="a"><c>(m, k)</c>.</param>
    /// <param name="b"><c>(k, n)</c>.</param>
    /// <param name="m">Rows of a.</param>
    /// <param name="k">Columns of a.</param>
    /// <param name="n">Columns of b.</param>
    /// <returns><c>(m, n)</c>.</returns>
    public static T[] Of<T>(T[] a, T[] b, int m, int k, int n)
        where T : unmanaged, INumber<T>
    {
        if (k > 0 && n > 0 && m >= ManyRows)
        {
            return OfMany(a, b, k, n);
        }

        var c = new T[checked(m * n)];
        Add(a, b, c, k, n);
        return c;
    }

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

    /// <summary>Adds the product to c, by vectors of four or eight.</summary>
    internal static void Add<T>(T[] a, T[] b, T[] c, int k, int n)
        where T : unmanaged, INumber<T>
    {
        if (a.Length == 0 || b.Length == 0)
        {
            return;
        }

        var width = PanelBytes / Unsafe.SizeOf<T>();
        var panels = (n + width - 1) / width;
        if (panels == 1 || (long)a.Length * n < Parallel)
        {
            for (var panel = 0; panel < panels; panel++)
            {
                Panel(a, b, c, k, n, panel * width, Math.Min(width, n - (panel * width)));
            }

            return;
        }

        System.Threading.Tasks.Parallel.For(0, panels, panel => Panel(a, b, c, k, n, panel * width, Math.Min(width, n - (panel * width))));
    }

    private static void Panel<T>(T[] a, T[] b, T[] c, int k, int n, int start, int width)
        where T : unmanaged, INumber<T>
    {
        var rows = a.Length / k;
        for (var inner = 0; inner < k; inner += 4)
        {
            if (k - inner < 4)
            {
                for (var last = inner; last < k; last++)
                {
                    for (var row = 0; row < rows; row++)
                    {
                        One(a[(row * k) + last], b.AsSpan((last * n) + start, width), c.AsSpan((row * n) + start, width));
                    }
                }

                return;
            }

            ref var b0 = ref b.AsSpan((inner * n) + start, (3 * n) + width)[0];
            var pairs = rows & ~1;
            for (var row = 0; row < pairs; row += 2)
            {
                Two(
                    a.AsSpan((row * k) + inner, 4),
                    a.AsSpan(((row + 1) * k) + inner, 4),
                    ref b0,
                    n,
                    c.AsSpan((row * n) + start, width),
                    c.AsSpan(((row + 1) * n) + start, width));
            }

            if (pairs < rows)
            {
                Four(a.AsSpan((pairs * k) + inner, 4), ref b0, n, c.AsSpan((pairs * n) + start, width));
            }
        }
    }

    /// <summary>Four rows of b for two rows of c.</summary>
    private static void Two<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> other, ref T b, int n, Span<T> c, Span<T> d)
        where T : unmanaged, INumber<T>
    {
        var (a0, a1, a2, a3) = (Vector256.Create(a[0]), Vector256.Create(a[1]), Vector256.Create(a[2]), Vector256.Create(a[3]));
        var (e0, e1, e2, e3) = (
            Vector256.Create(other[0]),
            Vector256.Create(other[1]),
            Vector256.Create(other[2]),
            Vector256.Create(other[3]));
        ref var c0 = ref MemoryMarshal.GetReference(c);
        ref var d0 = ref MemoryMarshal.GetReference(d);
        var j = 0;
        for (; j <= c.Length - Vector256<T>.Count; j += Vector256<T>.Count)
        {
            var sum = Vector256.LoadUnsafe(ref c0, (nuint)j);
            var second = Vector256.LoadUnsafe(ref d0, (nuint)j);
            var v = Vector256.LoadUnsafe(ref b, (nuint)j);
            (sum, second) = (MultiplyAdd(a0, v, sum), MultiplyAdd(e0, v, second));
            v = Vector256.LoadUnsafe(ref b, (nuint)(n + j));
            (sum, second) = (MultiplyAdd(a1, v, sum), MultiplyAdd(e1, v, second));
            v = Vector256.LoadUnsafe(ref b, (nuint)((2 * n) + j));
            (sum, second) = (MultiplyAdd(a2, v, sum), MultiplyAdd(e2, v, second));
            v = Vector256.LoadUnsafe(ref b, (nuint)((3 * n) + j));
            (sum, second) = (MultiplyAdd(a3, v, sum), MultiplyAdd(e3, v, second));
            sum.StoreUnsafe(ref c0, (nuint)j);
            second.StoreUnsafe(ref d0, (nuint)j);
        }

        for (; j < c.Length; j++)
        {
            for (var inner = 0; inner < 4; inner++)
            {
                var v = Unsafe.Add(ref b, (nint)((inner * n) + j));
                c[j] += a[inner] * v;
                d[j] += other[inner] * v;
            }
        }
    }

    /// <summary>Four rows of b for one row of c.</summary>
    private static void Four<T>(ReadOnlySpan<T> a, ref T b, int n, Span<T> c)
        where T : unmanaged, INumber<T>
    {
        for (var inner = 0; inner < 4; inner++)
        {
            One(a[inner], MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref b, inner * n), c.Length), c);
        }
    }

    private static void One<T>(T a, ReadOnlySpan<T> b, Span<T> c)
        where T : unmanaged, INumber<T>
    {
        var factor = Vector256.Create(a);
        ref var b0 = ref MemoryMarshal.GetReference(b);
        ref var c0 = ref MemoryMarshal.GetReference(c);
        var j = 0;
        for (; j <= c.Length - Vector256<T>.Count; j += Vector256<T>.Count)
        {
            MultiplyAdd(factor, Vector256.LoadUnsafe(ref b0, (nuint)j), Vector256.LoadUnsafe(ref c0, (nuint)j))
                .StoreUnsafe(ref c0, (nuint)j);
        }

        for (; j < c.Length; j++)
        {
            c[j] += a * b[j];
        }
    }

    /// <summary>One rounding where the processor can.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> MultiplyAdd<T>(Vector256<T> a, Vector256<T> b, Vector256<T> c)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? Vector256.MultiplyAddEstimate(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector256.MultiplyAddEstimate(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();
}
