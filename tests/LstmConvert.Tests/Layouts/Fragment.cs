using System.Runtime.InteropServices;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Tests.Layouts;

/// <summary>A derivation and, element by element, the bits that it should give.</summary>
internal sealed record Fragment(Derivation Derivation, ulong[,] Bits, bool IsVector)
{
    /// <summary>The lengths of its blocks of rows by letter.</summary>
    public IReadOnlyList<(char Letter, int Count)> Blocks { get; init; } = [];

    /// <summary>The order of its gates.</summary>
    public string? Gates { get; init; }

    public int Rows => Bits.GetLength(0);

    public int Columns => Bits.GetLength(1);

    public static ulong[,] Table(int rows, int columns, Func<int, int, ulong> at)
    {
        var table = new ulong[rows, columns];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                table[row, column] = at(row, column);
            }
        }

        return table;
    }

    public ulong[] Flat() => [.. Bits.Cast<ulong>()];
}

/// <summary>Variables of random sizes, and weights made from all of them by operators that only move numbers and turn signs.</summary>
internal sealed class RandomLayout
{
    private readonly Random random;
    private readonly ulong sign;

    public RandomLayout(int seed)
    {
        random = new Random(seed);
        DType = random.Next(2) == 0 ? DType.Float32 : DType.Float64;
        sign = DType == DType.Float32 ? 1UL << 31 : 1UL << 63;
        var (x, h, u) = (random.Next(1, 7), random.Next(1, 6), random.Next(1, 6));
        Sizes = new Dictionary<char, long> { ['x'] = x, ['h'] = h, ['u'] = u };
        Add("kernel", "(x+h, 4u)", [('x', x), ('h', h)], "ijfo");
        Add("bias", "(4u,)", [], "ijfo");
        Add("gates", "(x+2u+h, 2u)", [('x', x), ('u', 2 * u), ('h', h)], "ru");
        Add("row", "(1, u)", [('1', 1)], null);
        var buffer = Add("buffer", $"({(x * u) + (4 * u * u) + 3},)", [], null);
        Fragments.Remove(buffer);
        Fragments.Add(Piece(buffer, 0, "(u, x)", u, x, null));
        Fragments.Add(Piece(buffer, x * u, "(u, 4u)", u, 4 * u, null));
        Fragments.Add(Piece(buffer, (x * u) + (4 * u * u), "(3,)", 1, 3, null));
        for (var step = random.Next(30); step > 0; step--)
        {
            Step();
        }
    }

    public DType DType { get; }

    public Dictionary<char, long> Sizes { get; }

    public Dictionary<string, Tensor> Variables { get; } = [];

    public Dictionary<string, BoundVariable> Bound { get; } = [];

    public List<Fragment> Fragments { get; } = [];

    public Binding Binding => new(Bound, Sizes, new Dictionary<string, double>());

    public override string ToString() => string.Join("\n", Fragments.Select(fragment => fragment.Derivation.Text(Binding)));

    /// <summary>Bits as bytes of the dtype.</summary>
    public static byte[] Bytes(DType dtype, ulong[] bits) => dtype == DType.Float64
        ? MemoryMarshal.AsBytes<ulong>(bits).ToArray()
        : MemoryMarshal.AsBytes<uint>(bits.Select(value => (uint)value).ToArray()).ToArray();

    private Fragment Add(string role, string symbolic, IReadOnlyList<(char Letter, int Count)> blocks, string? gates)
    {
        var shape = SymbolicShape.Parse(symbolic);
        var info = new TensorInfo(role, DType, shape.Resolve(Sizes));
        var bits = Fragment.Table((int)info.Shape.Rows, (int)info.Shape.RowLength, (_, _) => RandomBits());
        var fragment = new Fragment(From(role), bits, info.Shape.Rank == 1) { Blocks = blocks, Gates = gates };
        Variables[role] = new MemoryTensor(info, Bytes(DType, fragment.Flat()));
        Bound[role] = new BoundVariable(info, shape, gates);
        Fragments.Add(fragment);
        return fragment;
    }

    private static Fragment Piece(Fragment buffer, int offset, string shape, int rows, int columns, string? gates) =>
        new(
            buffer.Derivation.Elements(offset, shape),
            Fragment.Table(rows, columns, (row, column) => buffer.Bits[0, offset + (row * columns) + column]),
            shape.EndsWith(",)", StringComparison.Ordinal))
        {
            Gates = gates,
        };

    /// <summary>Any bits: numbers, zeros of both signs, infinities and NaN with payloads.</summary>
    private ulong RandomBits()
    {
        var number = random.NextDouble() - 0.5;
        var special = random.Next(20);
        var payload = (ulong)random.NextInt64(1 << 20);
        return (DType, special) switch
        {
            (DType.Float32, 0) => 0x8000_0000,
            (DType.Float32, 1) => 0x7fc0_0000 + payload,
            (DType.Float32, 2) => 0xff80_0000,
            (DType.Float32, _) => BitConverter.SingleToUInt32Bits((float)number),
            (_, 0) => 0x8000_0000_0000_0000,
            (_, 1) => 0x7ff8_0000_0000_0000 + payload,
            (_, 2) => 0xfff0_0000_0000_0000,
            _ => BitConverter.DoubleToUInt64Bits(number),
        };
    }

    private void Step()
    {
        var at = random.Next(Fragments.Count);
        var one = Fragments[at];
        IReadOnlyList<Fragment> results = random.Next(11) switch
        {
            0 when one.Blocks.Count > 1 => SplitRows(one),
            1 or 2 when one.Gates is not null => SplitGates(one),
            3 when one.Gates is { } gates => [Reorder(one, gates)],
            4 => [Negate(one)],
            5 => [Transpose(one)],
            6 => [Join(one, Zeros(one.Rows, random.Next(1, 4), one.IsVector), beside: random.Next(2) == 0)],
            7 => [Join(Zeros(random.Next(1, 4), one.Columns, isVector: false), one, beside: false)],
            8 when one.Rows == 1 && one.Columns < 40 => [Diagonal(one)],
            9 when (long)one.Rows * one.Columns < 1000 => [Reshape(one)],
            10 => [one, Negate(one)],
            _ => [JoinAny(one)],
        };
        Fragments.Remove(one);
        Fragments.AddRange(results);
    }

    /// <summary>A fragment joined with the first other one that fits to it, which is taken out of the list.</summary>
    private Fragment JoinAny(Fragment one)
    {
        var other = Fragments.Find(other => !ReferenceEquals(other, one) && (other.Rows == one.Rows || other.Columns == one.Columns));
        return other is not null && Fragments.Remove(other) ? Join(one, other, beside: other.Rows == one.Rows) : one;
    }

    private static List<Fragment> SplitRows(Fragment one)
    {
        var (start, result) = (0, new List<Fragment>());
        foreach (var (letter, count) in one.Blocks)
        {
            var from = start;
            result.Add(one with
            {
                Derivation = one.Derivation.Rows($"{letter}"),
                Bits = Fragment.Table(count, one.Columns, (row, column) => one.Bits[from + row, column]),
                Blocks = [(letter, count)],
            });
            start += count;
        }

        return result;
    }

    private List<Fragment> SplitGates(Fragment one)
    {
        var width = one.Columns / one.Gates!.Length;
        return [.. one.Gates.Select((gate, k) => one with
        {
            Derivation = random.Next(2) == 0 ? one.Derivation.Gate($"{gate}") : one.Derivation.Gate($"{gate}", one.Gates),
            Bits = Fragment.Table(one.Rows, width, (row, column) => one.Bits[row, (k * width) + column]),
            Gates = null,
        })];
    }

    private Fragment Reorder(Fragment one, string gates)
    {
        var order = gates.ToCharArray();
        random.Shuffle(order);
        var (to, width) = (new string(order), one.Columns / order.Length);
        var places = order.Select(gate => gates.IndexOf(gate, StringComparison.Ordinal)).ToArray();
        return one with
        {
            Derivation = random.Next(2) == 0 ? one.Derivation.Gates(to) : one.Derivation.Gates(gates, to),
            Bits = Fragment.Table(one.Rows, one.Columns, (row, at) => one.Bits[row, (places[at / width] * width) + (at % width)]),
            Gates = to,
        };
    }

    private Fragment Negate(Fragment one) => one with
    {
        Derivation = one.Derivation.Negated(),
        Bits = Fragment.Table(one.Rows, one.Columns, (row, at) => one.Bits[row, at] is var bits and not Zero64 ? bits ^ sign : Zero64),
    };

    private static Fragment Transpose(Fragment one) =>
        new(one.Derivation.Transposed(), Fragment.Table(one.Columns, one.Rows, (row, column) => one.Bits[column, row]), IsVector: false);

    /// <summary>A zero that no variable holds: it keeps its sign, so it is marked by bits that no float32 or drawn float64 has.</summary>
    private const ulong Zero64 = 0x7ff0_dead_0000_0000;

    private static Fragment Zeros(int rows, int columns, bool isVector) =>
        new(Zero(isVector ? $"({columns},)" : $"({rows}, {columns})"), Fragment.Table(rows, columns, (_, _) => Zero64), isVector);

    private static Fragment Join(Fragment one, Fragment other, bool beside) => beside && one.Rows == other.Rows
        ? new(
            Beside(one.Derivation, other.Derivation),
            Fragment.Table(one.Rows, one.Columns + other.Columns, (row, column) =>
                column < one.Columns ? one.Bits[row, column] : other.Bits[row, column - one.Columns]),
            one.IsVector && other.IsVector)
        : one.Columns == other.Columns
        ? new(
            Above(one.Derivation, other.Derivation),
            Fragment.Table(one.Rows + other.Rows, one.Columns, (row, column) =>
                row < one.Rows ? one.Bits[row, column] : other.Bits[row - one.Rows, column]),
            IsVector: false)
        : one;

    private static Fragment Diagonal(Fragment one) => new(
        one.Derivation.Diagonal(),
        Fragment.Table(one.Columns, one.Columns, (row, column) => row == column ? one.Bits[0, row] : Zero64),
        IsVector: false);

    private Fragment Reshape(Fragment one)
    {
        var (count, flat) = (one.Rows * one.Columns, one.Flat());
        var divisors = Enumerable.Range(1, count).Where(length => count % length == 0).ToArray();
        var columns = divisors[random.Next(divisors.Length)];
        var isVector = columns == count && random.Next(2) == 0;
        return new(
            one.Derivation.AsShape(isVector ? $"({count},)" : $"({count / columns}, {columns})"),
            Fragment.Table(count / columns, columns, (row, column) => flat[(row * columns) + column]),
            isVector)
        {
            Gates = one.Gates is { } gates && columns % gates.Length == 0 && columns == one.Columns ? gates : null,
        };
    }

    /// <summary>The bits that a fragment should be written with.</summary>
    public static ulong[] Expected(Fragment fragment) => [.. fragment.Flat().Select(bits => bits == Zero64 ? 0 : bits)];
}
