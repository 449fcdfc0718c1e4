using System.Text.RegularExpressions;

namespace LstmConvert.Tests.Architecture;

/// <summary>The library's folders stand in one order, each uses only those before it, and a third-party library is named in one of
/// them.</summary>
public sealed partial class FolderTests
{
    /// <summary>The folders, each using only those above it.</summary>
    private static readonly string[] Order =
    [
        "Files",
        "Tensors",
        "Facts",
        "Arrays",
        "TensorFlow",
        "Formats",
        "Layouts",
        "Equations",
        "KerasLayers",
        "Graphs",
        "Cells",
        "Dialects",
        "Models",
        "KerasFiles",
        "Recognition",
        "Conversion",
        "Verification",
        "Reports",
    ];

    /// <summary>Arrows that the order would allow.</summary>
    private static readonly (string From, string To)[] Forbidden =
    [
        ("Verification", "Layouts"),
        ("Verification", "Conversion"),
        ("Graphs", "Equations"),
        ("Graphs", "KerasLayers"),
    ];

    /// <summary>Each library and the one folder that names it.</summary>
    private static readonly Dictionary<string, string> Libraries = new()
    {
        ["NumSharp"] = "Arrays",
        ["System.Numerics.Tensors"] = "Arrays",
        ["Google.Protobuf"] = "TensorFlow",
        ["Snappier"] = "Formats/Checkpoints",
        ["System.IO.Hashing"] = "Formats/Numpy",
        ["OxyPlot"] = "Reports",
    };

    private static readonly string[] Root = ["LstmConvertException.cs", "ToolVersion.cs"];

    private static string Assembly => Path.Combine(AppContext.BaseDirectory, "LstmConvert.dll");

    [Fact]
    public void Folders_use_only_what_stands_before_them()
    {
        var compiled = CompiledTypes.Read(Assembly);
        var arrows = compiled
            .References.SelectMany(place => place.Value.Select(used => (From: Segment(place.Key), To: Segment(used))))
            .Concat(FromSource(compiled))
            .Where(arrow => arrow.From != arrow.To && arrow.To.Length > 0);
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Join("\n", arrows.Distinct().Order().Select(arrow => $"{arrow.From} -> {arrow.To}")));
        Ratchet.Check(
            "arrows.txt",
            arrows
                .Where(arrow => !IsAllowed(arrow.From, arrow.To))
                .Select(arrow => $"{(arrow.From.Length > 0 ? arrow.From : "the root")} -> {arrow.To}"));
    }

    [Fact]
    public void Only_known_folders_files_and_namespaces_exist()
    {
        var wrong = new List<string>();
        foreach (var (path, folder) in Repository.Library)
        {
            if (folder.Length == 0 && !Root.Contains(Path.GetFileName(path)))
            {
                wrong.Add($"{Path.GetFileName(path)} lies at the root");
            }
            else if (folder.Length > 0 && !Order.Contains(folder.Split('/')[0]))
            {
                wrong.Add($"{folder} is no folder of the library");
            }

            if (
                Namespace().Match(File.ReadAllText(path)) is { Success: true } match
                && match.Groups["name"].Value
                    != string.Join('.', ["LstmConvert", .. folder.Split('/', StringSplitOptions.RemoveEmptyEntries)]))
            {
                wrong.Add($"{Path.GetFileName(path)} is of {match.Groups["name"].Value} and lies in {folder}");
            }
        }

        wrong.AddRange(
            Order.Except(Repository.Library.Select(file => file.Folder.Split('/')[0])).Select(folder => $"{folder} is not there yet"));
        Ratchet.Check("folders.txt", wrong);
    }

    [Fact]
    public void A_library_is_named_in_one_folder()
    {
        var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        var wrong = CompiledTypes
            .Read(Assembly)
            .Assemblies.Where(name =>
                name == "System.Console"
                || !(Libraries.ContainsKey(name) || name == "OxyPlot.Core" || File.Exists(Path.Combine(framework, name + ".dll"))))
            .Select(name => $"{name} is no library of the table")
            .ToList();
        foreach (var (path, folder) in Repository.Library)
        {
            var code = SourceText.Read(File.ReadAllText(path)).Code;
            wrong.AddRange(
                Libraries
                    .Where(library =>
                        folder != library.Value
                        && !folder.StartsWith(library.Value + "/", StringComparison.Ordinal)
                        && Regex.IsMatch(
                            code,
                            $@"(?<![\w.]){Regex.Escape(library.Key)}\b(?!\.Tensors)",
                            RegexOptions.None,
                            TimeSpan.FromSeconds(5)))
                    .Select(library => $"{library.Key} in {folder}"));
        }

        Ratchet.Check("libraries.txt", wrong);
    }

    /// <summary>Queries of PLINQ that are put together make generic types of generic types, for which the native compiler takes many minutes
    /// and gigabytes: loops are shared out with <c>InParallel</c>, or with <see cref="Parallel"/>.</summary>
    [Fact]
    public void Nothing_more_queries_in_parallel() =>
        Ratchet.Check(
            "parallel.txt",
            [
                .. Repository
                    .Library.Where(file => SourceText.Read(File.ReadAllText(file.Path)).Code.Contains(".AsParallel(", StringComparison.Ordinal))
                    .Select(file => $"{file.Folder}/{Path.GetFileName(file.Path)}"),
            ]);

    /// <summary>Constants and enums leave no trace in the compiled code: directives and qualified names are read from the source.</summary>
    private static IEnumerable<(string From, string To)> FromSource(CompiledTypes compiled)
    {
        foreach (var (path, folder) in Repository.Library)
        {
            var (code, from) = (SourceText.Read(File.ReadAllText(path)).Code, folder.Split('/')[0]);
            foreach (var used in Using().Matches(code).Select(match => match.Groups["name"].Value))
            {
                yield return (from, Segment(used));
            }

            foreach (Match match in Qualified().Matches(code))
            {
                var (to, name) = (match.Groups["folder"].Value, match.Groups["name"].Value);
                if (
                    Order.Contains(to)
                    && (
                        compiled.Names[$"LstmConvert.{to}"].Contains(name)
                        || compiled.Names.Any(names => names.Key.StartsWith($"LstmConvert.{to}.{name}", StringComparison.Ordinal))))
                {
                    yield return (from, to);
                }
            }
        }
    }

    /// <summary>The folder that a namespace says; the root and what the compiler makes are none.</summary>
    private static string Segment(string name) => name.StartsWith("LstmConvert.", StringComparison.Ordinal) ? name.Split('.')[1] : "";

    private static bool IsAllowed(string from, string to) =>
        from.Length > 0
        && Array.IndexOf(Order, to) is var used and >= 0
        && used < Array.IndexOf(Order, from)
        && !Forbidden.Contains((from, to));

    [GeneratedRegex(@"^\s*using (static )?(\w+ = )?(?<name>LstmConvert\.[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Using();

    [GeneratedRegex(@"(?<![\w.])(?<folder>[A-Z]\w+)\.(?<name>[A-Z]\w+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Qualified();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Namespace();
}
