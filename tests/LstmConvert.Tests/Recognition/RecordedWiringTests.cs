using Google.Protobuf;
using LstmConvert.Conversion;
using LstmConvert.Facts;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow;

namespace LstmConvert.Tests.Recognition;

/// <summary>Wiring and surroundings of recorded and public programs.</summary>
public sealed class RecordedWiringTests
{
    [Fact]
    public void A_dropout_between_two_levels_changes_nothing_in_what_is_printed()
    {
        string Code(string graph)
        {
            var folder = Path.Combine(Shared.Folder, "cases", "dropout");
            using var source = RecurrentSource.Open(
                [Path.Combine(folder, "vars")],
                new LstmConvert.Formats.SourceOptions(),
                new RecognitionOptions { Graph = Path.Combine(folder, graph) });
            Assert.Equal("chain", Assert.Single(source.Model.Groups).Wiring);
            return source.Plan(new ConversionOptions()).KerasCode("o.h5");
        }

        Assert.Equal(Code("two_level_no_dropout.pb"), Code("two_level_dropout.pb"));
    }

    [Theory]
    [InlineData("dialects/sonnet1-deeprnn-skip/model.ckpt", "0 < x; 1 < [x 0] | [0 1]")]
    [InlineData("saved-models/tf-2.15.1-seq2seq/saved_model", "0 < x; 1 < x2 from 0 0 | 1")]
    [InlineData("saved-models/tf-2.1.4-bidirectional-sum/saved_model", "0 < x; 1 bw < x | (0 1)")]
    [InlineData("tf2/tf215-export-model/saved_model", "0 < x; 1 bw < x; 2 < [0 1]; 3 < 2 | 3")]
    [InlineData("tf2/tf215-checkpoint-model/ckpt-1", "0 < x; 1 bw < x; 2 < [0 1]; 3 < 2 | 3")]
    [InlineData("tf2/tf221-checkpoint-model", "0 < x; 1 bw < x; 2 < [0 1]; 3 < 2 | 3")]
    [InlineData("tf2/tf215-save-weights-stacked", "0 < x; 1 < 0 | 1")]
    [InlineData("tf2/sonnet2-deep-rnn/ckpt-1", "0 < x; 1 < 0 | 1")]
    [InlineData("tf2/sonnet2-deep-rnn-skip/ckpt-1", "0 < x; 1 < [x 0] | [0 1]")]
    [InlineData("tf2/sonnet2-deep-rnn-residual/ckpt-1", "0+ < x; 1+ < 0 | 1")]
    [InlineData("tf1/multi-residual-dropout/model.ckpt", "0 < x; 1+ < 0; 2+ < 1 | 2")]
    [InlineData("tf1/basic-lstm-multi-state-not-tuple/model.ckpt", "0 < x; 1 < 0 | 1")]
    [InlineData("tf1/time-reversed-fused-rnn/model.ckpt", "0 bw < x | 0")]
    public void Layers_are_fed_as_in_the_program(string path, string expected)
    {
        using var source = RecurrentSource.Open(Path.Combine(Shared.Goldens, path));
        Assert.Equal(expected, Wires.Of(source.Model));
    }

    [Theory]
    [InlineData(
        "tf1/attention-wrapper-bahdanau/model.ckpt",
        "reads what decoder/rnn/while/rnn/attention_wrapper/attention_layer/MatMul computes with decoder/rnn/attention_wrapper/attention_layer/kernel from its own output"
    )]
    [InlineData(
        "tf1/embedding-wrapper/model.ckpt",
        "reads rows of rnn/embedding_wrapper/embedding (rnn/while/rnn/embedding_wrapper/embedding_lookup)")]
    [InlineData(
        "tf1/input-projection-wrapper/model.ckpt",
        "reads what rnn/while/rnn/input_projection_wrapper/BiasAdd computes with rnn/input_projection_wrapper/kernel, rnn/input_projection_wrapper/bias"
    )]
    [InlineData(
        "tf1/output-projection-wrapper/model.ckpt",
        "its outputs go into rnn/output_projection_wrapper/kernel (rnn/while/rnn/output_projection_wrapper/MatMul)")]
    [InlineData("tf1/output-projection-wrapper/variables.npz", "beside it in rnn/output_projection_wrapper: bias, kernel")]
    [InlineData("tf1/program-char-rnn/model.ckpt", "its outputs go into rnnlm/softmax_w (MatMul)")]
    [InlineData(
        "saved-models/tf-2.15.1-stateful/saved_model",
        "its states go on from one call to the next (stateful), and do not start from zeros each time")]
    [InlineData("saved-models/tf-2.15.1-subclassed/saved_model", "its outputs go into m/dense/kernel")]
    public void What_stands_around_a_layer_is_said(string path, string sentence)
    {
        using var source = RecurrentSource.Open(Path.Combine(Shared.Goldens, path));
        Assert.Contains(source.Model.Layers.SelectMany(layer => layer.Surroundings), one =>
            one.StartsWith(sentence, StringComparison.Ordinal));
    }

    [Fact]
    public void A_dense_layer_between_two_layers_of_an_object_graph_cuts_their_chain()
    {
        static string Key(string path) => path.Replace("/", "__", StringComparison.Ordinal);
        var folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;
        void Write(string path, params int[] shape) =>
            WriteZeros(Path.Combine(folder, Key($"m/layer_with_weights-{path}/.ATTRIBUTES/VARIABLE_VALUE") + ".npy"), shape);
        foreach (var number in new[] { 0, 2 })
        {
            Write($"{number}/cell/kernel", 4, 16);
            Write($"{number}/cell/recurrent_kernel", 4, 16);
            Write($"{number}/cell/bias", 16);
        }

        Assert.Equal("0 < x; 1 < 0 | 1", Wiring());
        Write("1/kernel", 4, 4);
        Assert.Equal("0 < x | 0 / 1 < x | 1", Wiring());
        Directory.Delete(folder, recursive: true);

        string Wiring()
        {
            using var source = RecurrentSource.Open(folder);
            return Wires.Of(source.Model);
        }
    }

    [Fact]
    public void A_saved_model_of_Keras_has_its_facts_from_its_configuration()
    {
        var folder = Path.Combine(
            Shared.Folder,
            "real",
            "checkpoints",
            "SciSharp__TensorFlow.NET",
            "test",
            "TensorFlowNET.Keras.UnitTest",
            "Assets",
            "lstm_from_sequential");
        using var source = RecurrentSource.Open(folder);
        Assert.Empty(source.Model.Warnings);
        Assert.Empty(source.Model.Assumed);
        var layer = Assert.Single(source.Model.Layers);
        Assert.All(layer.Facts, fact => Assert.Equal(EvidenceKind.Configuration, fact.Evidence.Kind));
        Assert.Contains(layer.Surroundings, one => one.StartsWith("its output goes into dense (Dense)", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_a_constant_as_input_the_names_tell_the_direction_and_are_its_evidence()
    {
        var (backward, graphs) = (0, 0);
        foreach (
            var file in Directory
                .EnumerateFiles(Path.Combine(Shared.Folder, "real", "tf1_graphs"), "frozen_model.pb", SearchOption.AllDirectories)
                .Where(file => !file.Contains("/tr_", StringComparison.Ordinal)))
        {
            using var source = RecurrentSource.Open(file);
            foreach (var layer in source.Model.Layers.Where(layer => layer.Found is { IsBackward: not null }))
            {
                Assert.Equal(layer.Scope.Contains("/bw/", StringComparison.Ordinal), layer.IsBackward);
                Assert.Equal(
                    layer.Found!.IsDirectionFromNames ? EvidenceKind.Names : EvidenceKind.Graph,
                    layer.Cell.Find(KnownFacts.Direction.Name)!.Evidence.Kind);
                backward += layer.IsBackward ? 1 : 0;
            }

            graphs++;
        }

        Assert.True(graphs > 30 && backward > 5, $"{graphs} graphs, {backward} backward layers");
    }

    [Fact]
    public void Feeds_are_found_by_structure_and_not_by_names()
    {
        var (feeds, wrong) = (0, new List<string>());
        foreach (
            var file in new[] { "tf1", "dialects" }
                .SelectMany(set => Directory.EnumerateFiles(Path.Combine(Shared.Goldens, set), "*.meta", SearchOption.AllDirectories))
                .Order(StringComparer.Ordinal))
        {
            var graph = GraphFile.Read(file).Graph;
            if (graph.Library is { Function.Count: > 0 })
            {
                continue;
            }

            var path = Path.Combine(Directory.CreateTempSubdirectory("lstmconvert").FullName, "graph.pb");
            File.WriteAllBytes(path, ProgramGraph.Renamed(graph).ToByteArray());
            var (named, numbered) = (Shapes(file), Shapes(path));
            feeds += named.Length;
            if (!named.SequenceEqual(numbered))
            {
                wrong.Add($"{file}:\n  {string.Join("\n  ", named)}\n  renamed\n  {string.Join("\n  ", numbered)}");
            }

            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(feeds > 100, $"{feeds} feeds");
    }

    /// <summary>Writes a .npy file of float32 zeros (version 1.0: magic, version, length of the header, header, data).</summary>
    private static void WriteZeros(string path, int[] shape)
    {
        var header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Join(", ", shape)},), }}".PadRight(117) + "\n";
        using var file = File.Create(path);
        file.Write([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0, (byte)header.Length, 0]);
        file.Write(System.Text.Encoding.ASCII.GetBytes(header));
        file.Write(new byte[4 * shape.Aggregate(1, (product, length) => product * length)]);
    }

    /// <summary>The feeds of a graph without names.</summary>
    private static string[] Shapes(string path)
    {
        var cells = GraphEvidence.CellsOf(Graph.Open(path)).ToList();
        string Text(GraphFeed? feed) =>
            feed switch
            {
                null => "nothing",
                GraphFeed.FromCell one => FormattableString.Invariant($"{cells.IndexOf(one.Cell)}{one.FinalState}"),
                GraphFeed.FromProgram => "x",
                GraphFeed.Joined joined => $"[{string.Join(" ", joined.Parts.Select(Text))}]",
                GraphFeed.Added added => $"({string.Join(" ", added.Terms.Select(Text))})",
                GraphFeed.Reversed reversed => $"reversed {Text(reversed.Feed)}",
                GraphFeed.Alternatives several => string.Join("|", several.Feeds.Select(Text)),
                _ => "computed",
            };
        return
        [
            .. cells.Select(cell =>
                $"{Text(cell.Feed)} {cell.IsBackward?.Value} {cell.Residual?.Value} {string.Join(" ", cell.InitialStates.Select(state => Text(state.Value)))}"
            ),
        ];
    }
}
