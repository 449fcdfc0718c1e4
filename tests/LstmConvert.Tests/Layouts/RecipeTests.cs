using System.Runtime.InteropServices;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Tests.Layouts;

/// <summary>Recipes of real cells: how they read, and the numbers that they give for small weights.</summary>
public sealed class RecipeTests
{
    /// <summary>Two units, one input; each number of a variable is its place in it, counted from the number given.</summary>
    private static readonly Source Lstm = new Source(x: 1, u: 2)
        .Add("kernel", "(x+h, 4u)", 100, "ijfo").Add("bias", "(4u,)", 200, "ijfo").Add("projection/kernel", "(u, h)", 1, null);

    private static readonly Source Gru = new Source(x: 1, u: 2)
        .Add("gates/kernel", "(x+h, 2u)", 100, "ru").Add("gates/bias", "(2u,)", 200, "ru")
        .Add("candidate/kernel", "(x+h, u)", 300, null).Add("candidate/bias", "(u,)", 400, null)
        .Add("candidate/input_projection/kernel", "(x, u)", 500, null).Add("candidate/input_projection/bias", "(u,)", 600, null)
        .Add("candidate/hidden_projection/kernel", "(u, u)", 700, null).Add("candidate/hidden_projection/bias", "(u,)", 800, null);

    [Fact]
    public void An_LSTM_reads_as_its_blocks_and_orders()
    {
        Lstm.Is(From("kernel").Rows("x").Gates("ijfo", "ifco"), "kernel[x] ijfo->ifco", "(1, 8)", "100 101 104 105 102 103 106 107");
        Lstm.Is(
            From("kernel").Rows("h").Gates("ifco"),
            "kernel[h] ijfo->ifco",
            "(2, 8)",
            "108 109 112 113 110 111 114 115 116 117 120 121 118 119 122 123");
        const string bias = "200 201 204.5 205.5 202 203 206 207";
        Lstm.Is(
            From("bias").Plus("forget_bias", "f", "ijfo").Gates("ijfo", "ifco"),
            "(bias + forget_bias at f of ijfo) ijfo->ifco",
            "(8,)",
            bias);
        Lstm.Is(From("bias").Gates("ifco").Plus("forget_bias", "f"), "(bias ijfo->ifco + forget_bias at f of ifco)", "(8,)", bias);
        Assert.Equal("kernel[x] ->ifco", From("kernel").Rows("x").Gates("ifco").ToString());
        Assert.Equal("bias f of ijfo", From("bias").Gate("f", "ijfo").ToString());
    }

    [Fact]
    public void A_projection_reads_as_a_product()
    {
        // (1 2; 3 4) times the rows h.
        var recurrent = From("projection/kernel").Times(From("kernel").Rows("h").Gates("ifco"));
        Lstm.Is(
            recurrent,
            "projection/kernel @ kernel[h] ijfo->ifco",
            "(2, 8)",
            "340 343 352 355 346 349 358 361 788 795 816 823 802 809 830 837");
    }

    [Fact]
    public void A_coupled_gate_is_the_negated_other_one()
    {
        var cell = new Source(x: 1, u: 2).Add("kernel", "(x+u, 3u)", 100, "jfo").Add("bias", "(3u,)", 200, "jfo");
        var kernel = From("kernel").Rows("x");
        cell.Is(
            Beside(kernel.Gate("f").Negated(), kernel.Gate("f"), kernel.Gate("j"), kernel.Gate("o")),
            "[-kernel[x] f | kernel[x] f | kernel[x] j | kernel[x] o]",
            "(1, 8)",
            "-102 -103 102 103 100 101 104 105");
        var forget = From("bias").Gate("f").Plus("forget_bias");
        cell.Is(
            Beside(forget.Negated(), forget, From("bias").Gate("j"), From("bias").Gate("o")),
            "[-(bias f + forget_bias) | (bias f + forget_bias) | bias j | bias o]",
            "(8,)",
            "-202.5 -203.5 202.5 203.5 200 201 204 205");
    }

    [Fact]
    public void A_gate_that_is_held_open_is_a_zero_block_and_a_constant()
    {
        var cell = new Source(x: 1, u: 2).Add("kernel", "(x+u, 2u)", 100, "gc").Add("bias", "(2u,)", 200, "gc");
        cell.Is(
            Beside(From("kernel").Rows("u").Gate("g"), Zero("(u, u)"), From("kernel").Rows("u").Gate("c")),
            "[kernel[u] g | 0 | kernel[u] c]",
            "(2, 6)",
            "104 105 0 0 106 107 108 109 0 0 110 111");
        cell.Is(
            Beside(From("bias").Gate("g").Plus("forget_bias"), Constant(100, "(u,)"), From("bias").Gate("c")),
            "[(bias g + forget_bias) | 100 | bias c]",
            "(6,)",
            "200.5 201.5 100 100 202 203");
    }

    [Fact]
    public void A_GRU_reads_as_gates_beside_the_candidate()
    {
        Gru.Is(
            Beside(From("gates/kernel").Rows("x").Gates("ru", "zr"), From("candidate/kernel").Rows("x")),
            "[gates/kernel[x] ru->zr | candidate/kernel[x]]",
            "(1, 6)",
            "102 103 100 101 300 301");
        Gru.Is(
            Beside(From("gates/bias").Gates("zr"), From("candidate/bias")),
            "[gates/bias ru->zr | candidate/bias]",
            "(6,)",
            "202 203 200 201 400 401");
    }

    [Fact]
    public void Two_biases_are_rows_below_each_other() => Gru.Is(
        Above(
            Beside(From("gates/bias").Gates("zr"), From("candidate/input_projection/bias")),
            Beside(Zero("(2u,)"), From("candidate/hidden_projection/bias"))),
        "[[gates/bias ru->zr | candidate/input_projection/bias] / [0 | candidate/hidden_projection/bias]]",
        "(2, 6)",
        "202 203 200 201 600 601 0 0 0 0 800 801");

    [Fact]
    public void Pieces_of_an_opaque_buffer_are_transposed()
    {
        var cell = new Source(x: 3, u: 2).Add("opaque_kernel", "(14,)", 0, null);
        cell.Is(From("opaque_kernel").Elements(0, "(u, x)").Transposed(), "(opaque_kernel[0:] as (u, x)).T", "(3, 2)", "0 3 1 4 2 5");
        cell.Is(From("opaque_kernel").Elements(6, "(u, u)").Transposed(), "(opaque_kernel[6:] as (u, u)).T", "(2, 2)", "6 8 7 9");
        cell.Is(
            Sum(From("opaque_kernel").Elements(10, "(u,)"), From("opaque_kernel").Elements(12, "(u,)")),
            "(opaque_kernel[10:] as (u,) + opaque_kernel[12:] as (u,))",
            "(2,)",
            "22 24");
    }

    [Fact]
    public void Gates_that_are_rows_are_transposed_first()
    {
        var cell = new Source(x: 1, u: 2).Add("w", "(3u, x)", 0, "ruh");
        cell.Is(From("w").Transposed().Gates("zrh"), "w.T ruh->zrh", "(1, 6)", "2 3 0 1 4 5");
    }

    [Fact]
    public void A_diagonal_and_another_shape()
    {
        var cell = new Source(x: 1, u: 3).Add("kernel_u", "(1, u)", 1, null).Add("bias", "(6u,)", 0, null);
        cell.Is(From("kernel_u").Diagonal(), "diag(kernel_u)", "(3, 3)", "1 0 0 0 2 0 0 0 3");
        cell.Is(From("kernel_u").AsShape("(u,)"), "kernel_u as (u,)", "(3,)", "1 2 3");
        cell.Is(From("bias").AsShape("(2, 3u)"), "bias as (2, 3u)", "(2, 9)", "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17");
        cell.Is(From("bias").Elements(9, "(3u,)").ScaledBy(0.5), "0.5 * (bias[9:] as (3u,))", "(9,)", "4.5 5 5.5 6 6.5 7 7.5 8 8.5");
    }

    [Fact]
    public void What_cannot_be_is_refused_with_its_recipe()
    {
        var product = From("gates/kernel").Times(From("gates/kernel"));
        var refused = new Dictionary<string, Derivation>
        {
            ["No variable has the role nothing."] = From("nothing"),
            ["candidate/kernel z: the variable declares no order of gates."] = From("candidate/kernel").Gate("z"),
            ["gates/bias[x]: the rows have no names."] = From("gates/bias").Rows("x"),
            ["The axis x+h has no part p."] = From("gates/kernel").Rows("p"),
            ["(gates/bias + leak): no constant is called leak."] = From("gates/bias").Plus("leak"),
            ["(4,) cannot stand beside (3, 4)."] = Beside(From("gates/kernel"), From("gates/bias")),
            ["(2,) cannot stand below (4,)."] = Above(From("gates/bias"), From("candidate/bias")),
            ["(4,) and (2,) cannot be added."] = Sum(From("gates/bias"), From("candidate/bias")),
            ["gates/kernel @ gates/kernel: (3, 4) and (3, 4) have no product."] = product,
            ["gates/kernel @ gates/kernel is a product, and a product stands outermost."] = product.Transposed(),
            ["gates/bias[3:] as (u,): elements 3 to 5 of 4 are asked for."] = From("gates/bias").Elements(3, "(u,)"),
            ["(4,) has 4 elements and (2,) has 2."] = From("gates/bias").AsShape("(u,)"),
            ["4 columns do not hold 3 gates of one width."] = From("gates/bias").Gate("z", "zrh"),
        };
        foreach (var (message, derivation) in refused)
        {
            Assert.Equal(message, Assert.Throws<InvalidOperationException>(() => derivation.Resolve(Gru.Binding)).Message);
        }
    }

    [Fact]
    public void Half_precision_is_widened_before_its_sign_is_turned()
    {
        var info = new TensorInfo("w", DType.Float16, new Shape(3));
        Half[] halves = [(Half)1.5, Half.NegativeZero, Half.MaxValue];
        var variables = new Dictionary<string, Tensor> { ["w"] = new MemoryTensor(info, MemoryMarshal.AsBytes<Half>(halves).ToArray()) };
        var written = new float[3];
        var bound = new Dictionary<string, BoundVariable> { ["w"] = new(info) };
        var binding = new Binding(bound, new Dictionary<char, long>(), new Dictionary<string, double>());
        Transform.Fill(From("w").Negated().Resolve(binding), variables, 0, 1, written.AsSpan());
        Assert.Equal([-1.5f, 0f, -65504f], written);
        Assert.False(float.IsNegative(written[1]));
    }

    private sealed class Source(int x, int u)
    {
        private readonly Dictionary<char, long> sizes = new() { ['x'] = x, ['u'] = u, ['h'] = u };
        private readonly Dictionary<string, BoundVariable> bound = [];
        private readonly Dictionary<string, Tensor> variables = [];

        public Binding Binding => new(bound, sizes, new Dictionary<string, double> { ["forget_bias"] = 0.5 });

        public Source Add(string role, string symbolic, int first, string? gates)
        {
            var shape = SymbolicShape.Parse(symbolic);
            var info = new TensorInfo(role, DType.Float32, shape.Resolve(sizes));
            var values = Enumerable.Range(first, (int)info.Shape.ElementCount).Select(value => (float)value).ToArray();
            variables[role] = new MemoryTensor(info, MemoryMarshal.AsBytes<float>(values).ToArray());
            bound[role] = new BoundVariable(info, shape, gates);
            return this;
        }

        public void Is(Derivation derivation, string text, string shape, string numbers)
        {
            Assert.Equal(text, derivation.Text(Binding));
            var arrangement = derivation.Resolve(Binding);
            Assert.Equal(shape, arrangement.Shape.ToString());
            var written = new float[arrangement.Shape.ElementCount];
            Transform.Fill(arrangement, variables, 0, (int)arrangement.Shape.Rows, written.AsSpan());
            Assert.Equal(numbers, string.Join(' ', written));
        }
    }
}
