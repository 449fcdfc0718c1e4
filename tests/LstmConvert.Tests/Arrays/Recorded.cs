using LstmConvert.Arrays;
using LstmConvert.Formats;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Arrays;

/// <summary>Arrays that another program wrote, by name.</summary>
internal sealed class Recorded
{
    private readonly Dictionary<string, (int[] Shape, double[] Values, DType DType)> arrays = [];

    public Recorded(TensorSet set)
    {
        foreach (var tensor in set.Tensors)
        {
            if (tensor.DType.IsWeight() || tensor.DType is DType.Int32 or DType.Int64)
            {
                double[] values = tensor.DType.IsWeight() ? tensor.ToDoubles() : Integers(tensor);
                arrays[tensor.Name] = ([.. tensor.Shape.Dimensions.ToArray().Select(length => (int)length)], values, tensor.DType);
            }
        }
    }

    public IEnumerable<string> Names => arrays.Keys;

    public static Recorded Open(string path)
    {
        using var set = SourceCatalog.Open(path, new SourceOptions());
        return new Recorded(set);
    }

    public bool Has(string name) => arrays.ContainsKey(name);

    /// <summary>As it is recorded; the dtype says the precision.</summary>
    public NumericArray this[string name] => AsArray(name, arrays[name].DType == DType.Float64 ? Precision.Double : Precision.Single);

    public NumericArray AsArray(string name, Precision precision) => NumericArray.From(arrays[name].Values, precision, arrays[name].Shape);

    public double[] Values(string name) => arrays[name].Values;

    public int[] Integers(string name) => Array.ConvertAll(arrays[name].Values, value => (int)value);

    public Sequence Sequence(string name)
    {
        var (shape, values, _) = arrays[name];
        return new Sequence(shape[0], shape[1], shape[2..], values);
    }

    public bool[,] Mask(string name)
    {
        var (shape, values, _) = arrays[name];
        var mask = new bool[shape[0], shape[1]];
        for (var k = 0; k < values.Length; k++)
        {
            mask[k / shape[1], k % shape[1]] = values[k] != 0;
        }

        return mask;
    }

    private static double[] Integers(Tensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteCount];
        tensor.Read(0, bytes);
        return tensor.DType == DType.Int32
            ? [.. Enumerable.Range(0, bytes.Length / 4).Select(k => (double)BitConverter.ToInt32(bytes, 4 * k))]
            : [.. Enumerable.Range(0, bytes.Length / 8).Select(k => (double)BitConverter.ToInt64(bytes, 8 * k))];
    }
}
