using System.Runtime.InteropServices;
using CsCheck;
using LstmConvert.Conversion;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Tests.Layouts;

/// <summary>Layouts that compute keep the rule that they state, and a written number that breaks it is found.</summary>
public sealed class ComputingLayoutTests
{
    private const int Units = 3;
    private const int InputSize = 4;
    private const double ForgetBias = 0.7;

    public static TheoryData<string> Kinds => [.. Cases.Keys];

    private static Dictionary<string, Case> Cases { get; } =
        new()
        {
            ["moved"] = new(() => From("kernel").Rows("x"), (v, r, c) => v.Kernel[r, c], "Moved"),
            ["negated"] = new(() => From("kernel").Rows("h").Negated(), (v, r, c) => -v.Kernel[InputSize + r, c], "Moved"),
            ["forget bias"] = new(
                () => From("bias").Plus("forget_bias", "f"),
                (v, _, c) => v.Bias[c] + (c / Units == 2 ? ForgetBias : 0),
                "Folded"),
            ["negated forget bias"] = new(
                () => From("bias").Gate("f").Plus("forget_bias").Negated(),
                (v, _, c) => -(v.Bias[(2 * Units) + c] + ForgetBias),
                "Folded"),
            ["constant everywhere"] = new(() => From("bias").Plus("forget_bias"), (v, _, c) => v.Bias[c] + ForgetBias, "Folded"),
            ["scaled"] = new(() => From("kernel").ScaledBy(1.2), (v, r, c) => 1.2 * v.Kernel[r, c], "Computed"),
            ["scaled and transposed"] = new(
                () => From("kernel").Transposed().ScaledBy(-0.3),
                (v, r, c) => -0.3 * v.Kernel[c, r],
                "Computed"),
            ["sum"] = new(() => Sum(From("bias"), From("bias2")), (v, _, c) => v.Bias[c] + v.Bias2[c], "Computed"),
            ["sum of blocks in other orders"] = new(
                () => Sum(From("bias").Gates("ifjo"), Beside([.. "jfoi".Select(gate => From("bias2").Gate($"{gate}"))])),
                (v, _, c) => v.Bias[Reordered(c, 0, 2, 1, 3)] + v.Bias2[Reordered(c, 1, 2, 3, 0)],
                "Computed"),
            ["scaled sum with a constant"] = new(
                () => Sum(From("bias").ScaledBy(3), From("bias2").Negated()).Plus("forget_bias").ScaledBy(0.1),
                (v, _, c) => 0.1 * ((3 * v.Bias[c]) - v.Bias2[c] + ForgetBias),
                "Computed"),
            ["sum with what is there twice"] = new(() => Sum(From("bias"), From("bias")), (v, _, c) => 2 * v.Bias[c], "Computed"),
            ["product"] = new(
                () => From("projection").Times(From("kernel").Rows("h")),
                (v, r, c) => Enumerable.Range(0, 2).Sum(k => v.Projection[r, k] * v.Kernel[InputSize + k, c]),
                "Computed"),
            ["product with reordered and negated gates"] = new(
                () => From("projection").Negated().Times(From("kernel").Rows("h").Gates("ojif")),
                (v, r, c) => Enumerable.Range(0, 2).Sum(k => -v.Projection[r, k] * v.Kernel[InputSize + k, Reordered(c, 3, 1, 0, 2)]),
                "Computed"),
            ["product by elements"] = new(
                () => From("kernel").Rows("h").Gates("ojif").TimesElements(From("kernel").Rows("h").Negated()),
                (v, r, c) => -v.Kernel[InputSize + r, c] * v.Kernel[InputSize + r, Reordered(c, 3, 1, 0, 2)],
                "Computed"),
            ["product of every row with one, transposed gates"] = new(
                () => From("kernel").TimesElements(From("bias")).Gates("ojif"),
                (v, r, c) => v.Kernel[r, Reordered(c, 3, 1, 0, 2)] * v.Bias[Reordered(c, 3, 1, 0, 2)],
                "Computed"),
            ["columns of length 1"] = new(
                () => From("kernel").Rows("h").UnitColumns().TimesElements(From("bias")).Gates("ojif"),
                (v, r, c) =>
                    v.Kernel[InputSize + r, Reordered(c, 3, 1, 0, 2)]
                    * v.Bias[Reordered(c, 3, 1, 0, 2)]
                    * (
                        1
                        / Math.Sqrt(
                            Enumerable
                                .Range(0, 2)
                                .Sum(k =>
                                    v.Kernel[InputSize + k, Reordered(c, 3, 1, 0, 2)] * v.Kernel[InputSize + k, Reordered(c, 3, 1, 0, 2)]))
                    ),
                "Computed"),
            ["product with a matrix of scaled columns"] = new(
                () => From("projection").UnitColumns().Times(From("kernel").Rows("h")),
                (v, r, c) =>
                    Enumerable
                        .Range(0, 2)
                        .Sum(k =>
                            v.Projection[r, k]
                            / Math.Sqrt(Enumerable.Range(0, Units).Sum(row => v.Projection[row, k] * v.Projection[row, k]))
                            * v.Kernel[InputSize + k, c]),
                "Computed"),
            ["constant"] = new(() => Constant(100.1, "(u, 2x)"), (_, _, _) => 100.1, "Constants"),
            ["zero"] = new(() => Zero("(u,)"), (_, _, _) => 0, "Constants"),
        };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_number_is_rounded_once_from_float64(string name) => Gen.Int.Sample(
        seed =>
        {
            var numbers = new Numbers(seed);
            var weight = Write(numbers, Cases[name].Derivation());
            var (values, width) = (weight.Tensor.ToDoubles(), (int)weight.Arrangement.Shape.RowLength);
            for (var k = 0; k < values.Length; k++)
            {
                var expected = Cases[name].Expected(numbers, k / width, k % width);
                var rounded = numbers.DType == DType.Float32 ? (float)expected : expected;

                // Sums in another order differ by their own rounding in float64, which float32 shows at ties only.
                Assert.Equal(rounded, values[k], (numbers.DType == DType.Float32 ? 6e-8 : 1e-15) * Math.Max(1, Math.Abs(rounded)));
            }
        },
        iter: 100);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_written_passes_and_one_changed_number_fails(string name) => Gen.Int[0, int.MaxValue].Sample(
        seed =>
        {
            var numbers = new Numbers(seed);
            var weight = Write(numbers, Cases[name].Derivation());
            var rest = numbers.Everything.Select((derivation, k) => Write(numbers, derivation, $"rest{k}")).ToArray();
            var result = LayoutCheck.Run("a file", [weight, .. rest], numbers.Variables, CancellationToken.None);
            var counts = new Dictionary<string, long>
            {
                ["Moved"] = result.Moved - rest.Sum(one => one.Arrangement.Shape.ElementCount),
                ["Folded"] = result.Folded,
                ["Computed"] = result.Computed,
                ["Constants"] = result.Constants,
            };
            Assert.True(counts[Cases[name].Kind] > 0, $"{name}: {result}");
            Assert.Equal(weight.Arrangement.Shape.ElementCount, counts.Values.Sum());

            var changed = weight with { Tensor = Changed(weight.Tensor, seed % (int)weight.Arrangement.Shape.ElementCount) };
            Assert.Throws<OutputException>(() => LayoutCheck.Run("a file", [changed, .. rest], numbers.Variables, CancellationToken.None));
        },
        iter: 100);

    [Fact]
    public void A_constant_comes_back_up_to_half_an_ulp() => Gen.Int.Sample(
        seed =>
        {
            var numbers = new Numbers(seed, DType.Float32);
            var arrangement = (BlockArrangement)From("bias").Plus("forget_bias", "f").Resolve(numbers.Binding);
            var written = new float[arrangement.Shape.ElementCount];
            Transform.Fill(arrangement, numbers.Variables, 0, 1, written.AsSpan());
            var weights = new Dictionary<string, Tensor> { ["b"] = Singles("b", written) };
            var infos = new Dictionary<string, TensorInfo> { ["bias"] = numbers.Variables["bias"].Info };
            var part = Assert.Single(Inverse.Of(new Dictionary<string, Arrangement> { ["b"] = arrangement }, infos).Parts);
            var back = new double[written.Length];
            Transform.Fill(part.Arrangement, weights, 0, 1, back.AsSpan());
            for (var k = 0; k < back.Length; k++)
            {
                var ulp = float.BitIncrement(Math.Abs(written[k])) - Math.Abs(written[k]);
                Assert.Equal(numbers.Bias[k], back[k], k / Units == 2 ? ulp * 0.51 : 0);
            }
        },
        iter: 200);

    [Fact]
    public void NaN_and_infinity_stay_what_they_are_where_a_constant_is_added()
    {
        float[] values = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f, float.MaxValue, 1, 2, 3, 4, 5, 6, 7];
        var variables = new Dictionary<string, Tensor> { ["bias"] = Singles("bias", values) };
        var binding = new Binding(
            new Dictionary<string, BoundVariable> { ["bias"] = new(variables["bias"].Info) },
            new Dictionary<char, long>(),
            new Dictionary<string, double> { ["forget_bias"] = 1 });
        var arrangement = From("bias").Plus("forget_bias").Resolve(binding);
        var written = new float[12];
        Transform.Fill(arrangement, variables, 0, 1, written.AsSpan());
        Assert.Equal([float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1, float.MaxValue, 2, 3, 4, 5, 6, 7, 8], written);
        var weight = new LayoutWeight("b", arrangement, Singles("b", written));
        Assert.Equal(12, LayoutCheck.Run("a file", [weight], variables, CancellationToken.None).Folded);
    }

    private static int Reordered(int column, params ReadOnlySpan<int> places) => (places[column / Units] * Units) + (column % Units);

    private static MemoryTensor Singles(string name, float[] values) =>
        new(new TensorInfo(name, DType.Float32, new Shape(values.Length)), MemoryMarshal.AsBytes<float>(values).ToArray());

    private static LayoutWeight Write(Numbers numbers, Derivation derivation, string name = "weight")
    {
        var arrangement = derivation.Resolve(numbers.Binding);
        var info = new TensorInfo(name, numbers.DType, arrangement.Shape);
        if (numbers.DType == DType.Float64)
        {
            var doubles = new double[arrangement.Shape.ElementCount];
            Transform.Fill(arrangement, numbers.Variables, 0, (int)arrangement.Shape.Rows, doubles.AsSpan());
            return new LayoutWeight(name, arrangement, new MemoryTensor(info, MemoryMarshal.AsBytes<double>(doubles).ToArray()));
        }

        var singles = new float[arrangement.Shape.ElementCount];
        Transform.Fill(arrangement, numbers.Variables, 0, (int)arrangement.Shape.Rows, singles.AsSpan());
        return new LayoutWeight(name, arrangement, new MemoryTensor(info, MemoryMarshal.AsBytes<float>(singles).ToArray()));
    }

    /// <summary>One number further off than any rule allows: three ulps, or what three terms of this size round to in float64.</summary>
    private static MemoryTensor Changed(Tensor tensor, int at)
    {
        var values = tensor.ToDoubles();
        var size = Math.Abs(values[at]);
        var ulp = (tensor.DType == DType.Float64 ? Math.BitIncrement(size) : MathF.BitIncrement((float)size)) - size;
        values[at] += Math.Max(3 * ulp, 1e-13);
        return new MemoryTensor(tensor.Info, tensor.DType == DType.Float64
            ? MemoryMarshal.AsBytes<double>(values).ToArray()
            : MemoryMarshal.AsBytes<float>(values.Select(value => (float)value).ToArray()).ToArray());
    }

    /// <summary>A kind of entry: how it is made, what its element at a row and a column is, and how the check counts it.</summary>
    private sealed record Case(Func<Derivation> Derivation, Func<Numbers, int, int, double> Expected, string Kind);

    /// <summary>The variables of a projected LSTM with random numbers, and a second bias.</summary>
    private sealed class Numbers
    {
        private readonly Random random;

        public Numbers(int seed, DType? dtype = null)
        {
            random = new Random(seed);
            DType = dtype ?? (random.Next(2) == 0 ? DType.Float32 : DType.Float64);
            Kernel = Matrix("kernel", InputSize + 2, 4 * Units, "(x+h, 4u)");
            Projection = Matrix("projection", Units, 2, "(u, h)");
            Bias = Vector("bias");
            Bias2 = Vector("bias2");
        }

        public DType DType { get; }

        public double[,] Kernel { get; }

        public double[,] Projection { get; }

        public double[] Bias { get; }

        public double[] Bias2 { get; }

        public Dictionary<string, Tensor> Variables { get; } = [];

        public Dictionary<string, BoundVariable> Bound { get; } = [];

        /// <summary>Every variable as it is, so that no number is left out whatever else is made of them.</summary>
        public IEnumerable<Derivation> Everything => Variables.Keys.Select(From);

        public Binding Binding => new(
            Bound,
            new Dictionary<char, long> { ['x'] = InputSize, ['h'] = 2, ['u'] = Units },
            new Dictionary<string, double> { ["forget_bias"] = ForgetBias });

        private double[,] Matrix(string role, int rows, int columns, string symbolic)
        {
            var flat = Add(role, new Shape(rows, columns), symbolic);
            var matrix = new double[rows, columns];
            Buffer.BlockCopy(flat, 0, matrix, 0, flat.Length * sizeof(double));
            return matrix;
        }

        private double[] Vector(string role) => Add(role, new Shape(4 * Units), "(4u,)");

        private double[] Add(string role, Shape shape, string symbolic)
        {
            var values = Enumerable.Range(0, (int)shape.ElementCount).Select(_ => (random.NextDouble() - 0.5) * 4).ToArray();
            var singles = values.Select(value => (float)value).ToArray();
            var info = new TensorInfo(role, DType, shape);
            var bytes = DType == DType.Float64 ? MemoryMarshal.AsBytes<double>(values) : MemoryMarshal.AsBytes<float>(singles);
            Variables[role] = new MemoryTensor(info, bytes.ToArray());
            Bound[role] = new BoundVariable(info, SymbolicShape.Parse(symbolic), shape.RowLength == 4 * Units ? "ijfo" : null);
            return DType == DType.Float64 ? values : [.. singles.Select(value => (double)value)];
        }
    }
}
