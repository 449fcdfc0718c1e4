using LstmConvert.Arrays;

namespace LstmConvert.Graphs.Execution;

/// <summary>
/// The LSTM operations that RETURNN compiles itself (rwth-i6/returnn returnn/native_op.py, LstmGenericBase and NativeLstm2): all steps of a
/// sequence <c>(t, b, 4u)</c> that was multiplied with its kernel before. <code>
/// z = z[t] + y @ w      columns j i f o
/// c' = sigmoid(i) * tanh(j) + sigmoid(f) * c      y = sigmoid(o) * tanh(c')
/// where the row's mask is 0: y = 0, c stays </code>
/// NativeLstm2 walks from the last step to the first where its step is below 0.
/// </summary>
internal static class NativeLstmOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } =
        new Dictionary<string, Kernel>(StringComparer.Ordinal)
        {
            ["LstmGenericBase"] = at =>
            {
                var (outputs, _, gates, last) = Walk(at, null, at[2], at[3], 0, 1);
                return [outputs, gates, last];
            },
            ["NativeLstm2"] = at =>
            {
                var (outputs, states, gates, last) = Walk(at, at[2], at[3], at[4], at.Int(5), at.Int(6));
                return [outputs, states, gates, last];
            },
        };

    private static (GraphValue Outputs, GraphValue States, GraphValue Gates, GraphValue Last) Walk(
        Call at,
        GraphValue? output,
        GraphValue state,
        GraphValue mask,
        int start,
        int step)
    {
        if (at[0].Rank != 3 || mask.Rank != 2 || state.Rank != 2 || at[0].Shape[2] != 4 * state.Shape[1] || mask.Shape[0] != at[0].Shape[0])
        {
            throw at.Misfit("its input is no sequence of sums for four gates, or its mask or state does not belong to it");
        }

        if (start != 0 || step is not (1 or -1))
        {
            throw at.Misfit($"it starts at {start} and steps by {step}");
        }

        var (sums, rows, units) = (JoinOperations.Unstacked(at, at[0], 0), JoinOperations.Unstacked(at, mask, 0), state.Shape[1]);

        var made = Enumerable.Range(0, 3).Select(_ => new GraphValue[sums.Length]).ToArray();
        foreach (var t in Enumerable.Range(0, sums.Length).Select(k => step > 0 ? k : sums.Length - 1 - k))
        {
            var z = output is null ? sums[t] : ArithmeticOperations.Sum(at, sums[t], MatrixOperations.Product(at, output, at[1]));
            GraphValue Part(int k) => Strided.Take(at, z, k * units, [4 * units, 1], [z.Shape[0], units]);
            GraphValue Gate(int k) => ArithmeticOperations.Map<Logistic>(at, Part(k));
            GraphValue Tanh(GraphValue value) => ArithmeticOperations.Map<HyperbolicTangent>(at, value);
            var valid = ShapeOperations.Reshape(at, rows[t], [z.Shape[0], 1]); // (b, 1)
            var next = ArithmeticOperations.Sum(at, Times(at, Gate(1), Tanh(Part(0))), Times(at, Gate(2), state));
            output = Times(at, Times(at, Gate(3), Tanh(next)), valid);
            state = ArithmeticOperations.Sum(
                at,
                Times(at, next, valid),
                Times(at, state, ArithmeticOperations.Map(at, valid, value => 1 - value)));
            (made[0][t], made[1][t], made[2][t]) = (output, state, z);
        }

        GraphValue All(int k) =>
            sums.Length > 0 ? JoinOperations.Stacked(at, made[k], 0) : at.NewLike(state, [0, state.Shape[0], k == 2 ? 4 * units : units]);
        return (All(0), All(1), All(2), state);
    }

    private static GraphValue Times(Call at, GraphValue a, GraphValue b) => ArithmeticOperations.Combine<Multiply>(at, a, b, null);
}
