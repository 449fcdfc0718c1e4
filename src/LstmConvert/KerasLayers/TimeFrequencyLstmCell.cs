using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN: an LSTM over windows of the features within each step. Its Python text is
/// <c>Python/TimeFrequencyLSTMCell.py</c>.
/// <code>
/// kernel (f+2u, 4u)   bias (4u,)   peepholes (3, u)      columns i j f o
/// </code>
/// </summary>
internal static class TimeFrequencyLstmCell
{
    private const string Gates = "ijfo";

    private static readonly ArgumentDefinition Peepholes = new("use_peepholes", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };
    private static readonly ArgumentDefinition Clip = new("cell_clip", FactValue.None) { LeftOutIf = FactValue.None };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("TimeFrequencyLSTMCell")
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['u'] = use.Units, ['f'] = FrequencyWindows.Of(use).Size };
            WeightDefinition Of(string name, string shape, string? gates) => new(name, shape, gates) { Sizes = sizes };
            return
            [
                Of(RecurrentWeights.Kernel, "(f+2u, 4u)", Gates), Of(RecurrentWeights.Bias, "(4u,)", Gates),
                .. use.Is(Peepholes.Name) ? [Of(Peepholes.Name[4..], "(3, u)", null)] : Enumerable.Empty<WeightDefinition>(),
            ];
        },
        Arguments = [RecurrentArguments.Units, FrequencyWindows.SizeArgument, FrequencyWindows.SkipArgument, FrequencyWindows.CountArgument, Peepholes, Clip],
        States = _ => ["cm"],
        StateWidths = use => [2 * use.Units * FrequencyWindows.Of(use).Count],
        Width = (use, _) => use.Units * FrequencyWindows.Of(use).Count,
        Step = use => new TimeFrequencyLstm(use.Weights[0], use.Weights[1], FrequencyWindows.Of(use).Starts)
        {
            Peepholes = use.Is(Peepholes.Name) ? use.Weights[2] : null,
            CellClip = use[Clip.Name].Number,
        },
        Wrong = use => RecurrentWeights.Exchanged(use, Gates),
        IsOurs = true,
    };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="kernel"><c>(f+2u, 4u)</c>.</param>
    /// <param name="bias"><c>(4u,)</c>.</param>
    /// <param name="peepholes"><c>(3, u)</c>, or null.</param>
    /// <param name="windows">The windows.</param>
    /// <param name="units">u.</param>
    /// <param name="clip">The limit of the cell state.</param>
    /// <param name="states">The cell's state.</param>
    public static LayerRecipe Of(
        Derivation kernel,
        Derivation bias,
        Derivation? peepholes,
        FrequencyWindows windows,
        int units,
        FactValue clip,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(Definition, new Dictionary<string, FactValue>(windows.Arguments, StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [Peepholes.Name] = FactValue.Of(peepholes is not null),
            [Clip.Name] = clip,
        });
        return Rnn.Of(cell, peepholes is null ? [kernel, bias] : [kernel, bias, peepholes], states);
    }
}
