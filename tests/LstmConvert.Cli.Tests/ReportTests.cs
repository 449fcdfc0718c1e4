using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LstmConvert.Cli.Tests;

/// <summary>The pages of <c>--report</c>: what they say is what the command says, they need nothing beside themselves, and axe finds
/// nothing wrong with them in a browser.</summary>
public sealed partial class ReportTests : IDisposable
{
    private static readonly XNamespace Html = "http://www.w3.org/1999/xhtml";
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Variables => Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables");

    private static string Projected => Path.Combine(CommandTests.Root(), "tests", "data", "goldens", "tf1", "lstm-proj");

    private static string SavedModel => Path.Combine(CommandTests.Root(), "samples", "saved-model");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("same")]
    [InlineData("different")]
    public async Task The_page_has_the_numbers_and_sentences_of_the_command(string verdict)
    {
        string[] told = verdict == "same" ? [] : ["--forget-bias", "0"];
        await Convert(Variables, "o.h5");
        var (code, output, _) = await CommandTests.Run(["verify", Variables, At("o.h5"), "--json", "--report", At("r.html"), .. told]);
        Assert.Equal(verdict == "same" ? 0 : 1, code);
        using var said = JsonDocument.Parse(output);
        Assert.Equal(At("r.html"), said.RootElement.GetProperty("report").GetString());
        var text = Words(Parsed("r.html"));
        Assert.Contains(verdict, text, StringComparison.OrdinalIgnoreCase);
        foreach (var layer in said.RootElement.GetProperty("layers").EnumerateArray())
        {
            Assert.Contains(layer.GetProperty("scope").GetString()!, text, StringComparison.Ordinal);
            foreach (var number in layer.GetProperty("float64").EnumerateArray().Select(one => one.GetProperty("max_abs_diff").GetDouble()))
            {
                Assert.Contains(
                    number.ToString("0.##e+0", CultureInfo.InvariantCulture).Replace("e+", "e", StringComparison.Ordinal),
                    Spelled(text),
                    StringComparer.Ordinal);
            }
        }

        if (verdict == "different")
        {
            Assert.Contains("forget bias 1 taken away in the Keras file", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_needs_nothing_beside_itself()
    {
        foreach (var page in await Pages())
        {
            var markup = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
            Assert.DoesNotContain("<script", markup, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("@import", markup, StringComparison.OrdinalIgnoreCase);
            var document = XDocument.Parse(markup);
            Assert.All(document.Descendants().Attributes().Where(one => one.Name.LocalName is "src" or "href"), one =>
                Assert.StartsWith("#", one.Value, StringComparison.Ordinal));
            Assert.All(document.Descendants(Html + "table"), table => Assert.NotEmpty(table.Descendants(Html + "th").Attributes("scope")));
            Assert.All(document.Descendants().Where(one => one.Name.LocalName == "svg" && one.Parent!.Name.LocalName != "svg"), drawing =>
                Assert.NotEmpty(drawing.Attribute("aria-label")?.Value ?? drawing.Attribute("aria-hidden")?.Value ?? ""));
        }
    }

    [Fact]
    public async Task The_same_verification_gives_the_same_bytes()
    {
        await Convert(Projected, "o.h5");
        Assert.Equal(0, (await CommandTests.Run("verify", Projected, At("o.h5"), "--report", At("r.html"))).Code);
        var first = await File.ReadAllBytesAsync(At("r.html"), TestContext.Current.CancellationToken);
        Assert.Equal(0, (await CommandTests.Run("verify", Projected, At("o.h5"), "--report", At("r.html"), "--force")).Code);
        Assert.Equal(Replaced(first), Replaced(await File.ReadAllBytesAsync(At("r.html"), TestContext.Current.CancellationToken)));

        static string Replaced(byte[] page) => System.Text.Encoding.UTF8.GetString(page).Replace(" --force", "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_a_thousand_steps_and_512_units_is_smaller_than_a_megabyte()
    {
        var variables = At("wide");
        var cell = Directory.CreateDirectory(Path.Combine(variables, "rnn", "basic_lstm_cell")).FullName;
        var random = new Random(3);
        float[] Drawn(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() - 0.5) / 12))];
        CommandTests.WriteNpy(Path.Combine(cell, "kernel.npy"), "(516, 2048)", Drawn(516 * 2048));
        CommandTests.WriteNpy(Path.Combine(cell, "bias.npy"), "(2048,)", Drawn(2048));
        CommandTests.WriteNpy(At("x.npy"), "(1, 1000, 4)", Drawn(4000));
        await Convert(variables, "o.h5");
        var (code, output, error) = await CommandTests.Run(
            "verify",
            variables,
            At("o.h5"),
            "--input",
            At("x.npy"),
            "--report",
            At("r.html"));
        Assert.True(code is 0 or 5, output + error);
        Assert.InRange(new FileInfo(At("r.html")).Length, 10_000, 1_000_000);
        Assert.Contains("1000", Words(Parsed("r.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_never_replaces_what_was_read_and_replaces_another_only_when_told()
    {
        await Convert(Variables, "o.h5");
        var before = await File.ReadAllBytesAsync(At("o.h5"), TestContext.Current.CancellationToken);
        Assert.NotEqual(0, (await CommandTests.Run("verify", Variables, At("o.h5"), "--report", At("o.h5"), "--force")).Code);
        Assert.Equal(before, await File.ReadAllBytesAsync(At("o.h5"), TestContext.Current.CancellationToken));
        await File.WriteAllTextAsync(At("mine.html"), "mine", TestContext.Current.CancellationToken);
        var (code, _, error) = await CommandTests.Run("verify", Variables, At("o.h5"), "--report", At("mine.html"));
        Assert.NotEqual(0, code);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(At("mine.html"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_commands_of_a_page_repeat_it()
    {
        await Convert(SavedModel, "o.keras");
        Assert.Equal(0, (await CommandTests.Run("verify", SavedModel, At("o.keras"), "--report", At("r.html"))).Code);
        var commands = Parsed("r.html")
            .Descendants(Html + "code")
            .Select(one => one.Value.Trim())
            .Where(line => line.StartsWith("lstmconvert ", StringComparison.Ordinal))
            .ToArray();
        Assert.NotEmpty(commands);
        foreach (var command in commands)
        {
            var (code, output, error) = await CommandTests.Run([.. command.Split(' ').Skip(1), "--force"]);
            Assert.True(code == 0, $"{command}\n{output}{error}");
        }
    }

    [Fact]
    public async Task The_sample_page_has_the_sections_of_todays_pages()
    {
        var source = Path.Combine(CommandTests.Root(), "samples", "checkpoint");
        await Convert(source, "language-model.h5");
        string[] recorded = ["--input", Path.Combine(source, "io.npz"), "--expect", Path.Combine(source, "io.npz"), "--sample", "b_"];
        Assert.Equal(0, (await CommandTests.Run(["verify", source, At("language-model.h5"), .. recorded, "--report", At("r.html")])).Code);
        var sample = XDocument.Load(Path.Combine(CommandTests.Root(), "samples", "reports", "language-model.html"));
        Assert.Equal(Headings(Parsed("r.html")), Headings(sample));

        static string[] Headings(XDocument page) =>
            [.. page.Descendants().Where(one => one.Name.LocalName is "h1" or "h2" or "h3" or "dt").Select(one => one.Value.Trim())];
    }

    [Fact]
    public async Task An_inspection_draws_each_layer()
    {
        Assert.Equal(0, (await CommandTests.Run("inspect", Projected, "--report", At("i.html"))).Code);
        var drawing = Parsed("i.html").Descendants().Where(one => one.Name.LocalName == "svg").Select(one => one.Value);
        Assert.Contains(drawing, text => text.Contains("rnn/lstm_cell", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("desk", 1200, 1)]
    [InlineData("desk, dark", 1200, 0)]
    [InlineData("phone", 390, 1)]
    [InlineData("phone, dark", 390, 0)]
    public async Task Axe_finds_nothing_wrong_with_a_page(string name, int width, int scheme)
    {
        var axe = Path.Combine(Environment.GetEnvironmentVariable("LSTMCONVERT_NODE_MODULES") ?? At("none"), "axe-core", "axe.min.js");
        var browser = Environment
            .GetEnvironmentVariable("PATH")!
            .Split(':')
            .Select(one => Path.Combine(one, "chromium"))
            .FirstOrDefault(File.Exists);
        var isThere = File.Exists(axe) && browser is not null;
        Assert.False(
            !isThere && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required",
            "No chromium on the path, or no axe-core in the folder that LSTMCONVERT_NODE_MODULES names.");
        Assert.SkipWhen(!isThere, "There is no chromium, or LSTMCONVERT_NODE_MODULES names no folder with axe-core.");
        foreach (var page in await Pages())
        {
            var tested = page + ".axe.html";
            await File.WriteAllTextAsync(
                tested,
                (await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken)).Replace(
                    "</body>",
                    $$"""
                    <script>{{await File.ReadAllTextAsync(axe, TestContext.Current.CancellationToken)}}</script>
                    <script>axe.run(document).then(found => { document.body.textContent = 'AXE ' + found.passes.length + ' passed; '
                      + found.violations.map(one => one.id + ' (' + one.impact + '): ' + one.nodes.slice(0, 3).map(node => node.html).join(' ')).join('; ')
                      + ' wide ' + (document.documentElement.scrollWidth > innerWidth) + ' END'; }, e => { document.body.textContent = 'AXE failed ' + e; });</script></body>
                    """,
                    StringComparison.Ordinal),
                TestContext.Current.CancellationToken);
            var shown = await Browser(browser!, tested, width, scheme);
            var result = Outcome().Match(shown);
            Assert.True(result.Success, $"{name}: axe gave no result\n{shown[..Math.Min(shown.Length, 500)]}");
            Assert.True(int.Parse(result.Groups["passed"].Value, CultureInfo.InvariantCulture) > 10, result.Value);
            Assert.Equal("", result.Groups["violations"].Value.Trim());
        }
    }

    private static async Task<string> Browser(string browser, string page, int width, int scheme)
    {
        using var process = Process.Start(
            new ProcessStartInfo(
                browser,
                [
                    "--headless",
                    "--no-sandbox",
                    "--disable-gpu",
                    "--hide-scrollbars",
                    $"--blink-settings=preferredColorScheme={scheme}",
                    $"--window-size={width},2000",
                    "--virtual-time-budget=60000",
                    $"--user-data-dir={page}.profile",
                    "--dump-dom",
                    page,
                ])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var shown = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        await errors;
        return shown;
    }

    /// <summary>A page of each kind: the same, a difference, whole models, an inspection.</summary>
    private async Task<string[]> Pages()
    {
        await Convert(Projected, "p.h5");
        await Convert(Variables, "o.h5");
        await Convert(SavedModel, "w.keras");
        Assert.Equal(0, (await CommandTests.Run("verify", Projected, At("p.h5"), "--report", At("p.html"))).Code);
        Assert.Equal(1, (await CommandTests.Run("verify", Variables, At("o.h5"), "--forget-bias", "0", "--report", At("o.html"))).Code);
        Assert.Equal(
            0,
            (
                await CommandTests.Run(
                    "verify",
                    SavedModel,
                    At("w.keras"),
                    "--expect",
                    Path.Combine(SavedModel, "io.npz"),
                    "--report",
                    At("w.html"))).Code);
        Assert.Equal(0, (await CommandTests.Run("inspect", Projected, "--report", At("i.html"))).Code);
        return [At("p.html"), At("o.html"), At("w.html"), At("i.html")];
    }

    private async Task Convert(string source, string target)
    {
        var (code, output, error) = await CommandTests.Run("tf2keras", source, "-o", At(target));
        Assert.True(code == 0, output + error);
    }

    private XDocument Parsed(string name) => XDocument.Parse(File.ReadAllText(At(name)));

    /// <summary>What a person reads: all text but the style.</summary>
    private static string Words(XDocument page) =>
        string.Join(' ', page.Descendants(Html + "body").DescendantNodes().OfType<XText>().Select(one => one.Value));

    /// <summary>The numbers of a text, each as three digits and an exponent.</summary>
    private static IEnumerable<string> Spelled(string text) =>
        Numbers()
            .Matches(text)
            .Select(one =>
                double.Parse(one.Value, CultureInfo.InvariantCulture)
                    .ToString("0.##e+0", CultureInfo.InvariantCulture)
                    .Replace("e+", "e", StringComparison.Ordinal));

    private string At(string name) => Path.Combine(folder, name);

    [GeneratedRegex(@"(?<![\w.])\d+(\.\d+)?(e-?\d+)?")]
    private static partial Regex Numbers();

    [GeneratedRegex("AXE (?<passed>[0-9]+) passed; (?<violations>.*) wide false END", RegexOptions.Singleline)]
    private static partial Regex Outcome();
}
