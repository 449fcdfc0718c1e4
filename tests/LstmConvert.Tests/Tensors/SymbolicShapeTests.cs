using CsCheck;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Tensors;

/// <summary>Symbolic shapes are read, written and resolved, and the solver finds their sizes or says what does not fit.</summary>
public sealed class SymbolicShapeTests
{
    private static readonly Gen<long> Length = Gen.Long[1, 1 << 20];

    private static readonly Dictionary<char, long> Sizes = new() { ['x'] = 3, ['h'] = 2, ['u'] = 5 };

    [Theory]
    [InlineData("(x+h, 4u)", "(5, 20)")]
    [InlineData("(u,)", "(5,)")]
    [InlineData("(1, 2u)", "(1, 10)")]
    [InlineData("(2, 3u)", "(2, 15)")]
    [InlineData("(x+2u+1, 7)", "(14, 7)")]
    [InlineData("()", "()")]
    public void A_shape_is_read_and_resolved(string text, string resolved)
    {
        var shape = SymbolicShape.Parse(text);
        Assert.Equal(text, shape.ToString());
        Assert.Equal(resolved, shape.Resolve(Sizes).ToString());
    }

    [Theory]
    [InlineData("x, u")]
    [InlineData("(u)")]
    [InlineData("(u, , x)")]
    [InlineData("(x-u,)")]
    [InlineData("(0u,)")]
    [InlineData("(99999999999u,)")]
    [InlineData("(uv,)")]
    [InlineData("(4,u4)")]
    public void What_is_no_shape_is_refused(string text) => Assert.Throws<FormatException>(() => SymbolicShape.Parse(text));

    [Fact]
    public void A_block_of_rows_starts_after_those_before_it()
    {
        var shape = SymbolicShape.Parse("(x+2u+h, 4u)");
        Assert.Equal((0, 3), shape.Block('x', Sizes));
        Assert.Equal((3, 10), shape.Block('u', Sizes));
        Assert.Equal((13, 2), shape.Block('h', Sizes));
        Assert.Throws<InvalidOperationException>(() => shape.Block('p', Sizes));
    }

    [Fact]
    public void Shapes_of_random_sizes_are_solved_back() =>
        Gen.Select(Length, Length, Length, Gen.Bool, Gen.Shuffle(new[] { 0, 1, 2, 3 }, 4)).Sample((x, u, p, isProjected, order) =>
        {
            var sizes = new Dictionary<char, long> { ['x'] = x, ['u'] = u, ['h'] = isProjected ? p : u };
            string[] texts = isProjected ? ["(x+h, 4u)", "(4u,)", "(u, h)", "(1, u)"] : ["(x+h, 4u)", "(4u,)", "(u,)", "(2, 3u)"];
            var shapes = texts.Select(SymbolicShape.Parse)
                .Select((shape, k) => new SizedVariable($"v{k}", "a variable", shape, shape.Resolve(sizes))).ToArray();
            var solution = SizeSolver.Solve([.. order.Select(k => shapes[k])], [new DefaultSize('h', 'u')]);
            Assert.Null(solution.Problem);
            Assert.Equal(sizes.OrderBy(pair => pair.Key), solution.Sizes!.OrderBy(pair => pair.Key));
        });

    [Fact]
    public void A_shape_that_is_off_in_one_axis_is_never_solved_to_other_sizes_than_it_has() =>
        Gen.Select(Gen.Long[1, 9], Gen.Long[1, 9], Gen.Int[0, 4], Gen.Long[1, 60]).Sample((x, u, changed, length) =>
        {
            long[] lengths = [x + u, 4 * u, 4 * u, u, 3 * u];
            lengths[changed] = length;
            var solution = SizeSolver.Solve(
                [
                    new SizedVariable("k", "a kernel", SymbolicShape.Parse("(x+u, 4u)"), new Shape(lengths[0], lengths[1])),
                    new SizedVariable("b", "a bias", SymbolicShape.Parse("(4u,)"), new Shape(lengths[2])),
                    new SizedVariable("d", "a diagonal", SymbolicShape.Parse("(u, 3u)"), new Shape(lengths[3], lengths[4])),
                ],
                []);
            var fits = lengths[1] == 4 * lengths[3] && lengths[2] == lengths[1] && lengths[4] == 3 * lengths[3] && lengths[0] > lengths[3];
            Assert.Equal(fits, solution.Fits);
            if (solution.Fits)
            {
                Assert.Equal((lengths[3], lengths[0] - lengths[3]), (solution.Sizes['u'], solution.Sizes['x']));
            }
        });

    [Theory]
    [InlineData("(60, 127)", "(128,)", "", "rnn/kernel is (60, 127); an LSTM kernel is (x+u, 4u), and 127 is not a multiple of 4")]
    [InlineData("(5, 16)", "(12,)", "", "rnn/bias is (12,); beside the LSTM kernel (5, 16) the LSTM bias is (16,)")]
    [InlineData("(4, 16)", "(16,)", "", "rnn/kernel is (4, 16); {} (x+u, 4u), and with u = 4, 0 is left for x, which is at least 1")]
    [InlineData("(60,)", "(128,)", "", "rnn/kernel is (60,); an LSTM kernel is (x+u, 4u)")]
    [InlineData("(5, 0)", "(0,)", "", "rnn/kernel is (5, 0); an LSTM kernel is (x+u, 4u), and 0 is left for u, which is at least 1")]
    [InlineData("(5, 16)", "(16,)", "(3, 2)", "rnn/projection is (3, 2); beside the LSTM kernel (5, 16) the projection is (4, h)")]
    [InlineData("(5, 16)", "(16,)", "(4, 5)", "rnn/kernel is (5, 16); {} (x+h, 4u), and with h = 5, 0 is left for x, which is at least 1")]
    [InlineData(
        "(5, 68719476736)", "(16,)", "",
        "rnn/kernel is (5, 68719476736); {} (x+u, 4u), and 68719476736 is left for u, which is at most 2147483647")]
    public void What_does_not_fit_is_said_with_its_numbers(string kernel, string bias, string projection, string problem)
    {
        List<SizedVariable> variables =
        [
            new("rnn/kernel", "an LSTM kernel", SymbolicShape.Parse("(x+h, 4u)"), ShapeOf(kernel)),
            new("rnn/bias", "an LSTM bias", SymbolicShape.Parse("(4u,)"), ShapeOf(bias)),
        ];
        if (projection.Length > 0)
        {
            variables.Add(new("rnn/projection", "a projection", SymbolicShape.Parse("(u, h)"), ShapeOf(projection)));
        }

        var solution = SizeSolver.Solve(variables, [new DefaultSize('h', 'u')]);
        Assert.Equal(problem.Replace("{}", "an LSTM kernel is", StringComparison.Ordinal), solution.Problem);
    }

    [Fact]
    public void A_number_that_is_another_is_said()
    {
        var solution = SizeSolver.Solve([new SizedVariable("b", "a bias", SymbolicShape.Parse("(2, 3u)"), new Shape(1, 6))], []);
        Assert.Equal("b is (1, 6); a bias is (2, 3u)", solution.Problem);
    }

    [Fact]
    public void A_square_that_is_none_is_said_with_the_size_of_its_first_axis()
    {
        var solution = SizeSolver.Solve([new SizedVariable("r", "a recurrent kernel", SymbolicShape.Parse("(u, u)"), new Shape(3, 4))], []);
        Assert.Equal("r is (3, 4); a recurrent kernel is (u, u), and with u = 3, that is (3, 3)", solution.Problem);
    }

    [Fact]
    public void A_size_that_no_shape_determines_is_said()
    {
        var solution = SizeSolver.Solve([new SizedVariable("w", "a kernel", SymbolicShape.Parse("(x+h, u)"), new Shape(3, 4))], []);
        Assert.Equal("w is (3, 4); a kernel is (x+h, u), and no shape determines x", solution.Problem);
    }

    private static Shape ShapeOf(string text) =>
        new([.. text.Trim('(', ')').Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)]);
}
