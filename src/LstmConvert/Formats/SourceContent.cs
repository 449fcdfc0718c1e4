using System.Security.Cryptography;
using LstmConvert.Files;

namespace LstmConvert.Formats;

/// <summary>One file of a source, and what was in it.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Sha256">The SHA-256 of its bytes, in lower-case hexadecimal.</param>
public sealed record SourceContent(string Path, long Length, string Sha256)
{
    /// <summary>The files that a source is read from, each with what is in it now.</summary>
    /// <param name="paths">The paths as the user typed them.</param>
    /// <param name="cancel">Stops between two blocks.</param>
    /// <exception cref="UnreadableInputException">One cannot be read.</exception>
    public static IReadOnlyList<SourceContent> Of(IEnumerable<string> paths, CancellationToken cancel) =>
        [
            .. SourceFiles
                .Of(paths)
                .Where(path => InputFile.LengthOrNone(path) > 0 && !SourceFiles.IsPointer(path))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
                .Select(path => Of(path, cancel)),
        ];

    private static SourceContent Of(string path, CancellationToken cancel)
    {
        using var file = InputFile.OpenHandle(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[(int)Math.Clamp(InputFile.LengthOrNone(path), 1, 1 << 20)];
        long length = 0;
        for (var count = InputFile.Read(file, path, block, 0); count > 0; count = InputFile.Read(file, path, block, length))
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(block, 0, count);
            length += count;
        }

        return new SourceContent(path, length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
