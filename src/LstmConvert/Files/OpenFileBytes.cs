using Microsoft.Win32.SafeHandles;

namespace LstmConvert.Files;

/// <summary>A file that stays open: for formats of many small pieces. Safe for several threads.</summary>
internal sealed class OpenFileBytes : ByteSource, IDisposable
{
    private readonly string path;
    private readonly SafeFileHandle handle;
    private readonly long length;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The file's path.</param>
    /// <exception cref="UnreadableInputException">It is not there, may not be read, or has no bytes.</exception>
    public OpenFileBytes(string path)
    {
        this.path = path;
        handle = InputFile.OpenHandle(path);
        length = InputFile.Guard(path, () => RandomAccess.GetLength(handle));
    }

    public override string Name => path;

    public override long Length => length;

    public override bool IsRandomAccess => true;

    public override void Read(long offset, Span<byte> destination)
    {
        var (wanted, at) = (destination.Length, offset);
        while (destination.Length > 0)
        {
            var count = InputFile.Read(handle, path, destination, at);
            if (count == 0)
            {
                throw TooShort(offset, wanted);
            }

            at += count;
            destination = destination[count..];
        }
    }

    public void Dispose() => handle.Dispose();
}
