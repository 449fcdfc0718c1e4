using LstmConvert.Facts;

namespace LstmConvert.Recognition;

/// <summary>Layers that feed each other, and how.</summary>
public sealed class LayerGroup
{
    internal LayerGroup(string scope, string wiring, Evidence evidence, IReadOnlyList<RecurrentLayer> layers)
    {
        Scope = scope;
        Wiring = wiring;
        Evidence = evidence;
        Layers = layers;
    }

    /// <summary>The common scope.</summary>
    public string Scope { get; }

    /// <summary>How they feed each other: <c>chain</c>, <c>bidirectional</c>, <c>stack-bidirectional</c>, <c>skip</c>,
    /// or <c>graph</c> for anything else.</summary>
    public string Wiring { get; }

    /// <summary>What says so.</summary>
    public Evidence Evidence { get; }

    /// <summary>The layers, each after what feeds it.</summary>
    public IReadOnlyList<RecurrentLayer> Layers { get; }

    /// <summary>What the group puts out.</summary>
    internal IReadOnlyList<Feed> Outputs { get; init; } = [];

    /// <summary>The wiring as a fact: a layer alone is independent of the others.</summary>
    public Fact Fact => new(KnownFacts.Wiring, FactValue.Of(IsSingle ? "independent" : Wiring), Evidence);

    /// <summary>A single layer is a chain of one; how it is wired needs no evidence of its own.</summary>
    public bool IsSingle => Layers.Count == 1;

    /// <summary>True if rows have lengths of their own.</summary>
    public bool HasLengths => Layers.Any(layer => layer.HasLengths);
}
