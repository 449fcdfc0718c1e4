using System.Globalization;

namespace LstmConvert.Reports;

/// <summary>Numbers as a page shows them, each with its exact value for whoever reads the page with a program.</summary>
internal static class Shown
{
    /// <summary>A number with few digits, its exact value in the attribute.</summary>
    /// <param name="value">The number.</param>
    public static Markup Number(double value) =>
        Markup.Of($"""<data value="{value.ToString(CultureInfo.InvariantCulture)}">{Text(value)}</data>""");

    /// <summary>A number of which each digit counts.</summary>
    /// <param name="value">The number.</param>
    public static Markup Digits(double value) =>
        Markup.Of(
            $"""<data value="{value.ToString(CultureInfo.InvariantCulture)}">{value.ToString("g9", CultureInfo.InvariantCulture)}</data>"""
        );

    /// <summary>A whole number, its thousands apart.</summary>
    /// <param name="value">The number.</param>
    public static Markup Count(long value) =>
        Markup.Of($"""<data value="{value}">{value.ToString("N0", CultureInfo.InvariantCulture)}</data>""");

    /// <summary>Three digits: <c>0</c>, <c>1.49e-7</c>, <c>0.0246</c>.</summary>
    /// <param name="value">The number.</param>
    public static string Text(double value)
    {
        if (value == 0 || !double.IsFinite(value))
        {
            return double.IsPositiveInfinity(value) ? "infinite" : value == 0 ? "0" : double.IsNaN(value) ? "NaN" : "-infinite";
        }

        if (Math.Abs(value) is >= 0.001 and < 10_000)
        {
            return value.ToString("G3", CultureInfo.InvariantCulture);
        }

        var text = value.ToString("0.##e+0", CultureInfo.InvariantCulture);
        return text.Replace("e+", "e", StringComparison.Ordinal);
    }

    /// <summary>A part of a whole in percent: <c>98.4 %</c>.</summary>
    /// <param name="part">The part.</param>
    /// <param name="whole">The whole.</param>
    public static string Percent(long part, long whole)
    {
        var share = 100.0 * part / Math.Max(1, whole);
        return part == 0 ? "0"
            : part == whole ? "100 %"
            : share < 0.1 ? "< 0.1 %"
            : share > 99.9 ? "> 99.9 %"
            : string.Create(CultureInfo.InvariantCulture, $"{share:0.#} %");
    }
}
