using LstmConvert.Tensors;

namespace LstmConvert.TensorFlow;

/// <summary>TensorFlow's numbers of element types (tensorflow/core/framework/types.proto).</summary>
internal static class TensorFlowDType
{
    /// <summary>DT_STRING.</summary>
    public const int String = 7;

    /// <summary>DT_VARIANT.</summary>
    public const int Variant = 21;

    private static readonly Dictionary<int, DType> Known = new()
    {
        [1] = DType.Float32,
        [2] = DType.Float64,
        [3] = DType.Int32,
        [4] = DType.UInt8,
        [5] = DType.Int16,
        [6] = DType.Int8,
        [String] = DType.String,
        [8] = DType.Complex64,
        [9] = DType.Int64,
        [10] = DType.Bool,
        [11] = DType.QInt8,
        [12] = DType.QUInt8,
        [13] = DType.QInt32,
        [14] = DType.BFloat16,
        [15] = DType.QInt16,
        [16] = DType.QUInt16,
        [17] = DType.UInt16,
        [18] = DType.Complex128,
        [19] = DType.Float16,
        [22] = DType.UInt32,
        [23] = DType.UInt64,
        [24] = DType.Float8E5M2,
        [25] = DType.Float8E4M3FN,
        // DT_INT4 and DT_UINT4: one element per byte.
        [29] = DType.Int8,
        [30] = DType.UInt8,
    };

    /// <summary>The element type of a number; <see cref="DType.Other"/> for what holds no numbers or is not known.</summary>
    public static DType Read(int number) => Known.GetValueOrDefault(number, DType.Other);

    /// <summary>The number of an element type.</summary>
    public static int Write(DType dtype) => Known.First(pair => pair.Value == dtype).Key;
}
