using LstmConvert.Arrays;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>
/// cuDNN's recurrent layers (cuDNN developer guide, cudnnRNNMode_t; tensorflow/core/ops/cudnn_rnn_ops.cc): inputs x (t, b, n), h and c
/// (layers * directions, b, u), one vector of parameters. In it, for each
/// layer and direction, all W (u, width), then all R (u, u); behind those, for each again, all bW, then all bR. Gates i f c o, or r z h. <code>
/// lstm: as everywhere, no forget bias
/// gru:  r, z = sigmoid(W x + R h + bW + bR)     n = tanh(Wh x + bWh + r * (Rh h + bRh))     h' = (1 - z) * n + z * h
/// rnn:  h' = tanh or relu (W x + R h + bW + bR) </code>
/// </summary>
internal static class CudnnOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["CudnnRNN"] = at => Run(at, null),
        ["CudnnRNNV2"] = at => Run(at, null),
        ["CudnnRNNV3"] = at => Run(at, at[4].Integers),
    };

    private static GraphValue[] Run(Call at, long[]? lengths)
    {
        if (at.Node.Int("num_proj") != 0 || at.Node.Text("input_mode", "linear_input") == "skip_input")
        {
            throw at.Unsupported("a projection, or an input that is not multiplied");
        }

        var isBatchFirst = !at.Node.Bool("time_major", true);
        var input = isBatchFirst ? ShapeOperations.Transposed(at, at[0], [1, 0, 2]) : at[0];
        var (states, carries) = (at[1], at[2]);
        (states, carries) = isBatchFirst
            ? (
                ShapeOperations.Transposed(at, states, [1, 0, 2]),
                carries.Rank == 3 ? ShapeOperations.Transposed(at, carries, [1, 0, 2]) : carries)
            : (states, carries);
        var mode = at.Node.Text("rnn_mode", "lstm");
        var (gates, directions, units) = (
            mode switch
            {
                "lstm" => 4,
                "gru" => 3,
                _ => 1,
            },
            at.Node.Text("direction", "unidirectional") == "bidirectional" ? 2 : 1,
            states.Shape[2]);
        var parts = Parameters(at, gates, directions, states.Shape[0], units, input.Shape[2]);
        var (outputs, finals, finalCarries) = (input, new List<GraphValue>(), new List<GraphValue>());
        for (var layer = 0; layer < parts.Length; layer += directions)
        {
            var sides = new List<GraphValue>();
            for (var k = layer; k < layer + directions; k++)
            {
                var state = Row(at, states, k);
                var carry = mode == "lstm" ? Row(at, carries, k) : state;
                sides.Add(Layer(at, mode, parts[k], outputs, ref state, ref carry, lengths, isBackward: k > layer));
                finals.Add(state);
                finalCarries.Add(carry);
            }

            outputs = sides.Count > 1 ? JoinOperations.Concatenated(at, sides, 2) : sides[0];
        }

        GraphValue Of(GraphValue value) => isBatchFirst ? ShapeOperations.Transposed(at, value, [1, 0, 2]) : value;
        var empty = at.NewLike(states, 0);
        return
        [
            Of(outputs),
            Of(JoinOperations.Stacked(at, finals, 0)),
            mode == "lstm" ? Of(JoinOperations.Stacked(at, finalCarries, 0)) : empty,
            empty,
            GraphValue.Of(DType.Int8, [0], Array.Empty<long>()),
        ];
    }

    private static GraphValue Row(Call at, GraphValue value, int row) => JoinOperations.Unstacked(at, value, 0)[row];

    /// <summary>For each layer and direction: W (n, g u), R (u, g u), bW and bR (g u).</summary>
    private static GraphValue[][] Parameters(Call at, int gates, int directions, int count, int units, int width)
    {
        var (all, parts, start) = (at[3], new GraphValue[count][], 0);
        GraphValue Next(int rows, int columns)
        {
            _ =
                (long)start + ((long)rows * columns) <= all.Count
                    ? 0
                    : throw at.Misfit($"its {all.Count} parameters are too few for {count} layers of {units} units");
            var part = Strided.Take(at, all, start, [columns, 1], [rows, columns]);
            start += rows * columns;
            return part;
        }

        for (var k = 0; k < count; k++)
        {
            var inputs = k < directions ? width : directions * units;
            parts[k] =
            [
                ShapeOperations.Transposed(at, Next(gates * units, inputs), [1, 0]),
                ShapeOperations.Transposed(at, Next(gates * units, units), [1, 0]),
                all,
                all,
            ];
        }

        for (var k = 0; k < count; k++)
        {
            (parts[k][2], parts[k][3]) = (Next(1, gates * units), Next(1, gates * units));
        }

        return start == all.Count ? parts : throw at.Misfit($"its {all.Count} parameters are too many for {count} layers of {units} units");
    }

    private static GraphValue Layer(
        Call at,
        string mode,
        GraphValue[] parts,
        GraphValue input,
        ref GraphValue state,
        ref GraphValue carry,
        long[]? lengths,
        bool isBackward)
    {
        var steps = JoinOperations.Unstacked(at, input, 0);
        var outputs = new GraphValue[steps.Length];
        for (var k = 0; k < steps.Length; k++)
        {
            var t = isBackward ? steps.Length - 1 - k : k;
            var (next, nextCarry) = Step(at, mode, parts, steps[t], state, carry);
            if (lengths is null)
            {
                (state, carry, outputs[t]) = (next, nextCarry, next);
                continue;
            }

            // Past a row's end the state stands still and the output is 0; backward it begins at the row's end.
            (outputs[t], state, carry) = (
                Kept(at, next, at.NewLike(next, next.Shape), lengths, t),
                Kept(at, next, state, lengths, t),
                Kept(at, nextCarry, carry, lengths, t));
        }

        return JoinOperations.Stacked(at, outputs, 0);
    }

    private static GraphValue Kept(Call at, GraphValue valid, GraphValue otherwise, long[] lengths, int t)
    {
        var (result, width) = (at.NewLike(valid, valid.Shape), valid.Shape[1]);
        for (var row = 0; row < valid.Shape[0]; row++)
        {
            Array.Copy(t < lengths[row] ? valid.Data : otherwise.Data, row * width, result.Data, row * width, width);
        }

        return result;
    }

    private static (GraphValue State, GraphValue Carry) Step(
        Call at,
        string mode,
        GraphValue[] parts,
        GraphValue x,
        GraphValue h,
        GraphValue c)
    {
        var (units, rows) = (h.Shape[1], h.Shape[0]);
        var left = ArithmeticOperations.Sum(at, MatrixOperations.Product(at, x, parts[0]), parts[2]);
        var right = ArithmeticOperations.Sum(at, MatrixOperations.Product(at, h, parts[1]), parts[3]);
        GraphValue Sum(GraphValue a, GraphValue b) => ArithmeticOperations.Sum(at, a, b);
        GraphValue Times(GraphValue a, GraphValue b) => ArithmeticOperations.Combine<Multiply>(at, a, b, null);
        GraphValue Part(GraphValue of, int number) => Strided.Take(at, of, number * units, [of.Shape[1], 1], [rows, units]);
        GraphValue Gate(int number) => ArithmeticOperations.Map<Logistic>(at, Sum(Part(left, number), Part(right, number)));
        GraphValue Tanh(GraphValue value) => ArithmeticOperations.Map<HyperbolicTangent>(at, value);
        switch (mode)
        {
            case "lstm":
                var carry = Sum(Times(Gate(1), c), Times(Gate(0), Tanh(Sum(Part(left, 2), Part(right, 2)))));
                return (Times(Gate(3), Tanh(carry)), carry);
            case "gru":
                var z = Gate(1);
                var n = Tanh(Sum(Part(left, 2), Times(Gate(0), Part(right, 2))));
                var state = Sum(Times(ArithmeticOperations.Map(at, z, value => 1 - value), n), Times(z, h));
                return (state, state);
            default:
                var sum = Sum(left, right);
                var next = mode == "rnn_relu" ? ArithmeticOperations.Map(at, sum, value => Math.Max(value, 0)) : Tanh(sum);
                return (next, next);
        }
    }
}
