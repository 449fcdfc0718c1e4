using LstmConvert.Arrays;

namespace LstmConvert.Tests.Arrays;

/// <summary>Batches of sequences.</summary>
public sealed class SequenceTests
{
    private static readonly Sequence Numbers = new(2, 3, 2, [.. Enumerable.Range(0, 12).Select(k => (double)k)]);

    [Fact]
    public void A_row_is_reversed_within_its_length() =>
        Assert.Equal([2, 3, 0, 1, 4, 5, 10, 11, 8, 9, 6, 7], Numbers.Reversed([2, 3]).Values);

    [Fact]
    public void Steps_go_out_and_in()
    {
        Assert.Equal([2, 3, 8, 9], Numbers.Step(1, Precision.Single).ToDoubles());
        var copy = Sequence.Zeros(2, 3, 2);
        for (var t = 0; t < 3; t++)
        {
            copy.SetStep(t, Numbers.Step(t, Precision.Double));
        }

        Assert.Equal(Numbers.Values, copy.Values);
    }

    [Fact]
    public void Steps_with_more_axes_go_beside_each_other_on_the_last()
    {
        var left = new Sequence(1, 2, [2, 1], [1, 2, 3, 4]);
        var right = new Sequence(1, 2, [2, 2], [10, 11, 20, 21, 30, 31, 40, 41]);
        var both = left.Beside(right);
        Assert.Equal([2, 3], both.StepShape);
        Assert.Equal([1, 10, 11, 2, 20, 21, 3, 30, 31, 4, 40, 41], both.Values);
        Assert.Equal([1, 2, 3], both.Step(0, Precision.Double).Dimensions);
        Assert.Throws<ArgumentException>(() => left.Beside(Numbers));
    }

    [Fact]
    public void Heads_and_sums()
    {
        Assert.Equal([0, 1, 2, 3], Numbers.Head(1, 2).Values);
        Assert.Equal(Numbers.Values, Numbers.Head(9, 9).Values);
        Assert.Equal([.. Numbers.Values.Select(value => 2 * value)], Numbers.Plus(Numbers).Values);
    }
}
