using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Models;
using LstmConvert.Recognition;

namespace LstmConvert.Verification;

/// <summary>What all witnesses are run on.</summary>
/// <param name="Inputs">The values of the source model's inputs, by name.</param>
/// <param name="Lengths">The valid length of each row.</param>
/// <param name="States">The initial states of each layer, in the order of its own states, <c>(b, w)</c> each.</param>
internal sealed record Sample(
    IReadOnlyDictionary<string, Sequence> Inputs,
    int[] Lengths,
    IReadOnlyDictionary<RecurrentLayer, IReadOnlyList<NumericArray>> States)
{
    /// <summary>The number of rows of a sample that is drawn.</summary>
    public const int Batch = 3;

    /// <summary>The number of time steps of a sample that is drawn.</summary>
    public const int Steps = 12;

    /// <summary>The inputs that have numbers of their own, since what was given is of another width.</summary>
    public IReadOnlyList<string> Own { get; init; } = [];

    /// <summary>The number of rows.</summary>
    public int RowCount => Lengths.Length;

    /// <summary>True if a row ends before the last step.</summary>
    public bool HasShortRows => Inputs.Values.Any(input => Lengths.Any(length => length < input.Steps));

    /// <summary>An input as a model takes it, with a mask where rows end early.</summary>
    /// <param name="name">The input's name.</param>
    public Value ValueOf(string name) =>
        Inputs[name] is var input
            ? new Value(
                input.ToArray(Precision.Double),
                HasShortRows ? Value.MaskOf(Lengths, input.Steps) : null)
            : null!;

    /// <summary>The sample with the states that layers got from each other, where they run one by one.</summary>
    /// <param name="source">What the source computed.</param>
    public Sample StartingAs(SideRun source) =>
        this with
        {
            States = States.ToDictionary(
                pair => pair.Key,
                pair =>
                    pair.Key.InitialStates is not { } from
                        ? pair.Value
                        :
                        [
                            .. from.Select(state =>
                                source.Layers[state.Layer].Finals[state.State] is var values
                                    ? NumericArray.From(values, Precision.Double, RowCount, values.Length / RowCount)
                                    : null!),
                        ]),
        };

    /// <summary>Draws inputs and initial states, both of scale 1 and none zero, so that a forget bias shows at the first step.</summary>
    /// <param name="model">The layers.</param>
    /// <param name="seed">The same seed gives the same sample, in every version.</param>
    public static Sample Draw(SourceModel model, ulong seed) => Draw(model, seed, Batch, Steps);

    /// <summary>Draws a sample of a given number of rows and steps.</summary>
    public static Sample Draw(SourceModel model, ulong seed, int batch, int steps)
    {
        var next = seed;
        var inputs = model.Model.Inputs.ToDictionary(
            input => input.Name,
            input =>
                StepShape(input) is var shape
                    ? new Sequence(batch, steps, shape, Normal(shape.Aggregate(batch * steps, (product, length) => product * length), ref next))
                    : null!,
            StringComparer.Ordinal);
        var states = new Dictionary<RecurrentLayer, IReadOnlyList<NumericArray>>();
        foreach (var layer in model.Layers)
        {
            states[layer] = [.. layer.Cell.States.Select(state =>
            {
                var width = (int)layer.Cell.Sizes[state.Width];
                int[] shape = [batch, .. LengthsOf(layer.Cell.ImageLengths), width];
                var values = Normal(shape.Aggregate(1, (product, length) => product * length), ref next);

                // A projected state wider than the units is no product of any Keras state.
                values = state.Width == 'h' && width > layer.Units ? new double[values.Length]
                    : state.Name.StartsWith('c') ? values
                    : Array.ConvertAll(values, value => (double)(float)Math.Tanh(value));
                return NumericArray.From(values, Precision.Double, shape);
            })];
        }

        return new Sample(inputs, [.. Enumerable.Repeat(steps, batch)], states);
    }

    /// <summary>The shape of one step of one row of an input.</summary>
    private static int[] StepShape(ModelInput input) => [.. LengthsOf(input.Axes.Skip(1).SkipLast(1)), input.Width ?? 1];

    /// <summary>The lengths of the axes between time and features in a sample that is drawn: none like another, so that exchanged ones
    /// show.</summary>
    private static IEnumerable<int> LengthsOf(IEnumerable<int?> axes) => axes.Select((length, axis) => length ?? 4 + axis);

    /// <summary>Numbers of a normal distribution, each a float32 number, so that both precisions start from the same.</summary>
    /// <param name="count">How many.</param>
    /// <param name="state">The state of <see cref="Uniform"/>.</param>
    internal static double[] Normal(int count, ref ulong state)
    {
        var values = new double[count];
        for (var k = 0; k < count; k++)
        {
            values[k] = (float)(Math.Sqrt(-2 * Math.Log(1 - Uniform(ref state))) * Math.Cos(2 * Math.PI * Uniform(ref state)));
        }

        return values;
    }

    /// <summary>SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), as a number in [0, 1).</summary>
    internal static double Uniform(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1L << 53));
    }
}
