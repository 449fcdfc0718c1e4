using LstmConvert.Arrays;

namespace LstmConvert.Tests.Arrays;

/// <summary>Arrays against NumPy: the same shapes, the same rounding, the same functions.</summary>
public sealed class NumericArrayTests
{
    private static readonly Dictionary<string, Func<NumericArray, NumericArray>> Functions = new()
    {
        ["abs"] = v => v.Abs(),
        ["exp"] = v => v.Exp(),
        ["log"] = v => v.Log(),
        ["log1p"] = v => v.Log1P(),
        ["expm1"] = v => v.ExpM1(),
        ["sqrt"] = v => v.Sqrt(),
        ["sin"] = v => v.Sin(),
        ["tanh"] = v => v.Tanh(),
        ["sigmoid"] = v => v.Sigmoid(),
        ["erf"] = v => v.Erf(),
        ["negative"] = v => -v,
        ["clip"] = v => v.Clip(1.25),
        ["max"] = v => v.Max(-0.5),
        ["min"] = v => v.Min(0.5),
        ["plus"] = v => 0.1 + v,
        ["minus"] = v => 0.1 - v,
        ["times"] = v => 0.1 * v,
        ["over"] = v => 0.1 / v,
        ["by"] = v => v / 0.3,
        ["mean"] = v => v.Mean(),
        ["sum"] = v => v.Sum(),
        ["largest"] = v => v.Largest(),
    };

    /// <summary>Functions that round once: they are NumPy's to the last bit.</summary>
    private static readonly string[] Exact =
    [
        "abs",
        "sqrt",
        "negative",
        "clip",
        "max",
        "min",
        "plus",
        "minus",
        "times",
        "over",
        "by",
        "largest",
    ];

    [Theory]
    [InlineData(Precision.Single)]
    [InlineData(Precision.Double)]
    public void A_function_of_no_number_is_none(Precision precision)
    {
        foreach (var function in Functions.Keys.Except(["clip", "max", "min"]))
        {
            Assert.True(double.IsNaN(Functions[function](NumericArray.From([double.NaN], precision, 1)).ToDoubles()[0]), function);
        }
    }

    [Fact]
    public void Arithmetic_broadcasts_and_rounds_as_numpy()
    {
        var recorded = Oracle.Numpy("""
            import numpy as np
            r = np.random.RandomState(1)
            shapes = [((3, 5), (3, 5)), ((3, 5), (5,)), ((3, 5), (1, 5)), ((3, 5), (3, 1)), ((3, 5), (1,)), ((5,), (3, 5)), ((3, 1), (1, 5)), ((2, 3, 4), (3, 1)),
                      ((2, 1, 4), (2, 3, 1)), ((1,), (1,)), ((2, 3, 2, 1, 3), (2, 4, 1)), ((0, 4), (4,)), ((4, 0), (1,)), ((17, 33), (33,))]
            d = {}
            for p in ('f4', 'f8'):
                for n, (s, t) in enumerate(shapes):
                    a, b = r.randn(*s).astype(p), r.randn(*t).astype(p)
                    d.update({f'{p}_{n}_{k}': v for k, v in {'a': a, 'b': b, 'add': a + b, 'subtract': a - b, 'multiply': a * b, 'divide': a / b, 'maximum': np.maximum(a, b)}.items()})
            np.savez(out, **d)
            """);
        var count = 0;
        foreach (var name in recorded.Names.Where(name => name.EndsWith("_a", StringComparison.Ordinal)))
        {
            var (a, b) = (recorded[name], recorded[name[..^1] + "b"]);
            foreach (
                var (key, result) in new[]
                {
                    ("add", a + b),
                    ("subtract", a - b),
                    ("multiply", a * b),
                    ("divide", a / b),
                    ("maximum", a.Max(b)),
                })
            {
                var expected = recorded[name[..^1] + key];
                Assert.Equal(expected.Dimensions, result.Dimensions);
                Assert.Equal(expected.ToDoubles(), result.ToDoubles());
                count++;
            }
        }

        Assert.Equal(2 * 14 * 5, count);
    }

    [Fact]
    public void Functions_are_numpys_within_a_few_units_in_the_last_place()
    {
        var recorded = Oracle.Numpy("""
            import numpy as np
            from math import erf
            d = {}
            for p in ('f4', 'f8'):
                v = np.concatenate([np.linspace(-30, 30, 1201), 10.0 ** np.arange(-12, 2), -10.0 ** np.arange(-12, 2), np.random.RandomState(1).randn(371)]).astype(p)[:1600].reshape(40, 40)
                c = lambda x: np.array(x, p)
                with np.errstate(all='ignore'):
                    w = v.astype('f8')
                    functions = {'abs': np.abs(v), 'exp': np.exp(v), 'log': np.log(np.abs(v)), 'log1p': np.log1p(np.abs(w)), 'expm1': np.expm1(w), 'sqrt': np.sqrt(np.abs(v)), 'sin': np.sin(v),
                                 'tanh': np.tanh(w), 'sigmoid': 1 / (1 + np.exp(-w)), 'erf': np.vectorize(erf)(w), 'negative': -v, 'clip': np.clip(v, c(-1.25), c(1.25)),
                                 'max': np.maximum(v, c(-0.5)), 'min': np.minimum(v, c(0.5)), 'plus': c(0.1) + v, 'minus': c(0.1) - v, 'times': c(0.1) * v, 'over': c(0.1) / v, 'by': v / c(0.3),
                                 'mean': w.mean(-1, keepdims=True), 'sum': w.sum(-1, keepdims=True), 'largest': v.max(-1, keepdims=True)}
                d.update({f'{p}_{k}': x.astype(p) for k, x in functions.items()})
                d[f'{p}_v'] = v
            np.savez(out, **d)
            """);
        foreach (var (precision, epsilon) in new[] { ("f4", Math.Pow(2, -23)), ("f8", Math.Pow(2, -52)) })
        {
            foreach (var (name, function) in Functions)
            {
                var v = recorded[$"{precision}_v"];
                var result = function(name is "log" or "sqrt" or "log1p" ? v.Abs() : v);
                var expected = recorded[$"{precision}_{name}"];
                Assert.Equal(expected.Dimensions, result.Dimensions);
                foreach (var (x, y) in expected.ToDoubles().Zip(result.ToDoubles()))
                {
                    var tolerance =
                        Exact.Contains(name) ? 0
                        : name is "sum" or "mean" ? 64 * epsilon * 30
                        : (name == "erf" ? 32 : 4) * epsilon * Math.Abs(x);
                    Assert.True(
                        x.Equals(y) || Math.Abs(x - y) <= tolerance,
                        FormattableString.Invariant($"{precision} {name}: {y:r} for {x:r}"));
                }
            }
        }
    }

    [Fact]
    public void The_logistic_function_saturates_on_both_sides_in_both_precisions()
    {
        foreach (var precision in new[] { Precision.Single, Precision.Double })
        {
            double[] values =
            [
                100,
                -100,
                800,
                -800,
                double.PositiveInfinity,
                double.NegativeInfinity,
                0,
                double.MaxValue,
                -double.MaxValue,
            ];
            var result = NumericArray.From(values, precision, 9).Sigmoid().ToDoubles();
            Assert.Equal([1, 1, 1, 0.5, 1], new[] { result[0], result[2], result[4], result[6], result[7] });
            Assert.Equal([0, 0, 0], new[] { result[3], result[5], result[8] });
            Assert.InRange(result[1], 0, 4e-44);
            Assert.True(double.IsNaN(NumericArray.From([double.NaN], precision, 1).Sigmoid().ToDoubles()[0]));
        }
    }

    [Fact]
    public void Float32_rounds_after_every_operation()
    {
        var one = NumericArray.From([1, 1e8], Precision.Single, 2);
        Assert.Equal([0, 0], ((one + 5e-8) - one).ToDoubles());
        Assert.Equal((double)0.1f, NumericArray.From([0.1], Precision.Single, 1).ToDoubles()[0]);
        Assert.Throws<ArgumentException>(() => one + NumericArray.From([1, 2], Precision.Double, 2));
    }

    [Fact]
    public void Products_are_numpys_for_few_and_for_many_rows()
    {
        var recorded = Oracle.Numpy("""
            import numpy as np
            r = np.random.RandomState(1)
            d = {}
            for n, (m, k, l) in enumerate([(1, 1, 1), (1, 5, 3), (2, 4, 8), (3, 7, 16), (5, 3, 1), (8, 33, 259), (7, 130, 1031), (31, 6, 300), (32, 6, 300), (64, 257, 513), (0, 3, 4), (3, 0, 4), (3, 4, 0), (8, 512, 2048)]):
                for p in ('f4', 'f8'):
                    a, b = r.randn(m, k).astype(p), r.randn(k, l).astype(p)
                    d.update({f'{p}_{n}_a': a, f'{p}_{n}_b': b, f'{p}_{n}_c': (a.astype('f8') @ b.astype('f8'))})
            a, b = r.randn(2, 3, 4, 5), r.randn(5, 6)
            d.update({'f8_deep_a': a, 'f8_deep_b': b, 'f8_deep_c': a @ b})
            np.savez(out, **d)
            """);
        foreach (var name in recorded.Names.Where(name => name.EndsWith("_a", StringComparison.Ordinal)))
        {
            var (a, b, c) = (recorded[name], recorded[name[..^1] + "b"], recorded[name[..^1] + "c"]);
            var product = a.Dot(b);
            Assert.Equal(c.Dimensions, product.Dimensions);
            var tolerance = (a.Precision == Precision.Single ? 1e-6 : 1e-15) * Math.Max(1, b.RowCount);
            Assert.All(c.ToDoubles().Zip(product.ToDoubles()), pair => Assert.InRange(pair.First - pair.Second, -tolerance, tolerance));
        }
    }

    [Fact]
    public void Numbers_kept_as_float32_compute_in_float64_as_if_they_were_float64()
    {
        var random = new Random(2);
        float[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextDouble() - 0.5f)];
        foreach (var (m, k, n) in new[] { (1, 3, 5), (3, 17, 40), (9, 100, 1100), (40, 30, 20) })
        {
            var (values, weights) = (Draw(m * k), Draw(k * n));
            var (x, kept) = (NumericArray.Of(values, Precision.Double, m, k), NumericArray.Of(weights, Precision.Double, k, n));
            var wide = NumericArray.Of([.. weights.Select(value => (double)value)], k, n);
            Assert.Equal(Precision.Double, kept.Precision);
            Assert.Equal(x.Dot(wide).ToDoubles(), x.Dot(kept).ToDoubles());
            Assert.Equal(x.Dot(wide.Columns(1, n - 2)).ToDoubles(), x.Dot(kept, 1, n - 2).ToDoubles());
            Assert.Equal((wide + 1).ToDoubles(), (kept + 1).ToDoubles());
            Assert.Equal(wide.Transpose().Rows(1, 2).ToDoubles(), kept.Transpose().Rows(1, 2).ToDoubles());
            Assert.Equal(wide.Sum().ToDoubles(), kept.Sum().ToDoubles());
            Assert.Equal(NumericArray.Stack(wide, kept).ToDoubles(), NumericArray.Stack(kept, wide).ToDoubles());
            Assert.Equal(weights.Select(value => (double)value), kept.In(Precision.Single).ToDoubles());
        }
    }

    [Fact]
    public void Both_products_agree_with_each_other()
    {
        var random = new Random(1);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.5)];
        foreach (var (m, k, n) in new[] { (3, 5, 7), (40, 30, 20), (16, 100, 600) })
        {
            var (a, b, c) = (Draw(m * k), Draw(k * n), new double[m * n]);
            MatrixProduct.Add(a, b, c, k, new MatrixProduct.ColumnRange(n, 0, n));
            Assert.All(c.Zip(MatrixProduct.OfMany(a, b, k, n)), pair => Assert.InRange(pair.First - pair.Second, -1e-14, 1e-14));
        }
    }

    [Fact]
    public void Slices_and_joined_arrays_are_numpys()
    {
        var recorded = Oracle.Numpy("""
            import numpy as np
            r = np.random.RandomState(1)
            a, b, e = r.randn(3, 4, 5), r.randn(3, 4, 2), r.randn(2, 4, 5)
            np.savez(out, a=a, b=b, e=e, columns=a[..., 1:4], rows=a[1:3], beside=np.concatenate([a, b, a], -1), below=np.concatenate([a, e], 0), transposed=a[0].T, shape=a.reshape(6, 10))
            """);
        var (a, b) = (recorded["a"], recorded["b"]);
        foreach (
            var (name, result) in new[]
            {
                ("columns", a.Columns(1, 3)),
                ("rows", a.Rows(1, 2)),
                ("beside", NumericArray.Concatenate(a, b, a)),
                ("below", NumericArray.Stack(a, recorded["e"])),
                ("transposed", a.Rows(0, 1).Reshape(4, 5).Transpose()),
                ("shape", a.Reshape(6, 10)),
            })
        {
            Assert.Equal(recorded[name].Dimensions, result.Dimensions);
            Assert.Equal(recorded[name].ToDoubles(), result.ToDoubles());
        }
    }

    [Fact]
    public void Rows_and_elements_are_chosen_from_two_arrays()
    {
        var (a, b) = (
            NumericArray.From([1, 2, 3, 4, 5, 6], Precision.Double, 3, 2),
            NumericArray.From([-1, -2, -3, -4, -5, -6], Precision.Double, 3, 2));
        Assert.Equal([1, 2, -3, -4, 5, 6], NumericArray.Where([true, false, true], a, b).ToDoubles());
        Assert.Equal([-1, -2, -3, 4, 5, 6], NumericArray.WherePositive(a - 3, a, b).ToDoubles());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var a = NumericArray.Zeros(Precision.Single, 2, 3);
        Assert.Throws<ArgumentException>(() => a + NumericArray.Zeros(Precision.Single, 2));
        Assert.ThrowsAny<ArgumentException>(() => a.Dot(NumericArray.Zeros(Precision.Single, 2, 3)));
        Assert.Throws<ArgumentException>(() => a.Reshape(7));
        Assert.Throws<ArgumentException>(() => NumericArray.From([1, 2, 3], Precision.Double, 2));
    }
}
