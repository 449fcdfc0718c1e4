using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace LstmConvert.TensorFlow;

/// <summary>
/// The text format of protocol buffers (protobuf.dev/reference/protobuf/textformat-spec), in which TensorFlow writes a <c>.pbtxt</c>, as
/// the bytes
/// of the same message. Fields that are not in our protos are read over. Names of TensorFlow's types (<c>DT_FLOAT</c>) are their numbers.
/// <code>
/// field    name [":"] value | name [":"] "{" field… "}" | name [":"] "&lt;" field… "&gt;" | name ":" "[" value "," … "]"      then "," ";" or nothing
/// value    "text" 'text' (several are one) | 12 -3 0x1f 017 | 1.5e3 inf nan | true false | NAME
/// comment  # to the end of the line
/// </code></summary>
internal ref struct TextFormat
{
    /// <summary>The most messages within messages; protocol buffers have the same limit.</summary>
    private const int MaximumDepth = 100;

    private readonly ReadOnlySpan<byte> text;
    private readonly string file;
    private int at;

    private TextFormat(ReadOnlySpan<byte> text, string file)
    {
        this.text = text;
        this.file = file;
    }

    /// <summary>TensorFlow's types by name: tensorflow/core/framework/types.proto; <c>_REF</c> behind one is 100 more.</summary>
    private static readonly string[] Types =
    [
        "DT_INVALID",
        "DT_FLOAT",
        "DT_DOUBLE",
        "DT_INT32",
        "DT_UINT8",
        "DT_INT16",
        "DT_INT8",
        "DT_STRING",
        "DT_COMPLEX64",
        "DT_INT64",
        "DT_BOOL",
        "DT_QINT8",
        "DT_QUINT8",
        "DT_QINT32",
        "DT_BFLOAT16",
        "DT_QINT16",
        "DT_QUINT16",
        "DT_UINT16",
        "DT_COMPLEX128",
        "DT_HALF",
        "DT_RESOURCE",
        "DT_VARIANT",
        "DT_UINT32",
        "DT_UINT64",
        "DT_FLOAT8_E5M2",
        "DT_FLOAT8_E4M3FN",
    ];

    /// <summary>The name of the first field, which tells what the message is; null if the bytes do not begin as such a text.</summary>
    /// <param name="head">The first bytes of a file.</param>
    public static string? FirstField(ReadOnlySpan<byte> head)
    {
        var reader = new TextFormat(head.StartsWith("\ufeff"u8) ? head[3..] : head, "");
        reader.Blank();
        var start = reader.at;
        while (reader.at < head.Length && IsLetter(reader.Next))
        {
            reader.at++;
        }

        var name = Encoding.ASCII.GetString(reader.text[start..reader.at]);
        reader.Blank();
        return name.Length > 0 && reader.Next is (byte)':' or (byte)'{' or (byte)'<' ? name : null;
    }

    /// <summary>The bytes of the message that a text describes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="message">What it describes.</param>
    /// <param name="file">The file's name, for the sentence.</param>
    /// <exception cref="UnreadableInputException">It is no such text.</exception>
    public static byte[] ToBytes(ReadOnlySpan<byte> text, MessageDescriptor message, string file)
    {
        var reader = new TextFormat(text.StartsWith("\ufeff"u8) ? text[3..] : text, file);
        return reader.Message(message, end: 0, depth: 0);
    }

    private readonly byte Next => at < text.Length ? text[at] : (byte)0;

    /// <summary>The fields up to a closing mark, as bytes; null for a message that is read over.</summary>
    private byte[] Message(MessageDescriptor? message, byte end, int depth)
    {
        if (depth > MaximumDepth)
        {
            throw Broken($"it has more than {MaximumDepth} messages within messages");
        }

        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            for (Blank(); at < text.Length && (end == 0 || Next != end); Blank())
            {
                Field(message, output, depth);
                Blank();
                at += Next is (byte)',' or (byte)';' ? 1 : 0;
            }

            if (end != 0)
            {
                Take(end);
            }
        }

        return bytes.ToArray();
    }

    private void Field(MessageDescriptor? message, CodedOutputStream output, int depth)
    {
        var name = Name();
        var field = message?.FindFieldByName(name);
        Blank();
        var hasColon = Next == ':';
        at += hasColon ? 1 : 0;
        Blank();
        if (Next != '[')
        {
            Value(field, output, depth, hasColon);
            return;
        }

        at++;
        for (Blank(); Next != ']'; Blank())
        {
            Value(field, output, depth, hasColon: true);
            Blank();
            if (Next == ',')
            {
                at++;
            }
            else if (Next != ']')
            {
                throw Broken("a list is not closed with ]");
            }
        }

        at++;
    }

    /// <summary>A field's name; one of an extension in brackets is read over.</summary>
    private string Name()
    {
        var start = at;
        if (Next == '[')
        {
            while (at < text.Length && text[at++] != ']')
            {
            }

            return "";
        }

        while (at < text.Length && IsLetter(Next))
        {
            at++;
        }

        return at > start ? Encoding.ASCII.GetString(text[start..at]) : throw Broken("a field's name is missing");
    }

    private void Value(FieldDescriptor? field, CodedOutputStream output, int depth, bool hasColon)
    {
        if (Next is (byte)'{' or (byte)'<')
        {
            var end = text[at++] == '{' ? (byte)'}' : (byte)'>';
            var isMessage = field?.FieldType == FieldType.Message;
            var bytes = Message(isMessage ? field!.MessageType : null, end, depth + 1);
            if (isMessage)
            {
                output.WriteTag(field!.FieldNumber, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes));
            }
            else if (field is not null)
            {
                throw Broken($"{field.Name} takes no message");
            }

            return;
        }

        if (!hasColon)
        {
            throw Broken("a ':' or a '{' is missing behind a field's name");
        }

        if (Next is (byte)'"' or (byte)'\'')
        {
            var bytes = Text();
            Write(field, output, FieldType.String, FieldType.Bytes, out var takes);
            if (takes)
            {
                output.WriteBytes(UnsafeByteOperations.UnsafeWrap(bytes));
            }

            return;
        }

        Scalar(field, output, Word());
    }

    /// <summary>Writes the tag of a field of one of two kinds.</summary>
    private readonly void Write(FieldDescriptor? field, CodedOutputStream output, FieldType one, FieldType other, out bool takes)
    {
        takes = field is not null;
        if (field is not null && field.FieldType != one && field.FieldType != other)
        {
            throw Broken($"{field.Name} takes no text");
        }

        if (field is not null)
        {
            output.WriteTag(field.FieldNumber, WireFormat.WireType.LengthDelimited);
        }
    }

    private readonly void Scalar(FieldDescriptor? field, CodedOutputStream output, string word)
    {
        if (field is null)
        {
            return;
        }

        switch (field.FieldType)
        {
            case FieldType.Float:
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Fixed32);
                output.WriteFloat((float)Float(field, word, single: true));
                break;
            case FieldType.Double:
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Fixed64);
                output.WriteDouble(Float(field, word, single: false));
                break;
            case FieldType.Bool:
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                output.WriteBool(
                    word is "true" or "True" or "t" or "1"
                        || (
                            word is "false" or "False" or "f" or "0"
                                ? false
                                : throw Broken($"{field.Name} takes true or false, and '{word}' is neither")));
                break;
            case FieldType.UInt32 or FieldType.UInt64 or FieldType.Int32 or FieldType.Int64:
                output.WriteTag(field.FieldNumber, WireFormat.WireType.Varint);
                output.WriteUInt64(Integer(field, word));
                break;
            default:
                throw Broken($"{field.Name} takes no '{word}'");
        }
    }

    /// <summary>A whole number as a varint holds it, or the number of a type's name.</summary>
    private readonly ulong Integer(FieldDescriptor field, string word)
    {
        var (isNegative, digits) = word.StartsWith('-') ? (true, word[1..]) : (false, word);
        var isNumber = ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            isNumber = ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        }
        else if (isNumber && digits.Length > 1 && digits[0] == '0')
        {
            isNumber = digits.All(digit => digit is >= '0' and < '8') && digits.Length <= 22;
            number = isNumber ? digits.Aggregate(0UL, (sum, digit) => (sum << 3) | (uint)(digit - '0')) : 0;
        }

        if (isNumber)
        {
            return isNegative ? unchecked(0UL - number) : number;
        }

        var isReference = word.EndsWith("_REF", StringComparison.Ordinal);
        var type = Array.IndexOf(Types, isReference ? word[..^4] : word);
        return type >= 0
            ? (ulong)(type + (isReference ? 100 : 0))
            : throw Broken($"{field.Name} takes a whole number or a type, and '{word}' is neither");
    }

    private readonly double Float(FieldDescriptor field, string word, bool single)
    {
        var digits = word.EndsWith('f') && !word.EndsWith("inf", StringComparison.OrdinalIgnoreCase) ? word[..^1] : word;
        return digits.ToUpperInvariant() switch
        {
            "INF" or "INFINITY" => double.PositiveInfinity,
            "-INF" or "-INFINITY" => double.NegativeInfinity,
            "NAN" or "-NAN" => double.NaN,
            _ when single && float.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number, // rounded once
            _ when !single && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw Broken($"{field.Name} takes a number, and '{word}' is none"),
        };
    }

    /// <summary>A number or a name.</summary>
    private string Word()
    {
        var start = at;
        at += Next == '-' ? 1 : 0;
        if (at > start)
        {
            Blank(); // a blank may stand behind the sign
        }

        var digits = at;
        while (
            at < text.Length
            && (IsLetter(Next) || Next == '.' || (Next is (byte)'+' or (byte)'-' && at > digits && text[at - 1] is (byte)'e' or (byte)'E')))
        {
            at++;
        }

        return at > digits ? (digits > start ? "-" : "") + Encoding.ASCII.GetString(text[digits..at]) : throw Broken("a value is missing");
    }

    /// <summary>A text in quotes, or several behind each other, as bytes.</summary>
    private byte[] Text()
    {
        using var bytes = new MemoryStream();
        while (Next is (byte)'"' or (byte)'\'')
        {
            var quote = text[at++];
            while (Next != quote)
            {
                // What needs no escape is copied at once.
                var plain = text[at..].IndexOfAny(quote, (byte)'\\', (byte)'\n');
                if (plain < 0 || text[at + plain] == '\n')
                {
                    throw Broken("a text is not closed");
                }

                bytes.Write(text.Slice(at, plain));
                at += plain;
                if (Next == '\\')
                {
                    at++;
                    Escape(bytes);
                }
            }

            at++;
            Blank();
        }

        return bytes.ToArray();
    }

    private void Escape(MemoryStream bytes)
    {
        var c = at < text.Length ? text[at++] : throw Broken("a text is not closed");
        if (c is >= (byte)'0' and < (byte)'8')
        {
            var value = c - '0';
            for (var k = 0; k < 2 && Next is >= (byte)'0' and < (byte)'8'; k++)
            {
                value = (value * 8) + (text[at++] - '0');
            }

            bytes.WriteByte(value <= byte.MaxValue ? (byte)value : throw Broken("an escape in a text is larger than a byte"));
        }
        else if (
            c is (byte)'x' or (byte)'X'
            && Utf8Parser.TryParse(text.Slice(at, Math.Min(2, text.Length - at)), out byte two, out var count, 'x')
            && count > 0)
        {
            bytes.WriteByte(two);
            at += count;
        }
        else if (c is (byte)'u' or (byte)'U')
        {
            var digits = c == 'u' ? 4 : 8;
            var isRune =
                Utf8Parser.TryParse(text.Slice(at, Math.Min(digits, text.Length - at)), out uint rune, out var read, 'x')
                && read == digits
                && Rune.IsValid(rune);
            bytes.Write(Encoding.UTF8.GetBytes(isRune ? new Rune(rune).ToString() : throw Broken("an escape in a text is no character")));
            at += digits;
        }
        else
        {
            var known = "abfnrtv\\'\"?"u8.IndexOf(c);
            bytes.WriteByte(known >= 0 ? "\a\b\f\n\r\t\v\\'\"?"u8[known] : throw Broken("a text has an escape that is not known"));
        }
    }

    /// <summary>Goes over blanks and comments.</summary>
    private void Blank()
    {
        while (
            at < text.Length && (text[at] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'\f' or (byte)'\v' or (byte)'#'))
        {
            if (text[at] == '#')
            {
                var end = text[at..].IndexOf((byte)'\n');
                at = end < 0 ? text.Length : at + end;
            }
            else
            {
                at++;
            }
        }
    }

    private void Take(byte mark)
    {
        if (Next != mark)
        {
            throw Broken($"a message is not closed with {(char)mark}");
        }

        at++;
    }

    private static bool IsLetter(byte c) => char.IsAsciiLetterOrDigit((char)c) || c == '_';

    private readonly UnreadableInputException Broken(string problem) =>
        new(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{file} is damaged: in line {text[..Math.Min(at, text.Length)].Count((byte)'\n') + 1} of its text {problem}. Copy or download it again, or name the graph's .pb or .meta."
            ));
}
