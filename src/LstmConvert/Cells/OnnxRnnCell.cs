using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One direction of ONNX's RNN (onnx/onnx docs/Operators.md, "RNN"): <c>W (u, x)</c>, <c>R (u, u)</c>, <c>Wb, Rb (u,)</c>. Keras:
/// SimpleRNN.
/// </summary>
internal static class OnnxRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("onnx.RNN")
        {
            Variables = [Role(In("W"), "(u, x)"), Role(In("R"), "(u, u)"), Optional(In("Wb"), "(u,)"), Optional(In("Rb"), "(u,)")],
            Facts = [Activation with { OnlyIfShown = true }, OnnxLstmCell.GateClip],
            Equations = at => new Equations.PyTorch.Rnn(at[In("W")], at[In("R")], OnnxLstmCell.State(at.Cell))
            {
                Biases = at.Optional(In("Wb")) is { } bias ? (bias, at[In("Rb")]) : null,
            },
            Obstacle = OnnxLstmCell.Clipped,
            WaysOut = OnnxLstmCell.WithoutClip,
            ToKeras = cell =>
                [
                    SimpleRnn.Of(
                        kernel: From(In("W")).Transposed(),
                        recurrentKernel: From(In("R")).Transposed(),
                        bias: cell.Has(In("Wb")) ? Sum(From(In("Wb")), From(In("Rb"))) : null,
                        units: cell.Units,
                        activation: OnnxLstmCell.State(cell).Name,
                        states: ["h"]),
                ],
        };

    private static string In(string name) => "onnx.RNN/" + name;
}
