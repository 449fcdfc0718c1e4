using System.Buffers.Binary;
using System.IO.Compression;
using LstmConvert.Formats;

namespace LstmConvert.Tests.Formats.Numpy;

/// <summary>Zip archives whose parts contradict each other.</summary>
public sealed class BrokenArchiveTests : IDisposable
{
    /// <summary>The end of a zip archive's directory, and where the numbers of entries stand in it.</summary>
    private const int EndBytes = 22;

    private const int EntriesHere = 8;
    private const int EntriesInAll = 10;

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("variables.npz", "kernel.npy")]
    [InlineData("model.pt", "archive/data.pkl")]
    [InlineData("model.zip", "parameters")]
    public void An_archive_with_another_number_of_entries_than_it_says_is_refused(string name, string entry)
    {
        var path = Path.Combine(folder, name);
        using (var archive = ZipFile.Open(path, ZipArchiveMode.Create))
        {
            using var stream = archive.CreateEntry(entry, CompressionLevel.NoCompression).Open();
            stream.Write(new byte[64]);
        }

        var bytes = File.ReadAllBytes(path);
        var end = bytes.AsSpan(bytes.Length - EndBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(end[EntriesHere..], 7);
        BinaryPrimitives.WriteUInt16LittleEndian(end[EntriesInAll..], 7);
        File.WriteAllBytes(path, bytes);

        var refused = Assert.ThrowsAny<LstmConvertException>(() => SourceCatalog.Open(path, new SourceOptions()));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }
}
