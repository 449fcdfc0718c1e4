namespace LstmConvert.Tensors;

/// <summary>Element types that TensorFlow, NumPy and HDF5 files of recurrent models hold.</summary>
public enum DType
{
    /// <summary>IEEE binary16 (<c>f2</c>, DT_HALF).</summary>
    Float16,

    /// <summary>The upper half of a binary32 (DT_BFLOAT16; NumPy has no such type, ml_dtypes writes it as <c>V2</c>).</summary>
    BFloat16,

    /// <summary>IEEE binary32 (<c>f4</c>, DT_FLOAT).</summary>
    Float32,

    /// <summary>IEEE binary64 (<c>f8</c>, DT_DOUBLE).</summary>
    Float64,

    /// <summary>Signed, 1 byte.</summary>
    Int8,

    /// <summary>Signed, 2 bytes.</summary>
    Int16,

    /// <summary>Signed, 4 bytes.</summary>
    Int32,

    /// <summary>Signed, 8 bytes.</summary>
    Int64,

    /// <summary>Unsigned, 1 byte.</summary>
    UInt8,

    /// <summary>Unsigned, 2 bytes.</summary>
    UInt16,

    /// <summary>Unsigned, 4 bytes.</summary>
    UInt32,

    /// <summary>Unsigned, 8 bytes.</summary>
    UInt64,

    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Two binary32: real, imaginary.</summary>
    Complex64,

    /// <summary>Two binary64: real, imaginary.</summary>
    Complex128,

    /// <summary>DT_QINT8.</summary>
    QInt8,

    /// <summary>DT_QUINT8.</summary>
    QUInt8,

    /// <summary>DT_QINT16.</summary>
    QInt16,

    /// <summary>DT_QUINT16.</summary>
    QUInt16,

    /// <summary>DT_QINT32.</summary>
    QInt32,

    /// <summary>DT_FLOAT8_E5M2.</summary>
    Float8E5M2,

    /// <summary>DT_FLOAT8_E4M3FN.</summary>
    Float8E4M3FN,

    /// <summary>Bytes of varying length, or NumPy's fixed <c>S</c> and <c>U</c>; never a weight.</summary>
    String,

    /// <summary>Anything else (DT_VARIANT, DT_RESOURCE, NumPy's void); never a weight.</summary>
    Other,
}

/// <summary>What follows from a <see cref="DType"/>.</summary>
public static class DTypes
{
    /// <summary>Bytes of one element; 0 where elements have no fixed size.</summary>
    /// <param name="dtype">The element type.</param>
    public static int ItemSize(this DType dtype) => dtype switch
    {
        DType.Int8 or DType.UInt8 or DType.Bool or DType.QInt8 or DType.QUInt8 or DType.Float8E5M2 or DType.Float8E4M3FN => 1,
        DType.Float16 or DType.BFloat16 or DType.Int16 or DType.UInt16 or DType.QInt16 or DType.QUInt16 => 2,
        DType.Float32 or DType.Int32 or DType.UInt32 or DType.QInt32 => 4,
        DType.Float64 or DType.Int64 or DType.UInt64 or DType.Complex64 => 8,
        DType.Complex128 => 16,
        _ => 0,
    };

    /// <summary>The name people use: <c>float32</c>, <c>bfloat16</c>, <c>int64</c>.</summary>
    /// <param name="dtype">The element type.</param>
    public static string Name(this DType dtype) => dtype.ToString().ToLowerInvariant();

    /// <summary>True for the four types that weights have: float16, bfloat16, float32, float64.</summary>
    /// <param name="dtype">The element type.</param>
    public static bool IsWeight(this DType dtype) => dtype is DType.Float16 or DType.BFloat16 or DType.Float32 or DType.Float64;

    /// <summary>The type that a weight of this type is written with: float64 stays, everything else becomes float32 (exactly).</summary>
    /// <param name="dtype">The element type of the source.</param>
    public static DType Written(this DType dtype) => dtype == DType.Float64 ? DType.Float64 : DType.Float32;
}
