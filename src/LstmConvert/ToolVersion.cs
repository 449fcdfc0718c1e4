using System.Reflection;

namespace LstmConvert;

/// <summary>The version of lstmconvert.</summary>
public static class ToolVersion
{
    private static readonly string[] Parts = (
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0"
    ).Split('+', 2);

    /// <summary>The version without the commit: <c>0.1.0</c>.</summary>
    public static string Current => Parts[0];

    /// <summary>The commit that this was built from; null where it was built from none.</summary>
    public static string? Commit => Parts is [_, var commit] ? commit : null;
}
