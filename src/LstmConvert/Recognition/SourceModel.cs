using LstmConvert.Facts;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Recognition;

/// <summary>Something that is not decided, and what decides it.</summary>
/// <param name="Sentence">What it is, as a sentence.</param>
/// <param name="Remedies">What helps.</param>
public sealed record OpenQuestion(string Sentence, IReadOnlyList<Remedy> Remedies);

/// <summary>Everything recurrent in a source, and what was left out.</summary>
public sealed class SourceModel
{
    internal SourceModel(IReadOnlyList<LayerGroup> groups, Model model)
    {
        Groups = groups;
        Model = model;
    }

    /// <summary>Groups of layers; a layer that nothing feeds and that feeds nothing is a group of its own.</summary>
    public IReadOnlyList<LayerGroup> Groups { get; }

    /// <summary>All layers, group after group.</summary>
    public IEnumerable<RecurrentLayer> Layers => Groups.SelectMany(group => group.Layers);

    /// <summary>Every variable that is not a part of a layer, with the reason.</summary>
    public IReadOnlyList<LeftOut> LeftOut { get; internal init; } = [];

    /// <summary>Sentences that a person should read.</summary>
    public IReadOnlyList<string> Warnings { get; internal init; } = [];

    /// <summary>What must be decided before anything is converted.</summary>
    public IReadOnlyList<OpenQuestion> Questions { get; internal init; } = [];

    /// <summary>Why there are no layers, as a sentence; null where there are.</summary>
    public string? Problem { get; internal init; }

    /// <summary>The facts that nothing says, layer by layer; with the wiring of a group where nothing says that.</summary>
    public IEnumerable<(string Scope, Fact Fact)> Assumed =>
        Groups.SelectMany(group =>
            group
                .Layers.SelectMany(layer => layer.Facts.Where(fact => fact.Evidence.IsAssumed).Select(fact => (layer.Scope, fact)))
                .Concat(group.Evidence.IsAssumed && Groups.Sum(one => one.Layers.Count) > 1 ? [(group.Scope, group.Fact)] : []));

    /// <summary>False where nothing says how groups are wired that no single wiring makes: a chain beside a layer alone.</summary>
    internal bool IsWiringSayable =>
        Groups.Count == 1 || Groups.All(group => group.IsSingle) || !Groups.Any(group => group.Evidence.IsAssumed);

    /// <summary>The program as a graph of calls.</summary>
    internal Model Model { get; }

    /// <summary>What stands around the layers, read from the graph when it is asked for.</summary>
    internal Lazy<ProgramAround> Around { get; init; } = new(ProgramAround.None);
}
