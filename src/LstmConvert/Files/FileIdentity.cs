using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace LstmConvert.Files;

/// <summary>What kind of thing has a path, behind its links.</summary>
internal enum FileKind
{
    /// <summary>Nothing is there.</summary>
    None,

    /// <summary>A regular file.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A device, a pipe or a socket.</summary>
    Special,
}

/// <summary>Which file a path leads to, whatever the path is called: links, symbolic and hard, have the identity of what they lead
/// to.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Device">The device that it is on; 0 where the system numbers no files.</param>
/// <param name="Number">Its number there.</param>
/// <param name="RealPath">Its path without links where the system numbers no files, else empty.</param>
internal readonly partial record struct FileIdentity(FileKind Kind, long Device, long Number, string RealPath)
{
    private const int KindMask = 0xf000;
    private const int FolderMode = 0x4000;
    private const int RegularMode = 0x8000;

    /// <summary>The identity of what a path leads to.</summary>
    /// <param name="path">A path.</param>
    public static FileIdentity Of(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            return Stat(path, out var status) == 0 ? Of(status) : default;
        }

        var kind = Directory.Exists(path) ? FileKind.Folder : File.Exists(path) ? FileKind.Regular : FileKind.None;
        return kind == FileKind.None ? default : new FileIdentity(kind, 0, 0, Links.RealPath(path).ToUpperInvariant());
    }

    /// <summary>The identity of an open file, where the system numbers files; else nothing.</summary>
    /// <param name="handle">The file.</param>
    public static FileIdentity Of(SafeFileHandle handle) =>
        !OperatingSystem.IsWindows() && Stat(handle, out var status) == 0 ? Of(status) : default;

    private static FileIdentity Of(in Status status) =>
        new(
            (status.Mode & KindMask) switch
            {
                FolderMode => FileKind.Folder,
                RegularMode => FileKind.Regular,
                _ => FileKind.Special,
            },
            status.Device,
            status.Number,
            "");

    // What the base library itself asks the system with: the layout of the system's own structure differs between platforms.
    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_Stat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(string path, out Status status);

    [LibraryImport("libSystem.Native", EntryPoint = "SystemNative_FStat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Stat(SafeFileHandle handle, out Status status);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Status
    {
        public readonly int Flags;
        public readonly int Mode;
        public readonly uint User;
        public readonly uint Group;
        public readonly long Size;
        public readonly long AccessTime;
        public readonly long AccessNanoseconds;
        public readonly long WriteTime;
        public readonly long WriteNanoseconds;
        public readonly long ChangeTime;
        public readonly long ChangeNanoseconds;
        public readonly long BirthTime;
        public readonly long BirthNanoseconds;
        public readonly long Device;
        public readonly long DeviceOfSpecial;
        public readonly long Number;
        public readonly uint UserFlags;
    }
}
