using BenchmarkDotNet.Running;
using LstmConvert.Benchmarks;
using LstmConvert.Formats;
using LstmConvert.Formats.Checkpoints;

if (args is ["checkpoint", var source, var prefix])
{
    using var set = SourceCatalog.Open(source, new SourceOptions());
    CheckpointV2Writer.Write(prefix, [.. set.Tensors]);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Kernels).Assembly).Run(args);
