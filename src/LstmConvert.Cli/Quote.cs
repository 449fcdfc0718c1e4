namespace LstmConvert.Cli;

/// <summary>Words as a shell takes them.</summary>
internal static class Quote
{
    /// <summary>A word, quoted where a shell would read it otherwise.</summary>
    public static string Shell(string word, bool always = false) =>
        always || word.Length == 0 || word.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || "'\"$*?&;()<>|[]{}!#~`\\".Contains(c, StringComparison.Ordinal))
            ? $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"
            : word;
}
