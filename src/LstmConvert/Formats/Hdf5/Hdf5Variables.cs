using LstmConvert.Files;
using LstmConvert.Tensors;

namespace LstmConvert.Formats.Hdf5;

/// <summary>
/// Variables in HDF5 as programs of other libraries write them (<c>chainer.serializers.save_hdf5</c>, h5py): every dataset is a variable,
/// called by its path below the
/// root. A file of Keras, which says so in its attributes or by its groups, is none. With ELMo's groups in it, the options beside it are
/// read too: <see cref="ElmoOptions"/>.
/// </summary>
internal sealed class Hdf5Variables : ISourceFormat
{
    /// <summary>The most groups that are read.</summary>
    public const int MaximumGroups = 100_000;

    private static readonly string[] KerasAttributes = ["keras_version", "layer_names", "model_config"];
    private static readonly string[] KerasGroups = ["model_weights", "layers", "_layer_checkpoint_dependencies", "optimizer_weights"];

    /// <inheritdoc/>
    public string Name => "HDF5 file";

    /// <inheritdoc/>
    public SourceMatch? Match(SourcePath path) =>
        !path.IsFolder && path.Head.Length > 0 && Are(path.Text) ? new SourceMatch(this, path.Text, _ => Open(path.Text)) : null;

    /// <summary>True for HDF5 that can be read and is no file of Keras.</summary>
    /// <param name="path">The file.</param>
    public static bool Are(string path)
    {
        if (!Hdf5File.Matches(path))
        {
            return false;
        }

        try
        {
            using var file = Hdf5File.Open(path);
            return !KerasAttributes.Any(file.Root.HasAttribute) && !KerasGroups.Any(file.Root.Has);
        }
        catch (UnreadableInputException)
        {
            // What is wrong with it is said where it is opened.
            return true;
        }
    }

    private TensorSet Open(string path)
    {
        var file = Hdf5File.Open(path);
        try
        {
            var (tensors, groups) = (new List<Tensor>(), 0);
            foreach (var group in file.Root.Walk())
            {
                if (++groups > MaximumGroups)
                {
                    throw new UnreadableInputException($"{path} has more than {MaximumGroups} groups. Save its variables alone.");
                }

                tensors.AddRange(
                    group.Children.Where(child => child.Kind == Hdf5Kind.Dataset).Select(child => (Tensor)group.Dataset(child.Name)));
            }

            var set = SourceSet.Of(path, Name, tensors, [file]);
            return ElmoOptions.Of(path, tensors) is { Count: > 0 } stated
                ? new TensorSet(path, Name, set.Tensors, set.LeftOut, [file]) { StatedCells = stated }
                : set;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
