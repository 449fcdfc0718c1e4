using System.Globalization;

namespace LstmConvert.Reports;

/// <summary>An axis of a plot: from numbers to places.</summary>
/// <param name="From">The place of the first number.</param>
/// <param name="To">The place of the last.</param>
internal abstract record Axis(double From, double To)
{
    /// <summary>Where lines are drawn across, and what stands beside them.</summary>
    public abstract IReadOnlyList<(double Value, string Label)> Ticks { get; }

    /// <summary>The place of a number.</summary>
    /// <param name="value">The number.</param>
    public abstract double Place(double value);
}

/// <summary>An axis of equal steps.</summary>
/// <param name="Low">The smallest number.</param>
/// <param name="High">The largest.</param>
/// <param name="From">The place of the smallest.</param>
/// <param name="To">The place of the largest.</param>
/// <param name="Most">At most so many steps.</param>
internal sealed record LinearAxis(double Low, double High, double From, double To, int Most = 5) : Axis(From, To)
{
    /// <inheritdoc/>
    public override IReadOnlyList<(double Value, string Label)> Ticks
    {
        get
        {
            var span = High - Low;
            if (!(span > 0))
            {
                return [(Low, Label(Low))];
            }

            var power = Math.Pow(10, Math.Floor(Math.Log10(span / Most)));
            var step = new[] { 1.0, 2, 5, 10 }.Select(factor => factor * power).First(size => span / size <= Most);
            var first = Math.Ceiling((Low - (span * 1e-9)) / step);
            return
            [
                .. Enumerable
                    .Range(0, Most + 2)
                    .Select(k => (first + k) * step)
                    .Where(value => value <= High + (span * 1e-9))
                    .Select(value => (value, Label(Math.Abs(value) < step * 1e-9 ? 0 : value))),
            ];
        }
    }

    /// <inheritdoc/>
    public override double Place(double value) => High > Low ? From + ((value - Low) / (High - Low) * (To - From)) : (From + To) / 2;

    private static string Label(double value) => Math.Round(value, 10).ToString("G6", CultureInfo.InvariantCulture);
}

/// <summary>An axis of powers of ten. What is 0 stands at its foot.</summary>
/// <param name="LowPower">The smallest power of ten.</param>
/// <param name="HighPower">The largest.</param>
/// <param name="From">The place of the smallest.</param>
/// <param name="To">The place of the largest.</param>
internal sealed record PowerAxis(int LowPower, int HighPower, double From, double To) : Axis(From, To)
{
    /// <inheritdoc/>
    public override IReadOnlyList<(double Value, string Label)> Ticks
    {
        get
        {
            var step = (HighPower - LowPower) switch
            {
                <= 6 => 1,
                <= 12 => 2,
                _ => 4,
            };
            return
            [
                (0, "0"),
                .. Enumerable
                    .Range(LowPower + 1, HighPower - LowPower)
                    .Where(power => power % step == 0)
                    .Select(power => (Math.Pow(10, power), Label(power))),
            ];
        }
    }

    /// <inheritdoc/>
    public override double Place(double value) => double.IsNaN(value) || value >= Math.Pow(10, HighPower) ? To
        : value <= Math.Pow(10, LowPower) ? From
        : From + ((Math.Log10(value) - LowPower) / (HighPower - LowPower) * (To - From));

    /// <summary>The axis that shows some numbers above 0, one power of ten free above and below.</summary>
    /// <param name="values">The numbers; what is not finite or 0 does not count.</param>
    /// <param name="from">The place of the smallest.</param>
    /// <param name="to">The place of the largest.</param>
    public static PowerAxis Around(IEnumerable<double> values, double from, double to)
    {
        var powers = values
            .Where(value => value > 0 && double.IsFinite(value))
            .Select(value => Math.Log10(Math.Max(value, 1e-20)))
            .DefaultIfEmpty(-6)
            .ToArray();
        return new PowerAxis((int)Math.Floor(powers.Min() - 0.35), (int)Math.Ceiling(powers.Max() + 0.35), from, to);
    }

    private static string Label(int power) => power switch
    {
        0 => "1",
        1 => "10",
        _ => string.Create(CultureInfo.InvariantCulture, $"1e{power}"),
    };
}
