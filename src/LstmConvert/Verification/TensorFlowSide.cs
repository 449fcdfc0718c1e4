using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Equations.TensorFlow2;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Runs TensorFlow's cells on the source's own variables, as <c>dynamic_rnn</c> does.</summary>
internal static class TensorFlowSide
{
    public static CellRun Run(RecognizedCell cell, Sequence input, int[] lengths, CellState initial, bool single)
    {
        var (equations, hiddenFirst) = Equations(cell, single);
        var h = Numbers.Matrix(initial.H, input.Batch, cell.OutputSize, single);
        var c = initial.C is { } start ? Numbers.Matrix(start, input.Batch, cell.Units, single) : null;
        var run = Loop.Run(equations, input, lengths, c is null ? [h] : hiddenFirst ? [h, c] : [c, h], cell.Direction == Direction.Backward);
        var (hidden, carry) = c is null ? (0, -1) : hiddenFirst ? (0, 1) : (1, 0);
        return new CellRun(
            cell, input, run.Output, c is null ? null : run.StatesPerStep[carry], run.FinalStates[hidden].ToDoubles(), c is null ? null : run.FinalStates[carry].ToDoubles());
    }

    private static (IStepEquations Equations, bool HiddenFirst) Equations(RecognizedCell cell, bool single)
    {
        NumericArray Weight(string role) => Numbers.Weight(cell.Variables[role], single);
        NumericArray? Optional(string role) => cell.Variables.GetValueOrDefault(role) is { } tensor ? Numbers.Weight(tensor, single) : null;
        var activation = Activations.Get(cell.Activation.Value);
        var forgetBias = cell.ForgetBias?.Value ?? 0;
        return cell.CellName switch
        {
            "LSTMCell" => (new LstmCell(Weight("kernel"), Weight("bias"), forgetBias, activation)
            {
                Peepholes = Optional("w_i_diag") is { } diagonal ? new LstmPeepholes(diagonal, Weight("w_f_diag"), Weight("w_o_diag")) : null,
                Projection = Optional("projection/kernel"),
                CellClip = cell.CellClip?.Value,
                ProjectionClip = cell.ProjectionClip?.Value,
            }, false),
            "BlockLSTMV2" => (new BlockLstmV2(Weight("kernel"), Weight("bias")) { ForgetBias = forgetBias }, false),
            "KerasLSTM" => (new Lstm(Weight("kernel"), Weight("recurrent_kernel"), Weight("bias"), activation, Activations.Sigmoid) { ForgetBias = forgetBias }, true),
            "SonnetLSTM" => (new SonnetLstm(Weight("w_i"), Weight("w_h"), Weight("bias")) { ForgetBias = forgetBias, Activation = activation, Projection = Optional("projection/kernel") }, true),
            "KerasGRU" => (new Gru(Weight("kernel"), Weight("recurrent_kernel"), Weight("bias"), cell.Variables["bias"].Shape.Rank == 2, activation, Activations.Sigmoid), true),
            "KerasSimpleRNN" => (new SimpleRnn(Weight("kernel"), Weight("recurrent_kernel"), Weight("bias"), activation), true),
            "SonnetVanillaRNN" => (new VanillaRnn(Weight("w_i"), Weight("w_h"), Weight("bias"), activation), true),
            "GRUCell" => (new GruCell(Weight("gates/kernel"), Weight("gates/bias"), Weight("candidate/kernel"), Weight("candidate/bias"), activation), true),
            "GRUBlockCell" => (new GruCell(Weight("w_ru"), Weight("b_ru"), Weight("w_c"), Weight("b_c"), activation), true),
            "BasicRNNCell" => (new BasicRnnCell(Weight("kernel"), Weight("bias"), activation), true),
            _ => throw new UnsupportedModelException($"{cell.Scope} is {cell.CellName}, whose equations are not known to verify."),
        };
    }
}
