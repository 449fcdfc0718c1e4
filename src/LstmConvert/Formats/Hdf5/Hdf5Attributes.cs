namespace LstmConvert.Formats.Hdf5;

/// <summary>The attributes of a group or dataset.</summary>
internal sealed class Hdf5Attributes(Hdf5File file, string owner, Hdf5Object own)
{
    /// <summary>Their names, in order.</summary>
    public IReadOnlyList<string> Names
    {
        get
        {
            lock (file.Turn)
            {
                return [.. own.Attributes.Keys];
            }
        }
    }

    /// <summary>True if there is an attribute of this name.</summary>
    public bool Has(string name)
    {
        lock (file.Turn)
        {
            return own.Attributes.ContainsKey(name);
        }
    }

    /// <summary>True if an attribute holds texts, or has no elements.</summary>
    public bool IsText(string name) => Find(name) is var found && (found.Space.Shape.ElementCount == 0 ||
        found.Type.Kind is DatatypeKind.FixedText or DatatypeKind.VariableText);

    /// <summary>An attribute of texts: one, or a list. One without elements is an empty list, whatever its type.</summary>
    /// <exception cref="UnreadableInputException">There is none, or it holds no texts.</exception>
    public IReadOnlyList<string> Texts(string name)
    {
        var found = Find(name);
        lock (file.Turn)
        {
            return found.Texts();
        }
    }

    /// <summary>An attribute as it lies in the file.</summary>
    public AttributeMessage Find(string name)
    {
        lock (file.Turn)
        {
            return own.Attributes.TryGetValue(name, out var found)
                ? found
                : throw new UnreadableInputException(
                    $"{file.Path}: {owner} has no attribute {name}. The file is incomplete; save it again.");
        }
    }
}
