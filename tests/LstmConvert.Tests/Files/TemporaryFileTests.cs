using LstmConvert.Files;

namespace LstmConvert.Tests.Files;

/// <summary>Runs that write one target at the same time: each has a temporary file of its own, and none takes that of another.</summary>
public sealed class TemporaryFileTests
{
    [Fact]
    public void Writers_of_one_target_never_share_a_temporary_file()
    {
        var folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;
        var target = Path.Combine(folder, "model.h5");
        var writers = Enumerable.Range(0, 6).Select(writer => new Thread(() => Catch(() =>
        {
            for (var k = 0; k < 300; k++)
            {
                using var file = TemporaryFile.For(target, null);
                var own = FormattableString.Invariant($"{writer} {k}");
                using (var stream = new FileStream(file.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete))
                {
                    stream.Write(System.Text.Encoding.UTF8.GetBytes(own));
                }

                Thread.Yield();
                using var reader = new StreamReader(
                    new FileStream(file.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
                if (reader.ReadToEnd() != own)
                {
                    wrong.Enqueue(own);
                }
            }
        }))).ToArray();
        foreach (var writer in writers)
        {
            writer.Start();
        }

        foreach (var writer in writers)
        {
            writer.Join();
        }

        Assert.Empty(wrong);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    /// <summary>What fails on a thread fails the test, not the process.</summary>
    private void Catch(Action run)
    {
        try
        {
            run();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            wrong.Enqueue(e.ToString());
        }
    }

    private readonly System.Collections.Concurrent.ConcurrentQueue<string> wrong = new();
}
