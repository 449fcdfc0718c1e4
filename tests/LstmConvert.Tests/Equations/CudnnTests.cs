using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Tests.Arrays;

namespace LstmConvert.Tests.Equations;

/// <summary>
/// cuDNN's buffer: no machine without a GPU records one, so canonical variables that real TensorFlow ran are packed as cuDNN does, and what
/// the buffer computes is what was recorded.
/// </summary>
public sealed class CudnnTests
{
    /// <summary>A layer and direction by gates: W <c>(u, width)</c>, R <c>(u, u)</c>, and two biases.</summary>
    private sealed record Piece(NumericArray[] Input, NumericArray[] Recurrent, NumericArray[] InputBias, NumericArray[] RecurrentBias);

    [Theory]
    [InlineData("cudnn-compatible-lstm", (int)CudnnMode.Lstm, "rnn/multi_rnn_cell/cell_{0}/cudnn_compatible_lstm_cell", false)]
    [InlineData(
        "cudnn-compatible-lstm-bidirectional",
        (int)CudnnMode.Lstm,
        "stack_bidirectional_rnn/cell_{0}/bidirectional_rnn/{1}/cudnn_compatible_lstm_cell",
        true)]
    [InlineData("cudnn-compatible-gru", (int)CudnnMode.Gru, "rnn/multi_rnn_cell/cell_{0}/cudnn_compatible_gru_cell", false)]
    [InlineData(
        "cudnn-compatible-gru-bidirectional",
        (int)CudnnMode.Gru,
        "stack_bidirectional_rnn/cell_{0}/bidirectional_rnn/{1}/cudnn_compatible_gru_cell",
        true)]
    [InlineData("basic-rnn", (int)CudnnMode.RnnTanh, "", false)]
    [InlineData("basic-rnn-relu", (int)CudnnMode.RnnRelu, "", false)]
    public void A_packed_buffer_computes_what_its_pieces_did(string name, int mode, string scope, bool isBidirectional)
    {
        var folder = Path.Combine(Shared.Goldens, "tf1", name);
        var (io, variables) = (Recorded.Open(Path.Combine(folder, "io.npz")), Recorded.Open(Path.Combine(folder, "variables.npz")));
        var pieces = new List<Piece>();
        for (var layer = 0; pieces.Count == 0 || scope.Length > 0; layer++)
        {
            var found = (isBidirectional ? new[] { "fw", "bw" } : [""])
                .Select(direction => Find(variables, string.Format(null, scope, layer, direction), (CudnnMode)mode))
                .OfType<Piece>()
                .ToArray();
            pieces.AddRange(found);
            if (found.Length == 0)
            {
                break;
            }
        }

        var (directions, units) = (isBidirectional ? 2 : 1, pieces[0].Recurrent[0].RowCount);
        var (layers, inputSize) = (pieces.Count / directions, pieces[0].Input[0].Width);
        var buffer = NumericArray.Concatenate([
            .. pieces
                .SelectMany(piece => piece.Input.Concat(piece.Recurrent))
                .Concat(pieces.SelectMany(piece => piece.InputBias.Concat(piece.RecurrentBias)))
                .Select(part => part.Reshape(part.Count)),
        ]);
        Assert.Equal(buffer.Count, CudnnBuffer.Length((CudnnMode)mode, layers, units, inputSize, isBidirectional));
        var cudnn = new CudnnBuffer((CudnnMode)mode, buffer, layers, units, inputSize, isBidirectional);
        foreach (var sample in new[] { "a_", "b_" })
        {
            var x = io.Sequence(sample + "x");
            int[] lengths = io.Has(sample + "sequence_length")
                ? io.Integers(sample + "sequence_length")
                : [.. Enumerable.Repeat(x.Steps, x.Batch)];
            string Id(int cell) => isBidirectional ? $"{(cell % 2 == 0 ? "fw" : "bw")}{cell / 2}" : $"{cell}";
            NumericArray Initial(int cell, string state) =>
                io.Has($"{sample}init_{Id(cell)}_{state}")
                    ? io[$"{sample}init_{Id(cell)}_{state}"]
                    : NumericArray.Zeros(Precision.Single, x.Batch, units);
            string[] states = (CudnnMode)mode == CudnnMode.Lstm ? ["h", "c"] : ["h"];
            var run = Loop.Run(
                cudnn,
                x,
                lengths,
                [.. Enumerable.Range(0, pieces.Count).SelectMany(cell => states.Select(state => Initial(cell, state)))]);
            Close(io.Values(sample + "outputs"), run.Output.Values);
            for (var k = 0; k < run.FinalStates.Count; k++)
            {
                Assert.Equal([x.Batch, units], run.FinalStates[k].Dimensions);
                Assert.Equal([units], run.StatesPerStep[k].StepShape);
                Close(io.Values($"{sample}final_{Id(k / states.Length)}_{states[k % states.Length]}"), run.FinalStates[k].ToDoubles());
            }
        }
    }

    [Fact]
    public void The_length_of_a_buffer_is_that_of_two_published_checkpoints()
    {
        Assert.Equal(1_315_600, CudnnBuffer.Length(CudnnMode.Lstm, 3, 143, 143, isBidirectional: true));
        Assert.Equal(86_184, CudnnBuffer.Length(CudnnMode.Gru, 1, 76, 300, isBidirectional: false));
    }

    private static Piece? Find(Recorded variables, string scope, CudnnMode mode)
    {
        var prefix =
            scope.Length == 0 ? ""
            : variables.Names.FirstOrDefault(name => name.Contains(scope + "/", StringComparison.Ordinal)) is { } found
                ? found[..(found.IndexOf(scope, StringComparison.Ordinal) + scope.Length + 1)]
            : null;
        if (prefix is null)
        {
            return null;
        }

        NumericArray W(string role) =>
            variables[
                scope.Length == 0 ? variables.Names.Single(name => name.EndsWith("/" + role, StringComparison.Ordinal)) : prefix + role
            ];
        switch (mode)
        {
            case CudnnMode.Lstm:
                return Split(W("kernel"), W("bias"), [0, 2, 1, 3]); // i ci f o -> i f c o
            case CudnnMode.Gru:
                var gates = Split(W("gates/kernel"), W("gates/bias"), [0, 1]);
                return new Piece(
                    [.. gates.Input, W("candidate/input_projection/kernel").Transpose()],
                    [.. gates.Recurrent, W("candidate/hidden_projection/kernel").Transpose()],
                    [.. gates.InputBias, W("candidate/input_projection/bias")],
                    [.. gates.RecurrentBias, W("candidate/hidden_projection/bias")]);
            default:
                return Split(W("kernel"), W("bias"), [0]);
        }
    }

    /// <summary>The pieces of gates beside each other; each bias is split into two unequal parts.</summary>
    private static Piece Split(NumericArray kernel, NumericArray bias, int[] order)
    {
        var units = bias.Count / order.Length;
        var width = kernel.RowCount - units;
        NumericArray[] Parts(int start, int count) =>
            [.. order.Select(gate => kernel.Rows(start, count).Columns(gate * units, units).Transpose())];
        NumericArray[] biases = [.. order.Select(gate => bias.Columns(gate * units, units))];
        return new Piece(
            Parts(0, width),
            Parts(width, units),
            [.. biases.Select(part => part * 0.25)],
            [.. biases.Select(part => part * 0.75)]);
    }

    private static void Close(double[] expected, double[] actual) =>
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.First - pair.Second, -2e-6, 2e-6));
}
