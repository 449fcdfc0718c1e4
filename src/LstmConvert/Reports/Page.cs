using System.Text;
using LstmConvert.Files;

namespace LstmConvert.Reports;

/// <summary>A command as its user types it, and what it does.</summary>
/// <param name="Words">What it does.</param>
/// <param name="Line">The command, quoted for a shell.</param>
public sealed record ReportedCommand(string Words, string Line);

/// <summary>A page of HTML that stands alone: style and drawings are in it, nothing is loaded, no script runs.</summary>
internal static class Page
{
    private static readonly UTF8Encoding Encoding = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly Lazy<string> Style = new(() =>
    {
        using var reader = new StreamReader(typeof(Page).Assembly.GetManifestResourceStream("report.css")!, Encoding);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    });

    /// <summary>The whole page.</summary>
    /// <param name="title">The title.</param>
    /// <param name="content">What stands in it.</param>
    public static string Of(string title, Markup content) =>
        Markup
            .Of(
                $"""
                <!DOCTYPE html>
                <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
                <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="generator" content="lstmconvert {ToolVersion.Current}"/>
                <title>{title}</title>
                <style>
                {Markup.Trusted(Style.Value)}</style>
                </head>
                <body>
                <main>
                {content}</main>
                <footer><p>Written by lstmconvert {ToolVersion.Current}. This file is complete: it loads nothing and runs no script. Every number has its exact value in the <code>value</code> attribute of its element.</p></footer>
                </body>
                </html>

        """).ToString();

    /// <summary>A section with its heading.</summary>
    /// <param name="id">Its name for links.</param>
    /// <param name="title">The heading.</param>
    /// <param name="content">What stands in it; nothing leaves the section out.</param>
    public static Markup Section(string id, string title, Markup content) => content.IsEmpty ? content : Markup.Of($"""
        <section id="{id}">
        <h2>{title}</h2>
        {content}
        </section>

        """);

    /// <summary>Commands, each with what it does.</summary>
    /// <param name="commands">The commands.</param>
    public static Markup Commands(IReadOnlyList<ReportedCommand> commands) =>
        commands.Count == 0
            ? Markup.None
            : Section(
                "reproduce",
                "How to reproduce",
                Markup.Of(
                    $"""
                    <p>With lstmconvert {ToolVersion.Current}, in the folder in which these names are right:</p>
                    <dl class="commands">{commands.Select(command =>
                        Markup.Of($"""<dt>{command.Words}</dt><dd><code>{command.Line}</code></dd>"""))}</dl>
                    """
                ));

    /// <summary>Writes a page, complete or not at all.</summary>
    /// <param name="page">The page.</param>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True replaces a file of that name.</param>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    public static void Write(string page, string path, bool overwrite) => OutputFile.Write(path, overwrite, temporary =>
    {
        File.WriteAllText(temporary, page, Encoding);
        return page.Length;
    });
}
