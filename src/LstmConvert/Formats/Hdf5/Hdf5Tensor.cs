using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>A dataset, read where it lies; several threads may read it.</summary>
internal sealed class Hdf5Tensor : Tensor
{
    private const string BFloat16 = "bfloat16";

    private readonly Hdf5File file;
    private readonly Datatype type;
    private readonly Storage storage;

    /// <param name="file">The file.</param>
    /// <param name="name">The dataset's path.</param>
    /// <param name="own">The dataset.</param>
    /// <param name="opaqueIsBFloat16">True if two bytes without a meaning are bfloat16 though nothing says so.</param>
    internal Hdf5Tensor(Hdf5File file, string name, Hdf5Object own, bool opaqueIsBFloat16 = false)
        : this(file, name, own, opaqueIsBFloat16, Datatype.Read(own.Header.Needed(MessageType.Datatype)),
            Dataspace.Read(own.Header.Needed(MessageType.Dataspace)))
    {
    }

    private Hdf5Tensor(Hdf5File file, string name, Hdf5Object own, bool opaqueIsBFloat16, Datatype type, Dataspace space)
        : base(new TensorInfo(name, Meaning(type, own, opaqueIsBFloat16), space.Shape))
    {
        (this.file, this.type) = (file, type);
        Attributes = new Hdf5Attributes(file, name, own);
        if (type.Kind == DatatypeKind.StrangeNumber)
        {
            throw new UnreadableInputException(
                $"{file.Path}: {name} holds {type.Name}; numbers are read as integers of whole bytes and as IEEE floating point of 2, 4 or 8 bytes. Save it again as float32."
            );
        }

        storage = Layout.Read(file.Superblock, own.Header, type, space);
    }

    /// <summary>The attributes.</summary>
    public Hdf5Attributes Attributes { get; }

    /// <summary>What its elements are, in words: why they are no numbers, if they are none.</summary>
    public string Elements => type.Name;

    /// <inheritdoc/>
    internal override bool IsReadAnywhere => storage is ContiguousStorage;

    public override void Read(long offset, Span<byte> destination)
    {
        if (DType.ItemSize() == 0)
        {
            throw new UnreadableInputException(
                $"{file.Path}: {Name} holds {type.Name}, and numbers are expected. Save it again as float32.");
        }

        storage.Read(offset, destination);
        if (type.IsBigEndian && type.Size > 1)
        {
            for (var rest = destination; rest.Length > 0; rest = rest[(int)type.Size..])
            {
                rest[..(int)type.Size].Reverse();
            }
        }
    }

    /// <summary>Keras writes bfloat16 as two bytes without a meaning, and says it in an attribute, in legacy files nowhere.</summary>
    private static DType Meaning(Datatype type, Hdf5Object own, bool opaqueIsBFloat16) =>
        type is not { Kind: DatatypeKind.Opaque, Size: 2 } ? type.DType
            : opaqueIsBFloat16 ? DType.BFloat16
            : own.Attributes.TryGetValue("dtype", out var said) &&
            said.Type.Kind is DatatypeKind.FixedText or DatatypeKind.VariableText && said.Texts() is [BFloat16] ? DType.BFloat16
            : type.DType;
}
