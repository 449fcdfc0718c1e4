using LstmConvert.Tensors;

namespace LstmConvert.Formats;

/// <summary>How a source is to be read.</summary>
public sealed record SourceOptions
{
    /// <summary>The dtype that two-byte void elements (<c>&lt;V2</c>, as ml_dtypes writes bfloat16) stand for; null refuses them.</summary>
    public DType? VoidDType { get; init; }

    /// <summary>False leaves checksums unverified.</summary>
    public bool VerifyChecksums { get; init; } = true;
}

/// <summary>One kind of source on disk that holds variables.</summary>
public interface ISourceFormat
{
    /// <summary>What it is, as a noun: <c>V2 checkpoint</c>.</summary>
    string Name { get; }

    /// <summary>True if the path holds this kind of source. Decided by content, cheap, and never throws for a readable path.</summary>
    /// <param name="path">The path as the user typed it: a file, a folder, or a checkpoint's prefix.</param>
    bool Matches(string path);

    /// <summary>Opens the source: names, dtypes and shapes are read, bytes are not.</summary>
    /// <param name="path">The path as the user typed it.</param>
    /// <param name="options">How to read it.</param>
    /// <exception cref="UnreadableInputException">The source cannot be read, or is broken.</exception>
    TensorSet Open(string path, SourceOptions options);
}
