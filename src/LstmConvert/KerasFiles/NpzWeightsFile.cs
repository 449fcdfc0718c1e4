using LstmConvert.Formats;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary>Layers' weights in an <c>.npz</c>, as <see cref="NpzTarget"/> writes them: <c>layer/weight</c>, in order.</summary>
internal sealed class NpzWeightsFile : KerasFile
{
    private readonly TensorSet set;

    private NpzWeightsFile(string path, TensorSet set)
        : base(path)
    {
        this.set = set;
        Layers = [.. set.Tensors.GroupBy(tensor => tensor.Name.Split('/')[0], StringComparer.Ordinal)
            .Select(layer => new KerasFileLayer(layer.Key, [.. layer], new Dictionary<string, string>(StringComparer.Ordinal)))];
    }

    /// <inheritdoc/>
    public override string Format => "layers' weights in an .npz";

    /// <inheritdoc/>
    public override IReadOnlyList<KerasFileLayer> Layers { get; }

    /// <inheritdoc/>
    public override string? KerasVersion => null;

    /// <inheritdoc/>
    public override bool HasModel => false;

    /// <summary>Opens a file.</summary>
    /// <param name="path">The path.</param>
    /// <exception cref="UnreadableInputException">It is no .npz, or is broken.</exception>
    public static new NpzWeightsFile Open(string path) => new(path, SourceCatalog.Open(path, new SourceOptions()));

    /// <inheritdoc/>
    public override string? Provenance(string name) => null;

    /// <inheritdoc/>
    public override Model? ReadModel() => null;

    /// <inheritdoc/>
    public override void Dispose() => set.Dispose();
}
