using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using LstmConvert.Arrays;
using LstmConvert.Tensors;
using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Cells;

/// <summary>A folder with variables as .npy files, and what the command line makes of it.</summary>
internal sealed class StoredVariables : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public StoredVariables() => Directory.CreateDirectory(Source);

    /// <summary>The folder of the variables.</summary>
    public string Source => Path.Combine(root, "variables");

    /// <summary>Stores a variable as float32.</summary>
    public void Add(string name, NumericArray array)
    {
        var header = string.Create(
            CultureInfo.InvariantCulture,
            $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({string.Concat(array.Dimensions.Select(length => $"{length}, "))}), }}");
        header = header.PadRight(((10 + header.Length) / 64 * 64) + 53) + "\n";
        var path = Path.Combine(Source, name + ".npy");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, [
            0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.ASCII.GetBytes(header),
            .. MemoryMarshal.AsBytes<float>(Array.ConvertAll(array.ToDoubles(), value => (float)value))]);
    }

    /// <summary>Converts into a file of this name.</summary>
    public Task<Product> ConvertAsync(string target, params string[] options) =>
        Product.RunAsync(["tf2keras", Source, "-o", Path.Combine(root, target), "--json", .. options]);

    /// <summary>Verifies the file of this name.</summary>
    public Task<Product> VerifyAsync(string target, params string[] options) =>
        Product.RunAsync(["verify", Source, Path.Combine(root, target), "--json", .. options]);

    /// <summary>Takes the variables back out of the file of this name.</summary>
    public Task<Product> BackAsync(string target, params string[] options) =>
        Product.RunAsync(["keras2tf", Path.Combine(root, target), "-o", Back + "/", "--json", .. options]);

    /// <summary>Converts what came back.</summary>
    public Task<Product> ConvertBackAsync(string target, params string[] options) =>
        Product.RunAsync(["tf2keras", Back, "-o", Path.Combine(root, target), "--json", .. options]);

    /// <summary>The folder of what came back.</summary>
    public string Back => Path.Combine(root, "back");

    /// <summary>The numbers of a folder of variables, by name.</summary>
    public IReadOnlyDictionary<string, double[]> Stored(string folder)
    {
        using var source = LstmConvert.Formats.SourceCatalog.Open(folder, new LstmConvert.Formats.SourceOptions());
        return source.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ToDoubles(), StringComparer.Ordinal);
    }

    /// <summary>The weights of a file that was written, layer by layer.</summary>
    public IReadOnlyList<double[]> Weights(string target)
    {
        using var file = LstmConvert.KerasFiles.KerasWeightsFile.Open(Path.Combine(root, target));
        return [.. file.Layers.SelectMany(layer => layer.Weights).Select(weight => weight.ToDoubles())];
    }

    /// <summary>The sentence of a refusal.</summary>
    public static string Sentence(Product answer) =>
        answer
            .Error.Split('\n')
            .Last(line =>
                line.StartsWith("lstmconvert: ", StringComparison.Ordinal) && !line.Contains("warning: ", StringComparison.Ordinal)
            )["lstmconvert: ".Length..];

    public void Dispose() => Directory.Delete(root, recursive: true);
}
