using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Numpy;

/// <summary>
/// The header of NumPy's <c>.npy</c> format, versions 1.0, 2.0 and 3.0 (numpy/lib/format.py).
/// <code>
/// offset  size  meaning
/// 0       6     93 'NUMPY'
/// 6       1     major version: 1, 2 or 3
/// 7       1     minor version: 0
/// 8       2|4   length of the header text, little-endian (2 bytes in version 1, 4 later)
/// 10|12   n     a Python dict in Latin-1 (version 3: UTF-8), padded with spaces, ends in '\n':
///               {'descr': '&lt;f4', 'fortran_order': False, 'shape': (5, 12), }
/// ...           the elements
/// </code>
/// </summary>
internal sealed record NpyHeader(DType DType, int ItemSize, bool IsBigEndian, bool IsFortranOrder, Shape Shape, int DataOffset)
{
    /// <summary>The longest header that is read; NumPy's own limit is 10,000 characters.</summary>
    public const int MaximumHeaderBytes = 1 << 16;

    /// <summary>The largest rank; NumPy's own limit is 64.</summary>
    public const int MaximumRank = 64;

    private static ReadOnlySpan<byte> Magic => "NUMPY"u8;

    /// <summary>True if the bytes begin like a <c>.npy</c> file.</summary>
    public static bool IsNpy(ReadOnlySpan<byte> head) => head.Length >= 6 && head[0] == 0x93 && head[1..6].SequenceEqual(Magic);

    /// <summary>Reads and checks a header.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="voidDType">What <c>V2</c> stands for, or null.</param>
    public static NpyHeader Read(ByteSource bytes, DType? voidDType)
    {
        var name = bytes.Name;
        if (bytes.Length < 10)
        {
            throw new UnreadableInputException(
                $"{name} has {bytes.Length} bytes; a .npy file has at least 10. Export it again with numpy.save.");
        }

        Span<byte> head = stackalloc byte[12];
        bytes.Read(0, head[..10]);
        if (!IsNpy(head))
        {
            throw new UnreadableInputException($"{name} does not begin with 93 'NUMPY': it is no .npy file. Export it with numpy.save.");
        }

        if (head[6] is < 1 or > 3 || head[7] != 0)
        {
            throw new UnreadableInputException(
                $"{name} has .npy version {head[6]}.{head[7]}; 1.0, 2.0 and 3.0 are known. Export it again with numpy.save.");
        }

        long length = BinaryPrimitives.ReadUInt16LittleEndian(head[8..]);
        var start = 10;
        if (head[6] > 1)
        {
            start = 12;
            if (bytes.Length < start)
            {
                throw new UnreadableInputException(
                    $"{name} ends inside its header, at byte {bytes.Length}. Export it again with numpy.save.");
            }

            bytes.Read(0, head);
            length = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        }

        if (length > bytes.Length - start)
        {
            throw new UnreadableInputException(
                $"{name} says that its header has {length} bytes, and {bytes.Length - start} follow. The file is cut or damaged; export it again with numpy.save."
            );
        }

        if (length > MaximumHeaderBytes)
        {
            throw new UnreadableInputException(
                $"{name} has a header of {length} bytes; {MaximumHeaderBytes} is the most that is read. Export the array alone with numpy.save."
            );
        }

        var text = new byte[length];
        bytes.Read(start, text);
        var encoding = head[6] == 3 ? Encoding.UTF8 : Encoding.Latin1;
        var header = new Parser(name, encoding.GetString(text)).Parse(voidDType, start + (int)length);
        if (header.ItemSize > 0)
        {
            Check(header, bytes);
        }

        return header;
    }

    private static void Check(NpyHeader header, ByteSource bytes)
    {
        var available = bytes.Length - header.DataOffset;
        Int128 needed = (Int128)header.Shape.ElementCount * header.ItemSize;
        if (needed > available)
        {
            throw new UnreadableInputException(
                $"{bytes.Name} is cut: shape {header.Shape} of {header.DType.Name()} needs {needed} bytes after the header, and {available} are there. Copy or export it again."
            );
        }

        if (needed < available)
        {
            throw new UnreadableInputException(
                $"{bytes.Name} has {available} bytes after the header, and shape {header.Shape} of {header.DType.Name()} needs {needed}. It is no single array; export it again with numpy.save."
            );
        }
    }

    /// <summary>The dict of the header: three keys, a string, a boolean and a tuple of integers. Nothing is evaluated.</summary>
    private sealed class Parser(string name, string text)
    {
        private int at;

        public NpyHeader Parse(DType? voidDType, int dataOffset)
        {
            string? descr = null;
            bool? fortran = null;
            Shape? shape = null;
            Expect('{');
            while (!Accept('}'))
            {
                var key = QuotedString();
                Expect(':');
                switch (key)
                {
                    case "descr" when Peek() == '[':
                        throw new UnreadableInputException(
                            $"{name} holds a structured array (named fields). Export each weight as an array of its own.");
                    case "descr":
                        descr = QuotedString();
                        break;
                    case "fortran_order":
                        fortran = Boolean();
                        break;
                    case "shape":
                        shape = Tuple();
                        break;
                    default:
                        throw Malformed($"the key '{key}' is unknown");
                }

                if (!Accept(','))
                {
                    Expect('}');
                    break;
                }
            }

            if (descr is null || fortran is null || shape is null)
            {
                throw Malformed("descr, fortran_order or shape is missing");
            }

            var (dtype, itemSize, bigEndian) = ElementType(descr, voidDType);
            return new NpyHeader(dtype, itemSize, bigEndian, fortran.Value, shape, dataOffset);
        }

        private (DType DType, int ItemSize, bool IsBigEndian) ElementType(string descr, DType? voidDType)
        {
            var order = descr.Length > 0 && "<>|=".Contains(descr[0], StringComparison.Ordinal) ? descr[0] : '\0';
            var code = order == '\0' ? descr : descr[1..];
            if (code.StartsWith('O'))
            {
                throw new UnreadableInputException(
                    $"{name} holds Python objects (a pickle), which can run code when opened and is never read. Export each weight as a plain array: numpy.save(path, numpy.asarray(w, dtype='float32'))."
                );
            }

            if (code is "V2")
            {
                return voidDType is { } dtype
                    ? (dtype, 2, order == '>')
                    : throw new UnreadableInputException(
                        $"{name} has two-byte elements without a type ('{descr}', as ml_dtypes writes bfloat16). If they are bfloat16, that must be said.",
                        remedies: [new SettingRemedy(Setting.ElementType, "bfloat16")]);
            }

            DType? known = code switch
            {
                "f2" or "e" => DType.Float16,
                "f4" or "f" => DType.Float32,
                "f8" or "d" => DType.Float64,
                "i1" or "b" => DType.Int8,
                "i2" => DType.Int16,
                "i4" => DType.Int32,
                "i8" => DType.Int64,
                "u1" or "B" => DType.UInt8,
                "u2" => DType.UInt16,
                "u4" => DType.UInt32,
                "u8" => DType.UInt64,
                "b1" or "?" => DType.Bool,
                "c8" => DType.Complex64,
                "c16" => DType.Complex128,
                _ => null,
            };
            if (known is { } type)
            {
                return (type, type.ItemSize(), order == '>');
            }

            if (
                code.Length > 1
                && "SUaVMmfg".Contains(code[0], StringComparison.Ordinal)
                && int.TryParse(code.AsSpan(1).TrimEnd("]smhDun[ ").ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                return (code[0] is 'S' or 'U' or 'a' ? DType.String : DType.Other, 0, false);
            }

            return code.Length > 0 && code[0] is 'M' or 'm'
                ? (DType.Other, 0, false)
                : throw Malformed($"the element type '{descr}' is unknown");
        }

        private char Peek()
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
            {
                at++;
            }

            return at < text.Length ? text[at] : '\0';
        }

        private bool Accept(char c)
        {
            if (Peek() != c)
            {
                return false;
            }

            at++;
            return true;
        }

        private void Expect(char c)
        {
            if (!Accept(c))
            {
                throw Malformed($"'{c}' is missing at character {at}");
            }
        }

        private string QuotedString()
        {
            var quote = Peek();
            var end = quote is '\'' or '"' ? text.IndexOf(quote, at + 1) : -1;
            if (end < 0)
            {
                throw Malformed($"a string is missing at character {at}");
            }

            var value = text[(at + 1)..end];
            at = end + 1;
            return value;
        }

        private bool Boolean()
        {
            Peek();
            foreach (var (word, value) in new[] { ("True", true), ("False", false) })
            {
                if (text.AsSpan(at).StartsWith(word, StringComparison.Ordinal))
                {
                    at += word.Length;
                    return value;
                }
            }

            throw Malformed("fortran_order is neither True nor False");
        }

        private Shape Tuple()
        {
            var lengths = new List<long>();
            Expect('(');
            while (!Accept(')'))
            {
                var first = Peek();
                var start = at;
                while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '-'))
                {
                    at++;
                }

                if (
                    !long.TryParse(
                        text.AsSpan(start, at - start),
                        NumberStyles.AllowLeadingSign,
                        CultureInfo.InvariantCulture,
                        out var length))
                {
                    throw Malformed(
                        char.IsAsciiDigit(first)
                            ? $"the axis length at character {start} is too large"
                            : $"an axis length is missing at character {start}");
                }

                if (length < 0)
                {
                    throw Malformed($"an axis has the negative length {length}");
                }

                Accept('L');
                lengths.Add(length);
                if (lengths.Count > MaximumRank)
                {
                    throw Malformed($"the shape has more than {MaximumRank} axes");
                }

                if (!Accept(','))
                {
                    Expect(')');
                    break;
                }
            }

            try
            {
                return new Shape([.. lengths]);
            }
            catch (OverflowException)
            {
                throw Malformed($"the shape ({string.Join(", ", lengths)}) has more elements than can be counted");
            }
        }

        private UnreadableInputException Malformed(string what) =>
            new($"{name} has a broken .npy header: {what}. Export it again with numpy.save.");
    }
}
