namespace LstmConvert.Reports;

/// <summary>Fewer points than there are numbers, and never without the extremes: what a plot shows as its highest is the highest.</summary>
internal static class Thinning
{
    /// <summary>At most so many points of a curve: of each stretch its smallest and its largest value, where they stand.</summary>
    /// <param name="values">The curve.</param>
    /// <param name="most">At most so many points.</param>
    public static IReadOnlyList<(int Step, double Value)> Extremes(IReadOnlyList<double> values, int most)
    {
        if (values.Count <= most)
        {
            return [.. values.Index().Select(one => (one.Index, one.Item))];
        }

        var points = new List<(int Step, double Value)>();
        foreach (var stretch in Stretches(values.Count, most / 2))
        {
            var (low, high) = (stretch.From, stretch.From);
            for (var t = stretch.From; t < stretch.To; t++)
            {
                // What is no number is as extreme as anything.
                low = values[t] < values[low] || double.IsNaN(values[t]) ? t : low;
                high = values[t] > values[high] ? t : high;
            }

            points.Add((Math.Min(low, high), values[Math.Min(low, high)]));
            if (low != high)
            {
                points.Add((Math.Max(low, high), values[Math.Max(low, high)]));
            }
        }

        return points;
    }

    /// <summary>At most so many points: of each stretch its largest value, where it stands; one that is no number counts as the
    /// largest.</summary>
    /// <param name="values">The values.</param>
    /// <param name="most">At most so many points.</param>
    public static IReadOnlyList<(int Step, double Value)> Maxima(IReadOnlyList<double> values, int most) =>
        [
            .. Stretches(values.Count, most)
                .Select(stretch =>
                    Enumerable
                        .Range(stretch.From, stretch.To - stretch.From)
                        .Select(t => (Step: t, Value: values[t]))
                        .MaxBy(one => Rank(one.Value))),
        ];

    /// <summary>The largest absolute differences of a comparison over all rows, in at most so many columns of steps and rows of units; null
    /// where no row has the step.</summary>
    /// <param name="difference">The comparison.</param>
    /// <param name="columns">At most so many stretches of steps.</param>
    /// <param name="rows">At most so many stretches of units.</param>
    public static double?[,] Grid(Verification.Difference difference, int columns, int rows)
    {
        var (left, right) = (difference.LeftSide, difference.RightSide);
        var (steps, units) = (Stretches(left.Steps, columns).ToArray(), Stretches(left.Width, rows).ToArray());
        var grid = new double?[steps.Length, units.Length];
        var (column, row) = (Places(steps), Places(units));
        for (var b = 0; b < left.Batch; b++)
        {
            for (var t = 0; t < Math.Min(difference.Lengths[b], left.Steps); t++)
            {
                for (var k = 0; k < left.Width; k++)
                {
                    var value = Math.Abs(left[b, t, k] - right[b, t, k]);
                    if (grid[column[t], row[k]] is not { } known || Rank(value) > Rank(known))
                    {
                        grid[column[t], row[k]] = value;
                    }
                }
            }
        }

        return grid;
    }

    /// <summary>Stretches of nearly equal length that cover everything.</summary>
    /// <param name="count">How much there is.</param>
    /// <param name="most">At most so many stretches.</param>
    public static IEnumerable<(int From, int To)> Stretches(int count, int most)
    {
        var number = Math.Min(count, Math.Max(1, most));
        return Enumerable.Range(0, number).Select(k => ((int)((long)k * count / number), (int)((k + 1L) * count / number)));
    }

    private static double Rank(double value) => double.IsNaN(value) ? double.PositiveInfinity : value;

    private static int[] Places((int From, int To)[] stretches) =>
        [.. stretches.SelectMany((stretch, k) => Enumerable.Repeat(k, stretch.To - stretch.From))];
}
