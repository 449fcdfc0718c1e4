using LstmConvert.Facts;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// IntersectionRNNCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1716-1843): gates over state and depth.
/// <code>
/// kernel (u+z, 4u)   rows x then h, z = u; columns g s q y: gate and candidate of the state, gate and candidate of the output
/// bias (4u,)         the forget bias is added to both gates at run time
/// in_projection/kernel (x, u)   in_projection/bias (u,)   where the input is not as wide as the cell
/// </code>
/// Keras: our own IntersectionRNNCell with the forget bias in the bias.
/// </summary>
internal static class IntersectionRnnCell
{
    private const string Gates = "gsqy";
    private const string Projection = "in_projection/kernel";
    private const string ProjectionBias = "in_projection/bias";

    private static readonly ActivationFact OutputActivation = new ActivationFact("y_activation")
    {
        Neutral = FactValue.Of("linear"),
        Meaning = "the activation of the output",
    }.By("relu");

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("IntersectionRNNCell")
        {
            Scopes = ["intersection_rnn_cell"],
            Variables =
            [
                Role("kernel", "(u+z, 4u)"),
                Role("bias", "(4u,)"),
                Optional(Projection, "(x, u)", ""),
                Optional(ProjectionBias, "(u,)", ""),
            ],
            SizesByDefault = [new('z', 'u'), new('x', 'u')],
            Gates = Gates,
            NeedsScope = true,
            IsProposed = false,
            Facts = [ForgetBias.By(1), OutputActivation],
            Graph = [$"input = x @ {Projection} + {ProjectionBias}; {Equation("input")}", Equation("x")],
            GoesBack = use => KerasLayers.Rnn.IsAround(use, KerasLayers.IntersectionRnnCell.Definition),
            Equations = at => new Equations.TensorFlow1.IntersectionRnnCell(at["kernel"], at["bias"], at[ForgetBias], at[OutputActivation])
            {
                Projection = at.Optional(Projection) is { } kernel ? (kernel, at[ProjectionBias]) : null,
            },
            Obstacle = cell =>
                cell.Has(Projection) != cell.Has(ProjectionBias) ? "half of its input's projection is missing"
                : cell.Sizes['z'] != cell.Units
                    ? $"its kernel has {cell.Units + cell.Sizes['z']} rows, and an input and a state of {cell.Units} units have {2 * cell.Units}"
                : null,
            ToKeras = cell =>
                [
                    KerasLayers.IntersectionRnnCell.Of(
                        cell.Has(Projection) ? (From(Projection), From(ProjectionBias)) : null,
                        From("kernel").Rows("u"),
                        From("kernel").Rows("z"),
                        Beside(Gate("g").Plus(ForgetBias.Name), Gate("s"), Gate("q").Plus(ForgetBias.Name), Gate("y")),
                        cell.Units,
                        cell[OutputActivation].Text!,
                        states: ["h"]),
                ],
        };

    /// <summary>A step on an input as wide as the cell.</summary>
    private static string Equation(string input) =>
        $"g, s, q, y = split([{input};h] @ kernel + bias?); g = sigmoid(g + forget_bias); q = sigmoid(q + forget_bias);"
        + $"h = g*h + (1-g)*tanh(s); output = q*{input} + (1-q)*y_activation(y)";

    private static Derivation Gate(string gate) => From("bias").Gate(gate, Gates);
}
