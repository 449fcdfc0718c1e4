using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>What the source's own graph computes for one layer, compared with the layer's equations.</summary>
/// <param name="Layer">The layer of the source.</param>
/// <param name="Float64">The graph in float64: outputs, final states.</param>
/// <param name="Float32">The graph as it is, where it is float32.</param>
public sealed record GraphLayerReport(RecurrentLayer Layer, IReadOnlyList<Compared> Float64, IReadOnlyList<Compared> Float32)
{
    /// <summary>True if single steps were compared, each from what the program itself gave it: what feeds the layer, its direction and its
    /// lengths are not seen.</summary>
    public bool IsByStep { get; init; }

    /// <summary>True if each step alone is computed as by the equations, though the sequence is not; null where that was not
    /// tried.</summary>
    public bool? AreStepsConfirmed { get; init; }

    /// <summary>The node where both part first, where that is known.</summary>
    public string? Node { get; init; }

    /// <summary>The values of facts with which the equations compute what the graph does, as a clause (<c>forget_bias = 1</c>); null where
    /// none was found.</summary>
    public string? Cause { get; init; }

    /// <summary>True if the graph computes what the layer's equations do.</summary>
    public bool IsConfirmed => Float64.Count > 0 && Float64.Concat(Float32).All(one => one.IsMet);
}

/// <summary>What the source's own graph says, executed node by node.</summary>
/// <param name="Layers">The layers that were watched in it, in the order of the source.</param>
/// <param name="Reasons">Why some were not, as sentences.</param>
/// <param name="SampleText">What it was run on.</param>
public sealed record GraphReport(IReadOnlyList<GraphLayerReport> Layers, IReadOnlyList<string> Reasons, string SampleText)
{
    /// <summary>True if every layer was watched and is confirmed.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>True if every layer was watched and is confirmed, some of them step by step only.</summary>
    public bool IsConfirmedByStep { get; init; }

    /// <summary>What helps where it was not run.</summary>
    public IReadOnlyList<Remedy> Remedies { get; init; } = [];

    /// <summary>True if random numbers of the graph were drawn on the way, or inputs that nothing feeds were fed ones: a layer that is not
    /// confirmed is not refuted either.</summary>
    public bool IsRandom { get; init; }

    /// <summary>The first layer that the graph computes otherwise, or null.</summary>
    public GraphLayerReport? Refuted => Layers.FirstOrDefault(layer => !layer.IsConfirmed && (layer.IsByStep || !IsRandom));
}
