using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Reading;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>Graphs of the size that people have: they compute what our own cells compute, and the ratio of the times is printed.</summary>
public sealed class LargeGraphTests(ITestOutputHelper output)
{
    [Fact]
    public void A_loop_of_512_units_and_100_steps_computes_what_our_own_cell_computes()
    {
        const int B = 8, T = 100, X = 512, U = 512;
        var random = new Random(1);
        double[] Draw(int count, double scale) =>
            [.. Enumerable.Range(0, count).Select(_ => (double)(float)((random.NextDouble() - 0.5) * scale))];
        var (x, kernel, bias) = (Draw(B * T * X, 2), Draw((X + U) * 4 * U, 0.1), Draw(4 * U, 1));
        var (c, h) = (Draw(B * U, 2), Draw(B * U, 1));
        var graph = Graph.Open(Path.Combine(Shared.Goldens, "tf1", "lstm", "model.ckpt.meta"));
        var program = new GraphProgram(graph, name => name switch
        {
            "rnn/lstm_cell/kernel" => Stored(name, kernel, X + U, 4 * U),
            "rnn/lstm_cell/bias" => Stored(name, bias, 4 * U),
            _ => null,
        });
        var feeds = new Dictionary<string, GraphValue>(StringComparer.Ordinal)
        {
            ["x:0"] = GraphValue.Numbers(x, B, T, X),
            ["LSTMCellZeroState/zeros:0"] = GraphValue.Numbers(c, B, U),
            ["LSTMCellZeroState/zeros_1:0"] = GraphValue.Numbers(h, B, U),
        };
        var cell = new LstmCell(
            NumericArray.From(kernel, Precision.Single, X + U, 4 * U),
            NumericArray.From(bias, Precision.Single, 4 * U),
            1,
            Activations.Tanh);
        for (var round = 0; round < 3; round++)
        {
            var watch = Stopwatch.StartNew();
            var own = Loop.Run(
                cell,
                new Sequence(B, T, X, x),
                null,
                [NumericArray.From(c, Precision.Single, B, U), NumericArray.From(h, Precision.Single, B, U)]);
            var cellSeconds = watch.Elapsed.TotalSeconds;
            watch.Restart();
            var outputs = program.Run(feeds, ["outputs:0"], Precision.Single).Values[0];
            var graphSeconds = watch.Elapsed.TotalSeconds;
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"cell {cellSeconds:0.000} s, graph {graphSeconds:0.000} s, {graphSeconds / cellSeconds:0.00} x"));
            Assert.True(own.Output.Values.Zip(outputs.ToDoubles()).Max(pair => Math.Abs(pair.First - pair.Second)) < 1e-5);
        }
    }

    [Fact]
    public void An_unrolled_graph_of_10_000_nodes_is_walked_without_recursion()
    {
        var graph = UnrolledGraph.Of(UnrolledGraph.Steps);

        var path = Path.Combine(Directory.CreateTempSubdirectory().FullName, "unrolled.pb");
        File.WriteAllBytes(path, graph.ToByteArray());
        for (var round = 0; round < 2; round++)
        {
            var watch = Stopwatch.StartNew();
            var program = new GraphProgram(Graph.Open(path), _ => null);
            var result = program
                .Run(new Dictionary<string, GraphValue> { ["x"] = GraphValue.Numbers([1, -1], 1, 2) }, [UnrolledGraph.Last], Precision.Double)
                .Values[0]
                .Doubles;
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{graph.Node.Count} nodes read and executed in {watch.Elapsed.TotalSeconds:0.000} s"));
            var (a, b) = (1.0, -1.0);
            for (var k = 0; k < UnrolledGraph.Steps; k++)
            {
                (a, b) = (Math.Tanh((0.5 * a) + (0.75 * b)), Math.Tanh((-0.25 * a) + (0.125 * b)));
            }

            Assert.Equal([a, b], result.Select(value => value), (expected, actual) => Math.Abs(expected - actual) < 1e-12);
        }
    }

    private static MemoryTensor Stored(string name, double[] values, params long[] shape) =>
        new(
            new LstmConvert.Tensors.TensorInfo(name, DType.Float32, new Shape(shape)),
            values.SelectMany(value => BitConverter.GetBytes((float)value)).ToArray());
}
