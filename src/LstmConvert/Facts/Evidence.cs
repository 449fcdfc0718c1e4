namespace LstmConvert.Facts;

/// <summary>Where a fact comes from that no variable holds; the order is the order of trust.</summary>
public enum EvidenceKind
{
    /// <summary>The user said it.</summary>
    Option,

    /// <summary>It stands in the graph beside the variables.</summary>
    Graph,

    /// <summary>It stands in the Keras configuration that the source holds.</summary>
    Configuration,

    /// <summary>The object graph of a checkpoint orders the layers.</summary>
    ObjectGraph,

    /// <summary>The user named the convention under which the file was written (<c>--dialect</c>).</summary>
    Dialect,

    /// <summary>Names that TensorFlow itself gives say it: where a cell stands, never a value.</summary>
    Names,

    /// <summary>Nothing says it: the default of the class and release that the names speak of.</summary>
    Assumed,
}

/// <summary>What says a fact.</summary>
/// <param name="Kind">The kind of evidence.</param>
/// <param name="Detail">What exactly: a node's name, <c>default of LSTMCell</c>; empty where the kind says all.</param>
public sealed record Evidence(EvidenceKind Kind, string Detail = "")
{
    /// <summary>The kind as people and JSON read it: <c>graph</c>, <c>object graph</c>.</summary>
    public string KindName => Kind switch
    {
        EvidenceKind.ObjectGraph => "object graph",
        EvidenceKind.Option => "option",
        EvidenceKind.Graph => "graph",
        EvidenceKind.Configuration => "configuration",
        EvidenceKind.Dialect => "dialect",
        EvidenceKind.Names => "names",
        _ => "assumed",
    };

    /// <summary>True if nothing says it.</summary>
    public bool IsAssumed => Kind == EvidenceKind.Assumed;

    /// <inheritdoc/>
    public override string ToString() => Detail.Length == 0 ? KindName : $"{KindName}: {Detail}";
}
