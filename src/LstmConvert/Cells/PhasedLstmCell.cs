using LstmConvert.Facts;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// PhasedLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:1915-2064): an LSTM that opens in phases of time. The program
/// gives it the pair
/// (time, x); here and in Keras the time is the first feature of one input of x = n + 1 features.
/// <code>
/// mask_gates/kernel   (n+u+p, 2u)   rows x, h, and with peepholes c: p is 0 or u; columns i f      mask_gates/bias   (2u,)
/// new_input/kernel    (n+u, u)      new_input/bias (u,)
/// output_gate/kernel  (n+u+p, u)    output_gate/bias (u,)
/// period, phase, ratio_on (u,)      the leak, 0.001 unless told otherwise, is in no variable
/// </code>
/// Keras: our own PhasedLSTMCell with the four gates side by side.
/// </summary>
internal static class PhasedLstmCell
{
    private const string Mask = "mask_gates/kernel";
    private const string New = "new_input/kernel";
    private const string Output = "output_gate/kernel";

    private static readonly NumberFact Leak = new NumberFact("leak")
    {
        Neutral = FactValue.Of(0),
        Meaning = "what passes while the cell is closed",
    }.By(0.001);

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } = new("PhasedLSTMCell")
    {
        Scopes = ["phased_lstm_cell"],
        Variables =
        [
            Role(Mask, "(n+u+p, 2u)", "if"), Role("mask_gates/bias", "(2u,)", "if"), Role(New, "(n+u, u)"),
            Role("new_input/bias", "(u,)"), Role(Output, "(n+u+p, u)"), Role("output_gate/bias", "(u,)"),
            Role("period", "(u,)"), Role("phase", "(u,)"), Role("ratio_on", "(u,)"),
        ],
        SizesOf = (variables, _) => Sizes(variables),
        States = [new("c", 'u'), new("h", 'u')],
        Facts = [Leak],
        Graph = [Step(""), Step(";c")],
        GoesBack = use => KerasLayers.Rnn.IsAround(use, KerasLayers.PhasedLstmCell.Definition),
        Equations = at => new Equations.TensorFlow1.PhasedLstmCell
        {
            MaskGates = (at[Mask], at["mask_gates/bias"]),
            NewInput = (at[New], at["new_input/bias"]),
            OutputGate = (at[Output], at["output_gate/bias"]),
            Period = at["period"],
            Phase = at["phase"],
            RatioOn = at["ratio_on"],
            Leak = at[Leak],
        },
        ToKeras = cell =>
        [
            KerasLayers.PhasedLstmCell.Of(
                [Rows("n"), Rows("u"), Beside(From("mask_gates/bias"), From("new_input/bias"), From("output_gate/bias"))],
                cell.Sizes['p'] == 0 ? null : Beside(From(Mask).Rows("p"), From(Output).Rows("p")),
                [From("period"), From("phase"), From("ratio_on")],
                cell.Units,
                cell[Leak].Number ?? 0,
                states: ["h", "c"]),
        ],
    };

    private static Derivation Rows(string rows) => Beside(From(Mask).Rows(rows), From(New).Rows(rows), From(Output).Rows(rows));

    /// <summary>A step; the gates see the state too, the output's the new one, where it is put beside what they read.</summary>
    private static string Step(string peephole)
    {
        var seen = peephole.Replace('c', 'm');
        return $"given time; i, f = split(sigmoid([x;h{peephole}] @ {Mask} + mask_gates/bias)); j = tanh([x;h] @ {New} + new_input/bias);"
            + $"m = f*c + i*j; n = tanh(m)*sigmoid([x;h{seen}] @ {Output} + output_gate/bias);"
            + "r = over(mod(time - phase, period) - time + phase + time - phase, period); q = over(2*r, ratio_on);"
            + "k = where_less(r, 0.5*ratio_on, q, where_less(r, ratio_on, 2 - q, leak*r));"
            + "c = k*m + (1-k)*c; h = k*n + (1-k)*h";
    }

    /// <summary>The units from the period, the features from the candidate, and what more rows the gates have.</summary>
    private static SizeSolution Sizes(IReadOnlyDictionary<string, TensorInfo> variables)
    {
        var (period, candidate, mask) = (variables["period"], variables[New], variables[Mask]);
        var u = period.Shape.Rank == 1 ? period.Shape[0] : 0;
        var n = candidate.Shape.Rank == 2 ? candidate.Shape[0] - u : 0;
        var p = mask.Shape.Rank == 2 ? mask.Shape[0] - n - u : -1;
        if (u < 1 || n < 1 || (p != 0 && p != u))
        {
            return new SizeSolution(
                null,
                $"{mask.Name} is {mask.Shape} and {candidate.Name} {candidate.Shape}; with a period of {u} units they are (n+{u}, {2 * u}) or with peepholes (n+{2 * u}, {2 * u}), and (n+{u}, {u})"
            );
        }

        var sizes = new Dictionary<char, long>
        {
            ['u'] = u,
            ['n'] = n,
            ['p'] = p,
            ['x'] = n + 1,
        };
        return
            Definition.Variables.FirstOrDefault(role => !SymbolicShape.Parse(role.Shape).Resolve(sizes).Equals(variables[role.Name].Shape))
                is { } misfit
            ? new SizeSolution(
                null,
                $"{variables[misfit.Name].Name} is {variables[misfit.Name].Shape}; beside a period of {u} units and {n} features it is {SymbolicShape.Parse(misfit.Shape).Resolve(sizes)}"
            )
            : new SizeSolution(sizes, null);
    }
}
