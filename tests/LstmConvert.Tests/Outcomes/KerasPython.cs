using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;

namespace LstmConvert.Tests.Outcomes;

/// <summary>A real Keras: the Python that LSTMCONVERT_KERAS_PYTHON names, else <c>python3</c> if it has keras. Each worker is one process
/// that answers request after request.</summary>
internal sealed class KerasPython : IDisposable
{
    private const int Workers = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly Lazy<string?> Found = new(Find);
    private readonly ConcurrentBag<Process> idle = [];
    private readonly SemaphoreSlim free = new(Workers);

    /// <summary>The Python, or null where there is none (which fails where oracles are required).</summary>
    public static KerasPython? Open()
    {
        Assert.False(
            Found.Value is null && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required",
            "No Python has keras: name one in LSTMCONVERT_KERAS_PYTHON.");
        return Found.Value is null ? null : new KerasPython();
    }

    /// <summary>Sends one request to a free worker.</summary>
    public async Task<JsonNode> AskAsync(JsonObject request)
    {
        await free.WaitAsync();
        try
        {
            var worker = idle.TryTake(out var waiting) ? waiting : Start(Found.Value!);
            await worker.StandardInput.WriteLineAsync(request.ToJsonString());
            await worker.StandardInput.FlushAsync();
            using var timeout = new CancellationTokenSource(Patience);
            try
            {
                var answer = await worker.StandardOutput.ReadLineAsync(timeout.Token);
                if (answer is not null)
                {
                    idle.Add(worker);
                    return JsonNode.Parse(answer)!;
                }
            }
            catch (OperationCanceledException)
            {
                worker.Kill();
            }

            worker.Dispose();
            return new JsonObject { ["ok"] = false, ["error"] = "Keras ended, or took more than two minutes" };
        }
        finally
        {
            free.Release();
        }
    }

    public void Dispose()
    {
        foreach (var worker in idle)
        {
            worker.StandardInput.Close();
            worker.Dispose();
        }

        free.Dispose();
    }

    private static string? Find()
    {
        foreach (
            var python in Environment.GetEnvironmentVariable("LSTMCONVERT_KERAS_PYTHON") is { Length: > 0 } named
                ? new[] { named }
                : ["python3"])
        {
            try
            {
                Start(python).Kill();
                return python;
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
            }
        }

        return null;
    }

    /// <summary>Starts a worker and waits until it has imported Keras.</summary>
    private static Process Start(string python)
    {
        var script = Path.Combine(Path.GetDirectoryName(Shared.Bundled)!, "..", "LstmConvert.Tests", "Outcomes", "keras_worker.py");
        var start = new ProcessStartInfo(python, [Path.GetFullPath(script)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["OPENBLAS_NUM_THREADS"] = "1";
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        var worker = Process.Start(start)!;
        worker.ErrorDataReceived += (_, _) => { };
        worker.BeginErrorReadLine();
        return worker.StandardOutput.ReadLine() is { } hello && hello.Contains("\"keras\"", StringComparison.Ordinal)
            ? worker
            : throw new InvalidOperationException($"{python} has no keras");
    }
}
