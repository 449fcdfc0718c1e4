using System.Globalization;
using System.Text;
using LstmConvert.Graphs.Matching;
using LstmConvert.KerasLayers;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// TimeFreqLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:325-496): an LSTM over windows of frequency.
/// <code>
/// kernel (f+2u, 4u)   rows window, m of the step before, m of the window before; columns i j f o      bias (4u,)   w_{i,f,o}_diag (u,)
/// </code>
/// Keras: our own TimeFrequencyLSTMCell with the forget bias in the bias. How wide the input is and how far the windows lie apart is in no
/// variable.
/// </summary>
internal static class TimeFreqLstmCell
{
    private static readonly string[] Peepholes = ["w_i_diag", "w_f_diag", "w_o_diag"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("TimeFreqLSTMCell")
    {
        Scopes = ["time_freq_lstm_cell", "TimeFreqLSTMCell"],
        Variables = [Role("kernel", "(f+u+u, 4u)"), Role("bias", "(4u,)"), .. Peepholes.Select(role => Optional(role, "(u,)", ""))],
        SizesOf = (variables, facts) => FrequencySizes.Of(variables["kernel"], variables["bias"], 4, 1, facts),
        Gates = "ijfo",
        States = [new("cm", 's')],
        OutputWidth = 'o',
        NeedsScope = true,
        IsProposed = false,
        IsFoundByName = true,
        Facts = [ForgetBias.By(1), CellClip.ByNone(), FrequencySizes.Skip, FrequencySizes.InputSize],
        ReadGraph = (graph, variables) => WindowReader.Of(graph, variables["kernel"]),
        GraphOf = Step,
        GoesBack = use => Rnn.IsAround(use, TimeFrequencyLstmCell.Definition),
        Equations = at => new Equations.TensorFlow1.TimeFreqLstmCell(at["kernel"], at["bias"], FrequencySizes.Windows(at.Cell).Starts)
        {
            ForgetBias = at[ForgetBias],
            CellClip = at[CellClip],
            Peepholes = at.Optional(Peepholes[0]) is { } input ? (input, at[Peepholes[1]], at[Peepholes[2]]) : null,
        },
        Obstacle = LstmCell.Obstacles,
        ToKeras = cell =>
        [
            TimeFrequencyLstmCell.Of(
                From("kernel"),
                From("bias").Plus(ForgetBias.Name, "f", "ijfo"),
                cell.Has(Peepholes[0]) ? Above([.. Peepholes.Select(From)]) : null,
                FrequencySizes.Windows(cell),
                cell.Units,
                cell[CellClip],
                states: ["cm"]),
        ],
    };

    /// <summary>A step over all windows; what the state holds of each lies behind what it holds of the window before.</summary>
    private static CellGraph Step(BoundCell cell)
    {
        var (u, text, before) = (cell.Units, new StringBuilder(FrequencySizes.Said(cell)), "nothing");
        foreach (var (k, start) in FrequencySizes.Windows(cell).Starts.Index())
        {
            var c = FormattableString.Invariant($"columns(cm, {2 * k * u}, {((2 * k) + 1) * u})");
            var m = FormattableString.Invariant($"columns(cm, {((2 * k) + 1) * u}, {((2 * k) + 2) * u})");
            text.Append(
                CultureInfo.InvariantCulture,
                $"""
                i, j, f, o = split([columns(x, {start}, {start + cell.Sizes['f']});{m};{before}] @ kernel + bias);
                c{k} = sigmoid(f + forget_bias + w_f_diag?*{c})*{c} + sigmoid(i + w_i_diag?*{c})*tanh(j); c{k} = clip(c{k}, cell_clip);
                m{k} = sigmoid(o + w_o_diag?*c{k})*tanh(c{k}); a{k} = {(k == 0 ? "[c0;m0]" : $"[a{k - 1};c{k};m{k}]")};
                y{k} = {(k == 0 ? "m0" : $"[y{k - 1};m{k}]")};
                """);
            before = FormattableString.Invariant($"m{k}");
        }

        var last = cell.Sizes['n'] - 1;
        return FormattableString.Invariant($"{text} cm = a{last}; output = y{last}");
    }
}
