using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN: an LSTM over time and over windows of the features. Its Python text is <c>Python/GridLSTMCell.py</c>.
/// <code>
/// frequency_kernel (f+2u, gu)   frequency_bias (gu,)   frequency_peepholes (2g-2, u)      time_kernel, time_bias, time_peepholes   the same
/// </code>
/// </summary>
internal static class GridLstmCell
{
    private const string Frequency = "frequency";
    private const string Time = "time";

    private static readonly ArgumentDefinition First = new("first_feature", FactValue.Of(0)) { LeftOutIf = FactValue.Of(0) };
    private static readonly ArgumentDefinition Reverse = No("reverse_windows");
    private static readonly ArgumentDefinition Peepholes = No("use_peepholes");
    private static readonly ArgumentDefinition Shared = No("share_weights");
    private static readonly ArgumentDefinition Coupled = No("couple_gates");
    private static readonly ArgumentDefinition Clip = new("cell_clip", FactValue.None) { LeftOutIf = FactValue.None };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } =
        new("GridLSTMCell")
        {
            Weights = Weights,
            Arguments =
            [
                RecurrentArguments.Units,
                FrequencyWindows.SizeArgument,
                FrequencyWindows.SkipArgument,
                FrequencyWindows.CountArgument,
                First,
                Reverse,
                Peepholes,
                Shared,
                Coupled,
                Clip,
            ],
            States = use =>
                [
                    .. Enumerable
                        .Range(0, FrequencyWindows.Of(use).Count)
                        .SelectMany(window =>
                            new[]
                            {
                                string.Create(CultureInfo.InvariantCulture, $"c{window}"),
                                string.Create(CultureInfo.InvariantCulture, $"m{window}"),
                            }),
                ],
            Width = (use, _) => 2 * use.Units * FrequencyWindows.Of(use).Count,
            Step = Step,
            Wrong = use => RecurrentWeights.Exchanged(use, GatesOf(use)),
            IsOurs = true,
        };

    /// <summary>The layer that stands for a cell, or one direction of it: RNN around this one.</summary>
    /// <param name="halves">Kernel <c>(f+2u, gu)</c>, bias <c>(gu,)</c> and peepholes <c>(2g-2, u)</c> or null, of frequency and, where it
    /// has its own, of time.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="units">u.</param>
    /// <param name="isReversed">True if the last window comes first.</param>
    /// <param name="isCoupled">True for gates i j o.</param>
    /// <param name="clip">The limit of the states.</param>
    /// <param name="states">The cell's states, c and m of each window as they are walked.</param>
    public static LayerRecipe Of(
        IReadOnlyList<(Derivation Kernel, Derivation Bias, Derivation? Peepholes)> halves,
        FrequencyWindows windows,
        int units,
        bool isReversed,
        bool isCoupled,
        FactValue clip,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(
            Definition,
            new Dictionary<string, FactValue>(windows.Arguments, StringComparer.Ordinal)
            {
                [RecurrentArguments.Units.Name] = FactValue.Of(units),
                [First.Name] = FactValue.Of(windows.First),
                [Reverse.Name] = FactValue.Of(isReversed),
                [Peepholes.Name] = FactValue.Of(halves[0].Peepholes is not null),
                [Shared.Name] = FactValue.Of(halves.Count == 1),
                [Coupled.Name] = FactValue.Of(isCoupled),
                [Clip.Name] = clip,
            });
        return Rnn.Of(
            cell,
            [
                .. halves.SelectMany(half =>
                    half.Peepholes is { } peepholes ? [half.Kernel, half.Bias, peepholes] : new[] { half.Kernel, half.Bias }),
            ],
            states);
    }

    private static WeightDefinition[] Weights(KerasUse use)
    {
        var sizes = new Dictionary<char, long> { ['u'] = use.Units, ['f'] = FrequencyWindows.Of(use).Size };
        var gates = GatesOf(use);
        WeightDefinition Of(string name, string shape, bool hasGates = true) => new(name, shape, hasGates ? gates : null) { Sizes = sizes };
        return
        [
            .. (use.Is(Shared.Name) ? new[] { Frequency } : [Frequency, Time]).SelectMany(half => new[]
            {
                Of($"{half}_kernel", $"(f+2u, {gates.Length}u)"), Of($"{half}_bias", $"({gates.Length}u,)"),
            }.Concat(use.Is(Peepholes.Name) ? [Of($"{half}_peepholes", $"({(2 * gates.Length) - 2}, u)", hasGates: false)] : [])),
        ];
    }

    private static GridLstm Step(KerasUse use)
    {
        var starts = FrequencyWindows.Of(use, use.Count(First.Name)).Starts;
        var each = use.Is(Peepholes.Name) ? 3 : 2;
        (NumericArray, NumericArray, NumericArray?) Half(int first) =>
            (use.Weights[first], use.Weights[first + 1], each == 3 ? use.Weights[first + 2] : null);
        return new GridLstm(use.Units, use.Is(Reverse.Name) ? [.. starts.Reverse()] : starts, use.Is(Coupled.Name))
        {
            Frequency = Half(0),
            Time = use.Is(Shared.Name) ? null : Half(each),
            CellClip = use[Clip.Name].Number,
        };
    }

    private static string GatesOf(KerasUse use) => use.Is(Coupled.Name) ? "ijo" : "ijfo";

    private static ArgumentDefinition No(string name) => new(name, FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };
}
