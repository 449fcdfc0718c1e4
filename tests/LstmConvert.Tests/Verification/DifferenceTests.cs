using LstmConvert.Arrays;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Verification;

public sealed class DifferenceTests
{
    [Fact]
    public void Statistics_count_ulps_across_zero_and_leave_invalid_steps_out()
    {
        var next = (double)MathF.BitIncrement(2f);
        var (tiny, minus) = ((double)float.Epsilon, -(double)float.Epsilon);
        var left = new Sequence(2, 2, 2, [1, 2, tiny, -3, 100, 100, 7, 7]);
        var right = new Sequence(2, 2, 2, [1, next, minus, -3, 100, 100, 9, 9]);
        var statistics = Difference.Of("outputs", left, right, [2, 1]).Statistics();
        Assert.Equal(2, statistics.MaxUlp);
        Assert.Equal((next - 2) / 100, statistics.Relative, 1e-20);
        Assert.Equal(next - 2, statistics.Percentile99);
        Assert.Equal(1, statistics.Cosine, 1e-12);
    }

    [Fact]
    public void Opposite_sides_have_a_cosine_of_minus_one_and_zeros_one()
    {
        Assert.Equal(-1, Difference.Of("h", [1, 2], [-1, -2], 1).Statistics().Cosine, 1e-12);
        Assert.Equal(1, Difference.Of("h", [0, 0], [0, 0], 1).Statistics().Cosine);
    }
}
