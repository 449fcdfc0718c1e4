using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.KerasFiles;
using LstmConvert.KerasLayers;
using LstmConvert.Models;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Whole Keras models on samples: their outputs, what rounding costs them, how far the nearest wrong model lies away.</summary>
internal static class ModelRuns
{
    private const int Batch = 3;
    private const int Steps = 7;
    private const int OtherLength = 6;

    /// <summary>Wrong conventions that are tried of each layer.</summary>
    private const int MaximumWrong = 4;

    /// <summary>The outputs of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inputs">Its inputs in order.</param>
    /// <param name="precision">The arithmetic.</param>
    public static IReadOnlyList<NumericArray> Outputs(Model model, IReadOnlyList<NumericArray> inputs, Precision precision) =>
        [
            .. ModelWalker
                .Run(
                    model,
                    model.Inputs.Zip(inputs).ToDictionary(pair => pair.First.Name, pair => new Value(pair.Second), StringComparer.Ordinal),
                    precision)
                .Select(value => value.Data),
        ];

    /// <summary>An input of a model as it was given.</summary>
    /// <exception cref="UnreadableInputException">It has another number of axes.</exception>
    public static NumericArray Given(ModelInput input, Tensor given) => given.Shape.Rank == input.Axes.Count + 1
        ? Array(given)
        : throw new UnreadableInputException($"The model's input {input.Name} has {input.Axes.Count + 1} axes, and {given} is given.");

    /// <summary>A recorded array of any type of numbers.</summary>
    public static NumericArray Array(Tensor tensor) =>
        NumericArray.From(
            RecordedValues.Doubles(tensor),
            Precision.Double,
            [.. tensor.Shape.Dimensions.ToArray().Select(length => (int)length)]);

    /// <summary>Draws an input: numbers of rows where a table reads it, else numbers between -1 and 1.</summary>
    /// <param name="model">The model.</param>
    /// <param name="input">Its input.</param>
    /// <param name="seed">The state of the generator.</param>
    /// <param name="known">Lengths of axes that must be so, the batch first; null for what is free.</param>
    /// <param name="masked">Values that stand for no step: rows end with them.</param>
    public static NumericArray Drawn(
        Model model, ModelInput input, ref ulong seed, IReadOnlyList<int?>? known = null, IReadOnlyList<double>? masked = null)
    {
        int[] shape =
        [
            input.Batch ?? Batch,
            .. input.Axes.Select(
                (length, axis) =>
                    length
                    ?? (
                        axis == 0 ? Steps
                        : axis == input.Axes.Count - 1 ? WidthOf(model, input)
                        : OtherLength)),
        ];
        for (var axis = 0; known is not null && axis < shape.Length; axis++)
        {
            shape[axis] = known[axis] ?? shape[axis];
        }

        var values = new double[shape.Aggregate(1, (product, length) => checked(product * length))];
        var rows = model
            .Readers(input.Name)
            .Select(call => call.Callee)
            .OfType<KerasUse>()
            .Select(Embedding.RowsOf)
            .FirstOrDefault(count => count > 0);

        // The last row may be one that stands behind each row's end, in Keras only.
        var drawn = known is not null && rows > 2 ? rows - 1 : rows;
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = rows > 0 ? Math.Floor(Sample.Uniform(ref seed) * drawn) : (float)((2 * Sample.Uniform(ref seed)) - 1);
        }

        foreach (var (k, value) in (masked ?? []).Index().Reverse())
        {
            End(values, shape, k + 1, value);
        }

        return NumericArray.From(values, Precision.Double, shape);
    }

    /// <summary>The values that stand for no step in what layers make of an input: where two models differ in them, or in what they do at
    /// such steps, only a sample that has some can tell.</summary>
    /// <param name="model">The model.</param>
    /// <param name="name">The input, or a call that hands it on.</param>
    public static IEnumerable<double> MaskedValues(Model model, string name) =>
        model.Calls.SelectMany(call => call.Inputs.Index().Where(input => input.Item.From == name).SelectMany(input => call.Callee switch
        {
            KerasUse use when use.Layer.MakesMask(use) => [use.Layer.MaskedValue(use)],
            KerasUse { Layer.PassesThrough: true } => MaskedValues(model, call.Name),
            NestedModel { IsOnEachStep: false } nested when input.Index < nested.Model.Inputs.Count =>
                MaskedValues(nested.Model, nested.Model.Inputs[input.Index].Name),
            _ => Enumerable.Empty<double>(),
        }));

    /// <summary>A row ends with a value: the second row in one step with the first value, the third in two with the second.</summary>
    private static void End(double[] values, int[] shape, int place, double value)
    {
        if (shape.Length < 2 || shape[1] < 2)
        {
            return;
        }

        var (batch, steps, width) = (shape[0], shape[1], shape.Skip(2).Aggregate(1, (product, length) => product * length));
        var count = Math.Min(place, steps - 1);
        values.AsSpan(((((place % batch) + 1) * steps) - count) * width, count * width).Fill(value);
    }

    private static int WidthOf(Model model, ModelInput input) =>
        model
            .Readers(input.Name)
            .Select(call => call.Callee)
            .OfType<KerasUse>()
            .Where(use => use.Weights is [{ Rank: > 1 }, ..])
            .Select(use => (int?)use.Weights[0].Dimensions[^2])
            .FirstOrDefault()
        ?? OtherLength;

    /// <summary>The largest change of an output that half an ulp of float32 in every weight makes.</summary>
    public static double Cost(Model model, IReadOnlyList<NumericArray> outputs, IReadOnlyList<NumericArray> inputs, ulong seed)
    {
        var off = Changed(model, weight => Off(weight, ref seed));
        return Distance(outputs, Outputs(off, inputs, Precision.Double));
    }

    private static NumericArray Off(NumericArray weight, ref ulong seed)
    {
        var values = weight.ToDoubles();
        for (var k = 0; k < values.Length; k++)
        {
            values[k] *= Sample.Uniform(ref seed) < 0.5 ? 1 + Rounding.HalfUlpOfSingle : 1 - Rounding.HalfUlpOfSingle;
        }

        return NumericArray.From(values, weight.Precision, [.. weight.Dimensions]);
    }

    /// <summary>The nearest of some wrong models: each layer with weights in turn, with a convention exchanged or its weights
    /// away.</summary>
    public static (string Hypothesis, double Distance, int Count) Power(
        Model model,
        IReadOnlyList<NumericArray> outputs,
        IReadOnlyList<NumericArray> inputs)
    {
        var (nearest, distance, count) = ("none", double.PositiveInfinity, 0);
        foreach (var (path, use) in StoredWeights.Leaves(model).Where(leaf => leaf.Use.Weights.Count > 0))
        {
            var wrong = use
                .Layer.Wrong(use)
                .Take(MaximumWrong)
                .DefaultIfEmpty(new WrongLayer("no weights", use with { Weights = [.. use.Weights.Select(weight => weight * 0)] }));
            foreach (var one in wrong)
            {
                var away = Distance(outputs, Outputs(Replaced(model, use, one.Layer), inputs, Precision.Double));
                count++;
                if (away < distance)
                {
                    (nearest, distance) = ($"{string.Join('/', path)}: {one.Name}", away);
                }
            }
        }

        return (nearest, distance, count);
    }

    /// <summary>How far two arrays of one shape lie apart; the axis behind the batch counts as time.</summary>
    public static Difference Difference(string what, NumericArray left, NumericArray right)
    {
        var (batch, steps) = (left.Dimensions[0], left.Rank > 2 ? left.Dimensions[1] : 1);
        Sequence Flat(NumericArray array) => new(batch, steps, array.Count / Math.Max(1, batch * steps), array.ToDoubles());
        return Verification.Difference.Of(what, Flat(left), Flat(right), [.. Enumerable.Repeat(steps, batch)]);
    }

    /// <summary>The shapes of arrays, as text.</summary>
    public static string Text(IReadOnlyList<NumericArray> arrays) =>
        string.Join(", ", arrays.Select(array => $"({string.Join(", ", array.Dimensions)})"));

    /// <summary>How a difference reads in a sentence.</summary>
    public static string Sentence(Compared one)
    {
        var difference = one.Difference;
        var place = string.Create(
            CultureInfo.InvariantCulture,
            $"{(difference.PerStep.Count > 1 ? $", first at step {one.FirstStepOver}" : "")}, most at row {difference.Place.Row}, {(difference.PerStep.Count > 1 ? $"step {difference.Place.Step}, " : "")}unit {difference.Place.Unit} ({difference.Left:g9} and {difference.Right:g9})"
        );
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{difference.What} differs by {difference.MaxAbs:g4} (limit {one.Limit:g3}){place}.");
    }

    private static Model Replaced(Model model, KerasUse old, KerasUse other) =>
        model.With(layer =>
            ReferenceEquals(layer.Callee, old) ? other
            : layer.Callee is NestedModel nested ? nested with { Model = Replaced(nested.Model, old, other) }
            : layer.Callee);

    private static Model Changed(Model model, Func<NumericArray, NumericArray> change) => model.With(layer => layer.Callee switch
    {
        KerasUse use => use with { Weights = [.. use.Weights.Select(change)] },
        NestedModel nested => nested with { Model = Changed(nested.Model, change) },
        var other => other,
    });

    private static double Distance(IReadOnlyList<NumericArray> ours, IReadOnlyList<NumericArray> theirs) =>
        ours.Zip(theirs)
            .Max(pair =>
                pair.First.ToDoubles()
                    .Zip(pair.Second.ToDoubles(), (a, b) => a.Equals(b) ? 0 : Math.Abs(a - b))
                    .DefaultIfEmpty(0)
                    .Max(one => double.IsNaN(one) ? double.PositiveInfinity : one));
}
