using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>
/// What flows along an edge of a graph that is executed. Floating point lies in <c>float[]</c>, or in <c>double[]</c> where it is float64
/// or everything is
/// computed in float64; whole numbers of every width lie in <c>long[]</c>, truth values in <c>bool[]</c>, text in <c>byte[][]</c>; C order.
/// Values are not changed once they are made.
/// </summary>
internal sealed class GraphValue
{
    /// <summary>The most axes that are executed; TensorFlow's own kernels stop at 8.</summary>
    public const int MaximumRank = 16;

    private GraphValue(DType type, int[] shape, Array data)
    {
        (Type, Shape, Data) = (type, shape, data);
    }

    /// <summary>The element type of the graph.</summary>
    public DType Type { get; }

    /// <summary>The length of each axis.</summary>
    public int[] Shape { get; }

    /// <summary>The elements, in one of five kinds of array.</summary>
    public Array Data { get; }

    /// <summary>What a resource or a variant holds: a variable, a TensorArray, a list of tensors; else null.</summary>
    public object? Handle { get; private init; }

    /// <summary>Bytes that the handle takes, without the tensors in it.</summary>
    private long HandleBytes { get; init; }

    /// <summary>Why there is no value: an input that was not fed, an operation that is not known; whatever is computed from it is absent as
    /// well.</summary>
    public Absence? Absent { get; private init; }

    /// <summary>How many places hold it, for the count of what is alive.</summary>
    public int Holders { get; set; }

    public int Rank => Shape.Length;

    /// <summary>The number of elements.</summary>
    public int Count => Data.Length;

    /// <summary>Bytes that it takes.</summary>
    public long ByteCount => HandleBytes + (Data switch
    {
        float[] => 4L * Count,
        bool[] => Count,
        byte[][] texts => texts.Sum(text => 32L + text.Length),
        _ => 8L * Count,
    });

    public bool IsFloat => Data is float[] or double[];

    public float[] Singles => (float[])Data;

    public double[] Doubles => (double[])Data;

    public long[] Integers => (long[])Data;

    public bool[] Booleans => (bool[])Data;

    public byte[][] Texts => (byte[][])Data;

    /// <summary>A value over an array of the right kind.</summary>
    public static GraphValue Of(DType type, int[] shape, Array data) => new(type, shape, data);

    /// <summary>A scalar of whole numbers.</summary>
    public static GraphValue Of(DType type, long number) => new(type, [], new[] { number });

    /// <summary>A truth value.</summary>
    public static GraphValue Of(bool truth) => new(DType.Bool, [], new[] { truth });

    /// <summary>Numbers from outside, as float64; they become what the graph has at the tensor that is fed.</summary>
    public static GraphValue Numbers(double[] values, params int[] shape) => new(DType.Float64, shape, values);

    /// <summary>A resource or a variant.</summary>
    public static GraphValue OfHandle(object handle, int tensors = 0) =>
        new(DType.Other, [], Array.Empty<bool>()) { Handle = handle, HandleBytes = 8L * tensors };

    /// <summary>No value, and why.</summary>
    public static GraphValue None(Absence reason) => new(DType.Other, [], Array.Empty<bool>()) { Absent = reason };

    /// <summary>The same elements under another shape.</summary>
    public GraphValue WithShape(int[] shape) => new(Type, shape, Data);

    /// <summary>An array for elements of a type.</summary>
    public static Array NewData(DType type, int count, Precision precision) => type switch
    {
        DType.Float64 => new double[count],
        DType.Float16 or DType.BFloat16 or DType.Float32 => precision == Precision.Double ? new double[count] : new float[count],
        DType.Bool => new bool[count],
        DType.String => EmptyTexts(count),
        _ => new long[count],
    };

    private static byte[][] EmptyTexts(int count)
    {
        var texts = new byte[count][];
        Array.Fill(texts, []);
        return texts;
    }

    /// <summary>The numbers as float64: truth is 1.</summary>
    public double[] ToDoubles() => Data switch
    {
        double[] doubles => doubles,
        float[] singles => Array.ConvertAll(singles, value => (double)value),
        long[] integers => Array.ConvertAll(integers, value => (double)value),
        bool[] booleans => Array.ConvertAll(booleans, value => value ? 1.0 : 0),
        _ => throw new InvalidCastException(),
    };

    /// <summary>The numbers as whole ones.</summary>
    public long[] ToIntegers() => Data switch
    {
        long[] integers => integers,
        bool[] booleans => Array.ConvertAll(booleans, value => value ? 1L : 0),
        _ => Array.ConvertAll(ToDoubles(), Truncated),
    };

    /// <summary>As a cast of C++ does it, but the same everywhere for what is out of range.</summary>
    public static long Truncated(double value) =>
        double.IsNaN(value) ? 0
        : value >= long.MaxValue ? long.MaxValue
        : value <= long.MinValue ? long.MinValue
        : (long)value;

    /// <summary>The same numbers as another type.</summary>
    public GraphValue Cast(DType type, Precision precision)
    {
        if (type == Type && (!IsFloat || Data is double[] == (precision == Precision.Double || type == DType.Float64)))
        {
            return this;
        }

        Array data = NewData(type, 0, precision) switch
        {
            double[] => ToDoubles(),
            float[] => Data as float[] ?? Array.ConvertAll(ToDoubles(), value => (float)value),
            bool[] => Array.ConvertAll(ToDoubles(), value => value != 0),
            long[] => Array.ConvertAll(ToIntegers(), value => Wrapped(value, type)),
            _ => throw new InvalidCastException(),
        };
        return new GraphValue(type, Shape, data);
    }

    /// <summary>A whole number as a narrower type holds it.</summary>
    public static long Wrapped(long value, DType type) => unchecked(type switch
    {
        DType.Int32 or DType.QInt32 => (int)value,
        DType.Int16 or DType.QInt16 => (short)value,
        DType.Int8 or DType.QInt8 => (sbyte)value,
        DType.UInt32 => (uint)value,
        DType.UInt16 or DType.QUInt16 => (ushort)value,
        DType.UInt8 or DType.QUInt8 => (byte)value,
        _ => value,
    });

    /// <summary>Rounds numbers to the 11 or 8 bits of half precision, in place: for values that were just computed.</summary>
    public void RoundToHalf()
    {
        if (Data is not float[] values)
        {
            return;
        }

        for (var k = 0; k < values.Length; k++)
        {
            values[k] = Type == DType.Float16 ? (float)(Half)values[k] : RoundToBFloat16(values[k]);
        }
    }

    private static float RoundToBFloat16(float value)
    {
        if (!float.IsFinite(value))
        {
            return value;
        }

        var bits = BitConverter.SingleToUInt32Bits(value);
        return BitConverter.UInt32BitsToSingle((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
    }

    /// <inheritdoc/>
    public override string ToString() => Absent is not null ? "absent" : Handle is not null ? $"handle of {Handle.GetType().Name}"
        : $"{Type.Name()} ({string.Join(", ", Shape.Select(length => length.ToString(CultureInfo.InvariantCulture)))})";
}

/// <summary>Why a value is not there.</summary>
/// <param name="Node">The node.</param>
/// <param name="Operation">Its operation.</param>
/// <param name="IsInput">True for an input that was not fed, false for an operation that is not executed.</param>
internal sealed record Absence(string Node, string Operation, bool IsInput);
