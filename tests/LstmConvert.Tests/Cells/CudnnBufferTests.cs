using LstmConvert.Arrays;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Tests.Arrays;

namespace LstmConvert.Tests.Cells;

/// <summary>
/// cuDNN's opaque buffer. No machine without a GPU writes one: canonical variables that real TensorFlow ran are packed as cuDNN packs them,
/// and what is converted
/// from the buffer must be what is converted from them, and compute what was recorded.
/// </summary>
public sealed class CudnnBufferTests
{
    private const string Chain = "rnn/multi_rnn_cell/cell_{0}/";
    private const string Stack = "stack_bidirectional_rnn/cell_{0}/bidirectional_rnn/{1}/";

    [Theory]
    [InlineData("cudnn-compatible-lstm", "cudnn_lstm", Chain + "cudnn_compatible_lstm_cell")]
    [InlineData("cudnn-compatible-lstm-bidirectional", "cudnn_lstm", Stack + "cudnn_compatible_lstm_cell")]
    [InlineData("cudnn-compatible-gru", "cudnn_gru", Chain + "cudnn_compatible_gru_cell")]
    [InlineData("cudnn-compatible-gru-bidirectional", "cudnn_gru", Stack + "cudnn_compatible_gru_cell")]
    [InlineData("basic-rnn", "cudnn_rnn_tanh", "basic_rnn_cell")]
    [InlineData("basic-rnn-relu", "cudnn_rnn_relu", "basic_rnn_cell")]
    public async Task A_buffer_gives_the_layers_of_its_canonical_variables(string golden, string scope, string canonical)
    {
        var folder = Path.Combine(Shared.Goldens, "tf1", golden);
        var packed = CudnnPacking.Pack(Recorded.Open(Path.Combine(folder, "variables.npz")), scope, canonical);
        using var buffer = new StoredVariables();
        using var plain = new StoredVariables();
        buffer.Add($"{scope}/opaque_kernel", packed.Buffer);
        foreach (var (name, array) in packed.Canonical)
        {
            plain.Add(name, array);
        }

        string[] sizes =
        [
            "--fact",
            $"layers={packed.Layers}",
            "--fact",
            $"units={packed.Units}",
            "--fact",
            $"input_size={packed.InputSize}",
            "--fact",
            $"directions={(packed.Directions == 2 ? "bidirectional" : "unidirectional")}",
        ];
        Assert.Equal(0, (await buffer.ConvertAsync("buffer.h5", sizes)).Code);
        Assert.Equal(0, (await plain.ConvertAsync("plain.h5", scope == "cudnn_rnn_relu" ? ["--activation", "relu"] : [])).Code);
        var (ours, theirs) = (buffer.Weights("buffer.h5"), plain.Weights("plain.h5"));
        Assert.Equal(theirs.Count, ours.Count);
        Assert.All(theirs.Zip(ours), pair => Assert.Equal(pair.First, pair.Second));

        var io = Path.Combine(folder, "io.npz");
        var outputs = await buffer.VerifyAsync("buffer.h5", [.. sizes, "--input", io, "--expect", io, "--sample", "a_"]);
        Assert.True(outputs.Code == 0, outputs.Output + outputs.Error);
    }

    [Fact]
    public async Task Sizes_that_nothing_tells_are_asked_for()
    {
        using var buffer = new StoredVariables();
        buffer.Add(
            "cudnn_lstm/opaque_kernel",
            CudnnPacking.Random(CudnnMode.Lstm, layers: 2, units: 6, inputSize: 3, isBidirectional: true));
        var unsaid = await buffer.ConvertAsync("a.h5");
        Assert.Equal(5, unsaid.Code);
        Assert.StartsWith(
            "cudnn_lstm/opaque_kernel has 1488 numbers, which fits a CudnnLSTM of several sizes: layers = 1, units = 12, input_size = 17, unidirectional; ",
            StoredVariables.Sentence(unsaid),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "Say them: --fact cudnn_lstm:layers=1 --fact cudnn_lstm:units=12 --fact cudnn_lstm:input_size=17 --fact cudnn_lstm:directions=unidirectional.",
            StoredVariables.Sentence(unsaid),
            StringComparison.Ordinal);

        // Three of the four leave one.
        Assert.Equal(0, (await buffer.ConvertAsync("b.h5", "--fact", "layers=2", "--fact", "units=6", "--fact", "input_size=3")).Code);
        Assert.Equal(0, (await buffer.VerifyAsync("b.h5", "--fact", "layers=2", "--fact", "units=6", "--fact", "input_size=3")).Code);
    }

    [Theory]
    [InlineData("units=7", 4, "cudnn_lstm/opaque_kernel has 1488 numbers, and no CudnnLSTM with units = 7 has as many")]
    [InlineData("units=1.5", 4, "units is 1.5, and a size is a whole number of at least 1")]
    [InlineData("directions=both", 2, "directions takes unidirectional, bidirectional, and 'both' is none of them.")]
    public async Task Sizes_that_do_not_fit_are_refused(string fact, int code, string sentence)
    {
        using var buffer = new StoredVariables();
        buffer.Add(
            "cudnn_lstm/opaque_kernel",
            CudnnPacking.Random(CudnnMode.Lstm, layers: 2, units: 6, inputSize: 3, isBidirectional: true));
        var answer = await buffer.ConvertAsync("a.h5", "--fact", fact);
        Assert.Equal(code, answer.Code);
        Assert.Contains(sentence, answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_layer_without_a_kernel_is_refused()
    {
        using var buffer = new StoredVariables();
        buffer.Add(
            "cudnn_gru/opaque_kernel",
            CudnnPacking.Random(CudnnMode.Gru, layers: 1, units: 4, inputSize: 4, isBidirectional: false));
        var answer = await buffer.ConvertAsync(
            "a.h5",
            "--fact",
            "layers=1",
            "--fact",
            "units=4",
            "--fact",
            "input_size=4",
            "--fact",
            "input_mode=auto_select");
        Assert.Equal(4, answer.Code);
        Assert.Contains("its first layer has no kernel", StoredVariables.Sentence(answer), StringComparison.Ordinal);
    }

    /// <summary>Graphs of five releases: the operation and what stands beside it tell everything, so that a strict conversion assumes
    /// nothing.</summary>
    [Theory]
    [InlineData("1.0.1-cudnn-gru-graph-only", "cudnn_params", (int)CudnnMode.Gru)]
    [InlineData("1.2.1-cudnn-lstm-2-graph-only", "cudnn_params", (int)CudnnMode.Lstm)]
    [InlineData("1.3.0-cudnn-lstm-bidirectional-graph-only", "cudnn_params", (int)CudnnMode.Lstm)]
    [InlineData("1.12.3-cudnn-lstm-build-first-graph-only", "cudnn_lstm/opaque_kernel", (int)CudnnMode.Lstm)]
    [InlineData("1.12.3-cudnn-rnn-relu-bidirectional-graph-only", "cudnn_rnn_relu/opaque_kernel", (int)CudnnMode.RnnRelu)]
    [InlineData("1.15.0-cudnn-gru-bidirectional-2-graph-only", "cudnn_gru/opaque_kernel", (int)CudnnMode.Gru)]
    [InlineData("1.15.0-cudnn-rnn-tanh-2-graph-only", "cudnn_rnn_tanh/opaque_kernel", (int)CudnnMode.RnnTanh)]
    public async Task A_graph_tells_the_sizes_of_a_buffer(string golden, string variable, int mode)
    {
        var folder = Path.Combine(Shared.Goldens, "tf-old", golden);
        var (meta, layer) = (Path.Combine(folder, "model.ckpt.meta"), CudnnPacking.Case(folder));
        using var buffer = new StoredVariables();
        buffer.Add(variable, CudnnPacking.Random((CudnnMode)mode, layer.Layers, layer.Units, layer.InputSize, layer.IsBidirectional));
        var answer = await buffer.ConvertAsync("a.h5", "--graph", meta, "--strict");
        Assert.True(answer.Code == 0, answer.Output + answer.Error);
        Assert.Equal(layer.Layers * (layer.IsBidirectional ? 6 : 3), buffer.Weights("a.h5").Count);
        Assert.Equal(0, (await buffer.VerifyAsync("a.h5", "--graph", meta)).Code);
    }

    /// <summary>Canonical variables beside the buffer hold the same numbers: the buffer is left out and said, and what the graph shows of
    /// it holds for them.</summary>
    [Fact]
    public async Task A_buffer_beside_its_canonical_variables_is_left_out()
    {
        var folder = Path.Combine(Shared.Goldens, "tf-old", "1.15.0-cudnn-rnn-relu-bidirectional-graph-only");
        var layer = CudnnPacking.Case(folder);
        var random = new Random(5);
        using var source = new StoredVariables();
        source.Add(
            "cudnn_rnn_relu/opaque_kernel",
            CudnnPacking.Random(CudnnMode.RnnRelu, layer.Layers, layer.Units, layer.InputSize, layer.IsBidirectional));
        foreach (var direction in new[] { "fw", "bw" })
        {
            var scope = $"cudnn_rnn_relu/stack_bidirectional_rnn/cell_0/bidirectional_rnn/{direction}/basic_rnn_cell";
            source.Add($"{scope}/kernel", CudnnPacking.Numbers(random, layer.InputSize + layer.Units, layer.Units));
            source.Add($"{scope}/bias", CudnnPacking.Numbers(random, layer.Units));
        }

        var answer = await source.ConvertAsync("a.h5", "--graph", Path.Combine(folder, "model.ckpt.meta"), "--strict");
        Assert.True(answer.Code == 0, answer.Output + answer.Error);
        Assert.Empty(answer.Json!["warnings"]!.AsArray());
        Assert.Contains("activation=\"relu\"", answer.Json!["keras_code"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains(
            "the same numbers stand in the variables of cudnn_rnn_relu/stack_bidirectional_rnn/cell_0/bidirectional_rnn/fw/basic_rnn_cell",
            answer.Json!["left_out"]!.ToJsonString(),
            StringComparison.Ordinal);

        // Without the graph the names of the buffer still tell which of the two plain layers it was, but names are no evidence for a value.
        var named = await source.ConvertAsync("b.h5");
        Assert.Contains("activation=\"relu\"", named.Json!["keras_code"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(5, (await source.ConvertAsync("c.h5", "--strict")).Code);
    }
}
