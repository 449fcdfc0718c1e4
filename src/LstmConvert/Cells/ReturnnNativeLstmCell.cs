using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// NativeLstm and NativeLstm2 of RETURNN (rwth-i6/returnn@b46ff5f returnn/tf/network.py:4786-4799).
/// <code>
/// W (x, 4u)   W_re (u, 4u)   b (4u,)   columns j i f o; no forget bias
/// </code>
/// Keras: LSTM. Its direction stands in the configuration, and in names that the user gave.
/// </summary>
internal static class ReturnnNativeLstmCell
{
    private const string Gates = "jifo";

    /// <summary>What the operations get, which multiply with the state alone.</summary>
    private const string Sum = "z = x @ native/W + native/b;";

    /// <summary>What the operations do whatever they get.</summary>
    private const string Always = $"activation = tanh; recurrent_activation = sigmoid; gate_order = {Gates}";

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("NativeLSTM")
        {
            Variables = [Role("native/W", "(x, 4u)"), Role("native/W_re", "(u, 4u)"), Role("native/b", "(4u,)")],
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'u')],
            Facts = PlainLstmFacts,
            Fixed = PlainLstm,
            Graph =
            [
                new($"{Sum} h, _, c = LstmGenericBase(z, native/W_re, c, row_mask); output = h; {Always}", IsSequence: true),
                new($"{Sum} h, _, _, c = NativeLstm2(z, native/W_re, h, c, row_mask, 0, 1); output = h; {Always}", IsSequence: true),
                new(
                    $"backward; {Sum} h, _, _, c = NativeLstm2(z, native/W_re, h, c, row_mask, 0, -1); output = h; {Always}",
                    IsSequence: true),
            ],
            Equations = at => new Equations.Returnn.NativeLstm(at["native/W"], at["native/W_re"], at["native/b"]),
            ToKeras = cell =>
                [
                    Lstm.Of(
                        kernel: From("native/W").Gates(Gates, "ifco"),
                        recurrentKernel: From("native/W_re").Gates(Gates, "ifco"),
                        bias: From("native/b").Gates(Gates, "ifco"),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h", "c"]),
                ],
        };
}
