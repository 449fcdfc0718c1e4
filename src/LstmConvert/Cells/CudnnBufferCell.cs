using System.Globalization;
using LstmConvert.Equations.TensorFlow1;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>One layer and direction of a buffer.</summary>
/// <param name="Kernel"><c>(width, g u)</c>.</param>
/// <param name="Recurrent"><c>(u, g u)</c>.</param>
/// <param name="InputBias"><c>(g u,)</c>.</param>
/// <param name="RecurrentBias"><c>(g u,)</c>.</param>
/// <param name="Units">u.</param>
/// <param name="States">The names of its states.</param>
internal sealed record CudnnPart(
    Derivation Kernel,
    Derivation Recurrent,
    Derivation InputBias,
    Derivation RecurrentBias,
    int Units,
    IReadOnlyList<string> States);

/// <summary>
/// What the four layers of tf.contrib.cudnn_rnn have in common (tensorflow v1.15.5 contrib/cudnn_rnn/python/layers/cudnn_rnn.py): all
/// weights of
/// all layers and directions in one vector, whose order is cuDNN's.
/// <code>
/// opaque_kernel   for each layer and direction:  all W (u, width) in C order, then all R (u, u)      width: x, then directions * u
///                 then for each of them:         all bW (u,), then all bR (u,)
/// </code>
/// Keras: a layer for each layer, of both directions where there are two. The sizes stand beside the operation in a graph; the length alone
/// fits many.
/// </summary>
internal static class CudnnBufferCell
{
    private const string Buffer = "opaque_kernel";
    private const string Linear = "linear_input";

    private static readonly NumberFact NumProj = new("num_proj")
    {
        Neutral = FactValue.Of(0),
        OnlyIfShown = true,
        Meaning = "the width of cuDNN's projection",
    };

    private static readonly ChoiceFact InputMode = new ChoiceFact("input_mode", [Linear, "skip_input", "auto_select"])
    {
        Neutral = FactValue.Of(Linear),
        Meaning = "whether the first layer has a kernel",
    }.By(Linear);

    /// <summary>A layer of this kind.</summary>
    /// <param name="name">The class.</param>
    /// <param name="scope">The scope that it gives.</param>
    /// <param name="mode">What it computes.</param>
    /// <param name="rnnMode">The same, as the operation's attribute spells it.</param>
    /// <param name="gates">The number of matrices that stand below each other.</param>
    /// <param name="states">The states of one layer and direction.</param>
    /// <param name="canonical">The cell as which the Saver writes it too.</param>
    /// <param name="layer">The Keras layer of one layer and direction.</param>
    public static Cell Of(
        string name,
        string scope,
        CudnnMode mode,
        string rnnMode,
        int gates,
        IReadOnlyList<string> states,
        Canonical canonical,
        Func<CudnnPart, LayerRecipe> layer) =>
        new(name)
        {
            Scopes = [scope],
            Variables = [Role(Buffer, "")],
            SizesOf = (variables, facts) => CudnnBufferSizes.Of(name, mode, variables[Buffer], facts),
            StatesOf = cell =>
                [.. Enumerable.Range(0, Count(cell)).SelectMany(k => StatesOfPart(states, k)).Select(state => new CellState(state, 'u'))],
            OutputWidth = 'o',
            NeedsScope = true,
            Facts =
            [
                CudnnBufferSizes.Layers,
                CudnnBufferSizes.Units,
                CudnnBufferSizes.InputSize,
                CudnnBufferSizes.Directions,
                InputMode,
                NumProj,
            ],
            Graph =
            [
                .. CudnnBufferSizes.Directions.Words.Select(directions => new CellGraph(
                    $"output, h, {(states.Count > 1 ? "c" : "_")} = CudnnRNN|CudnnRNNV2|CudnnRNNV3(x, h, {(states.Count > 1 ? "c" : "_")}, {Buffer};"
                        + $"rnn_mode is {rnnMode} = lstm, direction is {directions} = unidirectional, input_mode = {Linear}, num_proj = 0); directions = {directions};"
                        + $"beside CudnnRNNParamsToCanonical|CudnnRNNParamsToCanonicalV2(layers, units, input_size, {Buffer})",
                    IsSequence: true)),
            ],
            Equations = at => new CudnnBuffer(
                mode,
                at[Buffer],
                (int)at.Cell.Sizes['l'],
                at.Cell.Units,
                at.Cell.InputSize,
                at.Cell.Sizes['d'] == 2),
            Obstacle = Obstacles,
            YieldsTo = [canonical],
            ToKeras = cell =>
                [
                    .. Enumerable
                        .Range(0, (int)cell.Sizes['l'])
                        .Select(level =>
                        {
                            CudnnPart Part(int direction) => PartOf(cell, gates, states, level, direction);
                            var recipe = cell.Sizes['d'] == 2 ? Bidirectional.Of(layer(Part(0)), layer(Part(1))) : layer(Part(0));
                            return level == 0 ? recipe : recipe with { Suffix = string.Create(CultureInfo.InvariantCulture, $"_{level}") };
                        }),
                ],
        };

    private static int Count(BoundCell cell) => (int)(cell.Sizes['l'] * cell.Sizes['d']);

    private static IEnumerable<string> StatesOfPart(IReadOnlyList<string> states, int part) =>
        states.Select(state => string.Create(CultureInfo.InvariantCulture, $"{state}{part}"));

    private static string? Obstacles(BoundCell cell) =>
        cell[InputMode].Text is { } mode && (mode == "skip_input" || (mode != Linear && cell.InputSize == cell.Units))
            ? $"input_mode = {mode}: its first layer has no kernel, and Keras has no such layer"
        : cell[NumProj].Number is > 0 and var width
            ? string.Create(CultureInfo.InvariantCulture, $"num_proj = {width}: the order of a buffer with projections is not known")
        : cell.IsBackward && cell.Sizes['d'] == 2 ? "it walks in both directions over a sequence that was reversed"
        : null;

    private static CudnnPart PartOf(BoundCell cell, int gates, IReadOnlyList<string> states, int level, int direction)
    {
        var (u, d) = (cell.Sizes['u'], cell.Sizes['d']);
        var rows = gates * u;
        long Width(long at) => at == 0 ? cell.Sizes['x'] : d * u;
        var part = (level * d) + direction;
        var start = Enumerable.Range(0, (int)part).Sum(k => rows * (Width(k / d) + u));
        var bias = Enumerable.Range(0, Count(cell)).Sum(k => rows * (Width(k / d) + u)) + (part * 2 * rows);
        var (block, width) = (
            gates == 1 ? "u" : string.Create(CultureInfo.InvariantCulture, $"{gates}u"),
            level == 0 ? "x"
            : d == 2 ? "2u"
            : "u");
        return new CudnnPart(
            From(Buffer).Elements(start, $"({block}, {width})").Transposed(),
            From(Buffer).Elements(start + (rows * Width(level)), $"({block}, u)").Transposed(),
            From(Buffer).Elements(bias, $"({block},)"),
            From(Buffer).Elements(bias + rows, $"({block},)"),
            cell.Units,
            [.. StatesOfPart(states, (int)part)]);
    }
}
