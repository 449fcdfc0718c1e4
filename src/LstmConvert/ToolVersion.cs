using System.Reflection;

namespace LstmConvert;

/// <summary>The version of lstmconvert.</summary>
public static class ToolVersion
{
    /// <summary>The version without the commit: <c>0.1.0</c>.</summary>
    public static string Current { get; } =
        typeof(ToolVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";
}
