using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LstmConvert.Tests.Outcomes;

/// <summary>An array of numbers as float64, and its reading from .npz: written for the tests alone, so that no reader of the product judges
/// itself.</summary>
/// <param name="Shape">The lengths of the axes.</param>
/// <param name="Values">The numbers, last axis fastest.</param>
internal sealed partial record NumberArray(int[] Shape, double[] Values)
{
    public int Rank => Shape.Length;

    public bool IsZero => Values.All(value => value == 0);

    /// <summary>The numeric arrays of an .npz by name; others are left out.</summary>
    public static Dictionary<string, NumberArray> ReadNpz(string path)
    {
        using var archive = ZipFile.OpenRead(path);
        var arrays = new Dictionary<string, NumberArray>(StringComparer.Ordinal);
        foreach (var entry in archive.Entries.Where(entry => entry.FullName.EndsWith(".npy", StringComparison.Ordinal)))
        {
            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            if (ReadNpy(bytes.ToArray()) is { } array)
            {
                arrays[entry.FullName[..^4]] = array;
            }
        }

        return arrays;
    }

    public JsonObject ToJson() => new()
    {
        ["shape"] = new JsonArray([.. Shape.Select(length => (JsonNode)length)]),
        ["data"] = Convert.ToBase64String([.. Values.SelectMany(BitConverter.GetBytes)]),
    };

    public static NumberArray FromJson(JsonNode node)
    {
        var bytes = Convert.FromBase64String(node["data"]!.GetValue<string>());
        return new(
            [.. node["shape"]!.AsArray().Select(length => length!.GetValue<int>())],
            [.. Enumerable.Range(0, bytes.Length / 8).Select(k => BitConverter.ToDouble(bytes, 8 * k))]);
    }

    /// <summary>Side by side on the last axis.</summary>
    public static NumberArray Beside(NumberArray left, NumberArray right)
    {
        var (l, r) = (left.Shape[^1], right.Shape[^1]);
        var rows = left.Values.Length / l;
        return new(
            [.. left.Shape[..^1], l + r],
            [
                .. Enumerable
                    .Range(0, rows)
                    .SelectMany(row => left.Values[(row * l)..((row + 1) * l)].Concat(right.Values[(row * r)..((row + 1) * r)])),
            ]);
    }

    /// <summary>This array's last axis times a kernel (n, m), plus a bias (m,).</summary>
    public NumberArray Times(NumberArray kernel, NumberArray bias)
    {
        var (n, m) = (kernel.Shape[0], kernel.Shape[1]);
        var rows = Values.Length / n;
        return new(
            [.. Shape[..^1], m],
            [
                .. Enumerable
                    .Range(0, rows * m)
                    .Select(k =>
                        bias.Values[k % m] + Enumerable.Range(0, n).Sum(j => Values[((k / m) * n) + j] * kernel.Values[(j * m) + (k % m)])),
            ]);
    }

    /// <summary>The first or the last step alone: (b, t, u) to (b, u).</summary>
    public NumberArray WithoutLastAxis() => new(Shape[..^1], Values);

    public NumberArray Step(int step)
    {
        var (b, t, u) = (Shape[0], Shape[1], Shape[2]);
        step = step < 0 ? t + step : step;
        return new([b, u], [.. Enumerable.Range(0, b).SelectMany(row => Values[(((row * t) + step) * u)..(((row * t) + step + 1) * u)])]);
    }

    /// <summary>The first steps: (b, t, x) to (b, steps, x).</summary>
    public NumberArray FirstSteps(int steps)
    {
        var (b, t, u) = (Shape[0], Shape[1], Shape[2]);
        return new([b, steps, u], [.. Enumerable.Range(0, b).SelectMany(row => Values[(row * t * u)..(((row * t) + steps) * u)])]);
    }

    /// <summary>How many steps of each row are not all zero: (b, t, x) to (b,).</summary>
    public int[] StepsBeforeZeros()
    {
        var (b, t, u) = (Shape[0], Shape[1], Shape[2]);
        return
        [
            .. Enumerable
                .Range(0, b)
                .Select(row =>
                    Enumerable.Range(0, t).Count(step => Enumerable.Range(0, u).Any(k => Values[(((row * t) + step) * u) + k] != 0))),
        ];
    }

    /// <summary>Each row's valid steps from the last to the first; what stands behind them stays.</summary>
    public NumberArray Reversed(int[]? lengths)
    {
        var (b, t, u) = (Shape[0], Shape[1], Shape[2]);
        var values = Values.ToArray();
        for (var row = 0; row < b; row++)
        {
            var length = lengths?[row] ?? t;
            for (var step = 0; step < length; step++)
            {
                Values.AsSpan(((row * t) + step) * u, u).CopyTo(values.AsSpan(((row * t) + length - 1 - step) * u, u));
            }
        }

        return new(Shape, values);
    }

    /// <summary>The largest absolute difference, of valid steps where lengths are given; infinity where shapes differ or a number is no
    /// number.</summary>
    public double DistanceTo(NumberArray other, int[]? lengths)
    {
        if (!Shape.SequenceEqual(other.Shape))
        {
            return double.PositiveInfinity;
        }

        var worst = 0.0;
        var (row, step) = (
            Values.Length / Math.Max(1, Shape[0]),
            Rank > 2 ? Shape.Skip(2).Aggregate(1, (product, length) => product * length) : 0);
        for (var k = 0; k < Values.Length; k++)
        {
            if (lengths is null || step == 0 || (k % row) / step < lengths[k / row])
            {
                var difference = Math.Abs(Values[k] - other.Values[k]);
                worst = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(worst, difference);
            }
        }

        return worst;
    }

    private static NumberArray? ReadNpy(byte[] bytes)
    {
        var (start, length) =
            bytes[6] == 1
                ? (10, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)))
                : (12, (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(8)));
        var header = Encoding.Latin1.GetString(bytes, start, length);
        var shape = Number()
            .Matches(ShapeText().Match(header).Groups["shape"].Value)
            .Select(match => int.Parse(match.Value, CultureInfo.InvariantCulture))
            .ToArray();
        var type = TypeText().Match(header).Groups["type"].Value;
        var count = shape.Aggregate(1, (product, axis) => product * axis);
        var data = bytes.AsSpan(start + length).ToArray();
        Func<int, double>? read = type switch
        {
            "<f8" => k => BitConverter.ToDouble(data, 8 * k),
            "<f4" => k => BitConverter.ToSingle(data, 4 * k),
            "<f2" => k => (double)BitConverter.ToHalf(data, 2 * k),
            "<i8" => k => BitConverter.ToInt64(data, 8 * k),
            "<i4" => k => BitConverter.ToInt32(data, 4 * k),
            "|b1" or "|u1" => k => data[k],
            "|i1" => k => (sbyte)data[k],
            _ => null,
        };
        return read is null || header.Contains("'fortran_order': True", StringComparison.Ordinal)
            ? null
            : new(shape, [.. Enumerable.Range(0, count).Select(read)]);
    }

    [GeneratedRegex(@"'shape': \((?<shape>[^)]*)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex ShapeText();

    [GeneratedRegex("'descr': '(?<type>[^']*)'", RegexOptions.ExplicitCapture)]
    private static partial Regex TypeText();

    [GeneratedRegex("[0-9]+", RegexOptions.ExplicitCapture)]
    private static partial Regex Number();
}
