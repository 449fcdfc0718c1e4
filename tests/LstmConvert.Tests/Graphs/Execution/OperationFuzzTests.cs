using System.Diagnostics;
using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Graphs.Execution;
using LstmConvert.TensorFlow.Protos;

namespace LstmConvert.Tests.Graphs.Execution;

/// <summary>Each operation on inputs and attributes that need not fit: a result or one of our exceptions, in bounded time and
/// memory.</summary>
public sealed class OperationFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Integers =
    [
        "axis",
        "num_split",
        "batch_dims",
        "seq_dim",
        "batch_dim",
        "k",
        "depth_radius",
        "begin_mask",
        "end_mask",
        "ellipsis_mask",
        "new_axis_mask",
        "shrink_axis_mask",
        "num_proj",
    ];

    private static readonly string[] Lists = ["strides", "ksize", "dilations", "squeeze_dims", "explicit_paddings"];

    private static readonly string[] Truths =
    [
        "keep_dims",
        "transpose_a",
        "transpose_b",
        "adj_x",
        "adj_y",
        "exclusive",
        "reverse",
        "use_peephole",
        "dynamic_size",
        "is_training",
        "time_major",
        "resize_if_index_out_of_bounds",
    ];

    [Fact]
    public void Any_inputs_of_any_operation_are_computed_or_refused()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable("LSTMCONVERT_FUZZ") ?? "4000", CultureInfo.InvariantCulture) / 250;
        var (random, computed, refused, slowest, largest) = (
            new Random(20261128),
            new HashSet<string>(StringComparer.Ordinal),
            0,
            (Time: 0.0, Name: ""),
            (Bytes: 0L, Name: ""));
        foreach (var operation in OperationTable.Names.Order(StringComparer.Ordinal))
        {
            for (var round = 0; round < rounds; round++)
            {
                var (graph, inputs) = (new GraphUnderTest(), random.Next(6));
                var feeds = new List<(string, GraphValue)>();
                for (var k = 0; k < inputs; k++)
                {
                    Input(graph, $"input_{k}", feeds, random);
                }

                graph.With(
                    Attributed(
                        GraphUnderTest.Node("node", operation, string.Join(' ', Enumerable.Range(0, inputs).Select(k => $"input_{k}"))),
                        random));
                var (watch, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
                try
                {
                    _ = graph.Run(random.Next(3) == 0 ? "node node:1" : "node", [.. feeds]);
                    computed.Add(operation);
                }
                catch (LstmConvertException)
                {
                    refused++;
                }

                slowest = watch.Elapsed.TotalSeconds > slowest.Time ? (watch.Elapsed.TotalSeconds, operation) : slowest;
                largest =
                    GC.GetAllocatedBytesForCurrentThread() - before is var bytes && bytes > largest.Bytes ? (bytes, operation) : largest;
                File.Delete(graph.Path);
                Directory.Delete(Path.GetDirectoryName(graph.Path)!);
            }
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{computed.Count} of {OperationTable.Names.Count()} operations computed something, {refused} refusals, slowest {slowest.Time:0.00} s ({slowest.Name}), most memory {largest.Bytes >> 20} MiB ({largest.Name})"
            ));
        output.WriteLine($"never computed: {string.Join(' ', OperationTable.Names.Except(computed).Order(StringComparer.Ordinal))}");
        Assert.True(slowest.Time < 6, slowest.Name);
        Assert.True(largest.Bytes < 1L << 30, largest.Name);
    }

    private static void Input(GraphUnderTest graph, string name, List<(string, GraphValue)> feeds, Random random)
    {
        int[] odd = [-1, 0, 1, 2, 3, 5, 1 << 20, int.MaxValue, int.MinValue];
        switch (random.Next(12))
        {
            case 0:
                graph
                    .With($"{name}_size", "Const", "", ("value", new[] { random.Next(4) }))
                    .With(
                        name,
                        random.Next(2) == 0 ? "TensorArrayV3" : "TensorListReserve",
                        random.Next(2) == 0 ? $"{name}_size" : $"{name}_size {name}_size",
                        ("dtype", 1));
                break;
            case 1:
                graph.With(name, "Const", "", ("value", new[] { odd[random.Next(odd.Length)] }));
                break;
            case 2 or 3:
                graph.With(
                    name,
                    "Const",
                    "",
                    (
                        "value",
                        Enumerable
                            .Range(0, random.Next(5))
                            .Select(_ => random.Next(3) == 0 ? odd[random.Next(odd.Length)] : random.Next(-2, 4))
                            .ToArray()));
                break;
            default:
                int[] shape = [.. Enumerable.Range(0, random.Next(6)).Select(_ => random.Next(5))];
                graph.With(
                    name,
                    "Placeholder",
                    "",
                    (
                        "dtype",
                        random.Next(4) switch
                        {
                            0 => 3,
                            1 => 10,
                            _ => 1,
                        }));
                feeds.Add(
                    (
                        name,
                        GraphValue.Numbers(
                            [
                                .. Enumerable
                                    .Range(0, shape.Aggregate(1, (product, length) => product * length))
                                    .Select(_ => (double)random.Next(-3, 4)),
                            ],
                            shape)));
                break;
        }
    }

    private static NodeDef Attributed(NodeDef node, Random random)
    {
        foreach (var name in Integers.Where(_ => random.Next(3) == 0))
        {
            node.Attr[name] = new AttrValue { I = random.Next(6) == 0 ? random.Next(int.MinValue, int.MaxValue) : random.Next(-2, 4) };
        }

        foreach (var name in Truths.Where(_ => random.Next(3) == 0))
        {
            node.Attr[name] = new AttrValue { B = random.Next(2) == 0 };
        }

        foreach (var name in Lists.Where(_ => random.Next(4) > 0))
        {
            var list = new AttrValue.Types.ListValue();
            list.I.AddRange(
                Enumerable.Range(0, random.Next(3, 6)).Select(_ => (long)(random.Next(8) == 0 ? random.Next() : random.Next(0, 3))));
            node.Attr[name] = new AttrValue { List = list };
        }

        string[] words = ["SAME", "VALID", "EXPLICIT", "lstm", "gru", "NHWC", "NCHW", "ij,jk->ik", "abc,cd->abd"];
        foreach (var name in new[] { "padding", "rnn_mode", "data_format", "equation" }.Where(_ => random.Next(3) > 0))
        {
            node.Attr[name] = new AttrValue { S = Google.Protobuf.ByteString.CopyFromUtf8(words[random.Next(words.Length)]) };
        }

        return node;
    }
}
