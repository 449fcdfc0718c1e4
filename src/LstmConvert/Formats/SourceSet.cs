using LstmConvert.Tensors;

namespace LstmConvert.Formats;

/// <summary>Puts what a file holds together as a set of variables.</summary>
internal static class SourceSet
{
    /// <summary>The arrays that hold numbers as variables, the others left out with their reason.</summary>
    /// <param name="path">The source as the user typed it.</param>
    /// <param name="format">Its kind, as a noun.</param>
    /// <param name="arrays">Everything that is in it.</param>
    /// <param name="files">The open files, closed with the set.</param>
    /// <exception cref="UnreadableInputException">Two arrays have one name.</exception>
    public static TensorSet Of(string path, string format, IReadOnlyList<Tensor> arrays, IReadOnlyList<IDisposable>? files = null)
    {
        if (arrays.CountBy(array => array.Name, StringComparer.Ordinal).FirstOrDefault(pair => pair.Value > 1) is { Key: { } name })
        {
            throw new UnreadableInputException(
                $"{path} holds the variable {name} twice (with and without ':0', or '__' and '/'). Remove one of the two.");
        }

        return new TensorSet(
            path,
            format,
            [.. arrays.Where(array => array.DType.ItemSize() > 0)],
            [
                .. arrays
                    .Where(array => array.DType.ItemSize() == 0)
                    .Select(array => new LeftOut(array.Name, $"{array.DType.Name()} array, no numbers")),
            ],
            files);
    }
}
