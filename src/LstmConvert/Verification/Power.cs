using LstmConvert.Arrays;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>How far the nearest wrong hypothesis lies away on the same sample.</summary>
/// <param name="Hypothesis">The wrong convention that changes least: <c>forget bias 0</c>.</param>
/// <param name="Distance">The largest difference that it makes.</param>
/// <param name="Count">How many were tried.</param>
public sealed record PowerResult(string Hypothesis, double Distance, int Count)
{
    /// <summary>Rows and steps on which hypotheses are run.</summary>
    private const int Rows = 2;

    private const int Steps = 8;

    /// <summary>Cells with fewer weights than this run on so many times as many rows and steps.</summary>
    private const int SmallCell = 1 << 14;

    private const int SmallFactor = 8;

    /// <summary>Cells with more weights than this are tried with the exchange of two gates only.</summary>
    private const int LargeCell = 1 << 21;

    /// <summary>Runs the wrong hypotheses of one cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="layer">Its Keras layer.</param>
    /// <param name="input">What the cell reads.</param>
    /// <param name="lengths">The valid lengths.</param>
    /// <param name="initial">Keras' initial state.</param>
    internal static PowerResult Of(RecognizedCell cell, KerasLayer layer, Sequence input, int[] lengths, CellState initial)
    {
        var factor = layer.Kernel.Length + layer.RecurrentKernel.Length < SmallCell ? SmallFactor : 1;
        var x = input.Head(Rows * factor, Steps * factor);
        var state = new CellState([.. initial.H.Take(x.Batch * layer.Units)], initial.C is { } c ? [.. c.Take(x.Batch * layer.Units)] : null);
        var valid = lengths.Take(x.Batch).Select(length => Math.Min(length, x.Steps)).ToArray();
        var right = KerasSide.Run(cell, layer, x, valid, state, single: false);
        var nearest = new PowerResult("none", double.PositiveInfinity, 0);
        foreach (var (name, wrong) in Hypotheses(cell, layer))
        {
            var run = KerasSide.Run(cell, wrong, x, valid, state, single: false);
            var distance = Difference.Of("outputs", right.Output, run.Output, valid).MaxAbs;
            if (right.C is not null)
            {
                distance = Math.Max(distance, Difference.Of("c", right.C, run.C!, valid).MaxAbs);
            }

            nearest = new PowerResult(distance < nearest.Distance ? name : nearest.Hypothesis, Math.Min(distance, nearest.Distance), nearest.Count + 1);
        }

        return nearest;
    }

    /// <summary>Wrong conventions, as the weights and settings that a wrong conversion would give.</summary>
    internal static IEnumerable<(string Name, KerasLayer Layer)> Hypotheses(RecognizedCell cell, KerasLayer layer)
    {
        switch (layer.ClassName)
        {
            case "LSTM":
                var forgetBias = cell.ForgetBias?.Value ?? 0;
                var isLarge = layer.Kernel.Length + layer.RecurrentKernel.Length > LargeCell;

                // i * act(j) is the same either way where both use one activation: that exchange is no mistake.
                var isSymmetric = layer.Activation == layer.RecurrentActivation;
                foreach (var order in Orders(4).Where(order => !(isSymmetric && order.SequenceEqual([2, 1, 0, 3]))).Where(order => !isLarge || order.Where((gate, k) => gate != k).Count() <= 2))
                {
                    foreach (var wrongBias in new[] { forgetBias, 0, 1 }.Distinct())
                    {
                        var isRightOrder = order.SequenceEqual([0, 1, 2, 3]);
                        if ((isRightOrder && wrongBias == forgetBias) || (isLarge && !isRightOrder && wrongBias != forgetBias))
                        {
                            continue;
                        }

                        var name = (isRightOrder ? "" : $"gates {string.Concat(order.Select(gate => "ifco"[gate]))}") + (wrongBias == forgetBias ? "" : FormattableString.Invariant($" forget bias {wrongBias}"));
                        yield return (name.Trim(), WithForgetBias(Permuted(layer, order), wrongBias - forgetBias));
                    }
                }

                yield return ("hard_sigmoid", layer with { RecurrentActivation = layer.RecurrentActivation == "hard_sigmoid" ? "sigmoid" : "hard_sigmoid" });
                break;
            case "GRU":
                foreach (var order in Orders(3).Where(order => !order.SequenceEqual([0, 1, 2])))
                {
                    yield return ($"gates {string.Concat(order.Select(gate => "zrh"[gate]))}", Permuted(layer, order));
                }

                yield return (layer.ResetAfter ? "reset_after False" : "reset_after True", layer with { ResetAfter = !layer.ResetAfter });
                yield return ("hard_sigmoid", layer with { RecurrentActivation = layer.RecurrentActivation == "hard_sigmoid" ? "sigmoid" : "hard_sigmoid" });
                yield return ("sign of the update gate", Negated(layer));
                break;
            default:
                yield return ("no recurrence", layer with { RecurrentKernel = new double[layer.RecurrentKernel.Length] });
                if (layer.Units > 1)
                {
                    yield return ("recurrent kernel transposed", layer with { RecurrentKernel = Transposed(layer.RecurrentKernel, layer.Units) });
                }

                break;
        }
    }

    internal static KerasLayer WithForgetBias(KerasLayer layer, double more)
    {
        var bias = (double[])layer.Bias.Clone();
        for (var k = layer.Units; k < 2 * layer.Units; k++)
        {
            bias[k] += more;
        }

        return layer with { Bias = bias };
    }

    private static KerasLayer Permuted(KerasLayer layer, int[] order) => layer with
    {
        Kernel = Blocks(layer.Kernel, order, layer.Units),
        RecurrentKernel = Blocks(layer.RecurrentKernel, order, layer.Units),
        Bias = Blocks(layer.Bias, order, layer.Units),
    };

    private static double[] Blocks(double[] values, int[] order, int units)
    {
        var result = new double[values.Length];
        var width = order.Length * units;
        for (var row = 0; row < values.Length; row += width)
        {
            for (var k = 0; k < order.Length; k++)
            {
                values.AsSpan(row + (order[k] * units), units).CopyTo(result.AsSpan(row + (k * units)));
            }
        }

        return result;
    }

    private static KerasLayer Negated(KerasLayer layer)
    {
        double[] Negate(double[] values) => [.. values.Select((value, k) => k % (3 * layer.Units) < layer.Units ? -value : value)];
        return layer with { Kernel = Negate(layer.Kernel), RecurrentKernel = Negate(layer.RecurrentKernel), Bias = Negate(layer.Bias) };
    }

    private static double[] Transposed(double[] values, int units) => [.. Enumerable.Range(0, values.Length).Select(k => values[(k % units * units) + (k / units)])];

    private static IEnumerable<int[]> Orders(int count) => count == 1
        ? [[0]]
        : Orders(count - 1).SelectMany(order => Enumerable.Range(0, count).Select(place => (int[])[.. order[..place], count - 1, .. order[place..]]));
}
