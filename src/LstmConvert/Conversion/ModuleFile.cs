using LstmConvert.Files;
using LstmConvert.KerasLayers;

namespace LstmConvert.Conversion;

/// <summary>Writes the Python module of a result together with it: both files appear, or none.</summary>
internal static class ModuleFile
{
    /// <summary>Writes the module in the midst of something else that writes.</summary>
    /// <typeparam name="T">What writing gives.</typeparam>
    /// <param name="module">The module, or null.</param>
    /// <param name="overwrite">True replaces a file of that name; the same text is left as it is anyway.</param>
    /// <param name="write">Writes everything else; it calls its argument as the last thing before its own file appears.</param>
    /// <exception cref="OutputException">The module exists with another text, or cannot be written.</exception>
    public static T WriteWith<T>(LayerModule? module, bool overwrite, Func<Action, T> write)
    {
        if (module is null || IsThere(module))
        {
            return write(() => { });
        }

        OutputFile.Check(module.Path, overwrite);
        var isNew = false;
        try
        {
            return write(() =>
            {
                var existed = File.Exists(module.Path);
                OutputFile.Write(module.Path, overwrite, temporary =>
                {
                    File.WriteAllText(temporary, module.Text);
                    return 0;
                });
                isNew = !existed;
            });
        }
        catch when (isNew)
        {
            File.Delete(module.Path);
            throw;
        }
    }

    /// <summary>True if the file holds this very text.</summary>
    private static bool IsThere(LayerModule module)
    {
        try
        {
            return File.Exists(module.Path) && new FileInfo(module.Path).Length < 1 << 20 && File.ReadAllText(module.Path) == module.Text;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
