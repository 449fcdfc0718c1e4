namespace LstmConvert.Graphs.Execution;

/// <summary>The largest or the mean under each window.</summary>
internal static class PoolingOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["MaxPool"] = Call.One(at => Pooled(at, isMean: false)),
        ["MaxPool3D"] = Call.One(at => Pooled(at, isMean: false)),
        ["AvgPool"] = Call.One(at => Pooled(at, isMean: true)),
        ["AvgPool3D"] = Call.One(at => Pooled(at, isMean: true)),
    };

    /// <summary>In float64, rounded once; a mean is that of what lies within the edges.</summary>
    private static GraphValue Pooled(Call at, bool isMean)
    {
        var isFirst = Window.IsChannelsFirst(at);
        var (value, sizes) = (Window.ChannelsLast(at, at[0], isFirst), at.Node.Ints("ksize"));
        var (window, channels) = (Window.Of(at, value, isFirst ? sizes[2..] : sizes[1..^1], isFirst), value.Shape[^1]);
        int[] shape = [value.Shape[0], .. window.Output, channels];
        var (places, length, numbers) = (
            JoinOperations.Product(window.Output, 0),
            JoinOperations.Product(window.Lengths, 0),
            value.ToDoubles());
        var (result, counts) = (new double[at.Run.Budget.Count(shape)], new int[places]);
        at.Run.Budget.Spend((long)result.Length * JoinOperations.Product(window.Sizes, 0));
        if (!isMean)
        {
            Array.Fill(result, double.NegativeInfinity);
        }

        for (var one = 0; one < value.Shape[0]; one++)
        {
            window.Visit(
                (place, _, from) =>
                {
                    counts[place] += one == 0 ? 1 : 0;
                    for (
                        var (c, target, source) = (0, ((one * places) + place) * channels, ((one * length) + from) * channels);
                        c < channels;
                        c++)
                    {
                        result[target + c] = isMean
                            ? result[target + c] + numbers[source + c]
                            : Math.Max(result[target + c], numbers[source + c]);
                    }
                });
        }

        for (var k = 0; isMean && k < result.Length; k++)
        {
            result[k] /= Math.Max(1, counts[k / channels % places]);
        }

        return Window.AsNode(at, GraphValue.Numbers(result, shape).Cast(value.Type, at.Precision), isFirst);
    }
}
