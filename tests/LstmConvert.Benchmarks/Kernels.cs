using BenchmarkDotNet.Attributes;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Benchmarks;

/// <summary>The parts of a conversion on one LSTM of 1024 units and input size 1024: a kernel of 32 MiB.</summary>
[MemoryDiagnoser]
public class Kernels
{
    private const int Units = 1024;

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly string graph = Path.Combine(AppContext.BaseDirectory, "model.ckpt.meta");
    private MemoryTensor kernel = null!;
    private MemoryTensor bias = null!;

    /// <summary>Writes the same variables as .npy and as a checkpoint.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var bytes = new byte[4 * 2 * Units * 4 * Units];
        for (var k = 0; k < bytes.Length; k += 4)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(k), (float)((random.NextDouble() * 2) - 1));
        }

        kernel = new MemoryTensor(new TensorInfo("rnn/lstm_cell/kernel", DType.Float32, new Shape(2 * Units, 4 * Units)), bytes);
        bias = new MemoryTensor(new TensorInfo("rnn/lstm_cell/bias", DType.Float32, new Shape(4 * Units)), bytes);
        CheckpointV2Writer.Write(Path.Combine(folder, "model.ckpt"), [kernel, bias]);
    }

    /// <summary>Removes them.</summary>
    [GlobalCleanup]
    public void Cleanup() => Directory.Delete(folder, recursive: true);

    /// <summary>Gates reordered, kernel split, written as HDF5; variables in memory, no read-back.</summary>
    [Benchmark]
    public void Convert()
    {
        using var memory = new TensorSet("memory", "variables in memory", [kernel, bias]);
        Convert(memory, check: false);
    }

    /// <summary>The same from a checkpoint, every checksum verified, and read back.</summary>
    [Benchmark]
    public void ConvertCheckpointAndReadBack()
    {
        using var fresh = SourceCatalog.Open(Path.Combine(folder, "model.ckpt"), new SourceOptions());
        Convert(fresh, check: true);
    }

    /// <summary>The checksum of 32 MiB.</summary>
    [Benchmark]
    public void Checksum()
    {
        using var checkpoint = SourceCatalog.Open(Path.Combine(folder, "model.ckpt"), new SourceOptions());
        checkpoint.Find("rnn/lstm_cell/kernel")!.Check();
    }

    /// <summary>A graph of a two-level program read, and its cells found.</summary>
    [Benchmark]
    public int FindCells() => LstmConvert.Recognition.RecurrentSource.CellsOf(Graph.Open(graph)).Count;

    private void Convert(TensorSet set, bool check)
    {
        var target = Path.Combine(folder, "out.h5");
        RecurrentSource
            .Of(set, null, new RecognitionOptions())
            .Plan()
            .Write(target, new WriteOptions { Overwrite = true, Check = check }, CancellationToken.None);
    }
}
