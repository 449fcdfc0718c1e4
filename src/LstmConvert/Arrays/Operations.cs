using System.Numerics;
using System.Numerics.Tensors;

namespace LstmConvert.Arrays;

/// <summary>A function of one array, element by element.</summary>
internal interface IUnary
{
    static abstract void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>;
}

/// <summary>A function of two arrays, or of an array and a number, element by element.</summary>
internal interface IBinary
{
    static abstract void Invoke<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>;

    static abstract void Invoke<T>(ReadOnlySpan<T> x, T y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>;

    static abstract void Invoke<T>(T x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>;
}

internal readonly struct Negate : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Negate(x, result);
}

internal readonly struct Absolute : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Abs(x, result);
}

internal readonly struct Exponential : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Exp(x, result);
}

internal readonly struct Logarithm : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Log(x, result);
}

internal readonly struct SquareRoot : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Sqrt(x, result);
}

internal readonly struct RoundedDown : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Floor(x, result);
}

internal readonly struct Sine : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Sin(x, result);
}

internal readonly struct Logistic : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Sigmoid(x, result);
}

internal readonly struct Add : IBinary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Add(x, y, result);

    public static void Invoke<T>(ReadOnlySpan<T> x, T y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Add(x, y, result);

    public static void Invoke<T>(T x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Add(y, x, result);
}

internal readonly struct Subtract : IBinary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Subtract(x, y, result);

    public static void Invoke<T>(ReadOnlySpan<T> x, T y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Subtract(x, y, result);

    public static void Invoke<T>(T x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Subtract(x, y, result);
}

internal readonly struct Multiply : IBinary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Multiply(x, y, result);

    public static void Invoke<T>(ReadOnlySpan<T> x, T y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Multiply(x, y, result);

    public static void Invoke<T>(T x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Multiply(y, x, result);
}

internal readonly struct Divide : IBinary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Divide(x, y, result);

    public static void Invoke<T>(ReadOnlySpan<T> x, T y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Divide(x, y, result);

    public static void Invoke<T>(T x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Divide(x, y, result);
}

internal readonly struct Maximum : IBinary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Max(x, y, result);

    public static void Invoke<T>(ReadOnlySpan<T> x, T y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Max(x, y, result);

    public static void Invoke<T>(T x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Max(y, x, result);
}

internal readonly struct Minimum : IBinary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Min(x, y, result);

    public static void Invoke<T>(ReadOnlySpan<T> x, T y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Min(x, y, result);

    public static void Invoke<T>(T x, ReadOnlySpan<T> y, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T> => TensorPrimitives.Min(y, x, result);
}

/// <summary>TensorPrimitives computes tanh over <c>exp(-2x) - 1</c>, which loses what is small; small x is done one by one.</summary>
internal readonly struct HyperbolicTangent : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>
    {
        TensorPrimitives.Tanh(x, result);
        var small = T.CreateChecked(0.5);
        for (var k = 0; k < x.Length; k++)
        {
            if (T.Abs(x[k]) < small)
            {
                result[k] = T.Tanh(x[k]);
            }
        }
    }
}

/// <summary>TensorPrimitives computes <c>log(1 + x)</c>, which loses what is small beside 1; here that is given back (Kahan: <c>log(w) * x
/// / (w - 1)</c>, <c>w = 1 + x</c>).</summary>
internal readonly struct LogarithmOfOnePlus : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>
    {
        for (var k = 0; k < x.Length; k++)
        {
            var w = T.One + x[k];
            result[k] = w == T.One ? x[k] : T.IsPositiveInfinity(w) ? w : T.Log(w) * (x[k] / (w - T.One));
        }
    }
}

/// <summary>TensorPrimitives computes <c>exp(x) - 1</c>, which loses what is small; here small x is a series.</summary>
internal readonly struct ExponentialMinusOne : IUnary
{
    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>
    {
        var half = T.CreateChecked(0.5);
        for (var k = 0; k < x.Length; k++)
        {
            // Not "larger than": a series of NaN has no end.
            if (!(T.Abs(x[k]) <= half))
            {
                result[k] = T.Exp(x[k]) - T.One;
                continue;
            }

            var (term, sum) = (x[k], x[k]);
            for (var n = 2; sum + term != sum; n++)
            {
                term *= x[k] / T.CreateChecked(n);
                sum += term;
            }

            result[k] = sum;
        }
    }
}

/// <summary><c>erf(x) = 2/sqrt(pi) exp(-x²) Σ 2ⁿ x²ⁿ⁺¹ / (1·3·…·(2n+1))</c> (Abramowitz and Stegun 7.1.6): all terms have one sign, nothing
/// cancels.</summary>
internal readonly struct ErrorFunction : IUnary
{
    /// <summary>From here on erf is 1 in float64.</summary>
    private const double Far = 6;

    public static void Invoke<T>(ReadOnlySpan<T> x, Span<T> result)
        where T : IBinaryFloatingPointIeee754<T>
    {
        for (var k = 0; k < x.Length; k++)
        {
            result[k] = T.CreateTruncating(Of(double.CreateTruncating(x[k])));
        }
    }

    private static double Of(double x)
    {
        if (!(Math.Abs(x) < Far))
        {
            return double.IsNaN(x) ? x : Math.Sign(x);
        }

        var (term, sum) = (x, x);
        for (var n = 1; sum + term != sum; n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
