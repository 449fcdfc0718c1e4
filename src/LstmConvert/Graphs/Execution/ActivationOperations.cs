using LstmConvert.Arrays;

namespace LstmConvert.Graphs.Execution;

/// <summary>Activations.</summary>
internal static class ActivationOperations
{
    private const double SeluAlpha = 1.6732632423543772848170429916717;

    private const double SeluScale = 1.0507009873554804934193349852946;

    public static IReadOnlyDictionary<string, Kernel> Table { get; } = new Dictionary<string, Kernel>(StringComparer.Ordinal)
    {
        ["Sigmoid"] = Call.One(at => ArithmeticOperations.Map<Logistic>(at, at[0])),
        ["Tanh"] = Call.One(at => ArithmeticOperations.Map<HyperbolicTangent>(at, at[0])),
        ["Relu"] = By(_ => a => a > 0 || double.IsNaN(a) ? a : 0),
        ["Relu6"] = By(_ => a => Math.Min(Math.Max(a, 0), 6)),
        ["LeakyRelu"] = By(at => Leaky(at.Node.Float("alpha", 0.2))),
        ["Elu"] = By(_ => a => a > 0 ? a : Expm1(a)),
        ["Selu"] = By(_ => a => SeluScale * (a > 0 ? a : SeluAlpha * Expm1(a))),
        ["Softplus"] = By(_ => a => Math.Max(a, 0) + Log1P(Math.Exp(-Math.Abs(a)))),
        ["Softsign"] = By(_ => a => a / (1 + Math.Abs(a))),
        ["Softmax"] = Call.One(at => Softmax(at, false)),
        ["LogSoftmax"] = Call.One(at => Softmax(at, true)),
    };

    private static Func<double, double> Leaky(double alpha) => a => a > 0 ? a : alpha * a;

    private static Kernel By(Func<Call, Func<double, double>> function) =>
        Call.One(at => ArithmeticOperations.Map(at, at[0], function(at)));

    private static double Expm1(double a) => Math.Abs(a) < 1e-5 ? a + (a * a / 2) : Math.Exp(a) - 1;

    private static double Log1P(double a) => 1 + a is var w && w == 1 ? a : Math.Log(w) * (a / (w - 1));

    /// <summary>Along the last axis, in float64, rounded once.</summary>
    private static GraphValue Softmax(Call at, bool isLogarithm)
    {
        var (width, numbers) = (at[0].Shape[^1], at[0].ToDoubles());
        var result = new double[numbers.Length];
        at.Run.Budget.Spend(8L * numbers.Length);
        for (var row = 0; row < numbers.Length; row += width)
        {
            var of = numbers.AsSpan(row, width);
            var (largest, sum) = (double.NegativeInfinity, 0.0);
            foreach (var number in of)
            {
                largest = Math.Max(largest, number);
            }

            for (var k = 0; k < width; k++)
            {
                sum += Math.Exp(of[k] - largest);
            }

            for (var k = 0; k < width; k++)
            {
                result[row + k] = isLogarithm ? of[k] - largest - Math.Log(sum) : Math.Exp(of[k] - largest) / sum;
            }
        }

        return GraphValue.Of(Tensors.DType.Float64, at[0].Shape, result).Cast(at[0].Type, at.Precision);
    }
}
