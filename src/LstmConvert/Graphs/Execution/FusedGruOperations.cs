using LstmConvert.Arrays;

namespace LstmConvert.Graphs.Execution;

/// <summary>
/// TensorFlow's fused GRU, from its kernel (tensorflow/core/kernels/rnn/gru_ops.h): inputs x, h, w_ru, w_c, b_ru, b_c. <code>
/// r, u = sigmoid([x; h] @ w_ru + b_ru)        c = tanh([x; h * r] @ w_c + b_c)        h' = u * h + (1 - u) * c </code>
/// </summary>
internal static class FusedGruOperations
{
    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["GRUBlockCell"] = Step,
    };

    private static GraphValue[] Step(Call at)
    {
        var (x, h) = (at[0], at[1]);
        var units = h.Shape[1];
        var gates = ArithmeticOperations.Sum(at, MatrixOperations.Product(at, JoinOperations.Concatenated(at, [x, h], 1), at[2]), at[4]);
        if (gates.Shape[1] != 2 * units)
        {
            throw at.Misfit($"its weights have {gates.Shape[1]} columns for {units} units");
        }

        gates = ArithmeticOperations.Map<Logistic>(at, gates);
        GraphValue Gate(int number) => Strided.Take(at, gates, number * units, [2 * units, 1], h.Shape);
        GraphValue Times(GraphValue a, GraphValue b) => ArithmeticOperations.Combine<Multiply>(at, a, b, null);
        var (r, u) = (Gate(0), Gate(1));
        var c = ArithmeticOperations.Map<HyperbolicTangent>(
            at,
            ArithmeticOperations.Sum(at, MatrixOperations.Product(at, JoinOperations.Concatenated(at, [x, Times(h, r)], 1), at[3]), at[5]));
        var rest = ArithmeticOperations.Map(at, u, value => 1 - value);
        return [r, u, c, ArithmeticOperations.Sum(at, Times(u, h), Times(rest, c))];
    }
}
