using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LstmConvert.Formats.Hdf5;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Formats.Hdf5;

/// <summary>Everything that is read of an HDF5 file, in the words of <c>h5py_listing.py</c>: what a line says, by what it is
/// about.</summary>
internal static class Hdf5Listing
{
    /// <summary>What stands for something that is refused.</summary>
    public const string Refused = "refused";

    /// <summary>Lists a file that is open.</summary>
    public static Dictionary<string, string> Of(Hdf5File file)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var node in file.Root.Walk())
        {
            Attributes(Escaped(node.Name), node.Attributes, found);
            foreach (var (name, kind) in node.Children.Where(child => child.Kind == Hdf5Kind.Dataset))
            {
                var path = Escaped(node.Name.Length == 0 ? name : $"{node.Name}/{name}");
                Guard(found, $"D\t{path}", () => Dataset(path, node.Dataset(name), found));
            }
        }

        return found;
    }

    /// <summary>Lists a file, or says that it is refused: the entry with the empty name.</summary>
    public static Dictionary<string, string> Of(Func<Hdf5File> open)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        Guard(found, "", () =>
        {
            using var file = open();
            found = Of(file);
        });
        return found;
    }

    /// <summary>What h5py lists of files, by path.</summary>
    public static Dictionary<string, Dictionary<string, string>> Parse(string text)
    {
        var files = new Dictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        Dictionary<string, string> file = [];
        foreach (var fields in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t')))
        {
            switch (fields[0])
            {
                case "F":
                    files.Add(fields[1], file = new Dictionary<string, string>(StringComparer.Ordinal));
                    break;
                case "D":
                    file[$"D\t{fields[1]}"] = string.Join('\t', fields[2..]);
                    break;
                case "A":
                    file[$"A\t{fields[1]}\t{fields[2]}"] = fields[3];
                    break;
                default:
                    file[string.Join('\t', fields)] = Refused;
                    break;
            }
        }

        return files;
    }

    private static void Dataset(string path, Hdf5Tensor tensor, Dictionary<string, string> found)
    {
        if (tensor.DType.ItemSize() > 0)
        {
            // In two blocks of odd lengths, and once as a whole: both ways must give the same.
            var bytes = new byte[tensor.Info.ByteCount];
            var half = tensor.Shape.ElementCount / 2 * tensor.DType.ItemSize();
            tensor.Read(0, bytes.AsSpan(0, (int)half));
            tensor.Read(half, bytes.AsSpan((int)half));
            found[$"D\t{path}"] = string.Create(
                CultureInfo.InvariantCulture,
                $"{tensor.DType.Name()}\t{string.Join(',', tensor.Shape.Dimensions.ToArray())}\t{Convert.ToHexStringLower(SHA256.HashData(bytes))}"
            );
        }

        else if (tensor.DType == DType.Other && !tensor.Elements.Contains("opaque", StringComparison.Ordinal))
        {
            Guard(found, $"D\t{path}", () => tensor.Read(0, []));
        }

        Attributes(path, tensor.Attributes, found);
    }

    private static void Attributes(string path, Hdf5Attributes attributes, Dictionary<string, string> found) =>
        Guard(found, $"A\t{path}\t*", () =>
        {
            foreach (var name in attributes.Names.Where(attributes.IsText))
            {
                var key = $"A\t{path}\t{Escaped(name)}";
                Guard(found, key, () =>
                    found[key] = string.Join(
                        ',',
                        attributes.Texts(name).Select(text => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text)))));
            }
        });

    private static string Escaped(string name) =>
        name.Replace("\t", "\\t", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static void Guard(Dictionary<string, string> found, string key, Action action)
    {
        try
        {
            action();
        }
        catch (LstmConvertException e)
        {
            found[key] = $"{Refused}: {e.Message}";
        }
    }
}
