using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>
/// A cell of ours for Keras's RNN: an LSTM that opens in phases of a time that is the first feature of its input. Its Python text is
/// <c>Python/PhasedLSTMCell.py</c>.
/// <code>
/// kernel (x-1, 4u)   recurrent_kernel (u, 4u)   bias (4u,)   peephole_kernel (u, 3u)   period, phase, ratio_on (u,)      columns i f g o
/// </code>
/// </summary>
internal static class PhasedLstmCell
{
    private const string Gates = "ifgo";

    private static readonly string[] Times = ["period", "phase", "ratio_on"];
    private static readonly ArgumentDefinition Peepholes = new("use_peepholes", FactValue.Of(false)) { LeftOutIf = FactValue.Of(false) };
    private static readonly ArgumentDefinition Leak = new("leak", FactValue.Of(0.001)) { LeftOutIf = FactValue.Of(0.001) };

    /// <summary>The definition for the catalog.</summary>
    public static KerasLayer Definition { get; } = new("PhasedLSTMCell")
    {
        Weights = use =>
        {
            var sizes = new Dictionary<char, long> { ['u'] = use.Units };
            WeightDefinition Of(string name, string shape, string? gates = null) => new(name, shape, gates) { Sizes = sizes };
            return
            [
                Of(RecurrentWeights.Kernel, "(x, 4u)", Gates) with { FeaturesBefore = 1 }, Of(RecurrentWeights.RecurrentKernel, "(u, 4u)", Gates), Of(RecurrentWeights.Bias, "(4u,)", Gates),
                .. use.Is(Peepholes.Name) ? [Of("peephole_kernel", "(u, 3u)", "ifo")] : Enumerable.Empty<WeightDefinition>(),
                .. Times.Select(name => Of(name, "(u,)")),
            ];
        },
        Arguments = [RecurrentArguments.Units, Peepholes, Leak],
        States = _ => ["h", "c"],
        Width = (use, _) => use.Units,
        Step = use => new PhasedLstm(use.Weights[0], use.Weights[1], use.Weights[2], use[Leak.Name].Number ?? 0)
        {
            Peepholes = use.Is(Peepholes.Name) ? use.Weights[3] : null,
            Times = (use.Weights[^3], use.Weights[^2], use.Weights[^1]),
        },
        Wrong = use => RecurrentWeights.Exchanged(use, Gates).Append(new WrongLayer("period and phase exchanged", use with { Weights = [.. use.Weights.SkipLast(3), use.Weights[^2].Abs() + 0.5, use.Weights[^3], use.Weights[^1]] })),
        PythonComment = "the first feature of its input is the time of the step",
        IsOurs = true,
    };

    /// <summary>The layer that stands for a cell: RNN around this one.</summary>
    /// <param name="kernels"><c>(x-1, 4u)</c>, <c>(u, 4u)</c> and <c>(4u,)</c>.</param>
    /// <param name="peepholes"><c>(u, 3u)</c>, or null.</param>
    /// <param name="times">Period, phase and open ratio, <c>(u,)</c> each.</param>
    /// <param name="units">u.</param>
    /// <param name="leak">What passes while it is closed.</param>
    /// <param name="states">The cell's states that are h and c.</param>
    public static LayerRecipe Of(
        IReadOnlyList<Derivation> kernels,
        Derivation? peepholes,
        IReadOnlyList<Derivation> times,
        int units,
        double leak,
        IReadOnlyList<string> states)
    {
        var cell = new KerasUse(Definition, new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [RecurrentArguments.Units.Name] = FactValue.Of(units),
            [Peepholes.Name] = FactValue.Of(peepholes is not null),
            [Leak.Name] = FactValue.Of(leak),
        });
        return Rnn.Of(cell, [.. kernels, .. peepholes is null ? Array.Empty<Derivation>() : [peepholes], .. times], states);
    }
}
