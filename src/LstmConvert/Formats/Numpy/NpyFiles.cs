using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Numpy;

/// <summary>
/// Single <c>.npy</c> files that together are one source: <c>NAME=FILE.npy</c>, or bare files, in whose names <c>__</c> or
/// <c>.</c> stands for <c>/</c>. Bare files of the same name are told apart by their folders.
/// </summary>
public static class NpyFiles
{
    /// <summary>True if the argument is a <c>.npy</c> file, by name or by content, with or without <c>NAME=</c>.</summary>
    /// <param name="argument">The argument as the user typed it.</param>
    public static bool IsNpyArgument(string argument) =>
        Split(argument).File is var file
        && !Directory.Exists(file)
        && (file.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) || NpyHeader.IsNpy(InputFile.Head(file, 6)));

    /// <summary>Opens the files as one source.</summary>
    /// <param name="arguments">The arguments as the user typed them.</param>
    /// <param name="options">How to read them.</param>
    /// <exception cref="UnreadableInputException">A file cannot be read, or two stand for the same variable.</exception>
    public static TensorSet Open(IReadOnlyList<string> arguments, SourceOptions options)
    {
        var files = arguments.Select(Split).ToArray();
        var names = files.Select(file => file.Name ?? VariableName.FromBare(Path.GetFileNameWithoutExtension(file.File))).ToArray();
        if (names.Distinct(StringComparer.Ordinal).Count() < names.Length && files.All(file => file.Name is null))
        {
            names = FromFolders([.. files.Select(file => file.File)]);
        }

        var tensors = files.Zip(names, (file, name) => NpyFolder.Open(file.File, name, options)).ToArray();
        return SourceSet.Of(string.Join(' ', arguments), arguments.Count == 1 ? ".npy file" : ".npy files", tensors);
    }

    /// <summary>The file of an argument, without <c>NAME=</c>.</summary>
    internal static string FileOf(string argument) => Split(argument).File;

    private static (string? Name, string File) Split(string argument)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && !File.Exists(argument)
            ? (VariableName.WithoutOutput(argument[..equals]), argument[(equals + 1)..])
            : (null, argument);
    }

    /// <summary>The paths below the deepest folder that all files share.</summary>
    private static string[] FromFolders(string[] files)
    {
        var parts = files
            .Select(file => Path.GetFullPath(file)[..^Path.GetExtension(file).Length].Split(Path.DirectorySeparatorChar))
            .ToArray();
        var shared = 0;
        while (parts.All(path => path.Length > shared + 1 && path[shared] == parts[0][shared]))
        {
            shared++;
        }

        return [.. parts.Select(path => VariableName.WithoutOutput(string.Join('/', path[shared..])))];
    }
}
