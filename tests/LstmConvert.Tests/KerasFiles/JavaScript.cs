using System.Diagnostics;
using System.Text.Json.Nodes;
using LstmConvert.Arrays;
using LstmConvert.Equations;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>TensorFlow.js, jsfive and h5wasm in Node: the folder of packages that LSTMCONVERT_NODE_MODULES names. One process answers
/// request after request.</summary>
public sealed class JavaScript : IDisposable
{
    private static readonly string[] Packages = ["@tensorflow/tfjs", "jsfive", "h5wasm"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim free = new(1);
    private readonly Lazy<Process?> worker = new(Start);

    /// <summary>Sends one request; skips the test where there is no Node with the packages (which fails where oracles are
    /// required).</summary>
    public async Task<JsonNode> AskAsync(JsonObject request)
    {
        Assert.False(
            worker.Value is null && Environment.GetEnvironmentVariable("LSTMCONVERT_ORACLES") == "required",
            "No Node has the packages: name their folder in LSTMCONVERT_NODE_MODULES.");
        Assert.SkipWhen(
            worker.Value is null,
            "LSTMCONVERT_NODE_MODULES names no folder with @tensorflow/tfjs, jsfive and h5wasm, or there is no node.");
        await free.WaitAsync();
        try
        {
            await worker.Value.StandardInput.WriteLineAsync(request.ToJsonString());
            await worker.Value.StandardInput.FlushAsync();
            using var timeout = new CancellationTokenSource(Patience);
            return JsonNode.Parse(
                await worker.Value.StandardOutput.ReadLineAsync(timeout.Token) ?? throw new InvalidOperationException("Node ended."))!;
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>What a TensorFlow.js model predicts there.</summary>
    /// <param name="path">The model's folder.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <exception cref="InvalidOperationException">TensorFlow.js does not load it, or does not predict.</exception>
    internal async Task<NumericArray[]> PredictAsync(string path, IEnumerable<NumericArray> inputs)
    {
        var answer = await AskAsync(
            new JsonObject
            {
                ["model"] = Path.Combine(path, "model.json"),
                ["inputs"] = new JsonArray([
                    .. inputs.Select(input =>
                        (JsonNode)
                            new JsonObject
                            {
                                ["shape"] = Numbers(input.Dimensions),
                                ["data"] = new JsonArray([.. input.ToDoubles().Select(value => (JsonNode)value)]),
                            }),
                ]),
            });
        return answer["error"] is { } error
            ? throw new InvalidOperationException($"TensorFlow.js: {error}")
            :
            [
                .. answer["outputs"]!
                    .AsArray()
                    .Select(one =>
                        NumericArray.From(
                            [.. one!["data"]!.AsArray().Select(value => value!.GetValue<double>())],
                            Precision.Double,
                            [.. one["shape"]!.AsArray().Select(length => length!.GetValue<int>())])),
            ];
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

    private static JsonArray Numbers(IEnumerable<int> lengths) => new([.. lengths.Select(length => (JsonNode)length)]);

    private static Process? Start()
    {
        var packages = Environment.GetEnvironmentVariable("LSTMCONVERT_NODE_MODULES");
        if (packages is null || !Packages.All(name => Directory.Exists(Path.Combine(packages, name))))
        {
            return null;
        }

        var script = Path.GetFullPath(
            Path.Combine(Path.GetDirectoryName(Shared.Bundled)!, "..", "LstmConvert.Tests", "KerasFiles", "browser_worker.js"));
        var start = new ProcessStartInfo("node", [script])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
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
