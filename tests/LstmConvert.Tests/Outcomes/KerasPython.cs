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
    private static readonly Lazy<string?> Found = new(() => Find(Numpy));
    private static readonly Lazy<string?> FoundWithTorch = new(() => Find(Torch));
    private readonly string python;
    private readonly string? backend;
    private readonly ConcurrentBag<Process> idle = [];
    private readonly SemaphoreSlim free = new(Workers);
    private readonly Lazy<KerasPython> withTorch = new(() => new KerasPython(FoundWithTorch.Value!, Torch));

    /// <summary>The backend that <c>KERAS_BACKEND</c> names, NumPy without.</summary>
    public const string? Numpy = null;

    /// <summary>PyTorch.</summary>
    public const string Torch = "torch";

    private KerasPython(string python, string? backend) => (this.python, this.backend) = (python, backend);

    /// <summary>The Python, or null where there is none (which fails where oracles are required).</summary>
    /// <param name="backend">What it computes with.</param>
    public static KerasPython? Open(string? backend = Numpy)
    {
        var found = (backend is Numpy ? Found : FoundWithTorch).Value;
        Assert.False(
            found is null && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required",
            $"No Python has keras{(backend is Numpy ? "" : " with " + backend)}: name one in LSTMCONVERT_KERAS_PYTHON.");
        return found is null ? null : new KerasPython(found, backend);
    }

    /// <summary>Sends one request to a free worker. What Keras computes with NumPy only where JAX is (convolutions, pools) PyTorch
    /// computes, if it is there.</summary>
    public async Task<JsonNode> AskAsync(JsonObject request)
    {
        var answer = await AskOwnAsync(request);
        return
            backend is Numpy && answer["error"]?.GetValue<string>().Contains("needs JAX", StringComparison.Ordinal) == true
            && FoundWithTorch.Value is not null
                ? await withTorch.Value.AskAsync(request)
                : answer;
    }

    private async Task<JsonNode> AskOwnAsync(JsonObject request)
    {
        await free.WaitAsync();
        try
        {
            var worker = idle.TryTake(out var waiting) ? waiting : Start(python, backend);
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
        if (withTorch.IsValueCreated)
        {
            withTorch.Value.Dispose();
        }
    }

    private static string? Find(string? backend)
    {
        foreach (
            var python in Environment.GetEnvironmentVariable("LSTMCONVERT_KERAS_PYTHON") is { Length: > 0 } named
                ? new[] { named }
                : ["python3"])
        {
            try
            {
                Start(python, backend).Kill();
                return python;
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
            }
        }

        return null;
    }

    /// <summary>Starts a worker and waits until it has imported Keras.</summary>
    private static Process Start(string python, string? backend)
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
        if (backend is not Numpy)
        {
            start.Environment["KERAS_BACKEND"] = backend;
        }

        var worker = Process.Start(start)!;
        worker.ErrorDataReceived += (_, _) => { };
        worker.BeginErrorReadLine();
        return worker.StandardOutput.ReadLine() is { } hello && hello.Contains("\"keras\"", StringComparison.Ordinal)
            ? worker
            : throw new InvalidOperationException($"{python} has no keras");
    }
}
