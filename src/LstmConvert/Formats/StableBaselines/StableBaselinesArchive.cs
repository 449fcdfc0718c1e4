using System.IO.Compression;
using LstmConvert.Files;
using LstmConvert.Formats.Numpy;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.StableBaselines;

/// <summary>
/// What <c>model.save("model")</c> of stable-baselines 2 writes (hill-a/stable-baselines stable_baselines/common/base_class.py:588): a zip
/// archive.
/// <code>
/// data             JSON in which pickles may stand: never read
/// parameters       an .npz whose keys are the variables' names: model/lstm1/wx:0
/// parameter_list   JSON, their order
/// </code>
/// </summary>
internal sealed class StableBaselinesArchive : ISourceFormat
{
    /// <summary>The largest <c>parameters</c> that are held in memory, in bytes.</summary>
    public const long MaximumParameters = 256 << 20;

    private const string Parameters = "parameters";

    /// <inheritdoc/>
    public string Name => "archive of stable-baselines";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path)
    {
        if (!path.Head.StartsWith("PK\u0003\u0004"u8))
        {
            return null;
        }

        using var archive = ZipInput.TryOpen(path.Text);
        return archive?.GetEntry(Parameters) is not null && archive.GetEntry("parameter_list") is not null
            ? new SourceMatch(this, path.Text, options => Open(path.Text, options))
            : null;
    }

    private TensorSet Open(string path, SourceOptions options)
    {
        using var archive = ZipInput.Open(path);
        var inner = InnerArchive.Open(path, archive.GetEntry(Parameters)!, MaximumParameters);
        return Npz.Open(path, Name, inner, options);
    }
}
