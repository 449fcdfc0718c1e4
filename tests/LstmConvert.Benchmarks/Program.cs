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

if (args is ["graphs", .. var rest])
{
    GraphRuns.Print(rest is [var rounds] ? int.Parse(rounds, System.Globalization.CultureInfo.InvariantCulture) : 10);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Kernels).Assembly).Run(args);
