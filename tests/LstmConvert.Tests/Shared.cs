using System.Globalization;

namespace LstmConvert.Tests;

/// <summary>The reference data that is not part of the repository: tests that need it skip where it is absent.</summary>
internal static class Shared
{
    public static string Folder
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable("LSTMCONVERT_SHARED");
            if (folder is null || !Directory.Exists(folder))
            {
                Assert.Skip("LSTMCONVERT_SHARED names no folder of reference data.");
            }

            return folder;
        }
    }

    public static string Goldens => Path.Combine(Folder, "goldens");

    /// <summary>The tables of what becomes of each recorded program.</summary>
    public static string Outcomes => Path.GetFullPath(Path.Combine(Bundled, "..", "..", "LstmConvert.Tests", "Outcomes"));

    /// <summary>The selection of recordings that is a part of the repository.</summary>
    public static string Bundled
    {
        get
        {
            var at = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(at, "LstmConvert.sln")))
            {
                at = Path.GetDirectoryName(at)!;
            }

            return Path.Combine(at, "tests", "data", "goldens");
        }
    }

    /// <summary>A number that the environment gives.</summary>
    /// <param name="name">The variable's name.</param>
    /// <param name="fallback">The number without it.</param>
    public static int Setting(string name, int fallback) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : fallback;
}
