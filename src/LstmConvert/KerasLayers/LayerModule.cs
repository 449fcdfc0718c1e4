using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LstmConvert.KerasLayers;

/// <summary>A Python module with the Keras layers of ours that a model needs.</summary>
/// <param name="Path">The file.</param>
/// <param name="ClassNames">The layers, each once.</param>
public sealed partial record LayerModule(string Path, IReadOnlyList<string> ClassNames)
{
    /// <summary>The package under which the layers are registered in Keras.</summary>
    public const string Package = "lstmconvert";

    private const string Extension = ".py";
    private static readonly string[] Keywords =
    [
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        "keras",
    ];

    /// <summary>What code imports it by.</summary>
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The text of the module: what all layers need, then a class for each, from the files in <c>Python/</c>.</summary>
    public string Text => string.Join("\n\n", ClassNames.Prepend("module").Select(Read));

    /// <summary>The module beside a Keras file: <c>lstm.weights.h5</c> has <c>lstm_layers.py</c>.</summary>
    /// <param name="file">The Keras file.</param>
    /// <param name="extension">The end of its name that is no part of the module's.</param>
    internal static string PathBeside(string file, string extension)
    {
        var name = System.IO.Path.GetFileName(file);
        name = name.EndsWith(extension, StringComparison.OrdinalIgnoreCase)
            ? name[..^extension.Length]
            : System.IO.Path.GetFileNameWithoutExtension(name);
        name = NotInNames().Replace(name, "_") + "_layers";
        return System.IO.Path.Combine(
            System.IO.Path.GetDirectoryName(file) ?? "",
            (char.IsAsciiDigit(name[0]) ? "_" : "") + name + Extension);
    }

    /// <summary>A module that the user names.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UsageException">Python cannot import a file of that name.</exception>
    public static string Checked(string path)
    {
        var name = System.IO.Path.GetFileNameWithoutExtension(path);
        return path.EndsWith(Extension, StringComparison.Ordinal) && Identifier().IsMatch(name) && !Keywords.Contains(name)
            ? path
            : throw new UsageException(
                $"{path}: Python imports a file whose name is letters, digits and '_' and ends in .py, as in my_layers.py.");
    }

    private static string Read(string name)
    {
        using var stream = typeof(LayerModule).Assembly.GetManifestResourceStream(name + Extension)
            ?? throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"There is no Python text of {name}."));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex("[^A-Za-z0-9_]")]
    private static partial Regex NotInNames();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]*$")]
    private static partial Regex Identifier();
}
