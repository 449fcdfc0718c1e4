using System.CommandLine;
using LstmConvert.Cli.Help;

namespace LstmConvert.Cli.Tests.Help;

/// <summary>Every page of the help, at every width, and as a man page.</summary>
public sealed class HelpTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public static TheoryData<string> Commands() => [.. All().Select(HelpPage.NameOf)];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_page_fits_its_width(string name)
    {
        var page = HelpPage.Of(All().Single(command => HelpPage.NameOf(command) == name));
        foreach (var width in new[] { 40, 60, 80, 120 })
        {
            using var output = new StringWriter();
            HelpText.Write(output, page, width);

            // A line that is typed is never broken.
            var typed = page.Examples.Select(example => "    " + example.Line).ToHashSet(StringComparer.Ordinal);
            var lines = output.ToString().ReplaceLineEndings("\n").Split('\n');
            Assert.All(lines.Where(line => !typed.Contains(line) && line.Trim().Contains(' ', StringComparison.Ordinal)), line =>
                Assert.True(line.Length <= width, $"{width}: {line}"));
            Assert.All(lines, line => Assert.Equal(line.TrimEnd(), line));
            Assert.True(width < 80 || typed.All(line => line.Length <= 80));
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_page_has_examples_and_says_of_every_option_what_it_does(string name)
    {
        var command = All().Single(one => HelpPage.NameOf(one) == name);
        var page = HelpPage.Of(command);
        Assert.NotEmpty(page.Examples);
        Assert.All(page.Sections.SelectMany(section => section.Items), item => Assert.True(item.Text.Length > 10, item.Term));
        Assert.DoesNotContain(page.Sections, section => section.Title == OptionGroup.Other.Title);
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_example_is_a_line_that_is_understood(string name)
    {
        var root = CommandLine.Root();
        foreach (var example in HelpPage.Of(All().Single(one => HelpPage.NameOf(one) == name)).Examples)
        {
            Assert.True(example.Line.Contains("lstmconvert ", StringComparison.Ordinal), example.Line);
            var words = example
                .Line[(example.Line.IndexOf("lstmconvert ", StringComparison.Ordinal) + 12)..]
                .Split([')', '>', '|'])[0]
                .Split(' ', StringSplitOptions.RemoveEmptyEntries);
            WordCheck.Refuse(root, words);
            Assert.True(
                root.Parse(words).Errors.Count == 0,
                $"{example.Line}: {string.Join(' ', root.Parse(words).Errors.Select(error => error.Message))}");
        }
    }

    [Fact]
    public async Task Without_a_word_the_help_is_shown_and_help_of_a_command_is_its_page()
    {
        var (code, output, _) = await CommandTests.Run();
        Assert.Equal(0, code);
        Assert.Equal((await CommandTests.Run("--help")).Output, output);
        foreach (var command in All().Where(command => command is not RootCommand))
        {
            var page = await CommandTests.Run("help", command.Name);
            Assert.Equal((0, page.Output), (page.Code, (await CommandTests.Run(command.Name, "--help")).Output));
            Assert.Contains("Examples:", page.Output, StringComparison.Ordinal);
        }

        Assert.Contains("129, 130, 143", (await CommandTests.Run("help", "exit-codes")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_version_has_the_commit_and_the_runtime()
    {
        var (code, output, _) = await CommandTests.Run("--version");
        Assert.Equal(0, code);
        Assert.Matches(@"^lstmconvert \d+\.\d+\.\d+\S* \(commit ([0-9a-f]{40}|unknown); \.NET 1\d\.\S+; \S+-\S+\)\s*$", output);
    }

    [Fact]
    public async Task The_man_pages_are_without_a_fault()
    {
        var man = Path.Combine(folder, "man1");
        Assert.Equal(0, (await CommandTests.Run("help", "--man", man)).Code);
        var pages = Directory.GetFiles(man);
        Assert.Equal(All().Count(), pages.Length);
        var (code, output, error) = await RealProgram.Run("mandoc", "mandoc", ["-T", "lint", "-W", "warning", .. pages]);
        Assert.True(code is 0 or 2, error);
        Assert.All(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line =>
            Assert.Contains("missing date", line, StringComparison.Ordinal)); // one commit gives the same bytes each day
        var shown = await RealProgram.Run("mandoc", "mandoc", ["-T", "utf8", Path.Combine(man, "lstmconvert-tf2keras.1")]);
        Assert.Contains("--forget-bias [SCOPE=]VALUE", Overstrike(shown.Output), StringComparison.Ordinal);
        Assert.Contains(
            "tf2keras samples",
            Overstrike(shown.Output).Replace("model.ckpt", "samples", StringComparison.Ordinal),
            StringComparison.Ordinal);
    }

    internal static IEnumerable<Command> All()
    {
        var root = CommandLine.Root();
        return root.Subcommands.Where(command => !command.Hidden).Prepend(root);
    }

    /// <summary>Bold is a letter, a step back, and the letter again.</summary>
    private static string Overstrike(string text) => string.Concat(text.Split('\b').Select((part, k) => k == 0 ? part : part[1..]));
}
