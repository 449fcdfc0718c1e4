using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// How many elements there are (File Format Specification 3.0, IV.A.2.b): <code>
/// version 1: 1 version, 1 rank, 1 flags: 1 maxima, 5 reserved; lengths, [maxima]
/// version 2: 1 version, 1 rank, 1 flags, 1 kind: 0 scalar, 1 simple, 2 null; lengths, [maxima]
/// </code>
/// </summary>
/// <param name="Shape">The lengths; (0,) for a null dataspace.</param>
/// <param name="Maxima">The longest that each axis may become; -1 for no limit.</param>
/// <param name="IsNull">True for a dataspace without elements or shape.</param>
internal sealed record Dataspace(Shape Shape, IReadOnlyList<long> Maxima, bool IsNull)
{
    /// <summary>The most axes that HDF5 knows.</summary>
    public const int MaximumRank = 32;

    public static Dataspace Read(Hdf5Fields fields)
    {
        var version = fields.Version(1, 2);
        var (rank, flags) = (fields.U8(), fields.Flags(1));
        var kind = version == 2 ? fields.U8() : rank == 0 ? 0 : 1;
        fields.Skip(version == 1 ? 5 : 0);
        if (rank > MaximumRank || kind > 2 || (kind != 1 && rank > 0))
        {
            throw fields.Damaged($"has {rank} axes and is of kind {kind}");
        }

        if (kind == 2)
        {
            return new Dataspace(new Shape(0), [0], true);
        }

        var lengths = Enumerable.Range(0, rank).Select(_ => fields.Size()).ToArray();
        var maxima = (flags & 1) == 0 ? lengths : [.. Enumerable.Range(0, rank).Select(_ => Maximum(fields))];
        if (lengths.Zip(maxima).Any(pair => pair.Second >= 0 && pair.First > pair.Second))
        {
            throw fields.Damaged($"has the lengths {string.Join(", ", lengths)} and the maxima {string.Join(", ", maxima)}");
        }

        try
        {
            return new Dataspace(new Shape(lengths), maxima, false);
        }
        catch (OverflowException)
        {
            throw fields.Damaged($"has the lengths {string.Join(", ", lengths)}, more elements than any file holds");
        }
    }

    /// <summary>Bytes of all elements of a type.</summary>
    /// <exception cref="UnreadableInputException">They are more than any file holds.</exception>
    public long Bytes(Datatype type, Hdf5Fields fields) => Shape.ElementCount <= long.MaxValue / type.Size ? Shape.ElementCount * type.Size
        : throw fields.Damaged($"is of {Shape.ElementCount} elements of {type.Size} bytes, more than any file holds");

    private static long Maximum(Hdf5Fields fields)
    {
        var width = fields.File.LengthSize;
        var value = fields.Number(width);
        return value == ulong.MaxValue >> (64 - (8 * width)) ? -1 : value <= long.MaxValue ? (long)value
            : throw fields.Damaged($"has the maximum {value}");
    }
}
