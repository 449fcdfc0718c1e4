using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One direction of ONNX's GRU (onnx/onnx docs/Operators.md, "GRU"); rows z r h, the sign of Keras.
/// <code>
/// W (3u, x)   R (3u, u)   Wb, Rb (3u,)
/// </code>
/// Keras: GRU; <c>linear_before_reset</c> is its <c>reset_after</c>, without it both biases are one.
/// </summary>
internal static class OnnxGruCell
{
    private static readonly TruthFact ResetAfter = new TruthFact("reset_after")
    {
        Neutral = FactValue.Of(false),
        Meaning = "whether the reset gate is applied after the recurrent product",
    }.By(false);

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("onnx.GRU")
        {
            Variables = [Role(In("W"), "(3u, x)"), Role(In("R"), "(3u, u)"), Optional(In("Wb"), "(3u,)"), Optional(In("Rb"), "(3u,)")],
            Facts =
            [
                .. PlainFacts,
                OnnxLstmCell.GateClip,
                ResetAfter,
            ],
            Equations = at => new Equations.Onnx.Gru(at[In("W")], at[In("R")], OnnxLstmCell.Gate(at.Cell), OnnxLstmCell.State(at.Cell))
            {
                Biases = at.Optional(In("Wb")) is { } bias ? (bias, at[In("Rb")]) : null,
                ResetsAfter = at[ResetAfter],
            },
            Obstacle = OnnxLstmCell.Clipped,
            WaysOut = OnnxLstmCell.WithoutClip,
            ToKeras = cell =>
                [
                    cell[ResetAfter].Truth == true
                        ? Gru.ResetAfter(
                            kernel: From(In("W")).Transposed(),
                            recurrentKernel: From(In("R")).Transposed(),
                            bias: cell.Has(In("Wb")) ? Above(From(In("Wb")), From(In("Rb"))) : null,
                            units: cell.Units,
                            activation: OnnxLstmCell.State(cell).Name,
                            recurrentActivation: OnnxLstmCell.Gate(cell).Name,
                            states: ["h"])
                        : Gru.ResetBefore(
                            kernel: From(In("W")).Transposed(),
                            recurrentKernel: From(In("R")).Transposed(),
                            bias: cell.Has(In("Wb")) ? Sum(From(In("Wb")), From(In("Rb"))) : null,
                            units: cell.Units,
                            activation: OnnxLstmCell.State(cell).Name,
                            recurrentActivation: OnnxLstmCell.Gate(cell).Name,
                            states: ["h"]),
                ],
        };

    private static string In(string name) => "onnx.GRU/" + name;
}
