using System.Runtime.InteropServices;
using LstmConvert.Conversion;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Tests.Layouts;

/// <summary>Weights larger than a block: the same numbers, while only a part of a variable is in memory.</summary>
public sealed class LargeLayoutTests
{
    private const int Rows = 3000;
    private const int Columns = 1600;

    [Fact]
    public void Large_matrices_are_moved_and_transposed_block_by_block()
    {
        var matrix = new Counting("matrix", new Shape(Rows, Columns));
        var buffer = new Counting("buffer", new Shape(7 + ((long)Rows * Columns)));
        var variables = new Dictionary<string, Tensor> { ["matrix"] = matrix, ["buffer"] = buffer };
        var binding = new Binding(
            new Dictionary<string, BoundVariable>
            {
                ["matrix"] = new(matrix.Info, SymbolicShape.Parse("(x, 4u)"), "ifco"),
                ["buffer"] = new(buffer.Info, SymbolicShape.Parse("(n,)")),
            },
            new Dictionary<char, long> { ['x'] = Rows, ['u'] = Columns / 4 },
            new Dictionary<string, double>());
        const int unit = Columns / 4;
        Check(From("matrix").Gates("fico"), (row, column) => (row * Columns) + (column < 2 * unit ? (column + unit) % (2 * unit) : column));
        Check(From("matrix").Gate("c"), (row, column) => (row * Columns) + (2 * unit) + column);
        Check(From("matrix").Transposed(), (row, column) => (column * Columns) + row);
        Check(From("matrix").Gate("f").Transposed(), (row, column) => (column * Columns) + unit + row);
        Check(From("buffer").Elements(7, "(x, 4u)").Transposed(), (row, column) => 7 + (column * Columns) + row);
        Check(From("buffer").Elements(7, "(4u, x)").Transposed(), (row, column) => 7 + (column * Rows) + row);
        Check(Sum(From("matrix"), From("buffer").Elements(7, "(x, 4u)")), (row, column) => (2 * ((row * Columns) + column)) + 7);

        void Check(Derivation derivation, Func<long, long, long> expected)
        {
            var arrangement = derivation.Resolve(binding);
            var blockRows = Transform.BlockRows(arrangement.Shape, sizeof(double));
            Assert.True(blockRows < arrangement.Shape.Rows);
            var (width, block) = (arrangement.Shape.RowLength, new double[blockRows * arrangement.Shape.RowLength]);
            for (long first = 0; first < arrangement.Shape.Rows; first += blockRows)
            {
                var rows = (int)Math.Min(blockRows, arrangement.Shape.Rows - first);
                Transform.Fill(arrangement, variables, first, rows, block.AsSpan(0, (int)(rows * width)));
                for (var k = 0; k < rows * width; k++)
                {
                    if (block[k] != expected(first + (k / width), k % width))
                    {
                        Assert.Fail($"{derivation}: row {first + (k / width)}, column {k % width} is {block[k]}");
                    }
                }
            }
        }

        Assert.True(Math.Max(matrix.LargestRead, buffer.LargestRead) <= 2 * LstmConvert.Tensors.Rows.BlockBytes);
    }

    [Fact]
    public void A_buffer_in_pieces_comes_back_piece_by_piece()
    {
        var buffer = new Counting("buffer", new Shape((long)Rows * Columns));
        var variables = new Dictionary<string, Tensor> { ["buffer"] = buffer };
        var binding = new Binding(
            new Dictionary<string, BoundVariable> { ["buffer"] = new(buffer.Info) },
            new Dictionary<char, long> { ['x'] = Rows / 2, ['u'] = Columns },
            new Dictionary<string, double>());
        var (first, second) = (From("buffer").Elements(0, "(x, u)"), From("buffer").Elements(Rows / 2 * Columns, "(x, u)").Negated());
        var arrangement = Beside(first, second).Resolve(binding);
        var written = new double[(long)Rows * Columns];
        Transform.Fill(arrangement, variables, 0, Rows / 2, written.AsSpan());
        var info = new TensorInfo("w", DType.Float64, arrangement.Shape);
        var tensor = new MemoryTensor(info, MemoryMarshal.AsBytes<double>(written).ToArray());
        var weight = new LayoutWeight("w", arrangement, tensor);
        buffer.LargestRead = 0;
        Assert.Equal((long)Rows * Columns, LayoutCheck.Run("a file", [weight], variables, CancellationToken.None).Moved);
        Assert.InRange(buffer.LargestRead, 1, 2 * LstmConvert.Tensors.Rows.BlockBytes);
    }

    /// <summary>A float64 tensor whose elements are their own places, and that notes how much was asked for at once.</summary>
    private sealed class Counting(string name, Shape shape) : Tensor(new TensorInfo(name, DType.Float64, shape))
    {
        public int LargestRead { get; set; }

        public override void Read(long offset, Span<byte> destination)
        {
            LargestRead = Math.Max(LargestRead, destination.Length);
            var values = MemoryMarshal.Cast<byte, double>(destination);
            for (var k = 0; k < values.Length; k++)
            {
                values[k] = (offset / sizeof(double)) + k;
            }
        }
    }
}
