using LstmConvert.Tensors;

namespace LstmConvert.Formats;

/// <summary>How a source is to be read.</summary>
public sealed record SourceOptions
{
    /// <summary>The dtype that two-byte void elements (<c>&lt;V2</c>, as ml_dtypes writes bfloat16) stand for; null refuses them.</summary>
    public DType? VoidDType { get; init; }

    /// <summary>False leaves checksums unverified.</summary>
    public bool VerifyChecksums { get; init; } = true;

    /// <summary>
    /// True opens what has names and shapes, though its values are in no file that is there: an index without its data files, whose
    /// tensors refuse to be read, and a graph alone, which has no tensors. To look at, not to convert.
    /// </summary>
    public bool WithoutValues { get; init; }
}

/// <summary>One kind of source on disk that holds variables.</summary>
internal interface ISourceFormat
{
    /// <summary>What it is, as a noun: <c>V2 checkpoint</c>.</summary>
    string Name { get; }

    /// <summary>What of this kind a path holds; null if nothing. Decided by content, cheap, and never throws.</summary>
    /// <param name="path">The path and what is known of it.</param>
    SourceMatch? Match(SourcePath path);
}

/// <summary>A source that was found. It hands what was found to <see cref="Open"/>, so that nothing is looked for twice.</summary>
/// <param name="Format">The kind.</param>
/// <param name="Typed">What a user types to mean this one where the path means several.</param>
/// <param name="Open">Opens it: names, dtypes and shapes are read, bytes are not.</param>
internal sealed record SourceMatch(ISourceFormat Format, string Typed, Func<SourceOptions, TensorSet> Open)
{
    /// <summary>True if it lies only in folders below the one that is named.</summary>
    public bool IsBelow { get; init; }
}
