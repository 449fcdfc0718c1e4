using LstmConvert.Files;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>Which of TensorFlow's two formats.</summary>
internal enum CheckpointKind
{
    /// <summary>One table, or one for each shard, with the values in it.</summary>
    V1,

    /// <summary>An index and data files.</summary>
    V2,

    /// <summary>A SavedModel, whose variables are a V2 checkpoint.</summary>
    SavedModel,
}

/// <summary>A checkpoint that was found.</summary>
/// <param name="Kind">Its format.</param>
/// <param name="Prefix">What its files' names have in common, with the folder.</param>
/// <param name="Files">The tables of a V1 checkpoint; nothing for the others.</param>
internal sealed record CheckpointLocation(CheckpointKind Kind, string Prefix, IReadOnlyList<string> Files)
{
    /// <summary>How it was found, where that is worth saying.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The graph beside it, or null.</summary>
    public string? Graph { get; init; }

    /// <summary>The index, opened when it was found; null for a V1 checkpoint.</summary>
    public ByteSource? Index { get; init; }

    /// <summary>Why it cannot be opened, or null.</summary>
    public LstmConvertException? Failure { get; init; }

    /// <summary>A checkpoint that was meant and cannot be opened.</summary>
    public static CheckpointLocation Failed(string prefix, string problem, CheckpointKind kind = CheckpointKind.V2) =>
        new(kind, prefix, []) { Failure = new UnreadableInputException(problem) };
}
