using System.Runtime.InteropServices;

namespace LstmConvert.Cli.Tests;

/// <summary>What is there is kept: sources, devices, modes, links.</summary>
public sealed class NoLossTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Variables => Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("s.npz")]
    [InlineData("./s.npz")]
    [InlineData("symbolic.npz")]
    [InlineData("hard.npz")]
    [InlineData("folder/../s.npz")]
    public async Task A_source_is_never_its_own_target_whatever_it_is_called(string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there.");
        await Convert("s.npz");
        var before = File.ReadAllBytes(At("s.npz"));
        Directory.CreateDirectory(At("folder"));
        File.CreateSymbolicLink(At("symbolic.npz"), "s.npz");
        HardLink("s.npz", "hard.npz");
        foreach (var source in new[] { "s.npz", "symbolic.npz" })
        {
            var (code, _, error) = await CommandTests.Run("tf2keras", At(source), "-o", At(target), "--force", "-q");
            Assert.Equal(6, code);
            Assert.Contains("never replaced", error, StringComparison.Ordinal);
            Assert.DoesNotContain("--force", error, StringComparison.Ordinal);
        }

        Assert.Equal(before, File.ReadAllBytes(At("s.npz")));
    }

    [Theory]
    [InlineData("model.ckpt.index")]
    [InlineData("model.ckpt.data-00000-of-00001")]
    [InlineData("checkpoint")]
    public async Task No_part_of_a_checkpoint_is_written(string part)
    {
        await Convert("k.h5");
        Assert.Equal(0, (await CommandTests.Run("keras2tf", At("k.h5"), "-o", At("model.ckpt"), "-q")).Code);
        var before = File.ReadAllBytes(At(part));
        File.CreateSymbolicLink(At("o.h5"), part);
        var (code, _, error) = await CommandTests.Run("tf2keras", At("model.ckpt"), "-o", At("o.h5"), "--force", "-q");
        Assert.True(code == 6, error);
        Assert.Equal(before, File.ReadAllBytes(At(part)));
    }

    [Fact]
    public async Task A_file_inside_the_named_folder_is_not_written()
    {
        Copy(Variables, At("v"));
        var part = Directory.EnumerateFiles(At("v"), "*.npy", SearchOption.AllDirectories).First();
        var before = File.ReadAllBytes(part);
        File.CreateSymbolicLink(At("o.npz"), part);
        Assert.Equal(6, (await CommandTests.Run("tf2keras", At("v"), "-o", At("o.npz"), "--force", "-q")).Code);
        Assert.Equal(before, File.ReadAllBytes(part));
    }

    [Fact]
    public async Task The_other_commands_do_not_write_onto_their_source_either()
    {
        await Convert("k.keras");
        await Convert("k.npz");
        File.CreateSymbolicLink(At("l.keras"), "k.keras");
        var before = File.ReadAllBytes(At("k.keras"));
        Assert.Equal(6, (await CommandTests.Run("repair", At("k.keras"), "-o", At("l.keras"), "--force", "-q")).Code);
        File.CreateSymbolicLink(At("l.npz"), "k.keras");
        Assert.Equal(6, (await CommandTests.Run("keras2tf", At("k.keras"), "-o", At("l.npz"), "--force", "-q")).Code);
        Assert.Equal(before, File.ReadAllBytes(At("k.keras")));
    }

    [Fact]
    public async Task A_pipe_is_not_replaced_and_force_is_not_recommended()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "pipes have no path there.");
        Assert.Equal(0, MakePipe(At("p.h5"), 0x180));
        foreach (var force in new[] { "--force", "-q" })
        {
            var (code, _, error) = await CommandTests.Run("tf2keras", Variables, "-o", At("p.h5"), "-q", force);
            Assert.Equal(6, code);
            Assert.Contains("only regular files are replaced", error, StringComparison.Ordinal);
            Assert.DoesNotContain("--force", error, StringComparison.Ordinal);
        }

        Assert.Equal(3, (await CommandTests.Run("tf2keras", "--sources-from", At("p.h5"), "--out-dir", At("o"))).Code);
        Assert.Equal(3, (await CommandTests.Run("inspect", At("p.h5"))).Code);
        Assert.Equal(3, (await CommandTests.Run("verify", Variables, At("p.h5"))).Code);
        Assert.Equal(3, (await CommandTests.Run("repair", At("p.h5"), "-o", At("o.keras"))).Code);
        Assert.Equal(3, (await CommandTests.Run("keras2tf", At("p.h5"), "-o", At("o.npz"))).Code);
    }

    [Fact]
    public async Task The_mode_of_a_replaced_file_is_kept_and_a_link_is_followed()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("there are no modes.");
            return;
        }

        await Convert("o.h5");
        File.SetUnixFileMode(At("o.h5"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.CreateSymbolicLink(At("link.h5"), "o.h5");
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Variables, "--forget-bias", "0", "-o", At("link.h5"), "--force", "-q")).Code);
        Assert.Equal("o.h5", new FileInfo(At("link.h5")).LinkTarget);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(At("o.h5")));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder).Length);
    }

    [Fact]
    public async Task A_link_that_leads_nowhere_is_written_through_and_one_to_itself_is_refused()
    {
        File.CreateSymbolicLink(At("to.h5"), "new.h5");
        File.CreateSymbolicLink(At("self.h5"), "self.h5");
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Variables, "-o", At("to.h5"), "-q")).Code);
        Assert.True(File.Exists(At("new.h5")));
        Assert.Equal(6, (await CommandTests.Run("tf2keras", Variables, "-o", At("self.h5"), "--force", "-q")).Code);
    }

    [Theory]
    [InlineData('a', 252)]
    [InlineData('ä', 126)]
    public async Task The_longest_names_are_written(char letter, int count) =>
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Variables, "-o", At(new string(letter, count) + ".h5"), "-q")).Code);

    [Fact]
    public async Task A_target_that_cannot_be_leaves_no_folders()
    {
        Assert.Equal(6, (await CommandTests.Run("tf2keras", Variables, "-o", At("new/sub/" + new string('a', 300) + ".h5"), "-q")).Code);
        var (code, _, error) = await CommandTests.Run("tf2keras", Variables, "-o", At("new") + "/", "-q");
        Assert.Equal(6, code);
        Assert.Contains("--out-dir", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Variables, "-o", At("new/sub/o.h5"), "-q")).Code);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/outside")]
    [InlineData("a/../../outside")]
    [InlineData("a//b")]
    public async Task Variables_are_written_below_the_target_and_nowhere_else(string scope)
    {
        await Convert("k.h5");
        var (code, _, error) = await CommandTests.Run("keras2tf", At("k.h5"), "-o", At("below") + "/", "--scope", scope, "-q");
        Assert.True(code == 2, error);
        Assert.Single(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public async Task Force_replaces_a_checkpoint_as_a_whole()
    {
        await Convert("k.h5");
        Assert.Equal(0, (await CommandTests.Run("keras2tf", At("k.h5"), "-o", At("c/m"), "-q")).Code);
        Assert.Equal(6, (await CommandTests.Run("keras2tf", At("k.h5"), "-o", At("c/m"), "-q")).Code);
        Assert.Equal(0, (await CommandTests.Run("keras2tf", At("k.h5"), "-o", At("c/m"), "-q", "--force", "--forget-bias", "0")).Code);
        Assert.Equal(0, (await CommandTests.Run("inspect", At("c"), "--check")).Code);
        Assert.Equal(
            ["checkpoint", "m.data-00000-of-00001", "m.index"],
            Directory.GetFiles(At("c")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    private async Task Convert(string name) => Assert.Equal(0, (await CommandTests.Run("tf2keras", Variables, "-o", At(name), "-q")).Code);

    private void HardLink(string of, string name) => Assert.Equal(0, Link(At(of), At(name)));

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private string At(string name) => Path.Combine(folder, name);

    [
        DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true),
        DefaultDllImportSearchPaths(DllImportSearchPath.System32)
    ]
    private static extern int MakePipe(string path, uint mode);

    [
        DllImport("libc", EntryPoint = "link", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true),
        DefaultDllImportSearchPaths(DllImportSearchPath.System32)
    ]
    private static extern int Link(string of, string name);
}
