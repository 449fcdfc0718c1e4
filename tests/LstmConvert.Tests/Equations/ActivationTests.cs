using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Tests.Arrays;

namespace LstmConvert.Tests.Equations;

/// <summary>The table of activations: both functions of each line against real Keras, and against formulas in NumPy where Keras 3 has no
/// such name.</summary>
public sealed class ActivationTests
{
    private const string Values = """
        r = np.random.RandomState(1)
        v = np.concatenate([np.linspace(-12, 12, 481), [-0.0, 0.0, 1e-6, -1e-6, 3.0, -3.0, 2.5, -2.5, 6.0, 1.0, -1.0], r.randn(508), 30.0 * r.randn(24)]).reshape(64, 16)
        d = {}

        """;

    [Fact]
    public void Both_functions_are_real_Kerases()
    {
        var named = Activations.All.Concat(Activations.OfKeras3).Where(activation => activation.Keras3 is not null).ToArray();
        var recorded = Oracle.Keras(Values + $"""
            for p in ('float32', 'float64'):
                keras.config.set_floatx(p)
                x = v.astype(p)
                d[p] = x
                with np.errstate(all='ignore'):
                    for name in '{string.Join(' ', named.Select(activation => activation.Keras3))}'.split():
                        d[p + '_' + name] = np.asarray(keras.activations.get(name)(x)).astype(p)
                    d[p + '_gelu_tanh'] = np.asarray(keras.activations.gelu(x, approximate=True)).astype(p)
            np.savez(out, **d)
            """);
        Assert.True(named.Length >= 16);
        foreach (var activation in named)
        {
            Compare(recorded, activation, activation.Keras3!);
        }

        Compare(recorded, Activations.GeluTanh, "gelu_tanh");
    }

    [Fact]
    public void What_Keras_3_has_no_name_for_is_its_formula()
    {
        var recorded = Oracle.Numpy(
            "import numpy as np\n"
                + Values
                + """
                for p in ('float32', 'float64'):
                    x = v.astype(p)
                    d.update({p: x, p + '_hard_sigmoid': np.clip(0.2 * v + 0.5, 0, 1).astype(p), p + '_sin': np.sin(v).astype(p), p + '_leaky_relu(0.3)': np.where(v > 0, v, 0.3 * v).astype(p)})
                np.savez(out, **d)
                """
        );
        foreach (var activation in new[] { Activations.HardSigmoid, Activations.Sine, Activations.LeakyReluOf(0.3) })
        {
            Compare(recorded, activation, activation.Name);
        }
    }

    [Fact]
    public void Every_line_is_found_by_each_of_its_names()
    {
        foreach (var activation in Activations.All.Concat(Activations.OfKeras3))
        {
            Assert.All([activation.Name, activation.Name.ToUpperInvariant(), .. activation.Aliases], name =>
                Assert.Same(activation, Activations.Find(name)));
            Assert.Same(
                activation.Operation is null ? null : activation,
                activation.Operation is { } operation ? Activations.ByOperation(operation) : null);
            Assert.All([(activation.Keras1, 1), (activation.Keras2, 2), (activation.Keras3, 3)], pair =>
                Assert.Same(pair.Item1 is null ? null : activation, pair.Item1 is null ? null : Activations.ByKeras(pair.Item1, pair.Item2))
            );
        }

        var names = Activations
            .All.Concat(Activations.OfKeras3)
            .SelectMany(activation => activation.Aliases.Append(activation.Name))
            .ToArray();
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.Throws<UsageException>(() => Activations.Get("softmin"));
    }

    [Fact]
    public void One_name_has_two_meanings_and_one_function_two_names()
    {
        Assert.Equal(
            ("hard_sigmoid", "hard_sigmoid3"),
            (Activations.ByKeras("hard_sigmoid", 2)!.Name, Activations.ByKeras("hard_sigmoid", 3)!.Name));
        Assert.Same(Activations.ByKeras("silu", 3), Activations.ByKeras("swish", 3));
        Assert.Equal(
            [
                "tanh",
                "relu",
                "sigmoid",
                "linear",
                "softsign",
                "softplus",
                "elu",
                "selu",
                "relu6",
                "exponential",
                "swish",
                "gelu",
                "mish",
                "leaky_relu",
                "softmax",
                "log_softmax",
                "hard_silu",
                "tanh_shrink",
            ],
            Activations.All.Where(activation => activation.IsOneInEveryKeras).Select(activation => activation.Name));
    }

    private static void Compare(Recorded recorded, Activation activation, string key)
    {
        foreach (var (precision, epsilon) in new[] { ("float32", Math.Pow(2, -23)), ("float64", Math.Pow(2, -52)) })
        {
            var (x, expected) = (recorded[precision].ToDoubles(), recorded[$"{precision}_{key}"].ToDoubles());
            foreach (var function in new[] { activation.TensorFlow, activation.Keras })
            {
                var result = function(recorded[precision]).ToDoubles();
                for (var k = 0; k < x.Length; k++)
                {
                    // mish and gelu cancel: 1 + erf(x) and tanh(softplus(x)) are off by an ulp of 1, times x.
                    var tolerance = 4 * epsilon * Math.Max(1, Math.Max(Math.Abs(expected[k]), Math.Abs(x[k])));
                    Assert.True(
                        expected[k].Equals(result[k]) || Math.Abs(expected[k] - result[k]) <= tolerance,
                        FormattableString.Invariant($"{activation.Name}, {precision}: {result[k]:r} at {x[k]:r}, Keras has {expected[k]:r}")
                    );
                }
            }
        }
    }
}
