using System.Globalization;
using System.Text;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Facts;
using LstmConvert.Graphs.Matching;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// GridLSTMCell and BidirectionalGridLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:499-1106): LSTMs over time and over
/// windows of frequency.
/// <code>
/// W_f_0_0 (f+2u, gu)   rows window, m of time, m of frequency; columns i j f o, or coupled i j o      B_f_0 (gu,)
/// W_t_0_0, B_t_0       the same along time, where it is not shared      W_{I,F,O}_diag_{freq,time}{f,t}_0 (u,)   peepholes on c of frequency and of time
/// fwd/…, bwd/…         of the bidirectional cell, whose backward half walks the windows from the last one
/// </code>
/// Keras: our own GridLSTMCell with the forget bias in the biases, of both directions two beside each other.
/// </summary>
internal static class GridLstmCell
{
    private const string Frequency = "freq";
    private const string Time = "time";

    private static readonly NumberFact Offset = new NumberFact("backward_slice_offset")
    {
        Neutral = FactValue.Of(0),
        IsCount = true,
        Meaning = "where the first window of the backward half begins",
    }.By(0);

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<Cell> Definitions { get; } =
    [
        Of("GridLSTMCell", ["grid_lstm_cell", "GridLSTMCell"], [("", false)]),
        Of("BidirectionalGridLSTMCell", ["bidirectional_grid_lstm_cell", "BidirectionalGridLSTMCell"], [("fwd/", false), ("bwd/", true)]),
    ];

    private static Cell Of(string name, IReadOnlyList<string> scopes, IReadOnlyList<(string Prefix, bool IsReversed)> directions)
    {
        var (kernel, bias) = ($"{directions[0].Prefix}W_f_0_0", $"{directions[0].Prefix}B_f_0");
        return new(name)
        {
            Scopes = scopes,
            Variables = [.. directions.SelectMany(direction => Roles(direction.Prefix))],
            SizesOf = (variables, facts) => Sizes(variables, kernel, bias, directions.Count, facts),
            StatesOf = cell =>
                [
                    .. directions
                        .SelectMany(direction => States(direction.Prefix, (int)cell.Sizes['n']))
                        .Select(state => new CellState(state, 'u')),
                ],
            OutputWidth = 'o',
            IsProposed = false,
            IsFoundByName = true,
            Facts =
            [
                ForgetBias.By(1),
                CellClip.ByNone(),
                FrequencySizes.Skip,
                FrequencySizes.InputSize,
                FrequencySizes.Gates,
                .. directions.Count > 1 ? new FactDefinition[] { Offset } : [],
            ],
            ReadGraph = (graph, variables) => WindowReader.Of(graph, variables[kernel]),
            GraphOf = cell => Graph(cell, directions),
            GoesBack = use => directions.Count == 1 && Rnn.IsAround(use, KerasLayers.GridLstmCell.Definition),
            Equations = at =>
                directions.Count == 1
                    ? Steps(at, "", isReversed: false)
                    : new SideBySideCells([.. directions.Select(direction => Steps(at, direction.Prefix, direction.IsReversed))]),
            Obstacle = cell =>
                directions.Select(direction => Obstacle(cell, direction.Prefix)).FirstOrDefault(obstacle => obstacle is not null)
                ?? (
                    directions.Count > 1 && cell.IsBackward
                        ? "it walks backward, and two layers beside each other do not turn together"
                        : null),
            ToKeras = cell =>
                directions.Count == 1
                    ? [Recipe(cell, "", isReversed: false)]
                    :
                    [
                        Recipe(cell, directions[0].Prefix, isReversed: false),
                        Recipe(cell, directions[1].Prefix, isReversed: true) with
                        {
                            Suffix = "_backward",
                            Inputs = [LayerRecipe.CellInput],
                        },
                        Merging.Recipe(Concatenate.Definition, "_both", 0, 1),
                    ],
        };
    }

    private static IEnumerable<Role> Roles(string prefix) =>
        [
            Role($"{prefix}W_f_0_0", "(f+u+u, c)"),
            Role($"{prefix}B_f_0", "(c,)"),
            Optional($"{prefix}W_t_0_0", "(f+u+u, c)"),
            Optional($"{prefix}B_t_0", "(c,)"),
            .. Peepholes(prefix, Frequency, "IFO").Concat(Peepholes(prefix, Time, "IFO")).Select(role => Optional(role, "(u,)")),
            Optional($"{prefix}W_f_0_1", ""),
            Optional($"{prefix}W_f_1_0", ""),
        ];

    private static IEnumerable<string> Peepholes(string prefix, string half, string gates) =>
        gates.SelectMany(gate => new[] { $"{prefix}W_{gate}_diag_{half}f_0", $"{prefix}W_{gate}_diag_{half}t_0" });

    private static IEnumerable<string> States(string prefix, int windows) => Enumerable.Range(0, windows).SelectMany(window => "cm"
        .Select(kind => string.Create(CultureInfo.InvariantCulture, $"{prefix.Replace('/', '_')}state_f{window:00}_b00_{kind}")));

    /// <summary>Four gates or three: whichever leaves features for a window, by the peepholes' length where there are some, else as what is
    /// said decides.</summary>
    private static SizeSolution Sizes(
        IReadOnlyDictionary<string, TensorInfo> variables,
        string kernel,
        string bias,
        int directions,
        IReadOnlyList<Fact> facts)
    {
        var columns = variables[bias].Shape.ElementCount;
        var peephole = variables.FirstOrDefault(variable => variable.Key.Contains("_diag_", StringComparison.Ordinal)).Value;
        var said = facts.FirstOrDefault(fact => fact.Name == FrequencySizes.Gates.Name)?.Value.Number;
        var gates =
            peephole is not null ? (peephole.Shape.ElementCount * 3 == columns ? 3 : 4)
            : said is 3 or 4 ? (int)said.Value
            : columns % 3 != 0 ? 4
            : columns % 4 != 0 ? 3
            : 0;
        if (gates == 0)
        {
            return new(
                null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{variables[bias].Name} has {columns} numbers, of four gates or of three coupled ones"))
            {
                Open = [(FrequencySizes.Gates.Name, "4")],
            };
        }

        var found = FrequencySizes.Of(variables[kernel], variables[bias], gates, 2 * directions, facts);
        return found.Sizes is { } sizes ? new(new Dictionary<char, long>(sizes) { ['c'] = columns }, null) : found;
    }

    private static bool IsCoupled(BoundCell cell) => cell.Sizes['c'] == 3 * cell.Sizes['u'];

    private static string? Obstacle(BoundCell cell, string prefix)
    {
        var gates = IsCoupled(cell) ? "IO" : "IFO";
        var isShared = !cell.Has($"{prefix}W_t_0_0");
        string[] peepholes = [.. Peepholes(prefix, Frequency, gates), .. isShared ? [] : Peepholes(prefix, Time, gates)];
        return cell.Has($"{prefix}W_f_0_1") ? "its kernels are in parts (num_unit_shards), which are not put together"
            : cell.Has($"{prefix}W_f_1_0")
                ? "it has several blocks of windows (num_frequency_blocks), and which features they have is in no variable"
            : isShared == cell.Has($"{prefix}B_t_0") ? "half of its weights along time are missing"
            : peepholes.Count(cell.Has) is var count && count != 0 && count != peepholes.Length ? "some of its peepholes are missing"
            : null;
    }

    private static FrequencyWindows Windows(BoundCell cell, bool isReversed) =>
        FrequencySizes.Windows(cell, isReversed ? (int)(cell[Offset].Number ?? 0) : 0);

    private static LstmConvert.Equations.TensorFlow1.GridLstmCell Steps(CellArrays at, string prefix, bool isReversed)
    {
        GridHalf Half(char half, string name) =>
            new(
                at[$"{prefix}W_{half}_0_0"],
                at[$"{prefix}B_{half}_0"],
                "IFO"
                    .Where(gate => at.Optional($"{prefix}W_{gate}_diag_{name}f_0") is not null)
                    .ToDictionary(char.ToLowerInvariant, gate =>
                        (at[$"{prefix}W_{gate}_diag_{name}f_0"], at[$"{prefix}W_{gate}_diag_{name}t_0"])));
        var frequency = Half('f', Frequency);
        var starts = Windows(at.Cell, isReversed).Starts;
        return new(
            frequency,
            at.Optional($"{prefix}W_t_0_0") is null ? frequency : Half('t', Time),
            isReversed ? [.. starts.Reverse()] : starts)
        {
            ForgetBias = at[ForgetBias],
            CellClip = at[CellClip],
            IsCoupled = IsCoupled(at.Cell),
            Units = at.Cell.Units,
        };
    }

    /// <summary>A step over all windows, of both directions one after the other.</summary>
    private static CellGraph Graph(BoundCell cell, IReadOnlyList<(string Prefix, bool IsReversed)> directions)
    {
        var text = new StringBuilder(FrequencySizes.Said(cell));
        text.Append(CultureInfo.InvariantCulture, $"{FrequencySizes.Gates.Name} = {(IsCoupled(cell) ? 3 : 4)};");
        if (directions.Count > 1)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Offset.Name} = {cell[Offset].Number ?? 0};");
        }

        if (IsCoupled(cell))
        {
            // There is no forget gate to add it to.
            text.Append(CultureInfo.InvariantCulture, $"{ForgetBias.Name} = 0;");
        }

        string[] outputs = [.. directions.SelectMany(direction => Walk(cell, direction.Prefix, direction.IsReversed, text))];
        return $"{text} output = [{string.Join(';', outputs)}]";
    }

    /// <summary>The windows of one direction; gives what they put out.</summary>
    private static List<string> Walk(BoundCell cell, string prefix, bool isReversed, StringBuilder text)
    {
        var (isCoupled, isShared, outputs) = (IsCoupled(cell), !cell.Has($"{prefix}W_t_0_0"), new List<string>());
        var (m, c, starts) = ("nothing", "nothing", Windows(cell, isReversed).Starts);
        var states = States(prefix, starts.Count).ToArray();
        foreach (var (k, start) in (isReversed ? starts.Reverse() : starts).Index())
        {
            var (cTime, mTime, name) = (states[2 * k], states[(2 * k) + 1], FormattableString.Invariant($"{prefix.Replace('/', '_')}{k}"));
            string Seen(char gate, string half, string oldFrequency, string oldTime)
            {
                // Who shares weights shares peepholes.
                var role = $"{prefix}W_{gate}_diag_{(isShared ? Frequency : half)}";
                return cell.Has($"{role}f_0") ? $" + {role}f_0*{oldFrequency} + {role}t_0*{oldTime}" : "";
            }

            string Next(string gates, string half, string old) =>
                isCoupled
                    ? $"((1 - {half}{name})*{old} + {half}{name}*tanh({gates[1]}))"
                    : $"(sigmoid({gates[2]} + forget_bias{Seen('F', half, c, cTime)})*{old}"
                        + $" + sigmoid({gates[0]}{Seen('I', half, c, cTime)})*tanh({gates[1]}))";
            var (own, other) = (isCoupled ? "ijo" : "ijfo", isShared ? (isCoupled ? "ijo" : "ijfo") : isCoupled ? "pqs" : "pqrs");
            var read = $"[columns(x, {start}, {start + cell.Sizes['f']});{mTime};{m}]";
            text.Append(
                CultureInfo.InvariantCulture,
                $"{string.Join(", ", own.AsEnumerable())} = split({read} @ {prefix}W_f_0_0 + {prefix}B_f_0);");
            if (!isShared)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"{string.Join(", ", other.AsEnumerable())} = split({read} @ {prefix}W_t_0_0 + {prefix}B_t_0);");
            }

            if (isCoupled)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Frequency}{name} = sigmoid({own[0]}{Seen('I', Frequency, c, cTime)});");
                text.Append(CultureInfo.InvariantCulture, $"{Time}{name} = sigmoid({other[0]}{Seen('I', Time, c, cTime)});");
            }

            text.Append(CultureInfo.InvariantCulture, $"cf{name} = clip({Next(own, Frequency, c)}, cell_clip);");
            text.Append(CultureInfo.InvariantCulture, $"{cTime} = clip({Next(other, Time, cTime)}, cell_clip);");
            text.Append(
                CultureInfo.InvariantCulture,
                $"mf{name} = sigmoid({own[^1]}{Seen('O', Frequency, $"cf{name}", cTime)})*tanh(cf{name});");
            text.Append(
                CultureInfo.InvariantCulture,
                $"{mTime} = sigmoid({other[^1]}{Seen('O', Time, $"cf{name}", cTime)})*tanh({cTime});");
            (m, c) = ($"mf{name}", $"cf{name}");
            outputs.AddRange([mTime, m]);
        }

        return outputs;
    }

    private static LayerRecipe Recipe(BoundCell cell, string prefix, bool isReversed)
    {
        var isCoupled = IsCoupled(cell);
        (Derivation, Derivation, Derivation?) Half(char half, string name) => (
            From($"{prefix}W_{half}_0_0"),
            isCoupled ? From($"{prefix}B_{half}_0") : From($"{prefix}B_{half}_0").Plus(ForgetBias.Name, "f", "ijfo"),
            cell.Has($"{prefix}W_I_diag_{name}f_0") ? Above([.. Peepholes(prefix, name, isCoupled ? "IO" : "IFO").Select(From)]) : null);
        return KerasLayers.GridLstmCell.Of(
            cell.Has($"{prefix}W_t_0_0") ? [Half('f', Frequency), Half('t', Time)] : [Half('f', Frequency)],
            Windows(cell, isReversed), cell.Units, isReversed, isCoupled, cell[CellClip], [.. States(prefix, (int)cell.Sizes['n'])]);
    }
}
