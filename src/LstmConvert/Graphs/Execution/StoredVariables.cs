using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using LstmConvert.Arrays;
using LstmConvert.Graphs.Reading;
using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>The values behind a graph's variables: under the name that the Saver gives them, or their own; a part of a partitioned one is
/// cut from the whole.</summary>
/// <param name="graph">The graph.</param>
/// <param name="variables">The stored variables by name.</param>
internal sealed class StoredVariables(Graph graph, Func<string, Tensor?> variables)
{
    private readonly Dictionary<string, (string Key, string Slice)> keys = Saved(graph);

    /// <summary>The number of elements of a variable or a constant, as the graph says; 0 for any other node.</summary>
    public long ElementCount(ProgramNode? node) =>
        node?.Op is "Variable" or "VariableV2" or "VarHandleOp" && Stored(node) is { } tensor
            ? Math.Min(tensor.Shape.ElementCount, 1L << 40)
        : node?.Op == "Const" && node.Attribute("value").Tensor is { } value ? value.TensorContent.Length + value.FloatVal.Count
        : 0;

    /// <summary>The value of a variable; null if it is not stored.</summary>
    public GraphValue? Find(ProgramNode node, Precision precision)
    {
        if (Stored(node) is not { } tensor)
        {
            return null;
        }

        var bytes = new byte[checked((int)tensor.Info.ByteCount)];
        tensor.Read(0, bytes);
        int[] shape = [.. tensor.Shape.Dimensions.ToArray().Select(length => checked((int)length))];
        var value = Decode(tensor.DType, shape, bytes, precision);
        value = keys.TryGetValue(node.Name, out var key) && Box(key.Slice, shape) is { } box ? Cut(value, box) : value;

        // What lies in the file may be wider than the variable: bfloat16 is stored as float32 by some.
        var type = node.Type("dtype", tensor.DType);
        return type.IsWeight() && value.IsFloat ? value.Cast(type, precision) : value;
    }

    /// <summary>Numbers of a file as they are computed with.</summary>
    public static GraphValue Decode(DType type, int[] shape, ReadOnlySpan<byte> bytes, Precision precision) =>
        type switch
        {
            DType.Float64 => GraphValue.Of(type, shape, MemoryMarshal.Cast<byte, double>(bytes).ToArray()),
            DType.Float32 => GraphValue.Of(type, shape, MemoryMarshal.Cast<byte, float>(bytes).ToArray()).Cast(type, precision),
            DType.Float16 => GraphValue
                .Of(type, shape, Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), value => (float)value))
                .Cast(type, precision),
            DType.BFloat16 => GraphValue
                .Of(
                    type,
                    shape,
                    Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), bits =>
                        BitConverter.UInt32BitsToSingle((uint)bits << 16)))
                .Cast(type, precision),
            DType.Bool => GraphValue.Of(type, shape, Array.ConvertAll(bytes.ToArray(), value => value != 0)),
            DType.Int64 => GraphValue.Of(type, shape, MemoryMarshal.Cast<byte, long>(bytes).ToArray()),
            DType.UInt64 => Whole<ulong>(type, shape, bytes),
            DType.Int32 or DType.QInt32 => Whole<int>(type, shape, bytes),
            DType.UInt32 => Whole<uint>(type, shape, bytes),
            DType.Int16 or DType.QInt16 => Whole<short>(type, shape, bytes),
            DType.UInt16 or DType.QUInt16 => Whole<ushort>(type, shape, bytes),
            DType.Int8 or DType.QInt8 => Whole<sbyte>(type, shape, bytes),
            DType.UInt8 or DType.QUInt8 => Whole<byte>(type, shape, bytes),
            _ => throw new InvalidCastException(),
        };

    private static GraphValue Whole<T>(DType type, int[] shape, ReadOnlySpan<byte> bytes)
        where T : unmanaged, INumber<T> =>
        GraphValue.Of(type, shape, Array.ConvertAll(MemoryMarshal.Cast<byte, T>(bytes).ToArray(), long.CreateTruncating));

    private Tensor? Stored(ProgramNode node)
    {
        if (keys.TryGetValue(node.Name, out var key) && variables(key.Key) is { } saved)
        {
            return saved;
        }

        var shared = node.Text("shared_name", "");
        return (shared.Length > 0 ? variables(shared) : null) ?? variables(node.Name);
    }

    private static GraphValue Cut(GraphValue value, (int Start, int Length)[] box)
    {
        var (strides, offset) = (new int[box.Length], 0);
        for (var (axis, step) = (box.Length - 1, 1); axis >= 0; axis--)
        {
            (strides[axis], offset) = (step, offset + (box[axis].Start * step));
            step *= value.Shape[axis];
        }

        int[] shape = [.. box.Select(extent => extent.Length)];
        var target = Array.CreateInstanceFromArrayType(value.Data.GetType(), shape.Aggregate(1, (product, length) => product * length));
        Strided.Copy(value.Data, offset, strides, shape, target);
        return GraphValue.Of(value.Type, shape, target);
    }

    /// <summary>The part that a Saver names (<c>12 20 0,4:-</c>: the whole shape, then start and length of each axis, or all of it); null
    /// for the whole.</summary>
    private static (int Start, int Length)[]? Box(string slice, int[] shape)
    {
        if (
            slice.Length == 0
            || slice.Split(' ') is not [.., var last]
            || last.Split(':') is not { } extents
            || extents.Length != shape.Length)
        {
            return null;
        }

        var box = new (int Start, int Length)[extents.Length];
        for (var axis = 0; axis < box.Length; axis++)
        {
            if (extents[axis] == "-")
            {
                box[axis] = (0, shape[axis]);
            }
            else if (
                extents[axis].Split(',') is [var start, var length]
                && int.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var first)
                && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && first <= shape[axis]
                && count <= shape[axis] - first)
            {
                box[axis] = (first, count);
            }
            else
            {
                return null;
            }
        }

        return box;
    }

    private static Dictionary<string, (string, string)> Saved(Graph graph)
    {
        var found = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        foreach (var saver in graph.Nodes.Where(node => node.Op is "SaveV2" or "SaveSlices" or "Save"))
        {
            if (GraphVariables.Texts(saver.Input(1)) is not { } names)
            {
                continue;
            }

            var slices = saver.Op == "Save" ? [] : GraphVariables.Texts(saver.Input(2)) ?? [];
            for (var k = 0; k < names.Length; k++)
            {
                var variable = GraphVariables.Behind(saver.Input((saver.Op == "Save" ? 2 : 3) + k))?.Node;
                for (var step = 0; step < 8 && variable is { Op: "ReadVariableOp" or "Cast" }; step++)
                {
                    variable = GraphVariables.Behind(variable.Input(0))?.Node;
                }

                if (variable is { Op: "Variable" or "VariableV2" or "VarHandleOp" })
                {
                    found.TryAdd(variable.Name, (names[k], k < slices.Length ? slices[k] : ""));
                }
            }
        }

        return found;
    }
}
