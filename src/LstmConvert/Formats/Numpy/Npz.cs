using System.IO.Compression;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Numpy;

/// <summary>
/// NumPy's <c>.npz</c>: a zip archive (zip64 included) of <c>.npy</c> entries, stored or deflated; an entry's name without
/// <c>.npy</c> is the variable's name. Where no name has a <c>/</c>, <c>__</c> stands for it.
/// </summary>
internal sealed class Npz : ISourceFormat
{
    /// <summary>The largest number of entries that is read.</summary>
    public const int MaximumEntries = 100_000;

    /// <inheritdoc/>
    public string Name => ".npz archive";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path)
    {
        var isNamed = path.Text.EndsWith(".npz", StringComparison.OrdinalIgnoreCase);
        if (!path.Head.StartsWith("PK\u0003\u0004"u8))
        {
            return isNamed && path.Head.Length > 0
                ? new SourceMatch(this, path.Text, options => Open(path.Text, Name, ZipInput.Open(path.Text), options))
                : null;
        }

        var archive = ZipInput.TryOpen(path.Text);
        if (isNamed || archive?.Entries.Any(IsArray) is true)
        {
            return new SourceMatch(this, path.Text, options => Open(path.Text, Name, archive ?? ZipInput.Open(path.Text), options));
        }

        archive?.Dispose();
        return null;
    }

    /// <summary>Opens an archive of arrays.</summary>
    /// <param name="path">The source as the user typed it.</param>
    /// <param name="kind">Its kind, as a noun.</param>
    /// <param name="archive">The archive, closed with the set.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="UnreadableInputException">It is broken, or has no array.</exception>
    public static TensorSet Open(string path, string kind, ZipArchive archive, SourceOptions options)
    {
        try
        {
            if (archive.Entries.Count > MaximumEntries)
            {
                throw new UnreadableInputException(
                    $"{path} has {archive.Entries.Count} entries; {MaximumEntries} is the most that is read. Save the weights alone.");
            }

            var entries = archive.Entries.Where(IsArray).Select(entry => new ZipEntryBytes(path, entry)).ToArray();
            if (entries.Length == 0)
            {
                throw new UnreadableInputException($"{path} is a zip archive without a .npy entry. Name an .npz that numpy.savez wrote.");
            }

            var names = archive.Entries.Where(IsArray).Select(entry => entry.FullName[..^4]).ToArray();
            var isFlat = !names.Any(name => name.Contains('/', StringComparison.Ordinal));
            var tensors = entries.Zip(names, (entry, name) =>
                NpyTensor.Open(isFlat ? VariableName.FromFlat(name) : VariableName.WithoutOutput(name), entry, options.VoidDType));
            return SourceSet.Of(path, kind, [.. tensors], [.. entries, archive]);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    private static bool IsArray(ZipArchiveEntry entry) => entry.FullName.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);
}
