namespace LstmConvert.Formats.Checkpoints;

/// <summary>A SavedModel's folder: <c>saved_model.pb</c>, and its variables as a V2 checkpoint under <c>variables/variables</c>.</summary>
internal sealed class SavedModelFolder : ISourceFormat
{
    /// <inheritdoc/>
    public string Name => "SavedModel";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) =>
        path.Checkpoint is { Kind: CheckpointKind.SavedModel } location
            ? new SourceMatch(this, location.Graph ?? location.Prefix, options =>
                location.Failure is { } failure ? throw failure : CheckpointV2.Open(path.Text, location, Name, options))
            : null;
}
