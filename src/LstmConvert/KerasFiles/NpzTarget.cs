using System.IO.Compression;
using System.Text;
using LstmConvert.Files;
using LstmConvert.Formats.Numpy;
using LstmConvert.KerasLayers;
using LstmConvert.Tensors;

namespace LstmConvert.KerasFiles;

/// <summary><c>.npz</c>: the layers' weights as arrays, named <c>layer/weight</c>.</summary>
internal sealed record NpzTarget() : KerasTarget("npz", ".npz")
{
    /// <inheritdoc/>
    public override bool IsWholeModel => false;

    /// <inheritdoc/>
    internal override void Write(string path, WrittenModel model, WeightStream stream)
    {
        using var zip = new ZipArchive(EmptyFile.Open(path), ZipArchiveMode.Create);
        foreach (var (names, use) in StoredWeights.Leaves(model.Model))
        {
            foreach (var (definition, weight) in use.WeightDefinitions.Zip(use.Stored))
            {
                var entry = zip.CreateEntry($"{string.Join('/', names)}/{definition.Name}.npy", CompressionLevel.NoCompression);
                entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
                using var target = entry.Open();
                target.Write(Header(weight.DType.Written(), weight.Shape));
                stream.Copy(weight, block => target.Write(block.Span));
            }
        }
    }

    /// <inheritdoc/>
    internal override string KerasCode(Models.Model model, string path, LayerModule? module) =>
        Models.KerasCode.Write(model, name => Models.KerasCode.FromArrays(name, path), module);

    /// <inheritdoc/>
    internal override KerasFile Open(string path) => NpzWeightsFile.Open(path);

    /// <summary>The head of an array in C order, little-endian (numpy lib/format.py, version 1.0): padded to a multiple of 64
    /// bytes.</summary>
    public static byte[] Header(DType dtype, Shape shape)
    {
        var lengths = shape.Dimensions.ToArray();
        var text =
            $"{{'descr': '<f{dtype.ItemSize()}', 'fortran_order': False, 'shape': ({string.Join(", ", lengths)}{(lengths.Length == 1 ? "," : "")}), }}";
        var length = ((10 + text.Length + 1 + 63) / 64 * 64) - 10;
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8), .. Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n")];
    }
}
