using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// LSTMCell and OptimizedLSTMCell of Flax (google/flax flax/linen/recurrent.py): a dense layer for each gate.
/// <code>
/// i{i,f,g,o}/kernel (x, u)   h{i,f,g,o}/kernel (u, u)   h{i,f,g,o}/bias (u,)   no forget bias
/// </code>
/// Keras: LSTM with the gates beside each other.
/// </summary>
internal static class FlaxLstmCell
{
    private const string Gates = "ifgo";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("flax.LSTMCell")
        {
            AlsoKnownAs = ["flax.OptimizedLSTMCell"],
            Variables =
            [
                .. Gates.SelectMany(gate =>
                    new[] { Role($"i{gate}/kernel", "(x, u)"), Role($"h{gate}/kernel", "(u, u)"), Role($"h{gate}/bias", "(u,)") }),
            ],
            States = [new("c", 'u'), new("h", 'u')],
            Facts = [ForgetBias with { OnlyIfShown = true }, Activation.By("tanh"), RecurrentActivation.By("sigmoid")],
            Fixed = PlainLstm,
            Equations = at => new Equations.Flax.Lstm([.. Gates.Select(gate => (Dense(at, $"i{gate}"), Dense(at, $"h{gate}")))]),
            ToKeras = cell =>
                [
                    Lstm.Of(
                        kernel: Beside([.. Gates.Select(gate => From($"i{gate}/kernel"))]),
                        recurrentKernel: Beside([.. Gates.Select(gate => From($"h{gate}/kernel"))]),
                        bias: Beside([.. Gates.Select(gate => From($"h{gate}/bias"))]),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h", "c"]),
                ],
        };

    /// <summary>A dense layer of a cell.</summary>
    internal static Equations.Flax.FlaxDense Dense(CellArrays at, string name) => new(at[$"{name}/kernel"], at.Optional($"{name}/bias"));
}
