using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>A partitioned variable, put together from its parts as it is read.</summary>
internal sealed class SlicedTensor : Tensor
{
    /// <summary>The largest number of parts; TensorFlow's partitioners make one per parameter server.</summary>
    public const int MaximumParts = 4096;

    private readonly (Tensor Values, (long Start, long Length)[] Box)[] parts;

    private SlicedTensor(TensorInfo info, (Tensor Values, (long Start, long Length)[] Box)[] parts)
        : base(info) => this.parts = parts;

    /// <summary>Puts parts together after checking that each element is in exactly one of them.</summary>
    /// <param name="info">Name, dtype and shape of the whole.</param>
    /// <param name="parts">The parts: values in the part's own shape, and where the part lies.</param>
    /// <param name="file">The file's name, for messages.</param>
    /// <exception cref="UnreadableInputException">Elements are missing or double, or a part is not as large as its place.</exception>
    public static Tensor Assemble(TensorInfo info, IReadOnlyList<(Tensor Values, TensorSlice Slice)> parts, string file)
    {
        if (parts.Count is 0 or > MaximumParts)
        {
            throw new UnreadableInputException($"{file}: {info.Name} has {parts.Count} parts; 1 to {MaximumParts} are read.");
        }

        var placed = new (Tensor Values, (long Start, long Length)[] Box)[parts.Count];
        for (var k = 0; k < placed.Length; k++)
        {
            var (values, slice) = parts[k];
            var box = slice.Within(info.Shape)
                ?? throw new UnreadableInputException(
                    $"{file}: the part {slice} of {info.Name} does not lie in its shape {info.Shape}. Copy or download the checkpoint again."
                );
            if (values.DType != info.DType || values.Shape.ElementCount != box.Aggregate(1L, (product, axis) => product * axis.Length))
            {
                throw new UnreadableInputException(
                    $"{file}: the part {slice} of {info.Name} holds {values.DType.Name()} {values.Shape} and does not fill its place. Copy or download the checkpoint again."
                );
            }

            placed[k] = (values, box);
        }

        var missing = info.Shape.ElementCount - placed.Sum(part => part.Values.Shape.ElementCount);
        if (missing != 0 || Overlap(placed))
        {
            throw new UnreadableInputException(
                missing > 0
                    ? $"{file}: the parts of {info.Name} {info.Shape} leave {missing} of {info.Shape.ElementCount} elements out. Copy all files of the checkpoint."
                    : $"{file}: the parts of {info.Name} {info.Shape} overlap. Copy or download the checkpoint again.");
        }

        return placed is [var only] ? new ReshapedTensor(info, only.Values) : new SlicedTensor(info, placed);
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        var size = DType.ItemSize();
        var element = offset / size;
        Span<long> place = stackalloc long[Shape.Rank];
        while (destination.Length > 0)
        {
            var rest = element;
            for (var axis = Shape.Rank - 1; axis >= 0; axis--)
            {
                (rest, place[axis]) = Math.DivRem(rest, Shape[axis]);
            }

            var (values, inside, run) = Locate(place);
            var count = (int)Math.Min(run * size, destination.Length);
            values.Read(inside * size, destination[..count]);
            destination = destination[count..];
            element += count / size;
        }
    }

    /// <inheritdoc/>
    public override void Check()
    {
        foreach (var (values, _) in parts)
        {
            values.Check();
        }
    }

    /// <summary>The part that an element lies in, its index there, and how many elements follow it in both.</summary>
    private (Tensor Values, long Inside, long Run) Locate(ReadOnlySpan<long> place)
    {
        foreach (var (values, box) in parts)
        {
            long inside = 0;
            var holds = true;
            for (var axis = 0; axis < box.Length && holds; axis++)
            {
                holds = place[axis] >= box[axis].Start && place[axis] - box[axis].Start < box[axis].Length;
                inside = (inside * box[axis].Length) + place[axis] - box[axis].Start;
            }

            if (!holds)
            {
                continue;
            }

            // Behind the first axis that the part does not cover completely, rows are contiguous in both.
            var last = box.Length - 1;
            var inner = 1L;
            while (last > 0 && box[last].Length == Shape[last])
            {
                inner *= box[last--].Length;
            }

            var length = box[last].Length * inner;
            return (values, inside, length - (inside % length));
        }

        throw new InvalidOperationException($"{Name} has no part at an element although its parts are complete.");
    }

    private static bool Overlap((Tensor Values, (long Start, long Length)[] Box)[] parts)
    {
        for (var a = 0; a < parts.Length; a++)
        {
            for (var b = 0; b < a; b++)
            {
                if (
                    parts[a]
                        .Box.Zip(parts[b].Box, (one, two) => one.Start < two.Start + two.Length && two.Start < one.Start + one.Length)
                        .All(both => both))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The same bytes under another name and shape.</summary>
    private sealed class ReshapedTensor(TensorInfo info, Tensor values) : Tensor(info)
    {
        public override void Read(long offset, Span<byte> destination) => values.Read(offset, destination);

        public override void Check() => values.Check();
    }
}
