namespace LstmConvert.Formats;

/// <summary>How a file's or an entry's name stands for a variable's name.</summary>
internal static class VariableName
{
    /// <summary>Removes the <c>:0</c> that a tensor's name has and a variable's has not.</summary>
    public static string WithoutOutput(string name) => name.EndsWith(":0", StringComparison.Ordinal) ? name[..^2] : name;

    /// <summary>The name behind a flat file name: <c>__</c> stands for <c>/</c>.</summary>
    /// <param name="stem">The file's name without <c>.npy</c>.</param>
    public static string FromFlat(string stem) => WithoutOutput(stem.Replace("__", "/", StringComparison.Ordinal));

    /// <summary>The name behind a bare file given on the command line: <c>__</c> stands for <c>/</c>, and where there is none, <c>.</c>
    /// does.</summary>
    /// <param name="stem">The file's name without <c>.npy</c>.</param>
    public static string FromBare(string stem) =>
        stem.Contains("__", StringComparison.Ordinal) ? FromFlat(stem) : WithoutOutput(stem.Replace('.', '/'));
}
