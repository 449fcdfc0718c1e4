using System.Numerics;
using System.Runtime.InteropServices;
using LstmConvert.Layouts;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>A weight that was written.</summary>
/// <param name="Path">Its path, which is different for every weight of a check.</param>
/// <param name="Arrangement">How it was made.</param>
/// <param name="Tensor">What was written.</param>
internal sealed record LayoutWeight(string Path, Arrangement Arrangement, Tensor Tensor);

/// <summary>
/// Holds written weights against the variables they were made from, by the inverse of their recipes. Every written number is held:
/// <list type="bullet">
/// <item>moved: the variable's bits, or the same with the sign turned;</item>
/// <item>with a constant added or a factor: within half an ulp of the written number of <c>factor * v + constant</c> in float64;</item>
/// <item>a sum: within half an ulp, and 2^-52 of the summands' sizes for each of them, of the sum in the opposite order;</item>
/// <item>a product: within half an ulp, and 2(k+1) 2^-52 of the sizes of its k terms, of the product in the opposite order;</item>
/// <item>a constant: equal to it.</item>
/// </list>
/// </summary>
internal sealed class LayoutCheck
{
    private readonly string file;
    private readonly Dictionary<string, Tensor> written;
    private readonly IReadOnlyDictionary<string, Tensor> variables;
    private readonly CancellationToken cancel;
    private long moved;
    private long folded;
    private long computed;
    private long constants;

    private LayoutCheck(
        string file, Dictionary<string, Tensor> written, IReadOnlyDictionary<string, Tensor> variables, CancellationToken cancel)
    {
        this.file = file;
        this.written = written;
        this.variables = variables;
        this.cancel = cancel;
    }

    /// <summary>Checks the weights of one cell.</summary>
    /// <param name="file">The file that was written, for messages.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="variables">The cell's variables by role.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <param name="unread">Parts of the variables that no weight needs.</param>
    /// <exception cref="OutputException">A number is not what it should be.</exception>
    /// <exception cref="InvalidOperationException">A number of a variable was written nowhere.</exception>
    public static ReadBackResult Run(
        string file,
        IReadOnlyList<LayoutWeight> weights,
        IReadOnlyDictionary<string, Tensor> variables,
        CancellationToken cancel,
        IReadOnlyList<Arrangement>? unread = null)
    {
        var written = weights.ToDictionary(weight => weight.Path, weight => weight.Tensor, StringComparer.Ordinal);
        var check = new LayoutCheck(file, written, variables, cancel);
        var inverse = Inverse.Of(
            weights.ToDictionary(weight => weight.Path, weight => weight.Arrangement, StringComparer.Ordinal),
            variables.ToDictionary(variable => variable.Key, variable => variable.Value.Info, StringComparer.Ordinal),
            unread);
        foreach (var part in inverse.Parts)
        {
            if (part.Blocks.Any(block => check.written[block.Written.Role].DType == DType.Float64))
            {
                check.Returned<double>(part);
            }
            else
            {
                check.Returned<float>(part);
            }
        }

        foreach (var (path, rest) in inverse.Computed)
        {
            check.Sums(path, rest);
        }

        foreach (var (path, product) in inverse.Products)
        {
            check.Product(path, product);
        }

        return new ReadBackResult(check.moved, check.folded, check.computed, check.constants);
    }

    /// <summary>The error of a file that does not hold what was written.</summary>
    /// <param name="file">The file.</param>
    /// <param name="what">What is wrong.</param>
    public static OutputException Failed(string file, string what) =>
        new($"The check after writing failed: {what} (in {file}). Nothing was kept; this is a fault of the disk or of lstmconvert, " +
            "so convert again and report it if it stays.");

    /// <summary>Numbers of a variable as they stand in the weights, block by block, in the variable's own places.</summary>
    private void Returned<T>(ReturnedPart part)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (back, tensor) = (part.Written, variables[part.Role]);
        var height = Transform.BlockRows(back.Shape, Marshal.SizeOf<T>());
        var blocks = (back.Shape.Rows + height - 1) / height;
        var isAnywhere = tensor.IsReadAnywhere && part.Blocks.All(block => written[block.Written.Role].IsReadAnywhere);
        var threads = isAnywhere ? (int)Math.Clamp(blocks, 1, Environment.ProcessorCount) : 1;
        void Check(int thread) => Returned<T>(
            part,
            blocks * thread / threads * height,
            Math.Min(back.Shape.Rows, blocks * (thread + 1) / threads * height),
            height);
        Task[] tasks = [.. Enumerable.Range(1, threads - 1).Select(thread => Task.Run(() => Check(thread)))];
        try
        {
            Check(0);
        }
        finally
        {
            Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default).Wait(CancellationToken.None);
        }

        foreach (var task in tasks)
        {
            task.GetAwaiter().GetResult(); // what the first rows show is told first
        }
    }

    /// <summary>Some rows of the variable, on one thread.</summary>
    private void Returned<T>(ReturnedPart part, long start, long behind, int height)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (back, tensor, width) = (part.Written, variables[part.Role], part.Written.Shape.RowLength);
        var (found, original) = (new T[height * width], new T[height * width]);
        using var windows = new SourceWindows<T>(written);
        for (var first = start; first < behind; first += height)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = (int)Math.Min(height, behind - first);
            Transform.Fill(back, windows, first, rows, found.AsSpan());
            Rows.Read(tensor, part.View.Offset + (first * width), original.AsSpan(0, (int)(rows * width)));
            foreach (var block in part.Blocks)
            {
                var end = Math.Min(block.Row + block.Rows, first + rows);
                for (var row = Math.Max(block.Row, first); row < end; row++)
                {
                    var at = (int)(((row - first) * width) + block.Column);
                    Compare(block, row, tensor, original.AsSpan(at, (int)block.Columns), found.AsSpan(at, (int)block.Columns));
                }
            }
        }
    }

    private void Compare<T>(ReturnedBlock block, long row, Tensor tensor, Span<T> original, Span<T> found)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (block.IsMoved)
        {
            if (block.Scale < 0)
            {
                Transform.Negate(found);
            }

            var same = MemoryMarshal.AsBytes(original).CommonPrefixLength(MemoryMarshal.AsBytes(found)) / Marshal.SizeOf<T>();
            if (same < found.Length)
            {
                throw Failed(file, Place(block, row, same, tensor) + FormattableString.Invariant(
                    $" is {original[same]} and came back from {block.Written.Role} as {found[same]}"));
            }

            Interlocked.Add(ref moved, same);
            return;
        }

        for (var k = 0; k < found.Length; k++)
        {
            var expected = (block.Scale * double.CreateTruncating(original[k])) + block.Constant;
            if (!IsWithin(double.CreateTruncating(found[k]), expected, HalfUlp(found[k]), typeof(T) == typeof(double)))
            {
                throw Failed(file, Place(block, row, k, tensor) + FormattableString.Invariant(
                    $" is {original[k]}, and {block.Written.Role} has {found[k]} for it where {expected} is right"));
            }
        }

        Interlocked.Add(ref folded, block.Scale is 1 or -1 ? found.Length : 0);
        Interlocked.Add(ref computed, block.Scale is 1 or -1 ? 0 : found.Length);
    }

    private static string Place(ReturnedBlock block, long row, int at, Tensor tensor) =>
        $"row {row}, column {block.Column + at} of {tensor.Name}";

    /// <summary>Rectangles that are constants or sums of several terms.</summary>
    private void Sums(string path, BlockArrangement rest)
    {
        var width = rest.Shape.RowLength;
        using var windows = new SourceWindows<double>(variables);
        using var results = new SourceWindows<double>(written);
        foreach (var piece in rest.Pieces)
        {
            // Each term alone is an arrangement that only moves.
            var shape = new Shape(piece.Rows, piece.Columns);
            var terms = piece
                .Terms.Select(term => new BlockArrangement(
                    shape,
                    [new Piece(0, 0, piece.Rows, piece.Columns, [term with { Scale = 1 }], 0)]))
                .ToArray();
            var height = Transform.BlockRows(shape, sizeof(double));
            var count = height * piece.Columns;
            var (sums, sizes, values) = (new double[count], new double[count], new double[count]);
            for (long first = 0; first < piece.Rows; first += height)
            {
                cancel.ThrowIfCancellationRequested();
                var rows = (int)Math.Min(height, piece.Rows - first);
                Array.Fill(sums, piece.Constant);
                Array.Fill(sizes, Math.Abs(piece.Constant));
                for (var k = terms.Length - 1; k >= 0; k--)
                {
                    Transform.Fill(terms[k], windows, first, rows, values.AsSpan());
                    for (var element = 0; element < rows * piece.Columns; element++)
                    {
                        sums[element] += piece.Terms[k].Scale * values[element];
                        sizes[element] += Math.Abs(piece.Terms[k].Scale * values[element]);
                    }
                }

                for (var row = 0; row < rows; row++)
                {
                    var (at, place) = ((int)(row * piece.Columns), ((piece.Row + first + row) * width) + piece.Column);
                    var line = results.Get(path, place, (int)piece.Columns);
                    Hold(path, line, sums.AsSpan(at, line.Length), sizes.AsSpan(at, line.Length), terms.Length, place);
                }
            }

            constants += terms.Length == 0 ? piece.Count : 0;
            computed += terms.Length == 0 ? 0 : piece.Count;
        }
    }

    /// <summary>A product, summed from the last term to the first: another order than the conversion's.</summary>
    private void Product(string path, ProductArrangement product)
    {
        var (inner, width) = (product.Right.Shape.Rows, (int)product.Shape.RowLength);
        var height = Transform.BlockRows(new Shape(product.Shape.Rows, Math.Max(inner, width)), sizeof(double));
        var rightRows = Transform.BlockRows(product.Right.Shape, sizeof(double));
        var (left, right) = (new double[height * inner], new double[rightRows * width]);
        var (sums, sizes, result) = (new double[height * width], new double[height * width], new double[height * width]);
        using var windows = new SourceWindows<double>(variables);
        for (long first = 0; first < product.Shape.Rows; first += height)
        {
            cancel.ThrowIfCancellationRequested();
            var rows = (int)Math.Min(height, product.Shape.Rows - first);
            Transform.Fill(product.Left, windows, first, rows, left.AsSpan());
            Array.Clear(sums);
            Array.Clear(sizes);
            for (var start = (inner - 1) / rightRows * rightRows; start >= 0; start -= rightRows)
            {
                var count = (int)Math.Min(rightRows, inner - start);
                Transform.Fill(product.Right, windows, start, count, right.AsSpan());
                for (var k = count - 1; k >= 0; k--)
                {
                    for (var at = 0; at < rows; at++)
                    {
                        var line = right.AsSpan(k * width, width);
                        AddTerms(left[(at * inner) + start + k], line, sums.AsSpan(at * width, width), sizes.AsSpan(at * width, width));
                    }
                }
            }

            Rows.Read(written[path], first * width, result.AsSpan(0, rows * width));
            Hold(path, result.AsSpan(0, rows * width), sums, sizes, 2 * inner, first * width);
        }

        computed += product.Shape.ElementCount;
    }

    private static void AddTerms(double factor, ReadOnlySpan<double> line, Span<double> sums, Span<double> sizes)
    {
        for (var column = 0; column < line.Length; column++)
        {
            var term = factor * line[column];
            sums[column] += term;
            sizes[column] += Math.Abs(term);
        }
    }

    /// <summary>Holds numbers against sums in float64; a sum without terms is a constant, which must be equal.</summary>
    private void Hold(
        string path, ReadOnlySpan<double> result, ReadOnlySpan<double> sums, ReadOnlySpan<double> sizes, long terms, long first)
    {
        var isDouble = written[path].DType == DType.Float64;
        for (var k = 0; k < result.Length; k++)
        {
            var half = isDouble ? HalfUlp(result[k]) : HalfUlp((float)result[k]);
            var bound = terms == 0 ? 0 : half + ((terms + 2) * Math.Pow(2, -52) * sizes[k]);
            var expected = terms == 0 && !isDouble ? (float)sums[k] : sums[k];
            if (!IsWithin(result[k], expected, bound, isDouble))
            {
                throw Failed(file, FormattableString.Invariant($"element {first + k} of {path} is {result[k]}, and {expected} is right"));
            }
        }
    }

    /// <summary>True within a bound, and for what is rightly not finite: a number beyond float32 is written as infinity.</summary>
    private static bool IsWithin(double found, double expected, double bound, bool isDouble) =>
        double.IsFinite(expected) && double.IsFinite(found)
            ? Math.Abs(found - expected) <= bound
            : !double.IsFinite(found) && !(isDouble ? double.IsFinite(expected) : float.IsFinite((float)expected));

    private static double HalfUlp<T>(T value)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        double.CreateTruncating(T.BitIncrement(T.Abs(value)) - T.Abs(value)) / 2;
}
