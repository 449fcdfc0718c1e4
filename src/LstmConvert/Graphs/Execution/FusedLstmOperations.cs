using LstmConvert.Arrays;

namespace LstmConvert.Graphs.Execution;

/// <summary>
/// TensorFlow's fused LSTM, from its kernel (tensorflow/core/kernels/rnn/lstm_ops.{h,cc}): one step, or all steps of a sequence <c>(t, b, x)</c>. <code>
/// gates (b, 4u) = [x; h] @ w + b      columns i ci f o, in BlockLSTMV2 i f ci o
/// i = sigmoid(i + wci * cs)           f = sigmoid(f + forget_bias + wcf * cs)        ci = tanh(ci)
/// cs' = ci * i + cs * f               clipped to cell_clip where that is above 0
/// o = sigmoid(o + wco * cs')          co = tanh(cs')        h' = o * co </code>
/// From <c>seq_len_max</c> on everything is 0.
/// </summary>
internal static class FusedLstmOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } =
        new Dictionary<string, Kernel>(StringComparer.Ordinal)
        {
            ["LSTMBlockCell"] = at =>
                Step(at, new Cell(at, 3, at.Node.Float("forget_bias", 1), at.Node.Float("cell_clip", 3), "i ci f o"), at[0], at[1], at[2]),
            ["BlockLSTM"] = at => Sequence(at, new Cell(at, 4, at.Node.Float("forget_bias", 1), at.Node.Float("cell_clip", 3), "i ci f o")),
            ["BlockLSTMV2"] = at => Sequence(at, new Cell(at, 4, 0, at.Node.Float("cell_clip", 0), "i f ci o")),
        };

    private static GraphValue[] Step(Call at, Cell cell, GraphValue x, GraphValue state, GraphValue output)
    {
        var gates = ArithmeticOperations.Sum(
            at,
            MatrixOperations.Product(at, JoinOperations.Concatenated(at, [x, output], 1), cell.Weights),
            cell.Bias);
        var units = state.Shape[1];
        GraphValue Gate(string name)
        {
            var part = Strided.Take(at, gates, Array.IndexOf(cell.Order, name) * units, [4 * units, 1], [x.Shape[0], units]);
            return part;
        }

        GraphValue Peephole(GraphValue gate, int weights, GraphValue over) =>
            cell.HasPeepholes ? ArithmeticOperations.Sum(at, gate, Times(at, over, at[weights])) : gate;
        if (gates.Shape[1] != 4 * units)
        {
            throw at.Misfit($"its weights have {gates.Shape[1]} columns for {units} units");
        }

        var i = ArithmeticOperations.Map<Logistic>(at, Peephole(Gate("i"), cell.Peepholes, state));
        var candidate = ArithmeticOperations.Map<HyperbolicTangent>(at, Gate("ci"));
        var f = Gate("f");
        f = cell.ForgetBias == 0 ? f : ArithmeticOperations.Sum(at, f, GraphValue.Numbers([cell.ForgetBias]).Cast(f.Type, at.Precision));
        f = ArithmeticOperations.Map<Logistic>(at, Peephole(f, cell.Peepholes + 1, state));
        var next = ArithmeticOperations.Sum(at, Times(at, candidate, i), Times(at, state, f));
        next = cell.Clip > 0 ? ArithmeticOperations.Map(at, next, value => Math.Clamp(value, -cell.Clip, cell.Clip)) : next;
        var o = ArithmeticOperations.Map<Logistic>(at, Peephole(Gate("o"), cell.Peepholes + 2, next));
        var co = ArithmeticOperations.Map<HyperbolicTangent>(at, next);
        return [i, next, f, o, candidate, co, Times(at, o, co)];
    }

    private static GraphValue[] Sequence(Call at, Cell cell)
    {
        var (steps, length) = (JoinOperations.Unstacked(at, at[1], 0), (int)Math.Clamp(at[0].Integers[0], 0, at[1].Shape[0]));
        var (state, output) = (at[2], at[3]);
        var made = new List<GraphValue>[7];
        for (var k = 0; k < made.Length; k++)
        {
            made[k] = [];
        }

        for (var t = 0; t < steps.Length; t++)
        {
            if (t < length)
            {
                var step = Step(at, cell, steps[t], state, output);
                (state, output) = (step[1], step[6]);
                foreach (var (k, value) in step.Index())
                {
                    made[k].Add(value);
                }
            }
            else
            {
                var zeros = at.NewLike(state, state.Shape);
                Array.ForEach(made, list => list.Add(zeros));
            }
        }

        return [.. made.Select(list => list.Count > 0 ? JoinOperations.Stacked(at, list, 0) : at.NewLike(state, [0, .. state.Shape]))];
    }

    private static GraphValue Times(Call at, GraphValue a, GraphValue b) => ArithmeticOperations.Combine<Multiply>(at, a, b, null);

    /// <summary>What does not change from step to step: x, cs, h and w lie before wci, wcf, wco and b.</summary>
    private sealed class Cell(Call at, int weights, double forgetBias, double clip, string order)
    {
        public GraphValue Weights { get; } = at[weights];

        public int Peepholes { get; } = weights + 1;

        public GraphValue Bias { get; } = at[weights + 4];

        public bool HasPeepholes { get; } = at.Node.Bool("use_peephole");

        public double ForgetBias { get; } = forgetBias;

        public double Clip { get; } = clip;

        public string[] Order { get; } = order.Split(' ');
    }
}
