using System.Diagnostics;
using System.Text.Json.Nodes;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>TensorFlow.js, jsfive and h5wasm in Node: the folder of packages that LSTMCONVERT_NODE_MODULES names. One process answers request after request.</summary>
public sealed class JavaScript : IDisposable
{
    private static readonly string[] Packages = ["@tensorflow/tfjs", "jsfive", "h5wasm"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim free = new(1);
    private readonly Lazy<Process?> worker = new(Start);

    /// <summary>Sends one request; skips the test where there is no Node with the packages (which fails where oracles are required).</summary>
    public async Task<JsonNode> AskAsync(JsonObject request)
    {
        Assert.False(worker.Value is null && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required", "No Node has the packages: name their folder in LSTMCONVERT_NODE_MODULES.");
        Assert.SkipWhen(worker.Value is null, "LSTMCONVERT_NODE_MODULES names no folder with the packages, or there is no node.");
        await free.WaitAsync();
        try
        {
            await worker.Value.StandardInput.WriteLineAsync(request.ToJsonString());
            await worker.Value.StandardInput.FlushAsync();
            using var timeout = new CancellationTokenSource(Patience);
            return JsonNode.Parse(await worker.Value.StandardOutput.ReadLineAsync(timeout.Token) ?? throw new InvalidOperationException("Node ended."))!;
        }
        finally
        {
            free.Release();
        }
    }

    public void Dispose()
    {
        if (worker is { IsValueCreated: true, Value: { } process })
        {
            process.StandardInput.Close();
            process.Dispose();
        }

        free.Dispose();
    }

    private static Process? Start()
    {
        var packages = Environment.GetEnvironmentVariable("LSTMCONVERT_NODE_MODULES");
        if (packages is null || !Packages.All(name => Directory.Exists(Path.Combine(packages, name))))
        {
            return null;
        }

        var script = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Shared.Bundled)!, "..", "LstmConvert.Tests", "KerasFiles", "browser_worker.js"));
        var start = new ProcessStartInfo("node", [script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = packages;
        try
        {
            var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            return process;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
