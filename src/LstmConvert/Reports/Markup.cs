using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace LstmConvert.Reports;

/// <summary>
/// Text of HTML or SVG that may stand in a page as it is. It is made of literals of ours and of values, and every value that is no markup
/// itself is escaped: a name out of a
/// file cannot become a tag, an attribute or a change of direction. Elements without content end in <c>/&gt;</c>, so that the page is XML
/// too.
/// </summary>
internal sealed class Markup
{
    private readonly string text;

    private Markup(string text) => this.text = text;

    /// <summary>Nothing.</summary>
    public static Markup None { get; } = new("");

    /// <summary>True for nothing.</summary>
    public bool IsEmpty => text.Length == 0;

    /// <summary>Markup with values in it.</summary>
    /// <param name="handler">The interpolated text.</param>
    public static Markup Of(Handler handler) => new(handler.Finish());

    /// <summary>Several, one after the other.</summary>
    /// <param name="parts">The parts.</param>
    public static Markup Join(IEnumerable<Markup> parts) => new(string.Concat(parts.Select(part => part.text)));

    /// <summary>A text of ours that needs no escaping: the style sheet.</summary>
    /// <param name="text">The text.</param>
    public static Markup Trusted(string text) => new(text);

    /// <summary>A name out of a file: of its own direction, and broken in a narrow column behind its slashes.</summary>
    /// <param name="name">The name.</param>
    public static Markup Name(string name) => Of($"""<bdi class="name">{Breakable(name)}</bdi>""");

    /// <inheritdoc/>
    public override string ToString() => text;

    /// <summary>A text as it is shown: what HTML reads otherwise escaped, what a reader would not see or be misled by shown as
    /// <c>\x1b</c>.</summary>
    /// <param name="value">The text.</param>
    public static string Escaped(string value)
    {
        var result = new StringBuilder(value.Length + 16);
        for (var k = 0; k < value.Length; k++)
        {
            var c = value[k];
            _ = c switch
            {
                '&' => result.Append("&amp;"),
                '<' => result.Append("&lt;"),
                '>' => result.Append("&gt;"),
                '"' => result.Append("&quot;"),
                '\'' => result.Append("&#39;"),
                _ when char.IsSurrogatePair(value, k) && !IsUnseen(CharUnicodeInfo.GetUnicodeCategory(value, k)) => result
                    .Append(c)
                    .Append(value[++k]),
                _ when IsUnseen(char.GetUnicodeCategory(c)) || c is '\ufffe' or '\uffff' => c <= 0xff
                    ? result.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}")
                    : result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => result.Append(c),
            };
        }

        return result.ToString();
    }

    /// <summary>A text that may be broken behind a slash, an underscore or an equals sign:
    /// <c>recurrent_activation=hard_sigmoid</c>.</summary>
    /// <param name="text">The text.</param>
    public static Markup Breakable(string text) =>
        new(
            Escaped(text)
                .Replace("/", "/<wbr/>", StringComparison.Ordinal)
                .Replace("_", "_<wbr/>", StringComparison.Ordinal)
                .Replace("=", "=<wbr/>", StringComparison.Ordinal));

    private static bool IsUnseen(UnicodeCategory category) =>
        category
            is UnicodeCategory.Control
                or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator
                or UnicodeCategory.Surrogate;

    /// <summary>Takes the parts of an interpolated text: literals as they are, values escaped.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Handler
    {
        private readonly StringBuilder result;

        /// <summary>Begins.</summary>
        /// <param name="literalLength">The length of the literals.</param>
        /// <param name="formattedCount">The number of values.</param>
        public Handler(int literalLength, int formattedCount) => result = new StringBuilder(literalLength + (formattedCount * 12));

        /// <summary>A literal.</summary>
        /// <param name="value">The text.</param>
        public void AppendLiteral(string value) => result.Append(value);

        /// <summary>A text, escaped.</summary>
        /// <param name="value">The text.</param>
        public void AppendFormatted(string? value) => result.Append(Escaped(value ?? ""));

        /// <summary>Markup, as it is.</summary>
        /// <param name="value">The markup.</param>
        public void AppendFormatted(Markup value) => result.Append(value.text);

        /// <summary>Markup, one after the other.</summary>
        /// <param name="values">The markup.</param>
        public void AppendFormatted(IEnumerable<Markup> values) => result.Append(Join(values).text);

        /// <summary>A whole number.</summary>
        /// <param name="value">The number.</param>
        public void AppendFormatted(long value) => result.Append(CultureInfo.InvariantCulture, $"{value}");

        /// <summary>A length or a place in a drawing, to a hundredth.</summary>
        /// <param name="value">The number.</param>
        public void AppendFormatted(double value) => result.Append(Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture));

        /// <summary>The text.</summary>
        public string Finish() => result.ToString();
    }
}
