using System.IO.Compression;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Numpy;

/// <summary>
/// NumPy's <c>.npz</c>: a zip archive (zip64 included) of <c>.npy</c> entries, stored or deflated; an entry's name without
/// <c>.npy</c> is the variable's name. Where no name has a <c>/</c>, <c>__</c> stands for it.
/// </summary>
public sealed class Npz : ISourceFormat
{
    /// <summary>The largest number of entries that is read.</summary>
    public const int MaximumEntries = 100_000;

    /// <inheritdoc/>
    public string Name => ".npz archive";

    /// <inheritdoc/>
    public bool Matches(string path)
    {
        if (!InputFile.Head(path, 4).AsSpan().SequenceEqual("PK\u0003\u0004"u8))
        {
            return path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase) && File.Exists(path);
        }

        try
        {
            using var archive = ZipFile.OpenRead(path);
            return archive.Entries.Any(IsArray);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <inheritdoc/>
    public TensorSet Open(string path, SourceOptions options)
    {
        var archive = OpenArchive(path);
        try
        {
            var entries = archive.Entries.Where(IsArray).Select(entry => new ZipEntryBytes(path, entry)).ToArray();
            if (entries.Length == 0)
            {
                throw new UnreadableInputException($"{path} is a zip archive without a .npy entry. Name an .npz that numpy.savez wrote.");
            }

            var names = archive.Entries.Where(IsArray).Select(entry => entry.FullName[..^4]).ToArray();
            var isFlat = !names.Any(name => name.Contains('/', StringComparison.Ordinal));
            var tensors = entries.Zip(names, (entry, name) => NpyTensor.Open(isFlat ? VariableName.FromFlat(name) : VariableName.WithoutOutput(name), entry, options.VoidDType));
            return NpyFolder.Set(path, Name, [.. tensors], [.. entries, archive]);
        }
        catch
        {
            archive.Dispose();
            throw;
        }
    }

    private static bool IsArray(ZipArchiveEntry entry) => entry.FullName.EndsWith(".npy", StringComparison.OrdinalIgnoreCase);

    private static ZipArchive OpenArchive(string path)
    {
        try
        {
            var archive = InputFile.Guard(path, () => ZipFile.OpenRead(path));
            if (archive.Entries.Count > MaximumEntries)
            {
                archive.Dispose();
                throw new UnreadableInputException($"{path} has {archive.Entries.Count} entries; {MaximumEntries} is the most that is read. Save the weights alone.");
            }

            return archive;
        }
        catch (InvalidDataException e)
        {
            throw new UnreadableInputException($"{path} is no complete zip archive: {e.Message} Copy or export it again.", e);
        }
    }
}
