using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Checkpoints;

/// <summary>A SavedModel's folder: <c>saved_model.pb</c>, and its variables as a V2 checkpoint under <c>variables/variables</c>.</summary>
public sealed class SavedModelFolder : ISourceFormat
{
    /// <inheritdoc/>
    public string Name => "SavedModel";

    /// <inheritdoc/>
    public bool Matches(string path) => CheckpointPath.Find(path) is { Kind: CheckpointKind.SavedModel };

    /// <inheritdoc/>
    public TensorSet Open(string path, SourceOptions options)
    {
        var location = CheckpointPath.Find(path) ?? throw new UnreadableInputException($"{path} is no SavedModel. Name the folder that holds saved_model.pb.");
        return location.Failure is { } failure ? throw failure : CheckpointV2.Open(path, location, Name, options);
    }
}
