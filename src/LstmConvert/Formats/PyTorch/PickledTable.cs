using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LstmConvert.Formats.PyTorch;

/// <summary>A tensor of a pickled table: where its elements lie, by name.</summary>
/// <param name="Storage">The class of its storage: <c>FloatStorage</c>.</param>
/// <param name="Key">The name of its storage, the last part of an entry of the archive.</param>
/// <param name="Elements">The number of elements of the storage, as the table says.</param>
/// <param name="Offset">The first element.</param>
/// <param name="Shape">The lengths of the axes.</param>
/// <param name="Strides">The strides of the axes, in elements.</param>
internal sealed record PickledTensor(
    string Storage,
    string Key,
    long Elements,
    long Offset,
    IReadOnlyList<long> Shape,
    IReadOnlyList<long> Strides);

/// <summary>
/// The table of tensors that <c>torch.save(module.state_dict())</c> writes as <c>data.pkl</c> (pytorch torch/serialization.py,
/// torch/_utils.py; Python's
/// pickletools for the opcodes). A pickle is a program; this one is not run. The few opcodes that put literals, tuples, lists and
/// dictionaries together are read, and three
/// names stand for data: <c>collections.OrderedDict</c>, <c>torch._utils._rebuild_tensor_v2</c>, <c>torch._utils._rebuild_parameter</c>,
/// with <c>torch.…Storage</c> as a word. Every other
/// opcode and every other name is refused by its name. Each step takes at least one byte; what it makes is bounded by the number of steps.
/// </summary>
internal sealed class PickledTable
{
    /// <summary>The largest table that is read, in bytes: that of a million tensors.</summary>
    public const int MaximumBytes = 128 << 20;

    /// <summary>The deepest nesting that is read.</summary>
    public const int MaximumDepth = 32;

    private const string OrderedDictionary = "collections.OrderedDict";
    private const string Tensor = "torch._utils._rebuild_tensor_v2";
    private const string Parameter = "torch._utils._rebuild_parameter";

    private static readonly object Mark = new();

    private readonly byte[] bytes;
    private readonly string file;
    private readonly List<object?> stack = [];
    private readonly Dictionary<long, object?> memo = [];
    private int at;

    private PickledTable(byte[] bytes, string file) => (this.bytes, this.file) = (bytes, file);

    /// <summary>Reads a table: each tensor under the keys that lead to it, joined by points.</summary>
    /// <param name="bytes">The pickle.</param>
    /// <param name="file">What a message calls it.</param>
    /// <exception cref="UnreadableInputException">It is broken, or holds anything but names and tensors.</exception>
    public static IReadOnlyList<(string Name, PickledTensor Tensor)> Read(byte[] bytes, string file)
    {
        var table = new PickledTable(bytes, file);
        var found = new List<(string, PickledTensor)>();
        table.Collect(table.Run(), "", 0, new HashSet<object>(ReferenceEqualityComparer.Instance), found);
        return found;
    }

    private sealed record Global(string Name);

    private void Collect(object? value, string name, int depth, HashSet<object> above, List<(string, PickledTensor)> found)
    {
        if (value is PickledTensor tensor)
        {
            found.Add((name, tensor));
            return;
        }

        var entries = value switch
        {
            Dictionary<string, object?> named => named.Select(pair => (pair.Key, pair.Value)),
            List<object?> listed => listed.Select((one, k) => (Key: k.ToString(CultureInfo.InvariantCulture), Value: one)),
            _ => [],
        };
        if (value is null or string or long or bool or double)
        {
            return;
        }

        if (depth > MaximumDepth || !above.Add(value))
        {
            throw Damaged($"it is nested deeper than {MaximumDepth}, or a part of itself");
        }

        // A value may stand in two places; what doubles at every level would never end.
        foreach (var (key, inner) in entries)
        {
            if (found.Count > bytes.Length)
            {
                throw Damaged("it names more tensors than it has bytes");
            }

            Collect(inner, name.Length == 0 ? key : $"{name}.{key}", depth + 1, above, found);
        }

        above.Remove(value);
    }

    private object? Run()
    {
        while (true)
        {
            var opcode = Byte();
            if (opcode == '.')
            {
                return Pop();
            }

            Step((char)opcode);
        }
    }

    private void Step(char opcode)
    {
        switch (opcode)
        {
            case '\u0080':
                if (Byte() is var version and > 5)
                {
                    throw Damaged($"its protocol is {version}, and 5 is the newest that is known");
                }

                break;
            case '\u0095':
                Take(8);
                break;
            case '(':
                stack.Add(Mark);
                break;
            case '0':
                Pop();
                break;
            case '1':
                PopMark();
                break;
            case 'q' or 'r' or '\u0094':
                memo[opcode == 'q' ? Byte() : opcode == 'r' ? UInt32() : memo.Count] = Top();
                break;
            case 'h' or 'j':
                stack.Add(
                    memo.TryGetValue(opcode == 'h' ? Byte() : UInt32(), out var known)
                        ? known
                        : throw Damaged("it speaks of a value that was not stored"));
                break;
            case 'c':
                stack.Add(new Global($"{Line()}.{Line()}"));
                break;
            case '\u0093':
                var (name, module) = (Pop<string>(), Pop<string>());
                stack.Add(new Global($"{module}.{name}"));
                break;
            case 'R' or '\u0081':
                var arguments = Pop<List<object?>>();
                stack.Add(Make(Pop<Global>().Name, arguments));
                break;
            case 'Q':
                stack.Add(Storage(Pop<List<object?>>()));
                break;
            case 'b':
                // Of an OrderedDict: its attributes, such as the versions of modules. They are no weights.
                Pop();
                break;
            default:
                if (!Literal(opcode) && !Collection(opcode))
                {
                    throw new UnreadableInputException(
                        $"{file} has the pickle opcode 0x{(int)opcode:x2} at byte {at - 1}, which no table of tensors needs; it is not run. Save the weights alone: torch.save(model.state_dict(), \"model.pt\"), or safetensors.torch.save_file."
                    );
                }

                break;
        }
    }

    private bool Literal(char opcode)
    {
        object? value;
        switch (opcode)
        {
            case 'N':
                value = null;
                break;
            case '\u0088' or '\u0089':
                value = opcode == '\u0088';
                break;
            case 'K':
                value = (long)Byte();
                break;
            case 'M':
                value = (long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2));
                break;
            case 'J':
                value = (long)BinaryPrimitives.ReadInt32LittleEndian(Take(4));
                break;
            case '\u008a':
                value = Long(Take(Byte()));
                break;
            case 'G':
                value = BinaryPrimitives.ReadDoubleBigEndian(Take(8));
                break;
            case 'X' or '\u008c' or '\u008d':
                value = Encoding.UTF8.GetString(
                    Take(
                        opcode == 'X' ? UInt32()
                        : opcode == '\u008c' ? Byte()
                        : BinaryPrimitives.ReadInt64LittleEndian(Take(8))));
                break;
            case 'U' or 'T':
                value = Encoding.Latin1.GetString(Take(opcode == 'U' ? Byte() : UInt32()));
                break;
            default:
                return false;
        }

        stack.Add(value);
        return true;
    }

    private bool Collection(char opcode)
    {
        switch (opcode)
        {
            case ')' or ']':
                stack.Add(new List<object?>());
                break;
            case '}':
                stack.Add(new Dictionary<string, object?>(StringComparer.Ordinal));
                break;
            case 't' or 'l':
                stack.Add(PopMark());
                break;
            case 'd':
                var pairs = PopMark();
                stack.Add(new Dictionary<string, object?>(StringComparer.Ordinal));
                Set(pairs);
                break;
            case '\u0085' or '\u0086' or '\u0087':
                var count = opcode - '\u0084';
                var tuple = new List<object?>();
                for (var k = 0; k < count; k++)
                {
                    tuple.Insert(0, Pop());
                }

                stack.Add(tuple);
                break;
            case 's':
                var one = Pop();
                Set([Pop(), one]);
                break;
            case 'u':
                Set(PopMark());
                break;
            case 'a' or 'e':
                List<object?> more = opcode == 'a' ? [Pop()] : PopMark();
                Top<List<object?>>().AddRange(more);
                break;
            default:
                return false;
        }

        return true;
    }

    private void Set(List<object?> pairs)
    {
        var into = Top<Dictionary<string, object?>>();
        if (pairs.Count % 2 != 0)
        {
            throw Damaged("a key has no value");
        }

        for (var k = 0; k < pairs.Count; k += 2)
        {
            into[
                pairs[k] switch
                {
                    string text => text,
                    long number => number.ToString(CultureInfo.InvariantCulture),
                    _ => throw Damaged("a key is neither a text nor a number"),
                }
            ] = pairs[k + 1];
        }
    }

    private object? Make(string name, List<object?> arguments) =>
        name switch
        {
            OrderedDictionary when arguments.Count == 0 => new Dictionary<string, object?>(StringComparer.Ordinal),
            OrderedDictionary when arguments is [List<object?> pairs] => FromPairs(pairs),
            Parameter when arguments is [PickledTensor tensor, ..] => tensor,
            Tensor
                when arguments is [PickledTensor storage, long offset, List<object?> shape, List<object?> strides, ..]
                    && shape.Count == strides.Count
                    && shape.TrueForAll(one => one is long)
                    && strides.TrueForAll(one => one is long) => storage with
                    {
                        Offset = offset,
                        Shape = [.. shape.Cast<long>()],
                        Strides = [.. strides.Cast<long>()],
                    },
            OrderedDictionary or Parameter or Tensor => throw Damaged($"{name} is not given what it takes"),
            _ => throw new UnreadableInputException(
                $"{file} holds more than a table of tensors: {Printed(name)} would have to be run, which lstmconvert never does. Save the weights alone: torch.save(model.state_dict(), \"model.pt\"), or safetensors.torch.save_file."
            ),
        };

    private Dictionary<string, object?> FromPairs(List<object?> pairs)
    {
        var made = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var pair in pairs)
        {
            made[pair is List<object?> and [string key, _] ? key : throw Damaged("an entry is no key and value")] = ((List<object?>)pair)[
                1
            ];
        }

        return made;
    }

    /// <summary>A storage, as a persistent id: <c>('storage', torch.FloatStorage, '0', 'cpu', 72)</c>.</summary>
    private PickledTensor Storage(List<object?> id) =>
        id is ["storage", Global { Name: { } type }, string key, string, long count]
        && type.StartsWith("torch.", StringComparison.Ordinal)
        && type.EndsWith("Storage", StringComparison.Ordinal)
            ? new PickledTensor(type[(type.LastIndexOf('.') + 1)..], key, count, 0, [], [])
            : throw Damaged("a persistent id is no storage");

    private List<object?> PopMark()
    {
        var mark = stack.LastIndexOf(Mark);
        if (mark < 0)
        {
            throw Damaged("a mark is missing");
        }

        var values = stack[(mark + 1)..];
        stack.RemoveRange(mark, stack.Count - mark);
        return values;
    }

    private object? Top() => stack.Count > 0 ? stack[^1] : throw Damaged("its stack is empty");

    private T Top<T>() => Top() is T value ? value : throw Damaged($"a {What<T>()} is expected");

    private object? Pop()
    {
        var value = Top();
        stack.RemoveAt(stack.Count - 1);
        return value;
    }

    private T Pop<T>() => Pop() is T value ? value : throw Damaged($"a {What<T>()} is expected");

    private static string What<T>() => typeof(T) == typeof(string) ? "text" : typeof(T) == typeof(Global) ? "name" : "list or dictionary";

    private byte Byte() => Take(1)[0];

    private long UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count < 0 || count > bytes.Length - at)
        {
            throw Damaged($"{count} bytes are needed, and {bytes.Length - at} are left");
        }

        at += (int)count;
        return bytes.AsSpan(at - (int)count, (int)count);
    }

    private string Line()
    {
        var end = bytes.AsSpan(at).IndexOf((byte)'\n');
        if (end is < 0 or > 1000)
        {
            throw Damaged("a name does not end");
        }

        var text = Encoding.UTF8.GetString(bytes, at, end);
        at += end + 1;
        return text;
    }

    private long Long(ReadOnlySpan<byte> digits)
    {
        if (digits.Length > 8)
        {
            throw Damaged($"a number has {digits.Length} bytes");
        }

        var value = digits.Length > 0 && digits[^1] >= 0x80 ? -1L : 0;
        for (var k = digits.Length - 1; k >= 0; k--)
        {
            value = (value << 8) | digits[k];
        }

        return value;
    }

    private static string Printed(string name) => string.Concat(name.Take(100).Select(letter => char.IsControl(letter) ? '?' : letter));

    private UnreadableInputException Damaged(string problem) => new($"{file} is damaged at byte {at}: {problem}. Copy or save it again.");
}
