using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>What elements are.</summary>
internal enum DatatypeKind
{
    /// <summary>Numbers that <see cref="Datatype.DType"/> names.</summary>
    Number,

    /// <summary>Texts of a fixed number of bytes.</summary>
    FixedText,

    /// <summary>Texts in a global heap.</summary>
    VariableText,

    /// <summary>Bytes without a meaning of their own.</summary>
    Opaque,

    /// <summary>Integers or floating-point numbers of a form that is not read.</summary>
    StrangeNumber,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>
/// The type of elements (File Format Specification 3.0, IV.A.2.d). What a number is, is decided by its bits alone. <code>
/// 1 class and version, 3 bit field, 4 bytes of an element; properties of the class
/// 0 integer        bits: 0 big-endian, 3 signed                               2 bit offset, 2 precision
/// 1 floating point bits: 0 and 6 byte order, 4-5 mantissa, 8-15 sign bit      2 bit offset, 2 precision, exponent and mantissa, 4 bias
/// 3 text           bits: 0-3 ends with a NUL, NULs or spaces, 4-7 characters
/// 5 opaque         bits: 0-7 length of the tag                                the tag
/// 8 enumeration    bits: 0-15 number of names                                 base type; names; values
/// 9 variable       bits: 0-3 sequence or text, 4-7 padding, 8-11 characters   base type
/// </code>
/// </summary>
/// <param name="Kind">What elements are.</param>
/// <param name="Size">Bytes of an element in the file.</param>
/// <param name="DType">The element type of numbers.</param>
/// <param name="IsBigEndian">True if numbers begin with their highest byte.</param>
/// <param name="Padding">How texts end: 0 at a NUL, 1 with NULs, 2 with spaces.</param>
/// <param name="Name">What a message calls it.</param>
internal sealed record Datatype(DatatypeKind Kind, long Size, DType DType, bool IsBigEndian, int Padding, string Name)
{
    private const string Nested = "a datatype";

    /// <summary>The classes that are not read, by number.</summary>
    private static readonly Dictionary<int, string> Names = new()
    {
        [2] = "times",
        [4] = "bit fields",
        [6] = "compounds",
        [7] = "references",
        [9] = "lists of varying length",
        [10] = "arrays",
        [11] = "complex numbers",
    };

    /// <summary>Reads a datatype; what is no plain number and no text is <see cref="DatatypeKind.Other"/>, with a name that says
    /// why.</summary>
    public static Datatype Read(Hdf5Fields fields)
    {
        var head = fields.U8();
        var (version, kind) = (head >> 4, head & 0x0f);
        var bits = (int)fields.Number(3);
        var size = (long)fields.U32();

        // Versions 4 and 5 exist for references, complex numbers and what is made of other types.
        if (version is 0 or > 5 || (version > 3 && kind < 6) || kind > 11 || (kind == 11 && version < 5) || size == 0)
        {
            throw fields.Damaged($"is of class {kind}, version {version} and {size} bytes");
        }

        return kind switch
        {
            0 => Integer(fields, bits, size),
            1 => Floating(fields, bits, size),
            3 when (bits & 0x0f) <= 2 && ((bits >> 4) & 0x0f) <= 1 => new Datatype(
                DatatypeKind.FixedText,
                size,
                DType.String,
                false,
                bits & 0x0f,
                $"texts of {size} bytes"),
            3 => throw fields.Damaged(
                $"has texts that end in the unknown way {bits & 0x0f}, or of the unknown characters {(bits >> 4) & 0x0f}"),
            5 => new Datatype(DatatypeKind.Opaque, size, DType.Other, false, 0, $"opaque elements of {size} bytes"),
            8 => Enumeration(fields, bits, size),
            7 when !IsReference(version, bits) => throw fields.Damaged($"has references of the unknown kind 0x{bits:x}"),
            9 when (bits & 0x0f) == 1 => Variable(fields, bits, size),
            _ => Other(size, Names[kind]),
        };
    }

    /// <summary>Objects and regions; from version 4 on also attributes, with a version of their own.</summary>
    private static bool IsReference(int version, int bits) => version < 4 ? (bits & 0x0f) <= 1
        : (bits & 0x0f) is >= 2 and <= 4 && ((bits >> 4) & 0x0f) == 1;

    private static Datatype Other(long size, string name) =>
        new(DatatypeKind.Other, size, DType.Other, false, 0, $"{name} of {size} bytes");

    private static Datatype Integer(Hdf5Fields fields, int bits, long size)
    {
        var (offset, precision) = (fields.U16(), fields.U16());
        var dtype = (size, (bits & 8) != 0) switch
        {
            (1, true) => DType.Int8,
            (2, true) => DType.Int16,
            (4, true) => DType.Int32,
            (8, true) => DType.Int64,
            (1, false) => DType.UInt8,
            (2, false) => DType.UInt16,
            (4, false) => DType.UInt32,
            (8, false) => DType.UInt64,
            _ => DType.Other,
        };
        return dtype != DType.Other && offset == 0 && precision == 8 * size
            ? new Datatype(DatatypeKind.Number, size, dtype, (bits & 1) != 0, 0, dtype.Name())
            : Other(size, $"integers of {precision} bits at {offset}") with { Kind = DatatypeKind.StrangeNumber };
    }

    private static Datatype Floating(Hdf5Fields fields, int bits, long size)
    {
        var (offset, precision) = (fields.U16(), fields.U16());
        var (exponentAt, exponentBits, mantissaAt, mantissaBits) = (fields.U8(), fields.U8(), fields.U8(), fields.U8());
        var bias = fields.U32();
        var (order, norm, sign) = (bits & 0x41, (bits >> 4) & 3, bits >> 8);
        (DType DType, int Exponent, int Mantissa)[] plain = [(DType.Float16, 5, 10), (DType.Float32, 8, 23), (DType.Float64, 11, 52)];
        foreach (var (dtype, exponent, mantissa) in plain)
        {
            var width = 1 + exponent + mantissa;
            if (size * 8 == width && offset == 0 && precision == width && sign == width - 1 && norm == 2 && order is 0 or 1 &&
                (exponentAt, exponentBits, mantissaAt, mantissaBits) == (mantissa, exponent, 0, mantissa) &&
                    bias == (1u << (exponent - 1)) - 1)
            {
                return new Datatype(DatatypeKind.Number, size, dtype, order == 1, 0, dtype.Name());
            }
        }

        return Other(
            size,
            $"floating-point numbers that are no IEEE ones (precision {precision} at {offset}, sign at {sign}, {exponentBits} bits of exponent at {exponentAt} with bias {bias}, {mantissaBits} of mantissa at {mantissaAt}, order {order}, normalization {norm})"
        ) with
        {
            Kind = DatatypeKind.StrangeNumber,
        };
    }

    /// <summary>An enumeration is what its numbers are; h5py writes booleans as FALSE 0, TRUE 1 over one byte.</summary>
    private static Datatype Enumeration(Hdf5Fields fields, int bits, long size)
    {
        var number = Base(fields);
        if (number.Kind != DatatypeKind.Number || number.Size != size)
        {
            throw fields.Damaged($"is an enumeration over {number.Name}");
        }

        if ((bits & 0xffff) == 2 && size == 1)
        {
            var rest = fields.Bytes(fields.Left).Span;
            if (rest.StartsWith("FALSE\0"u8) && rest.IndexOf("TRUE\0"u8) > 0)
            {
                return number with { DType = DType.Bool, Name = DType.Bool.Name() };
            }
        }

        return number;
    }

    private static Datatype Variable(Hdf5Fields fields, int bits, long size)
    {
        var letter = Base(fields);
        return letter.Size == 1 && letter.Kind is DatatypeKind.FixedText or DatatypeKind.Number && ((bits >> 4) & 0x0f) <= 2 &&
            ((bits >> 8) & 0x0f) <= 1 && size == 8 + fields.File.AddressSize
            ? new Datatype(DatatypeKind.VariableText, size, DType.String, false, (bits >> 4) & 0x0f, "texts of varying length")
            : throw fields.Damaged($"has texts of varying length in {size} bytes, made of {letter.Name}");
    }

    /// <summary>The type that another one is made of: a number or a letter, never one that is made of others again.</summary>
    private static Datatype Base(Hdf5Fields fields)
    {
        var inner = fields.Peek() & 0x0f;
        return inner is 0 or 1 or 3 ? Read(fields) : throw fields.File.Refused(Nested, $"is made of class {inner}");
    }
}
