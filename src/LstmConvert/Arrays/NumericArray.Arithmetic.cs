using System.Numerics;
using System.Numerics.Tensors;

namespace LstmConvert.Arrays;

/// <summary>Arithmetic: element by element with NumPy's broadcasting, and along the last axis.</summary>
internal sealed partial class NumericArray
{
    /// <summary>The sum.</summary>
    public static NumericArray operator +(NumericArray a, NumericArray b) => Combine<Add>(a, b);

    /// <summary>The sum with a number.</summary>
    public static NumericArray operator +(NumericArray a, double b) => Combine<Add>(a, b);

    /// <summary>The sum with a number.</summary>
    public static NumericArray operator +(double a, NumericArray b) => Combine<Add>(b, a);

    /// <summary>The difference.</summary>
    public static NumericArray operator -(NumericArray a, NumericArray b) => Combine<Subtract>(a, b);

    /// <summary>The difference from a number.</summary>
    public static NumericArray operator -(NumericArray a, double b) => Combine<Subtract>(a, b);

    /// <summary>A number minus each element.</summary>
    public static NumericArray operator -(double a, NumericArray b) => Combine<Subtract>(Scalar(a, b.Precision), b);

    /// <summary>The negative.</summary>
    public static NumericArray operator -(NumericArray a) => Map<Negate>(a);

    /// <summary>The product, element by element.</summary>
    public static NumericArray operator *(NumericArray a, NumericArray b) => Combine<Multiply>(a, b);

    /// <summary>The product with a number.</summary>
    public static NumericArray operator *(NumericArray a, double b) => Combine<Multiply>(a, b);

    /// <summary>The product with a number.</summary>
    public static NumericArray operator *(double a, NumericArray b) => Combine<Multiply>(b, a);

    /// <summary>The quotient, element by element.</summary>
    public static NumericArray operator /(NumericArray a, NumericArray b) => Combine<Divide>(a, b);

    /// <summary>The quotient by a number.</summary>
    public static NumericArray operator /(NumericArray a, double b) => Combine<Divide>(a, b);

    /// <summary>A number divided by each element.</summary>
    public static NumericArray operator /(double a, NumericArray b) => Combine<Divide>(Scalar(a, b.Precision), b);

    /// <summary>The larger of each element and a number.</summary>
    public NumericArray Max(double limit) => Combine<Maximum>(this, limit);

    /// <summary>The larger of both, element by element.</summary>
    public NumericArray Max(NumericArray other) => Combine<Maximum>(this, other);

    /// <summary>The smaller of each element and a number.</summary>
    public NumericArray Min(double limit) => Combine<Minimum>(this, limit);

    /// <summary>Each element, at least <c>-limit</c> and at most <c>limit</c>.</summary>
    public NumericArray Clip(double limit) => Min(limit).Max(-limit);

    /// <summary>The absolute value.</summary>
    public NumericArray Abs() => Map<Absolute>(this);

    /// <summary>e to the power of each element.</summary>
    public NumericArray Exp() => Map<Exponential>(this);

    /// <summary>The natural logarithm.</summary>
    public NumericArray Log() => Map<Logarithm>(this);

    /// <summary>The logarithm of one plus each element, exact where the element is small.</summary>
    public NumericArray Log1P() => Map<LogarithmOfOnePlus>(this);

    /// <summary>e to the power of each element, minus one, exact where the element is small.</summary>
    public NumericArray ExpM1() => Map<ExponentialMinusOne>(this);

    /// <summary>The square root.</summary>
    public NumericArray Sqrt() => Map<SquareRoot>(this);

    /// <summary>The largest whole numbers that are not above the elements.</summary>
    public NumericArray Floor() => Map<RoundedDown>(this);

    /// <summary>The sine.</summary>
    public NumericArray Sin() => Map<Sine>(this);

    /// <summary>The hyperbolic tangent.</summary>
    public NumericArray Tanh() => Map<HyperbolicTangent>(this);

    /// <summary>The logistic function <c>1 / (1 + exp(-x))</c>: 1 and 0 far out, never NaN.</summary>
    public NumericArray Sigmoid() => Map<Logistic>(this);

    /// <summary>The error function.</summary>
    public NumericArray Erf() => Map<ErrorFunction>(this);

    /// <summary>The mean over the last axis, which stays with length 1.</summary>
    public NumericArray Mean() => Sum() / Width;

    /// <summary>The sum over the last axis, which stays with length 1.</summary>
    public NumericArray Sum() => Reduce(TensorPrimitives.Sum, TensorPrimitives.Sum);

    /// <summary>The largest element of the last axis, which stays with length 1.</summary>
    public NumericArray Largest() => Reduce(TensorPrimitives.Max, TensorPrimitives.Max);

    /// <summary>Takes one of two arrays element by element: the first where a test is above zero.</summary>
    /// <param name="test">The test.</param>
    /// <param name="then">Taken where the test is above zero; all three have one shape.</param>
    /// <param name="otherwise">Taken elsewhere, also where the test is NaN.</param>
    public static NumericArray WherePositive(NumericArray test, NumericArray then, NumericArray otherwise)
    {
        var result = Empty(test.Precision, test.dimensions);
        if (test.Precision == Precision.Double)
        {
            Select(test.Doubles(), then.Doubles(), otherwise.Doubles(), result.doubles!);
        }
        else
        {
            Select(test.Singles(), then.Singles(), otherwise.Singles(), result.singles!);
        }

        return result;
    }

    private static void Select<T>(T[] test, T[] then, T[] otherwise, T[] result)
        where T : INumber<T>
    {
        for (var k = 0; k < result.Length; k++)
        {
            result[k] = test[k] > T.Zero ? then[k] : otherwise[k];
        }
    }

    private delegate T Reduction<T>(ReadOnlySpan<T> values);

    private NumericArray Reduce(Reduction<float> single, Reduction<double> wide)
    {
        var result = Empty(Precision, [.. dimensions[..^1], 1]);
        if (Precision == Precision.Double)
        {
            Reduce(Doubles(), wide, result.doubles!);
        }
        else
        {
            Reduce(Singles(), single, result.singles!);
        }

        return result;
    }

    private void Reduce<T>(T[] values, Reduction<T> reduction, T[] result)
    {
        for (var row = 0; row < result.Length; row++)
        {
            result[row] = reduction(values.AsSpan(row * Width, Width));
        }
    }

    private static NumericArray Scalar(double value, Precision precision) => From([value], precision, 1);

    private static NumericArray Map<TOperation>(NumericArray a)
        where TOperation : IUnary
    {
        var result = Empty(a.Precision, a.dimensions);
        if (a.Precision == Precision.Double)
        {
            TOperation.Invoke<double>(a.Doubles(), result.doubles);
        }
        else
        {
            TOperation.Invoke<float>(a.singles, result.singles);
        }

        return result;
    }

    private static NumericArray Combine<TOperation>(NumericArray a, double b)
        where TOperation : IBinary
    {
        var result = Empty(a.Precision, a.dimensions);
        if (a.Precision == Precision.Double)
        {
            TOperation.Invoke(a.Doubles(), b, result.doubles);
        }
        else
        {
            TOperation.Invoke(a.singles, (float)b, result.singles);
        }

        return result;
    }

    private static NumericArray Combine<TOperation>(NumericArray a, NumericArray b)
        where TOperation : IBinary
    {
        var plan = new Broadcast(a.dimensions, b.dimensions);
        var result = Empty(a.Precision, plan.Dimensions);
        if (a.Precision == Precision.Double)
        {
            plan.Apply<double, TOperation>(a.Doubles(), b.Doubles(), result.doubles);
        }
        else
        {
            plan.Apply<float, TOperation>(a.singles, b.Singles(), result.singles);
        }

        return result;
    }
}
