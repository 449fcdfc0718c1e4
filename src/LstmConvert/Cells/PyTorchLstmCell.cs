using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One layer and direction of torch.nn.LSTM (pytorch torch/nn/modules/rnn.py).
/// <code>
/// weight_ih   (4u, x)   rows i f g o        bias_ih   (4u,)        h = u, or p with a projection
/// weight_hh   (4u, h)                       bias_hh   (4u,)
/// weight_hr   (h, u)    the projection
/// </code>
/// Keras: LSTM with the matrices transposed and both biases summed.
/// </summary>
internal static class PyTorchLstmCell
{
    private const string Projection = "weight_hr";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("torch.nn.LSTM")
        {
            Variables =
            [
                Role("weight_ih", "(4u, x)"),
                Role("weight_hh", "(4u, h)"),
                Optional("bias_ih", "(4u,)"),
                Optional("bias_hh", "(4u,)"),
                Optional(Projection, "(h, u)"),
            ],
            SizesByDefault = [new('h', 'u')],
            States = [new("h", 'h'), new("c", 'u')],
            OutputWidth = 'h',
            Facts = PlainLstmFacts,
            Fixed = PlainLstm,
            Equations = at => new Equations.PyTorch.Lstm(at["weight_ih"], at["weight_hh"])
            {
                Biases = at.Optional("bias_ih") is { } bias ? (bias, at["bias_hh"]) : null,
                Projection = at.Optional(Projection),
            },
            Obstacle = Biases,
            ToKeras = cell =>
                LstmCell.WithProjection(
                    cell,
                    cell.Has(Projection) ? From(Projection).Transposed() : null,
                    From("weight_hh").Transposed(),
                    recurrent =>
                        Lstm.Of(
                            kernel: From("weight_ih").Transposed(),
                            recurrentKernel: recurrent,
                            bias: cell.Has("bias_ih") ? Sum(From("bias_ih"), From("bias_hh")) : null,
                            units: cell.Units,
                            activation: "tanh",
                            recurrentActivation: "sigmoid",
                            states: ["h", "c"])),
        };

    /// <summary>A module has both biases or none.</summary>
    internal static string? Biases(BoundCell cell) =>
        cell.Has("bias_ih") == cell.Has("bias_hh") ? null : "it has one bias, and PyTorch writes two or none";
}
