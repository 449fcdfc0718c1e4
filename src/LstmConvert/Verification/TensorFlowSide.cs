using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Recognition;
using LstmConvert.Tensors;
using NumSharp;

namespace LstmConvert.Verification;

/// <summary>
/// Runs TensorFlow's cells on the source's own variables as <c>dynamic_rnn</c> does (tensorflow v1.15.5 python/ops/rnn.py): past a
/// row's length the output is 0 and the state stands still; the backward direction reverses each row within its length.
/// </summary>
internal static class TensorFlowSide
{
    public static CellRun Run(RecognizedCell cell, Sequence input, int[] lengths, CellState initial, bool single)
    {
        var x = cell.Direction == Direction.Backward ? input.Reversed(lengths) : input;
        var step = Stepper(cell, single);
        var h = Numbers.Matrix(initial.H, x.Batch, cell.OutputSize, single);
        var c = initial.C is { } start ? Numbers.Matrix(start, x.Batch, cell.Units, single) : null;
        var outputs = Sequence.Zeros(x.Batch, x.Steps, cell.OutputSize);
        var states = c is null ? null : Sequence.Zeros(x.Batch, x.Steps, cell.Units);
        for (var t = 0; t < x.Steps; t++)
        {
            var valid = Array.ConvertAll(lengths, length => t < length);
            var (newH, newC) = step(x.Step(t, single), h, c);
            outputs.SetStep(t, Numbers.Where(valid, newH, newH * Numbers.Zero(single)));
            h = Numbers.Where(valid, newH, h);
            if (newC is not null)
            {
                c = Numbers.Where(valid, newC, c!);
                states!.SetStep(t, c);
            }
        }

        var isBackward = cell.Direction == Direction.Backward;
        return new CellRun(cell, input, isBackward ? outputs.Reversed(lengths) : outputs, isBackward ? states?.Reversed(lengths) : states, Numbers.Doubles(h), c is null ? null : Numbers.Doubles(c));
    }

    private static Func<NDArray, NDArray, NDArray?, (NDArray H, NDArray? C)> Stepper(RecognizedCell cell, bool single)
    {
        NDArray Weight(string role) => Numbers.Weight(cell.Variables[role], single);
        Tensor? Optional(string role) => cell.Variables.GetValueOrDefault(role);
        var activation = cell.Activation.Value;
        switch (cell.CellName)
        {
            case "LSTMCell":
                var lstm = new LstmCell(Weight("kernel"), Weight("bias"))
                {
                    ForgetBias = cell.ForgetBias?.Value ?? 0,
                    ActivationName = activation,
                    Peepholes = Optional("w_i_diag") is null ? null : (Weight("w_i_diag"), Weight("w_f_diag"), Weight("w_o_diag")),
                    Projection = Optional("projection/kernel") is null ? null : Weight("projection/kernel"),
                    CellClip = cell.CellClip?.Value,
                    ProjectionClip = cell.ProjectionClip?.Value,
                };
                return (x, h, c) => lstm.Step(x, c!, h) is var (newC, m) ? (m, newC) : default;
            case "BlockLSTMV2":
                var second = new BlockLstmV2(Weight("kernel"), Weight("bias")) { ForgetBias = cell.ForgetBias?.Value ?? 0 };
                return (x, h, c) => second.Step(x, c!, h) is var (newC, newH) ? (newH, newC) : default;
            case "KerasLSTM" or "SonnetLSTM":
                var isSonnet = cell.CellName == "SonnetLSTM";
                var third = new Equations.TensorFlow2.Lstm(Weight(isSonnet ? "w_i" : "kernel"), Weight(isSonnet ? "w_h" : "recurrent_kernel"), Weight("bias"), activation) { ForgetBias = cell.ForgetBias?.Value ?? 0, Projection = Optional("projection/kernel") is null ? null : Weight("projection/kernel") };
                return (x, h, c) => third.Step(x, c!, h) is var (nextC, nextH) ? (nextH, nextC) : default;
            case "KerasGRU":
                var kerasGru = new Equations.TensorFlow2.Gru(Weight("kernel"), Weight("recurrent_kernel"), Weight("bias"), activation);
                return (x, h, _) => (kerasGru.Step(x, h), null);
            case "KerasSimpleRNN" or "SonnetVanillaRNN":
                var (inputRole, recurrentRole) = cell.CellName == "KerasSimpleRNN" ? ("kernel", "recurrent_kernel") : ("w_i", "w_h");
                var (input, recurrent, bias) = (Weight(inputRole), Weight(recurrentRole), Weight("bias"));
                return (x, h, _) => (Activation.Find(activation)(np.dot(x, input) + np.dot(h, recurrent) + bias), null);
            case "GRUCell":
                var gru = new GruCell(Weight("gates/kernel"), Weight("gates/bias"), Weight("candidate/kernel"), Weight("candidate/bias"), activation);
                return (x, h, _) => (gru.Step(x, h), null);
            case "GRUBlockCell":
                var block = new GruCell(Weight("w_ru"), Weight("b_ru"), Weight("w_c"), Weight("b_c"), activation);
                return (x, h, _) => (block.Step(x, h), null);
            case "BasicRNNCell":
                var rnn = new BasicRnnCell(Weight("kernel"), Weight("bias"), activation);
                return (x, h, _) => (rnn.Step(x, h), null);
            default:
                throw new UnsupportedModelException($"{cell.Scope} is {cell.CellName}, whose equations are not known to verify.");
        }
    }
}
