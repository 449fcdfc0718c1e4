using LstmConvert.KerasFiles;
using LstmConvert.Models;

namespace LstmConvert.Conversion;

/// <summary>Whether a file that is there is what a conversion would write: then it need not be written again.</summary>
internal static class WrittenBefore
{
    /// <summary>True if the file passes the check after writing, and the model that it describes is printed as the one that would be
    /// written.</summary>
    /// <param name="target">The format.</param>
    /// <param name="path">The file.</param>
    /// <param name="model">The model that would be written.</param>
    /// <param name="check">The check after writing.</param>
    public static bool Holds(KerasTarget target, string path, Model model, Func<KerasTarget, ReadBackResult> check)
    {
        try
        {
            check(target);
            using var file = target.Open(path);
            return file.ReadModel() is not { } written || KerasCode.Write(written, path, null) == KerasCode.Write(model, path, null);
        }
        catch (Exception e)
            when (e is OutputException or UnsupportedModelException || (e is UnreadableInputException && !CanBeRead(target, path)))
        {
            return false;
        }
    }

    private static bool CanBeRead(KerasTarget target, string path)
    {
        try
        {
            using var file = target.Open(path);
            return true;
        }
        catch (UnreadableInputException)
        {
            return false;
        }
    }
}
