namespace LstmConvert.Tensors;

/// <summary>What is known of a tensor before its bytes are read.</summary>
/// <param name="Name">The variable's name, with <c>/</c> between scopes and without <c>:0</c>.</param>
/// <param name="DType">The element type.</param>
/// <param name="Shape">The lengths of its axes.</param>
public sealed record TensorInfo(string Name, DType DType, Shape Shape)
{
    /// <summary>The size of all elements in bytes; 0 where elements have no fixed size.</summary>
    public long ByteCount => checked(Shape.ElementCount * DType.ItemSize());

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {DType.Name()} {Shape}";
}

/// <summary>
/// A tensor of a file: name, dtype and shape at once, bytes when they are asked for. Implementations may be read from
/// several threads at a time.
/// </summary>
/// <param name="info">Name, dtype and shape.</param>
public abstract class Tensor(TensorInfo info)
{
    /// <summary>Name, dtype and shape.</summary>
    public TensorInfo Info { get; } = info;

    /// <summary>The variable's name.</summary>
    public string Name => Info.Name;

    /// <summary>The element type.</summary>
    public DType DType => Info.DType;

    /// <summary>The lengths of the axes.</summary>
    public Shape Shape => Info.Shape;

    /// <summary>
    /// Reads bytes of the tensor as if it lay in C order and little-endian, whatever the file's own order is.
    /// </summary>
    /// <param name="offset">The first byte, from the start of the tensor; a multiple of the element's size.</param>
    /// <param name="destination">Filled completely; a multiple of the element's size long.</param>
    /// <exception cref="UnreadableInputException">The file is shorter than it says, or does not match its checksum.</exception>
    public abstract void Read(long offset, Span<byte> destination);

    /// <summary>True if several threads that read parts of it take no longer than one that reads it from front to back.</summary>
    internal virtual bool IsReadAnywhere => false;

    /// <summary>Reads every byte and compares it with its checksum, where the format has one.</summary>
    /// <exception cref="UnreadableInputException">The file is shorter than it says, or does not match its checksum.</exception>
    public virtual void Check()
    {
        var block = new byte[Math.Min(Info.ByteCount, Rows.BlockBytes)];
        for (long at = 0; at < Info.ByteCount; at += block.Length)
        {
            Read(at, block.AsSpan(0, (int)Math.Min(block.Length, Info.ByteCount - at)));
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Info.ToString();
}

/// <summary>A tensor whose bytes are in memory.</summary>
/// <param name="info">Name, dtype and shape.</param>
/// <param name="bytes">The elements, C order, little-endian.</param>
public sealed class MemoryTensor(TensorInfo info, ReadOnlyMemory<byte> bytes) : Tensor(info)
{
    /// <inheritdoc/>
    internal override bool IsReadAnywhere => true;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination) =>
        bytes.Span.Slice(checked((int)offset), destination.Length).CopyTo(destination);
}

/// <summary>The same tensor under another name.</summary>
/// <param name="tensor">The tensor.</param>
/// <param name="name">Its other name.</param>
public sealed class RenamedTensor(Tensor tensor, string name) : Tensor(tensor.Info with { Name = name })
{
    /// <inheritdoc/>
    internal override bool IsReadAnywhere => tensor.IsReadAnywhere;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination) => tensor.Read(offset, destination);

    /// <inheritdoc/>
    public override void Check() => tensor.Check();
}
