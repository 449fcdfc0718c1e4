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

    /// <summary>Some rows of b for four rows of c, two vectors of each in registers. The ends of what is read and written are looked at once,
    /// not at each number: half of the time went there.</summary>
    private static void FourRows<TStored, T>(
        ReadOnlySpan<T> a, int k, ReadOnlySpan<TStored> b, int stride, Span<T> c, int n, int width, int depth)
        where TStored : unmanaged
        where T : unmanaged
    {
        if (width == 0)
        {
            return;
        }

        ref var factors = ref Unsafe.AsRef(in a[..((3 * k) + depth)][0]);
        ref var matrix = ref Unsafe.AsRef(in b[..(((depth - 1) * stride) + width)][0]);
        ref var sums = ref c[..((3 * n) + width)][0];
        for (var j = 0; j < width; j += 2 * Vector256<T>.Count)
        {
            ref var first = ref Unsafe.Add(ref sums, j);
            ref var second = ref Unsafe.Add(ref first, n);
            ref var third = ref Unsafe.Add(ref second, n);
            ref var fourth = ref Unsafe.Add(ref third, n);
            var (c0, d0) = Load(ref first);
            var (c1, d1) = Load(ref second);
            var (c2, d2) = Load(ref third);
            var (c3, d3) = Load(ref fourth);
            ref var row = ref Unsafe.Add(ref matrix, j);
            ref var factor = ref factors;
            for (var inner = 0; inner < depth; inner++)
            {
                var left = Widened<TStored, T>(ref row);
                var right = Widened<TStored, T>(ref Unsafe.Add(ref row, Vector256<T>.Count));
                var one = Vector256.Create(factor);
                (c0, d0) = (MultiplyAdd(one, left, c0), MultiplyAdd(one, right, d0));
                one = Vector256.Create(Unsafe.Add(ref factor, k));
                (c1, d1) = (MultiplyAdd(one, left, c1), MultiplyAdd(one, right, d1));
                one = Vector256.Create(Unsafe.Add(ref factor, 2 * k));
                (c2, d2) = (MultiplyAdd(one, left, c2), MultiplyAdd(one, right, d2));
                one = Vector256.Create(Unsafe.Add(ref factor, 3 * k));
                (c3, d3) = (MultiplyAdd(one, left, c3), MultiplyAdd(one, right, d3));
                row = ref Unsafe.Add(ref row, stride);
                factor = ref Unsafe.Add(ref factor, 1);
            }

            Store(ref first, c0, d0);
            Store(ref second, c1, d1);
            Store(ref third, c2, d2);
            Store(ref fourth, c3, d3);
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
            var (sum, second) = (Vector256.LoadUnsafe(ref c[j]), Vector256.LoadUnsafe(ref c[next]));
            for (var inner = 0; inner < a.Length; inner++)
            {
                var factor = Vector256.Create(a[inner]);
                sum = MultiplyAdd(factor, Widened<TStored, T>(ref Unsafe.AsRef(in b[(inner * stride) + j])), sum);
                second = MultiplyAdd(factor, Widened<TStored, T>(ref Unsafe.AsRef(in b[(inner * stride) + next])), second);
            }

            sum.StoreUnsafe(ref c[j]);
            second.StoreUnsafe(ref c[next]);
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
    private static (Vector256<T> Left, Vector256<T> Right) Load<T>(ref T at)
        where T : unmanaged => (Vector256.LoadUnsafe(ref at), Vector256.LoadUnsafe(ref at, (nuint)Vector256<T>.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(ref T at, Vector256<T> left, Vector256<T> right)
        where T : unmanaged
    {
        left.StoreUnsafe(ref at);
        right.StoreUnsafe(ref at, (nuint)Vector256<T>.Count);
    }

    /// <summary>A vector of stored numbers; float32 becomes float64, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<T> Widened<TStored, T>(ref TStored first)
        where TStored : unmanaged
        where T : unmanaged
    {
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
