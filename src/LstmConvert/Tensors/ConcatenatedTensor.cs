namespace LstmConvert.Tensors;

/// <summary>A matrix that was saved in parts, seen as one: row blocks below each other, or column blocks beside each other.</summary>
public sealed class ConcatenatedTensor : Tensor
{
    private readonly IReadOnlyList<Tensor> parts;
    private readonly bool byColumns;

    /// <summary>Joins parts.</summary>
    /// <param name="name">The whole's name.</param>
    /// <param name="parts">The parts in order; the same dtype and rank, and equal lengths of all other axes.</param>
    /// <param name="axis">0: below each other. 1: beside each other (matrices only).</param>
    /// <exception cref="UnreadableInputException">The parts do not fit together.</exception>
    public ConcatenatedTensor(string name, IReadOnlyList<Tensor> parts, int axis)
        : base(new TensorInfo(name, parts[0].DType, Join(name, parts, axis)))
    {
        this.parts = parts;
        byColumns = axis == 1;
    }

    /// <summary>The parts, in order.</summary>
    public IReadOnlyList<Tensor> Parts => parts;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        if (byColumns)
        {
            ReadColumns(offset, destination);
            return;
        }

        foreach (var part in parts)
        {
            var length = part.Info.ByteCount;
            if (offset < length && destination.Length > 0)
            {
                var count = (int)Math.Min(destination.Length, length - offset);
                part.Read(offset, destination[..count]);
                destination = destination[count..];
                offset += count;
            }

            offset -= length;
        }
    }

    private void ReadColumns(long offset, Span<byte> destination)
    {
        var size = DType.ItemSize();
        var rowBytes = Shape.RowLength * size;
        while (destination.Length > 0)
        {
            var (row, at) = (offset / rowBytes, offset % rowBytes);
            foreach (var part in parts)
            {
                var width = part.Shape.RowLength * size;
                if (at < width)
                {
                    var count = (int)Math.Min(destination.Length, width - at);
                    part.Read((row * width) + at, destination[..count]);
                    destination = destination[count..];
                    offset += count;
                    break;
                }

                at -= width;
            }
        }
    }

    private static Shape Join(string name, IReadOnlyList<Tensor> parts, int axis)
    {
        var first = parts[0];
        foreach (var part in parts)
        {
            var fits = part.DType == first.DType && part.Shape.Rank == first.Shape.Rank && first.Shape.Rank > axis
                && Enumerable.Range(0, first.Shape.Rank).All(k => k == axis || part.Shape[k] == first.Shape[k]);
            if (!fits)
            {
                throw new UnreadableInputException(
                    $"{name} was saved in {parts.Count} parts that do not fit together: {first} and {part}. Export all parts of one checkpoint."
                );
            }
        }

        var dimensions = first.Shape.Dimensions.ToArray();
        dimensions[axis] = parts.Sum(part => part.Shape[axis]);
        return new Shape(dimensions);
    }
}
