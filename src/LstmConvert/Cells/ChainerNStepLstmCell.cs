using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// One layer and direction of chainer.links.NStepLSTM and NStepBiLSTM (chainer v7.8.1 functions/rnn/n_step_lstm.py:540-544).
/// <code>
/// w0 w1 w2 w3 (u, x)   w4 w5 w6 w7 (u, u)   b0 … b7 (u,)   i f a o, of the input, then of the state
/// </code>
/// Keras: LSTM with the matrices transposed and both biases summed.
/// </summary>
internal static class ChainerNStepLstmCell
{
    private const int GateCount = 4;

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("chainer.links.NStepLSTM")
        {
            AlsoKnownAs = ["chainer.links.NStepBiLSTM"],
            Variables = [.. Roles(GateCount)],
            States = [new("h", 'u'), new("c", 'u')],
            Facts = PlainLstmFacts,
            Fixed = PlainLstm,
            Equations = at => new Equations.Chainer.NStepLstm([.. GatesOf(at, GateCount)]),
            ToKeras = cell =>
                [
                    Lstm.Of(
                        kernel: Kernel(0, 1, 2, 3),
                        recurrentKernel: Kernel(4, 5, 6, 7),
                        bias: Beside([.. Enumerable.Range(0, GateCount).Select(gate => Sum(Bias(gate), Bias(gate + GateCount)))]),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h", "c"]),
                ],
        };

    /// <summary>The variables of a link with so many gates.</summary>
    internal static IEnumerable<Role> Roles(int gates) => Enumerable.Range(0, 2 * gates)
        .SelectMany(k => new[] { Role($"nstep/w{k}", k < gates ? "(u, x)" : "(u, u)"), Role($"nstep/b{k}", "(u,)") });

    /// <summary>The gates as arrays.</summary>
    internal static IEnumerable<Equations.Chainer.NStepGate> GatesOf(CellArrays at, int gates) =>
        Enumerable
            .Range(0, gates)
            .Select(k => new Equations.Chainer.NStepGate(
                at[$"nstep/w{k}"],
                at[$"nstep/b{k}"],
                at[$"nstep/w{k + gates}"],
                at[$"nstep/b{k + gates}"]));

    /// <summary>Matrices beside each other.</summary>
    internal static Derivation Kernel(params int[] numbers) => Beside([.. numbers.Select(k => From($"nstep/w{k}").Transposed())]);

    /// <summary>A bias.</summary>
    internal static Derivation Bias(int number) => From($"nstep/b{number}");
}
