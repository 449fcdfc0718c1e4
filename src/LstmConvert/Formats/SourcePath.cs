using LstmConvert.Files;
using LstmConvert.Formats.Checkpoints;

namespace LstmConvert.Formats;

/// <summary>A path as the user typed it, and what the formats want to know of it, each found out once.</summary>
/// <param name="text">The path.</param>
internal sealed class SourcePath(string text)
{
    /// <summary>The bytes of <see cref="Head"/>.</summary>
    private const int HeadBytes = StandIn.HeadBytes;

    private readonly Lazy<byte[]> head = new(() => InputFile.Head(text, HeadBytes));
    private readonly Lazy<CheckpointLocation?> checkpoint = new(() => CheckpointPath.Find(text));

    /// <summary>The path.</summary>
    public string Text { get; } = text;

    /// <summary>True if it is a folder, or a link to one.</summary>
    public bool IsFolder { get; } = Directory.Exists(text);

    /// <summary>The first bytes of the file; nothing if it is none.</summary>
    public ReadOnlySpan<byte> Head => head.Value;

    /// <summary>The checkpoint that the path means, or null.</summary>
    public CheckpointLocation? Checkpoint => checkpoint.Value;
}
