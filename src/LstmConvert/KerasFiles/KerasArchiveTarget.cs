using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using LstmConvert.Files;

namespace LstmConvert.KerasFiles;

/// <summary><c>.keras</c>: Keras's archive (<see cref="KerasArchive"/> shows its layout), its members stored as Keras stores
/// them.</summary>
internal sealed record KerasArchiveTarget() : KerasTarget("keras3-model", ".keras")
{
    /// <summary>The version that the archive names: one whose form it has.</summary>
    private const string KerasVersion = "3.15.1";

    /// <summary>The oldest date that a zip archive can hold: the same model gives the same bytes.</summary>
    private static readonly DateTimeOffset NoDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public override bool IsWholeModel => true;

    /// <inheritdoc/>
    internal override void Write(string path, WrittenModel model, WeightStream stream)
    {
        var weights = path + ".h5";
        try
        {
            Keras3WeightsTarget.WriteTree(weights, model, stream, withModel: false);
            using var zip = new ZipArchive(EmptyFile.Open(path), ZipArchiveMode.Create);
            var metadata = new JsonObject { ["keras_version"] = KerasVersion };
            foreach (var (name, value) in model.Provenance)
            {
                metadata[KerasWeightsFile.ProvenancePrefix + name] = value;
            }

            Add(zip, KerasArchive.MetadataMember, target => target.Write(Encoding.UTF8.GetBytes(metadata.ToJsonString())));
            Add(zip, KerasArchive.ConfigurationMember, target =>
                target.Write(Encoding.UTF8.GetBytes(ModelConfigurationWriter.Write(model.Model, KerasSpelling.Archive))));
            Add(zip, KerasArchive.WeightsMember, target =>
            {
                using var written = File.OpenRead(weights);
                written.CopyTo(target, 1 << 20);
            });
        }
        finally
        {
            File.Delete(weights);
        }
    }

    private static void Add(ZipArchive zip, string name, Action<Stream> write)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = NoDate;
        using var target = entry.Open();
        write(target);
    }
}
