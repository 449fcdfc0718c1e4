using System.CommandLine;
using System.CommandLine.Parsing;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;

namespace LstmConvert.Cli.Completion;

/// <summary>The source that stands on a line that is being typed, opened when a completion asks for its scopes or variables. It never
/// fails: what cannot be read has none.</summary>
internal sealed class SourceOnLine
{
    /// <summary>The most names that are offered.</summary>
    private const int MaximumNames = 2_000;

    private readonly Lazy<(string[] Scopes, string[] Variables)> names;

    private SourceOnLine(string[] paths) => names = new Lazy<(string[], string[])>(() => Read(paths));

    /// <summary>The scopes of its cells.</summary>
    public IReadOnlyList<string> Scopes => names.Value.Scopes;

    /// <summary>The names of its variables, and what they have in common up to a <c>/</c>, with <c>*</c> behind it.</summary>
    public IReadOnlyList<string> Variables => names.Value.Variables;

    /// <summary>The source that a parsed line names.</summary>
    public static SourceOnLine Of(ParseResult parsed) =>
        new([
            .. parsed
                .CommandResult.Children.OfType<ArgumentResult>()
                .SelectMany(argument => argument.Tokens)
                .Select(token => AtHome(token.Value))
                .Where(word => word.Length > 0),
        ]);

    /// <summary>Values for all layers, or behind <c>SCOPE=</c> for one.</summary>
    public IEnumerable<string> Scoped(string typed, IEnumerable<string> values) => Scoped(typed, values, '=');

    /// <summary>Values for all layers, or behind a scope and a mark for one.</summary>
    public IEnumerable<string> Scoped(string typed, IEnumerable<string> values, char mark) =>
        typed.LastIndexOf(mark) is > 0 and var at
            ? values.Select(value => typed[..(at + 1)] + value)
            : values.Concat(Scopes.Select(scope => scope + mark));

    private static (string[] Scopes, string[] Variables) Read(string[] paths)
    {
        // Behind the sources there may be a Keras file: verify's.
        var sources = paths.Where(path => !KerasFileKind.Matches(path)).ToArray();
        foreach (var candidate in new[] { sources, sources.Length > 1 ? [sources[0]] : [] })
        {
            try
            {
                if (candidate.Length > 0)
                {
                    using var source = RecurrentSource.Open(
                        candidate,
                        new SourceOptions { WithoutValues = true },
                        new RecognitionOptions());
                    var variables = source.Variables.Tensors.Select(tensor => tensor.Name).Take(MaximumNames).ToArray();
                    return (
                        [
                            .. source
                                .Model.Layers.Select(layer => layer.Scope)
                                .Where(scope => scope.Length > 0)
                                .Distinct()
                                .Take(MaximumNames),
                        ],
                        [.. variables.Concat(Above(variables))]);
                }
            }
            catch (LstmConvertException)
            {
                // Nothing is offered of what cannot be read; the command itself says why.
            }
        }

        return ([], []);
    }

    private static IEnumerable<string> Above(string[] variables) => variables.Where(name => name.Contains('/', StringComparison.Ordinal))
        .Select(name => name[..(name.LastIndexOf('/') + 1)] + "*").Distinct();

    private static string AtHome(string path) =>
        path.StartsWith("~/", StringComparison.Ordinal)
            ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), path[2..])
            : path;
}
