using System.Globalization;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// HighwayCore of Sonnet 1 (deepmind/sonnet v1.36 sonnet/python/modules/basic_rnn.py; Zilly et al. 2017): a recurrent highway network,
/// whose state passes <c>num_layers</c> layers in every step.
/// <code>
/// wt, wh (x, u)                        of the first layer: transform gate, candidate
/// wt{k}, wh{k} (u, u)   bt{k}, bh{k} (u,)   of layer k = 0, 1 …
/// t = sigmoid(h @ wt{k} + bt{k})   h := h*(1-t) + tanh(h @ wh{k} + bh{k})*t
/// </code>
/// Keras: our own RecurrentHighwayCell.
/// </summary>
internal static class HighwayCore
{
    /// <summary>More layers than any program has; the paper's deepest has ten.</summary>
    private const int MostLayers = 16;

    private static readonly string[] Parts = ["wt", "bt", "wh", "bh"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("HighwayCore")
        {
            Scopes = ["highway_core"],
            Variables =
            [
                Role("wt", "(x, u)"),
                Role("wh", "(x, u)"),
                .. Layer(0).Select(role => Role(role, ShapeOf(role))),
                .. Enumerable.Range(1, MostLayers - 1).SelectMany(Layer).Select(role => Optional(role, ShapeOf(role))),
            ],
            Facts = PlainFacts,
            Fixed = Plain,
            Together = [.. Enumerable.Range(1, MostLayers - 1).Select(Layer)],
            Graph = [.. Enumerable.Range(1, MostLayers).Select(layers => (CellGraph)Equation(layers))],
            GoesBack = use => Rnn.IsAround(use, RecurrentHighwayCell.Definition),
            Equations = at => new Equations.Sonnet1.HighwayCore(
                (at["wt"], at["wh"]),
                [
                    .. Enumerable
                        .Range(0, Count(at.Cell))
                        .Select(Layer)
                        .Select(roles => (at[roles[0]], at[roles[1]], at[roles[2]], at[roles[3]])),
                ]),
            Obstacle = cell =>
                Enumerable.Range(Count(cell), MostLayers - Count(cell)).SelectMany(Layer).FirstOrDefault(cell.Has) is { } strange
                    ? $"it has a {strange}, and its layers before are not complete"
                    : null,
            ToKeras = cell =>
                [
                    RecurrentHighwayCell.Of(
                        Beside(From("wh"), From("wt")),
                        [
                            .. Enumerable
                                .Range(0, Count(cell))
                                .Select(Layer)
                                .Select(roles =>
                                    (Beside(From(roles[2]), From(roles[0])), Beside(From(roles[3]), From(roles[1])))),
                        ],
                        cell.Units,
                        states: ["h"]),
                ],
        };

    /// <summary>The roles of a layer, in the order of <see cref="Parts"/>.</summary>
    private static string[] Layer(int layer) => [.. Parts.Select(part => part + layer.ToString(CultureInfo.InvariantCulture))];

    private static string ShapeOf(string role) => role[0] == 'b' ? "(u,)" : "(u, u)";

    /// <summary>The number of layers that are complete, from the first one on.</summary>
    private static int Count(BoundCell cell) => Enumerable.Range(0, MostLayers).TakeWhile(layer => Layer(layer).All(cell.Has)).Count();

    private static string Equation(int layers) =>
        string.Concat(
            Enumerable
                .Range(0, layers)
                .Select(k => (Roles: Layer(k), Transform: k == 0 ? " + x @ wt" : "", Hidden: k == 0 ? " + x @ wh" : ""))
                .Select(layer =>
                    $"t = sigmoid(h @ {layer.Roles[0]} + {layer.Roles[1]}{layer.Transform});"
                    + $"h = h*(1-t) + tanh(h @ {layer.Roles[2]} + {layer.Roles[3]}{layer.Hidden})*t;"));
}
