using System.Globalization;

namespace LstmConvert.Tensors;

/// <summary>The lengths of a tensor's axes, C order. A scalar has none.</summary>
public sealed class Shape : IEquatable<Shape>
{
    private readonly long[] dimensions;

    /// <summary>A shape of the given lengths.</summary>
    /// <param name="dimensions">The length of each axis, none negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">A length is negative.</exception>
    /// <exception cref="OverflowException">The number of elements does not fit into 63 bits.</exception>
    public Shape(params ReadOnlySpan<long> dimensions)
    {
        this.dimensions = dimensions.ToArray();
        ElementCount = 1;
        foreach (var length in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length);
            ElementCount = checked(ElementCount * length);
        }
    }

    /// <summary>The shape without axes.</summary>
    public static Shape Scalar { get; } = new();

    /// <summary>The number of axes.</summary>
    public int Rank => dimensions.Length;

    /// <summary>The product of all lengths; 1 for a scalar.</summary>
    public long ElementCount { get; }

    /// <summary>The lengths, first axis first.</summary>
    public ReadOnlySpan<long> Dimensions => dimensions;

    /// <summary>The number of rows: the length of the first axis, 1 for a scalar or a vector.</summary>
    public long Rows => Rank < 2 ? 1 : dimensions[0];

    /// <summary>Elements in a row: the product of all axes but the first; all elements of a scalar or a vector.</summary>
    public long RowLength => Rank < 2 ? ElementCount : Rows == 0 ? 0 : ElementCount / Rows;

    /// <summary>The length of one axis.</summary>
    /// <param name="axis">The axis, from 0.</param>
    public long this[int axis] => dimensions[axis];

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && dimensions.AsSpan().SequenceEqual(other.dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var length in dimensions)
        {
            hash.Add(length);
        }

        return hash.ToHashCode();
    }

    /// <summary>As NumPy prints it: <c>()</c>, <c>(12,)</c>, <c>(5, 12)</c>.</summary>
    public override string ToString()
    {
        var lengths = string.Join(", ", dimensions.Select(length => length.ToString(CultureInfo.InvariantCulture)));
        return Rank == 1 ? $"({lengths},)" : $"({lengths})";
    }
}
