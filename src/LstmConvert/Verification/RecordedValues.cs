using System.Text.RegularExpressions;
using LstmConvert.Arrays;
using LstmConvert.Files;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Arrays recorded by another program: <c>x, sequence_length, init_&lt;k&gt;_&lt;c|h&gt;, outputs[_fw|_bw|_&lt;k&gt;],
/// final_&lt;k&gt;_&lt;c|h&gt;</c>, behind an optional prefix.</summary>
public sealed partial class RecordedValues
{
    private const string AllPrefix = "all:";
    private const string FirstOfAll = AllPrefix + "0";

    private readonly TensorSet set;
    private readonly string prefix;

    /// <summary>Takes a set of arrays.</summary>
    /// <param name="set">The arrays.</param>
    /// <param name="prefix">What stands before every key, <c>a_</c>; null for none.</param>
    /// <exception cref="UsageException">The keys have several prefixes and none was named.</exception>
    public RecordedValues(TensorSet set, string? prefix)
    {
        this.set = set;
        if (prefix is null && set.Find("x") is null && set.Find("outputs") is null)
        {
            var prefixes = set
                .Tensors.Where(tensor => tensor.Name.EndsWith("_x", StringComparison.Ordinal))
                .Select(tensor => tensor.Name[..^1])
                .ToArray();
            prefix =
                prefixes.Length == 1 ? prefixes[0]
                : prefixes.Length > 1
                    ? throw new UsageException(
                        $"{set.Path} holds several samples: {string.Join(", ", prefixes)}.",
                        remedies: [new SettingRemedy(Setting.Sample, prefixes[0])])
                : null;
        }

        this.prefix = prefix ?? "";
        if (this.prefix.Length > 0 && !set.Tensors.Any(tensor => tensor.Name.StartsWith(this.prefix, StringComparison.Ordinal)))
        {
            throw new UsageException(
                $"{set.Path} has no key that begins with {this.prefix}. Its keys are {string.Join(", ", set.Tensors.Take(20).Select(tensor => tensor.Name))}."
            );
        }
    }

    /// <summary>The input, or null; where the time of each step was recorded beside it, that is its first feature.</summary>
    public Sequence? X =>
        Find("x") is not { } x ? null
        : Find("time") is { Shape.Rank: 3 } time
        && time.Shape[2] == 1
        && x.Shape.Rank == 3
        && time.Shape[0] == x.Shape[0]
        && time.Shape[1] == x.Shape[1]
            ? ToSequence(time).Beside(ToSequence(x))
        : ToSequence(x);

    /// <summary>The lengths, or null.</summary>
    public int[]? Lengths =>
        Find("sequence_length") is { } lengths ? Integers(lengths)
        : Find("seq_len_max") is { Shape.ElementCount: 1 } last && X is { } x
            ? [.. Enumerable.Repeat((int)Math.Clamp(Number(last), 0, x.Steps), x.Batch)]
        : null;

    /// <summary>The dtype of the recorded outputs.</summary>
    public DType DType =>
        set.Tensors.FirstOrDefault(tensor => tensor.Name.StartsWith(prefix + "outputs", StringComparison.Ordinal))?.DType ?? DType.Float32;

    /// <summary>The keys behind the prefix that begin with a word.</summary>
    /// <param name="word">The word: <c>final_</c>.</param>
    public IEnumerable<string> Keys(string word) =>
        set
            .Tensors.Where(tensor => tensor.Name.StartsWith(prefix + word, StringComparison.Ordinal))
            .Select(tensor => tensor.Name[prefix.Length..]);

    /// <summary>An array by its key without prefix, or null.</summary>
    /// <param name="key">The key.</param>
    public Tensor? Find(string key) => set.Find(prefix + key);

    /// <summary>The value of an input of a whole model, or null: <c>x</c> for the only one, <c>x0, x1 …</c> or <c>x_0, x_1 …</c>.</summary>
    /// <param name="number">The input's number.</param>
    /// <param name="count">The number of inputs.</param>
    internal Tensor? Input(int number, int count) => Numbered("x", number, count, "x");

    /// <summary>The recorded value of an output of a whole model, or null: <c>outputs</c> or <c>y</c> for the only one, <c>y0</c>,
    /// <c>outputs_0</c> ….</summary>
    /// <param name="number">The output's number.</param>
    /// <param name="count">The number of outputs.</param>
    internal Tensor? Output(int number, int count) => Numbered("outputs", number, count, "outputs") ?? Numbered("y", number, count, "y");

    /// <summary>Numbers of any type.</summary>
    /// <param name="tensor">Floating-point numbers, int32 or int64.</param>
    /// <exception cref="UnreadableInputException">It holds something else.</exception>
    internal static double[] Doubles(Tensor tensor)
    {
        if (tensor.DType.IsWeight())
        {
            return tensor.ToDoubles();
        }

        var bytes = new byte[tensor.Info.ByteCount];
        tensor.Read(0, bytes);
        return tensor.DType switch
        {
            DType.Int32 => [.. Enumerable.Range(0, bytes.Length / 4).Select(k => (double)BitConverter.ToInt32(bytes, 4 * k))],
            DType.Int64 => [.. Enumerable.Range(0, bytes.Length / 8).Select(k => (double)BitConverter.ToInt64(bytes, 8 * k))],
            _ => throw new UnreadableInputException($"{tensor} holds no numbers that a model takes. Save it as float32 or int32."),
        };
    }

    private Tensor? Numbered(string stem, int number, int count, string alone) =>
        (count == 1 ? Find(alone) : null)
        ?? Find(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{stem}{number}"))
        ?? Find(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{stem}_{number}"));

    /// <summary>An array of three axes or more as a sequence.</summary>
    /// <param name="tensor">The array, <c>(b, t, w)</c>, or of images <c>(b, t, …, w)</c>.</param>
    public static Sequence ToSequence(Tensor tensor) =>
        tensor.Shape.Rank is >= 3 and <= 6 && tensor.DType.IsWeight()
            ? new Sequence(
                (int)tensor.Shape[0],
                (int)tensor.Shape[1],
                [.. tensor.Shape.Dimensions[2..].ToArray().Select(length => (int)length)],
                tensor.ToDoubles())
            : throw new UnreadableInputException(
                $"{tensor.Name} is {tensor.DType.Name()} {tensor.Shape}; a sequence is float (b, t, width). Save it with the batch first.");

    /// <summary>Whole numbers of one axis.</summary>
    /// <param name="tensor">int32 or int64 <c>(b,)</c>.</param>
    public static int[] Integers(Tensor tensor)
    {
        var bytes = new byte[tensor.Info.ByteCount];
        tensor.Read(0, bytes);
        return (tensor.DType, tensor.Shape.Rank) switch
        {
            (DType.Int32, 1) => [.. Enumerable.Range(0, bytes.Length / 4).Select(k => BitConverter.ToInt32(bytes, 4 * k))],
            (DType.Int64, 1) => [.. Enumerable.Range(0, bytes.Length / 8).Select(k => Length(tensor, BitConverter.ToInt64(bytes, 8 * k)))],
            _ => throw new UnreadableInputException(
                $"{tensor.Name} is {tensor.DType.Name()} {tensor.Shape}; sequence lengths are int32 or int64 (b,)."),
        };
    }

    private static int Length(Tensor tensor, long length) => length is >= int.MinValue and <= int.MaxValue
        ? (int)length
        : throw new UnreadableInputException($"{tensor.Name} holds the length {length}; a row has at most as many steps as the input.");

    /// <summary>The recorded states of a cell: <c>h</c> and <c>c</c>, also where they were recorded as one array <c>[c|h]</c>.</summary>
    /// <param name="kind"><c>init</c> or <c>final</c>.</param>
    /// <param name="id">The cell's id in the keys.</param>
    /// <param name="layer">The layer.</param>
    public (double[]? H, double[]? C) States(string kind, string id, RecurrentLayer layer)
    {
        if (
            Joined(kind, id) is { Tensor: { Shape.Rank: 2 } both, Column: var column }
            && column + layer.Units + layer.OutputSize <= both.Shape[1]
            && (column > 0 || id == FirstOfAll || both.Shape[1] == layer.Units + layer.OutputSize))
        {
            var (values, width) = (both.ToDoubles(), (int)both.Shape[1]);
            double[] Columns(int first, int count) =>
                [.. Enumerable.Range(0, values.Length / width).SelectMany(b => values.Skip((b * width) + first).Take(count))];
            return (Columns(column + layer.Units, layer.OutputSize), Columns(column, layer.Units));
        }

        return (Find($"{kind}_{id}_h")?.ToDoubles(), Find($"{kind}_{id}_c")?.ToDoubles());
    }

    /// <summary>The array in which a state was recorded, or null.</summary>
    /// <param name="kind"><c>init</c> or <c>final</c>.</param>
    /// <param name="id">The cell's id in the keys.</param>
    public Tensor? StateArray(string kind, string id) => Find($"{kind}_{id}_h") ?? Joined(kind, id)?.Tensor ?? Find($"{kind}_{id}_c");

    /// <summary>An array <c>[c|h]</c>, or one <c>[c0|h0|c1|h1…]</c> of all cells (state_is_tuple=False) with the cell's first column in
    /// it.</summary>
    private (Tensor Tensor, int Column)? Joined(string kind, string id) =>
        id.StartsWith(AllPrefix, StringComparison.Ordinal)
            ? (
                Find($"{kind}_all_ch") is { } all
                    ? (all, int.Parse(id[AllPrefix.Length..], System.Globalization.CultureInfo.InvariantCulture))
                    : null)
        : Find($"{kind}_{id}_ch") is { } one ? (one, 0)
        : null;

    private static long Number(Tensor scalar)
    {
        var bytes = new byte[scalar.Info.ByteCount];
        scalar.Read(0, bytes);
        return scalar.DType switch
        {
            DType.Int32 => BitConverter.ToInt32(bytes),
            DType.Int64 => BitConverter.ToInt64(bytes),
            _ => throw new UnreadableInputException($"{scalar.Name} is {scalar.DType.Name()}; a number of steps is int32 or int64."),
        };
    }

    /// <summary>Which id in the keys stands for which cell.</summary>
    /// <param name="model">The cells.</param>
    /// <returns>An id for each cell; empty if no key has one.</returns>
    public IReadOnlyDictionary<RecurrentLayer, string> Ids(SourceModel model)
    {
        var ids = Keys("final_")
            .Concat(Keys("init_"))
            .Select(key => StateKey().Match(key))
            .Where(match => match.Success)
            .Select(match => match.Groups["id"].Value)
            .Distinct()
            .Order(NaturalOrder.Comparer)
            .ToArray();
        var cells = model.Layers.ToArray();
        var result = new Dictionary<RecurrentLayer, string>(ReferenceEqualityComparer.Instance);
        if (
            cells is [var alone]
            && alone.Cell.States.Select(state => state.Name).ToArray() is { Length: > 0 } own
            && !own.Any(name => name is "c" or "h"))
        {
            // States of other names: what stands before them is the id.
            var end = $"_{own[0]}";
            if (Keys("final_").Concat(Keys("init_")).FirstOrDefault(key => key.EndsWith(end, StringComparison.Ordinal)) is { } named)
            {
                result[alone] = named[(named.IndexOf('_', StringComparison.Ordinal) + 1)..^end.Length];
            }

            return result;
        }

        if (ids.Length == 0)
        {
            return result;
        }

        if (ids is ["all"])
        {
            var column = 0;
            foreach (var cell in cells)
            {
                result[cell] = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{AllPrefix}{column}");
                column += cell.Units + cell.OutputSize;
            }

            return result;
        }

        // fw, bw, fw0, bw1: direction and level.
        var directed = ids.Select(id => (Id: id, Match: DirectedId().Match(id))).ToArray();
        if (directed.All(id => id.Match.Success) && model.Groups is [{ Wiring: not "chain" } group] && ids.Length == cells.Length)
        {
            foreach (var isBackward in new[] { false, true })
            {
                var sorted = directed.Where(id => id.Match.Groups["bw"].Success == isBackward).Select(id => id.Id);
                foreach (
                    var (cell, id) in group.Layers.Where(cell => cell.IsBackward == isBackward).OrderBy(cell => cell.Level).Zip(sorted))
                {
                    result[cell] = id;
                }
            }

            return result;
        }

        // Names that are a part of exactly one scope; where there is one for each cell and some are none (l0, l0_bw beside l0, l0_reverse),
        // their order tells.
        var byScope = ids.ToDictionary(
            id => id,
            id =>
                cells
                    .Where(cell => cell.Scope.Split('/').Any(step => step == id || step.EndsWith("_" + id, StringComparison.Ordinal)))
                    .ToArray());
        if (
            byScope.Values.Count(found => found.Length == 1) is var unique
            && unique > 0
            && (ids.Length != cells.Length || unique == ids.Length)
            && ids.Any(id => !id.All(char.IsAsciiDigit)))
        {
            foreach (var (id, found) in byScope.Where(pair => pair.Value.Length == 1))
            {
                result[found[0]] = id;
            }

            return result;
        }

        if (ids.Length == cells.Length)
        {
            foreach (var (cell, id) in cells.Zip(ids))
            {
                result[cell] = id;
            }
        }

        return result;
    }

    [GeneratedRegex("^(final|init)_(?<id>.+)_(c|h|ch)$", RegexOptions.ExplicitCapture)]
    private static partial Regex StateKey();

    [GeneratedRegex("^([A-Za-z]*[0-9]+_?)?(fw|forward|(?<bw>bw|backward))_?[0-9]*$", RegexOptions.ExplicitCapture)]
    private static partial Regex DirectedId();
}
