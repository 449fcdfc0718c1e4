using System.Text.RegularExpressions;
using LstmConvert.Cells;
using LstmConvert.Formats;

namespace LstmConvert.Tests;

/// <summary>The arrows between folders point one way, third-party libraries are named in one place, and nothing is forgotten in a catalog.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Files"] = [],
        ["Tensors"] = [],
        ["TensorFlow"] = ["Files", "Tensors"],
        ["Formats"] = ["Files", "Tensors", "TensorFlow"],
        ["Layouts"] = ["Tensors"],
        ["Equations"] = ["Tensors"],
        ["Graphs"] = ["Tensors", "TensorFlow"],
        ["Cells"] = ["Tensors", "Layouts"],
        ["KerasFiles"] = ["Files", "Tensors"],
        ["Recognition"] = ["Files", "Tensors", "Cells", "Graphs"],
        ["Conversion"] = ["Files", "Tensors", "Recognition", "Layouts", "Formats", "Cells", "KerasFiles"],
        ["Verification"] = ["Files", "Tensors", "Recognition", "Formats", "Equations", "Graphs", "KerasFiles"],
    };

    private static readonly Dictionary<string, string[]> Libraries = new()
    {
        ["PureHDF"] = ["KerasFiles"],
        ["Google.Protobuf"] = ["TensorFlow", "Formats"],
        ["Snappier"] = ["Formats"],
        ["NumSharp"] = ["Equations", "Verification"],
        ["System.CommandLine"] = [],
    };

    private static string Source
    {
        get
        {
            var at = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(at, "LstmConvert.sln")))
            {
                at = Path.GetDirectoryName(at)!;
            }

            return Path.Combine(at, "src", "LstmConvert");
        }
    }

    [Fact]
    public void Folders_use_only_what_stands_before_them()
    {
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories))
        {
            var folder = Path.GetRelativePath(Source, file).Split(Path.DirectorySeparatorChar)[0];
            if (!Allowed.TryGetValue(folder, out var allowed))
            {
                continue;
            }

            foreach (var used in Using().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value))
            {
                if (used.StartsWith("LstmConvert.", StringComparison.Ordinal) && used.Split('.')[1] is var other && other != folder && !allowed.Contains(other))
                {
                    wrong.Add($"{folder} uses {used} in {Path.GetFileName(file)}");
                }

                if (Libraries.FirstOrDefault(library => used.StartsWith(library.Key, StringComparison.Ordinal)) is { Key: { } name, Value: var places } && !places.Contains(folder))
                {
                    wrong.Add($"{name} is named in {folder}/{Path.GetFileName(file)}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_cell_and_every_source_format_has_its_line_in_the_catalog()
    {
        var definitions = typeof(CellCatalog).Assembly.GetTypes().Select(type => type.GetProperty("Definition")?.GetValue(null)).OfType<CellDefinition>();
        Assert.Equal(definitions.Select(cell => cell.Name).Order(), CellCatalog.All.Select(cell => cell.Name).Order());
        var formats = typeof(SourceCatalog).Assembly.GetTypes().Where(type => type is { IsClass: true } && type.IsAssignableTo(typeof(ISourceFormat)));
        Assert.Equal(formats.Select(type => type.Name).Order(), SourceCatalog.Formats.Select(format => format.GetType().Name).Order());
    }

    [GeneratedRegex(@"^using (static )?(?<name>[A-Za-z0-9_.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Using();
}
