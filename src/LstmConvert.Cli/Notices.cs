using System.Globalization;
using LstmConvert.Cli.Terminal;

namespace LstmConvert.Cli;

/// <summary>What is said beside the results, on the error stream: each warning once, with its source where there are several.</summary>
/// <param name="error">The error stream.</param>
/// <param name="namesSources">True where there are several sources.</param>
internal sealed class Notices(Screen error, bool namesSources)
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string Kind, string Text), int> said = [];

    /// <summary>What is said of one source.</summary>
    /// <param name="source">The source in one word.</param>
    public Notices.SourceNotices Of(string source) => new(this, source);

    /// <summary>Says how often what was said once was meant.</summary>
    public void SayHowOften()
    {
        foreach (var ((kind, text), count) in said.Where(pair => pair.Value > 1))
        {
            error.Notice(
                kind,
                string.Create(CultureInfo.InvariantCulture, $"of {count - 1} more {(count == 2 ? "source" : "sources")}: {text}"));
        }
    }

    private void Say(string kind, string source, string text)
    {
        lock (gate)
        {
            said[(kind, text)] = said.GetValueOrDefault((kind, text)) + 1;
            if (said[(kind, text)] == 1)
            {
                error.Notice(kind, namesSources ? $"{source}: {text}" : text);
            }
        }
    }

    /// <summary>What is said of one source, in order.</summary>
    internal sealed class SourceNotices(Notices all, string source)
    {
        private readonly List<string> warnings = [];
        private readonly List<string> notes = [];

        /// <summary>The warnings so far.</summary>
        public IReadOnlyList<string> Warnings => warnings;

        /// <summary>The notes so far.</summary>
        public IReadOnlyList<string> Notes => notes;

        /// <summary>Something that a person should read.</summary>
        public void Warn(string text) => Say("warning", text, warnings);

        /// <summary>Something that a person may want to know.</summary>
        public void Note(string text) => Say("note", text, notes);

        private void Say(string kind, string text, List<string> own)
        {
            if (!own.Contains(text))
            {
                own.Add(text);
                all.Say(kind, source, text);
            }
        }
    }
}
