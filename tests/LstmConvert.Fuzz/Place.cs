namespace LstmConvert.Fuzz;

/// <summary>The folder, in memory where there is one, in which a target's file lies.</summary>
internal sealed class Place : IDisposable
{
    private readonly Target target;
    private readonly string folder;

    /// <summary>Makes it.</summary>
    /// <param name="target">The reader.</param>
    public Place(Target target)
    {
        this.target = target;
        var memory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        folder = Directory.CreateDirectory(Path.Combine(memory, $"lstmconvert-fuzz-{Environment.ProcessId}")).FullName;
        if (target.Beside is { } beside)
        {
            File.WriteAllBytes(Path.Combine(folder, beside), new byte[1 << 16]);
        }
    }

    /// <summary>Reads bytes as they come from a fuzzer; whatever is no exception of ours ends the process, which is what it looks
    /// for.</summary>
    /// <param name="bytes">The bytes.</param>
    public void Run(Stream bytes)
    {
        using var copy = new MemoryStream();
        bytes.CopyTo(copy);
        Run(copy.ToArray());
    }

    /// <summary>Reads bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <returns>What became of it: <c>read</c>, or the sentence of the refusal.</returns>
    public string Run(byte[] bytes)
    {
        var path = Path.Combine(folder, target.File);
        File.WriteAllBytes(path, bytes);
        try
        {
            target.Read(path);
            return "read";
        }
        catch (LstmConvertException e)
        {
            return e.Message;
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
