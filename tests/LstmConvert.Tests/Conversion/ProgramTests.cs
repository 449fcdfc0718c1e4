using System.Text.Json.Nodes;
using LstmConvert.Arrays;
using LstmConvert.Conversion;
using LstmConvert.Equations;
using LstmConvert.Graphs.Execution;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tests.KerasFiles;
using LstmConvert.Tests.Models;
using LstmConvert.Tests.Outcomes;
using LstmConvert.Verification;

namespace LstmConvert.Tests.Conversion;

/// <summary>Programs of TensorFlow 1 as one Keras model each, from the numbers of words to what TensorFlow recorded.</summary>
public sealed class ProgramTests(KerasFixture fixture, JavaScript node)
    : IClassFixture<KerasFixture>,
        IClassFixture<JavaScript>,
        IDisposable
{
    /// <summary>float32 over some steps.</summary>
    private const double Limit = 2e-6;

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    /// <summary>A program; its inputs with their lengths; what was recorded of its output; the sample.</summary>
    public static TheoryData<string, string, string, string, string> Programs => new()
    {
        { "program-char-rnn", "ids", "", "probabilities", "a" },
        { "program-ptb", "ids", "", "logits", "a" },
        { "program-big-model", "ids", "sequence_length", "probabilities", "a" },
        { "program-bilstm-crf", "ids", "sequence_length", "logits", "a" },
        { "program-bilstm-crf", "ids", "sequence_length", "logits", "b" },
        { "program-seq2seq", "source target", "", "logits", "a" },
        { "embedding-wrapper", "ids", "", "outputs", "a" },
        { "input-projection-wrapper", "x", "", "outputs", "a" },
        { "output-projection-wrapper", "x", "", "outputs", "a" },
    };

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task A_program_predicts_what_was_recorded(string name, string inputs, string lengths, string output, string sample)
    {
        var golden = Path.Combine(Shared.Goldens, "tf1", name);
        var recorded = NumberArray
            .ReadNpz(Path.Combine(golden, "io.npz"))
            .Where(pair => pair.Key.StartsWith(sample + "_", StringComparison.Ordinal))
            .ToDictionary(pair => pair.Key[2..], pair => pair.Value, StringComparer.Ordinal);
        using var source = RecurrentSource.Open(Path.Combine(golden, "model.ckpt"));
        var plan = source.Plan(new ConversionOptions { IsWhole = true });
        Assert.True(plan.HasLayersAround);
        foreach (var target in KerasTarget.All.Where(target => target.IsWholeModel))
        {
            if (target.IsFolder && target.Obstacles(plan.Keras) is { Count: > 0 } obstacles)
            {
                Assert.Contains("at masked steps", Assert.Single(obstacles), StringComparison.Ordinal);
                continue;
            }

            var path = Path.Combine(folder, "m" + target.Extension);
            var result = plan.Write(path, new WriteOptions { Target = target }, TestContext.Current.CancellationToken);
            Assert.Equal(plan.VariablesAround.Count, plan.Planned.Where(layer => layer.IsAround).Sum(layer => layer.Weights.Count));
            Assert.NotNull(result.Check);
            using var file = target.Open(path);
            var model = file.ReadWithValues()!;
            var given = inputs
                .Split(' ')
                .Select(input => Padded(recorded[input], recorded.GetValueOrDefault(lengths), RowsOf(model) - 1))
                .ToArray();
            var ends = recorded.GetValueOrDefault(lengths)?.Values.Select(length => (int)length).ToArray();
            var expected = recorded[output] is { Rank: 2 } flat
                ? flat with
                {
                    Shape = [given[0].Shape[0], given[0].Shape[1], flat.Shape[^1]],
                }
                : recorded[output];
            var ours = ModelWalker.Run(
                model,
                model
                    .Inputs.Zip(given)
                    .ToDictionary(
                        pair => pair.First.Name,
                        pair => new Value(NumericArray.From(pair.Second.Values, Precision.Single, pair.Second.Shape)),
                        StringComparer.Ordinal),
                Precision.Single);
            Assert.True(
                expected.DistanceTo(new NumberArray([.. ours[0].Data.Dimensions], ours[0].Data.ToDoubles()), ends) < Limit,
                "our evaluation");
            if (target.IsFolder)
            {
                var there = Assert.Single(
                    await node.PredictAsync(path, given.Select(array => NumericArray.From(array.Values, Precision.Double, array.Shape))));
                Assert.True(expected.DistanceTo(new NumberArray([.. there.Dimensions], there.ToDoubles()), ends) < Limit, "TensorFlow.js");
                continue;
            }

            var answer = await fixture.Keras.AskAsync(new JsonObject
            {
                ["code"] = plan.KerasCode(Path.GetFileName(path), target),
                ["folder"] = folder,
                ["samples"] = new JsonArray(new JsonObject { ["x"] = new JsonArray([.. given.Select(array => (JsonNode)array.ToJson())]) }),
            });
            Assert.True(answer["ok"]!.GetValue<bool>(), answer.ToJsonString());
            var theirs = NumberArray.FromJson(Assert.Single(answer["samples"]![0]!["outputs"]!.AsArray())!);
            Assert.Equal(expected.Shape, theirs.Shape);
            Assert.True(expected.DistanceTo(theirs, ends) < Limit, "Keras");
        }
    }

    /// <summary>Checkpoints of other people's programs: what their own graph computes, node by node, from numbers of words. In float64:
    /// over 2500 rows of 50
    /// trained steps float32 rounds to 3e-3.</summary>
    [Theory]
    [InlineData("821760408-sp__char-rnn-tensorflow/save/model.ckpt-67949")]
    [InlineData("CornellDataScience__Deep-Learning-Course/models/rnn/model.ckpt-25049")]
    public void A_public_program_computes_what_its_own_graph_computes(string name)
    {
        var path = Path.Combine(Shared.Folder, "real", "checkpoints", name);
        using var source = RecurrentSource.Open(path);
        var graph = source.Graph!;
        var softmax = graph.Nodes.First(node => node.Op == "Softmax");
        var shape = Assert
            .IsType<LstmConvert.TensorFlow.Protos.TensorShapeProto>(
                graph.Nodes.First(node => node.Name == "Placeholder").Attribute("shape")?.Shape)
            .Dim.Select(length => (int)length.Size)
            .Select(length => length < 0 ? 2 : length)
            .ToArray();
        Assert.Equal(2, shape.Length);
        var target = Path.Combine(folder, "m.keras");
        source
            .Plan(new ConversionOptions { IsWhole = true })
            .Write(target, new WriteOptions { Target = KerasTarget.ByName(target) }, TestContext.Current.CancellationToken);
        using var file = KerasFile.Open(target);
        var model = file.ReadWithValues()!;
        var rows = RowsOf(model);
        var ids = new NumberArray(shape, [.. Enumerable.Range(0, shape[0] * shape[1]).Select(k => (double)(k * 7 % rows))]);
        var given = new Dictionary<string, GraphValue>(StringComparer.Ordinal)
        {
            ["Placeholder:0"] = GraphValue.Numbers(ids.Values, ids.Shape),
        };
        var expected = GraphProgram.Of(graph, source.Variables).Run(given, [softmax.Name + ":0"], Precision.Double).Values[0].ToDoubles();
        var ours = ModelWalker
            .Run(
                model,
                new Dictionary<string, Value> { [model.Inputs[0].Name] = new(NumericArray.From(ids.Values, Precision.Double, ids.Shape)) },
                Precision.Double)[0]
            .Data.ToDoubles();
        Assert.Equal(expected.Length, ours.Length);
        // A row for each step: the program may have put all rows of a step together, or all steps of a row.
        var width = ours.Length / ids.Values.Length;
        double Distance(Func<int, int> place) =>
            Enumerable
                .Range(0, ids.Values.Length)
                .Max(k => Enumerable.Range(0, width).Max(unit => Math.Abs(ours[(k * width) + unit] - expected[(place(k) * width) + unit])));
        var (byRow, byStep) = (Distance(k => k), Distance(k => (k % shape[1] * shape[0]) + (k / shape[1])));
        Assert.True(Math.Min(byRow, byStep) < 1e-5, FormattableString.Invariant($"{byRow:g3} by row, {byStep:g3} by step"));
    }

    [Theory]
    [InlineData("program-char-rnn")]
    [InlineData("program-seq2seq")]
    [InlineData("program-bilstm-crf")]
    public void A_whole_program_verifies_layer_by_layer(string name)
    {
        using var source = RecurrentSource.Open(Path.Combine(Shared.Goldens, "tf1", name, "model.ckpt"));
        var path = Path.Combine(folder, "m.keras");
        source
            .Plan(new ConversionOptions { IsWhole = true })
            .Write(path, new WriteOptions { Target = KerasTarget.ByName(path) }, TestContext.Current.CancellationToken);
        var report = Verifier.Run(source, path, new VerificationOptions());
        Assert.Equal(Verdict.Same, report.Verdict);
        Assert.True(
            report.IsConfirmedByGraph
                || report.Assumed.Any(condition => condition.Contains("the layers around the recurrent ones", StringComparison.Ordinal)),
            report.Sentence);
    }

    [Fact]
    public void Weights_alone_leave_out_what_stands_around()
    {
        using var source = RecurrentSource.Open(Path.Combine(Shared.Goldens, "tf1", "program-char-rnn", "model.ckpt"));
        var plan = source.Plan();
        Assert.False(plan.HasLayersAround);
        Assert.Equal(2, plan.Layers.Count);
    }

    [Fact]
    public void What_is_not_understood_ends_the_model_and_is_named()
    {
        using var source = RecurrentSource.Open(Path.Combine(Shared.Goldens, "tf1", "program-bilstm-crf", "model.ckpt"));
        var note = Assert.Single(source.Plan(new ConversionOptions { IsWhole = true }).Notes);
        Assert.StartsWith("the model ends at proj/", note, StringComparison.Ordinal);
        Assert.Contains("(Slice)", note, StringComparison.Ordinal);
    }

    /// <summary>Numbers of words with the number that masks behind each row's end.</summary>
    private static NumberArray Padded(NumberArray ids, NumberArray? lengths, int padding) =>
        ids.Shape is [_, _, 1] ? Padded(ids with { Shape = ids.Shape[..2] }, lengths, padding)
        : lengths is null ? ids
        : ids with { Values = [.. ids.Values.Select((id, k) => k % ids.Shape[1] < lengths.Values[k / ids.Shape[1]] ? id : padding)] };

    private static int RowsOf(Model model) => model.Calls.Select(call => call.Callee).OfType<KerasUse>().Max(Embedding.RowsOf);
}
