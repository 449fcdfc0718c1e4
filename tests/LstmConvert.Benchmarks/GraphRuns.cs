using System.Globalization;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using LstmConvert.Arrays;
using LstmConvert.Conversion;
using LstmConvert.Equations;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Formats.Checkpoints;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;
using LstmConvert.Tests.Graphs.Execution;
using LstmConvert.Verification;
using LstmCell = LstmConvert.Equations.TensorFlow1.LstmCell;
using TensorInfo = LstmConvert.Tensors.TensorInfo;

namespace LstmConvert.Benchmarks;

/// <summary>
/// The program's own graph against our own cell (512 units, 512 inputs, 100 steps, batch 8, float32), an unrolled graph of 10,000 nodes,
/// and what a verification takes with and without its further questions.
/// </summary>
[MemoryDiagnoser]
public class GraphRuns : IDisposable
{
    private const int Batch = 8;
    private const int Steps = 100;
    private const int Units = 512;
    private const string KernelName = "rnn/lstm_cell/kernel";
    private const string BiasName = "rnn/lstm_cell/bias";

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly Random random = new(1);
    private readonly double[] input;
    private readonly double[] kernel;
    private readonly double[] bias;
    private readonly NumericArray[] states;
    private readonly GraphProgram program;
    private readonly Dictionary<string, GraphValue> feeds;
    private readonly LstmCell cell;
    private readonly RecurrentSource source;
    private readonly KerasFile keras;
    private readonly Models.Model right;
    private readonly Models.Model wrong;
    private readonly Models.Model broken;

    /// <summary>Draws weights, and writes the graphs, a checkpoint and the Keras file that is made of it.</summary>
    public GraphRuns()
    {
        (input, kernel, bias) = (Draw(Batch * Steps * Units, 2), Draw(2 * Units * 4 * Units, 0.1), Draw(4 * Units, 1));
        var (c, h) = (Draw(Batch * Units, 2), Draw(Batch * Units, 1));
        states = [NumericArray.From(c, Precision.Single, Batch, Units), NumericArray.From(h, Precision.Single, Batch, Units)];
        var meta = Path.Combine(AppContext.BaseDirectory, "lstm.meta");
        MemoryTensor[] stored = [Stored(KernelName, kernel, 2 * Units, 4 * Units), Stored(BiasName, bias, 4 * Units)];
        program = new GraphProgram(Graph.Open(meta), name => Array.Find(stored, tensor => tensor.Name == name));
        feeds = new Dictionary<string, GraphValue>(StringComparer.Ordinal)
        {
            ["x:0"] = GraphValue.Numbers(input, Batch, Steps, Units),
            ["LSTMCellZeroState/zeros:0"] = GraphValue.Numbers(c, Batch, Units),
            ["LSTMCellZeroState/zeros_1:0"] = GraphValue.Numbers(h, Batch, Units),
        };
        cell = new LstmCell(
            NumericArray.From(kernel, Precision.Single, 2 * Units, 4 * Units),
            NumericArray.From(bias, Precision.Single, 4 * Units),
            1,
            Activations.Tanh);

        var checkpoint = Path.Combine(folder, "model.ckpt");
        CheckpointV2Writer.Write(checkpoint, stored);
        File.Copy(meta, checkpoint + ".meta");
        source = RecurrentSource.Open(checkpoint);
        var file = Path.Combine(folder, "out.h5");
        source.Plan().Write(file);
        keras = KerasFile.Open(file);
        right = keras.ReadWithValues()!;
        Models.Model With(Func<KerasUse, KerasUse> change) =>
            right.With(call => call.Callee is KerasUse { Weights: [_, _, { Count: 4 * Units }] } use ? change(use) : call.Callee);
        wrong = With(use => use with { Weights = [use.Weights[0], use.Weights[1], Without(use.Weights[2])] });
        broken = With(use => use with { Weights = [use.Weights[0], Broken(use.Weights[1]), use.Weights[2]] });
        File.WriteAllBytes(Path.Combine(folder, "unrolled.pb"), UnrolledGraph.Of(UnrolledGraph.Steps).ToByteArray());
    }

    /// <summary>Removes what was written.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Removes what was written; a benchmark's class cannot be sealed.</summary>
    /// <param name="disposing">True where it is asked for.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            keras.Dispose();
            source.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Our own cell.</summary>
    [Benchmark(Baseline = true)]
    public double OwnCell() => Loop.Run(cell, new Sequence(Batch, Steps, Units, input), null, states).Output.Values[^1];

    /// <summary>The program's graph.</summary>
    [Benchmark]
    public double GraphOfTheProgram() => program.Run(feeds, ["outputs:0"], Precision.Single).Values[0].Singles[^1];

    /// <summary>5,000 products and 5,000 tanh behind each other, read and executed.</summary>
    [Benchmark]
    public double UnrolledGraphOf10000Nodes() =>
        new GraphProgram(Graph.Open(Path.Combine(folder, "unrolled.pb")), _ => null)
            .Run(
                new Dictionary<string, GraphValue> { ["x"] = GraphValue.Numbers([1, -1], 1, 2) },
                [UnrolledGraph.Last],
                Precision.Single)
            .Values[0]
            .Singles[0];

    /// <summary>Both cells in both precisions, and nothing else.</summary>
    [Benchmark]
    public Verdict PlainComparison() => Verify(right, asksGraph: false, asksPower: false);

    /// <summary>With what the sample could have told.</summary>
    [Benchmark]
    public Verdict WithPower() => Verify(right, asksGraph: false, asksPower: true);

    /// <summary>With the graph besides.</summary>
    [Benchmark]
    public Verdict WithPowerAndGraph() => Verify(right, asksGraph: true, asksPower: true);

    /// <summary>With the graph, and the cause of a difference.</summary>
    [Benchmark]
    public Verdict WithPowerGraphAndCause() => Verify(wrong, asksGraph: true, asksPower: true);

    /// <summary>The same for a difference that no change of convention explains.</summary>
    [Benchmark]
    public Verdict WithPowerGraphAndNoCause() => Verify(broken, asksGraph: true, asksPower: true);

    /// <summary>The convention of weights found from 50 recorded steps.</summary>
    [Benchmark]
    public string Identify()
    {
        const int Recorded = 50;
        var x = new Sequence(Batch, Recorded, Units, input[..(Batch * Recorded * Units)]);
        var zero = NumericArray.Zeros(Precision.Single, Batch, Units);
        var outputs = Loop.Run(cell, x, null, [zero, zero]).Output.Values;
        using var variables = new TensorSet(
            "memory",
            "variables in memory",
            [Stored(KernelName, kernel, 2 * Units, 4 * Units), Stored(BiasName, bias, 4 * Units)]);
        using var io = new TensorSet(
            "memory",
            "arrays in memory",
            [Stored("x", x.Values, Batch, Recorded, Units), Stored("outputs", outputs, Batch, Recorded, Units)]);
        var found = Identification.Of(variables, new RecordedValues(io, null), new RecordedValues(io, null))[0];
        return found.IsMatch ? string.Join(", ", found.Words) : throw new InvalidOperationException("Nothing was identified.");
    }

    private Verdict Verify(Models.Model model, bool asksGraph, bool asksPower) =>
        Verifier
            .Run(source, keras, model, new VerificationOptions { AsksGraph = asksGraph, AsksPower = asksPower, Steps = Steps })
            .Verdict;

    private double[] Draw(int count, double scale) =>
        [.. Enumerable.Range(0, count).Select(_ => (double)(float)((random.NextDouble() - 0.5) * scale))];

    /// <summary>The bias of a Keras file without forget bias.</summary>
    private static NumericArray Without(NumericArray bias)
    {
        var values = bias.ToDoubles();
        for (var k = Units; k < 2 * Units; k++)
        {
            values[k]--;
        }

        return NumericArray.From(values, Precision.Double, [.. bias.Dimensions]);
    }

    /// <summary>A kernel with one wrong number.</summary>
    private static NumericArray Broken(NumericArray kernel)
    {
        var values = kernel.ToDoubles();
        values[Units + 1] += 0.5;
        return NumericArray.From(values, Precision.Double, [.. kernel.Dimensions]);
    }

    private static MemoryTensor Stored(string name, double[] values, params long[] shape) =>
        new(
            new TensorInfo(name, DType.Float32, new Shape(shape)),
            values.SelectMany(value => BitConverter.GetBytes((float)value)).ToArray());

    /// <summary>The shortest of several runs of each, in one process, and what the budgets make of them.</summary>
    internal static void Print(int rounds)
    {
        using var runs = new GraphRuns();
        (string Name, Action Run)[] all =
        [
            ("own cell, float32", () => runs.OwnCell()),
            ("graph, float32", () => runs.GraphOfTheProgram()),
            ("unrolled graph", () => runs.UnrolledGraphOf10000Nodes()),
            ("plain comparison", () => runs.PlainComparison()),
            ("with power", () => runs.WithPower()),
            ("with power, graph", () => runs.WithPowerAndGraph()),
            ("with power, graph, cause", () => runs.WithPowerGraphAndCause()),
            ("with power, graph, no cause", () => runs.WithPowerGraphAndNoCause()),
        ];
        var best = all.ToDictionary(one => one.Name, _ => double.PositiveInfinity);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, run) in all)
            {
                var watch = System.Diagnostics.Stopwatch.StartNew();
                run();
                best[name] = Math.Min(best[name], watch.Elapsed.TotalSeconds);
            }
        }

        foreach (var (k, name) in all.Select(one => one.Name).Index())
        {
            var against =
                k < 2 ? best[all[0].Name]
                : name is "unrolled graph" ? 1
                : best[all[3].Name];
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{name,-28} {1000 * best[name],8:0.0} ms   {best[name] / against,6:0.00}"));
        }
    }
}
