namespace LstmConvert.Tensors;

/// <summary>
/// What a file itself says of a cell beside its variables: the attributes of a node, the options that lie beside the weights. Recognition
/// takes it as evidence.
/// </summary>
/// <param name="Scope">What the names of the cell's variables have in common.</param>
/// <param name="Source">Where it stands: a node's name, a file's name.</param>
internal sealed record StatedCell(string Scope, string Source)
{
    /// <summary>Facts by name, as a user would write them: <c>direction</c> is <c>backward</c>.</summary>
    public IReadOnlyDictionary<string, string> Facts { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>True if it stands in options beside the weights; false if it stands in a graph.</summary>
    public bool IsConfiguration { get; init; }

    /// <summary>What two cells have in common that are the directions of one layer; null for <see cref="Source"/>.</summary>
    public string? Pair { get; init; }

    /// <summary>What keeps it out of Keras, as phrases.</summary>
    public IReadOnlyList<string> Obstacles { get; init; } = [];

    /// <summary>The scopes whose outputs, side by side, feed it; empty where <see cref="Input"/> does.</summary>
    public IReadOnlyList<string> FedBy { get; init; } = [];

    /// <summary>What feeds it where no cell does: two cells with the same input read the same.</summary>
    public string Input { get; init; } = "";
}
