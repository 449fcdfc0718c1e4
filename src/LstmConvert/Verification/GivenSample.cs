using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>Makes a sample of what the user gives: the input, lengths, initial states.</summary>
internal static class GivenSample
{
    /// <summary>The sample; inputs of another width than the given one are drawn, and that is noted.</summary>
    /// <exception cref="UsageException">The input does not fit.</exception>
    /// <exception cref="UnreadableInputException">It holds NaN or infinity at a valid step.</exception>
    public static Sample Of(SourceModel source, VerificationOptions options, List<string> notes)
    {
        var given = options.Input!;
        var x = given.X ?? throw new UsageException("The input has no array x. Name an .npy of shape (b, t, x), or an .npz with x.");
        if (x.Batch == 0 || x.Steps == 0)
        {
            throw new UsageException($"The input is ({x.Batch}, {x.Steps}, {x.Width}). Give at least one row of one step.");
        }

        var lengths = options.Lengths?.ToArray() ?? given.Lengths ?? [.. Enumerable.Repeat(x.Steps, x.Batch)];
        if (lengths.Length != x.Batch || lengths.Any(length => length < 0 || length > x.Steps))
        {
            throw new UsageException(
                $"The sequence lengths ({string.Join(", ", lengths)}) do not fit an input of {x.Batch} rows and {x.Steps} steps. Name one length from 0 to {x.Steps} for each row."
            );
        }

        RefuseNotFinite(x, lengths);
        var drawn = Sample.Draw(source, options.Seed);
        var (inputs, own) = (new Dictionary<string, Sequence>(StringComparer.Ordinal), new List<string>());
        foreach (var input in source.Model.Inputs)
        {
            var axes = Math.Max(3, input.Axes.Count + 1);
            if (axes != x.StepShape.Count + 2)
            {
                throw new UsageException(
                    $"The input has {x.StepShape.Count + 2} axes, and {source.Layers.First().Scope} reads {axes}: (b, t, {(axes > 3 ? "…, " : "")}{input.Width})."
                );
            }

            if (input.Width is { } width && width != x.StepShape[^1])
            {
                if (source.Model.Inputs.Count == 1)
                {
                    throw new UsageException(
                        $"The input has width {x.StepShape[^1]}, and {source.Layers.First().Scope} reads {width}. Name an input of shape (b, t, {width})."
                    );
                }

                notes.Add(
                    $"The layers that read {input.Name} have input size {width}, the input has {x.StepShape[^1]}; they are verified on numbers of their own."
                );
                own.Add(input.Name);
                inputs[input.Name] = Tiled(drawn.Inputs[input.Name], x.Batch, x.Steps);
            }
            else
            {
                inputs[input.Name] = Zeroed(x, lengths);
            }
        }

        return new Sample(inputs, lengths, States(source, options, x, notes)) { Own = own };
    }

    private static Dictionary<RecurrentLayer, IReadOnlyList<NumericArray>> States(
        SourceModel source,
        VerificationOptions options,
        Sequence x,
        List<string> notes)
    {
        var recorded = options.InitialStates ?? options.Input;
        var ids = recorded!.Keys("init_").Any() ? recorded.Ids(source) : new Dictionary<RecurrentLayer, string>();
        var states = new Dictionary<RecurrentLayer, IReadOnlyList<NumericArray>>();
        foreach (var layer in source.Layers)
        {
            var (h, c) = ids.TryGetValue(layer, out var id) ? recorded.States("init", id, layer) : default;
            states[layer] =
            [
                .. layer.Cell.States.Select(state =>
                {
                    int[] shape = [x.Batch, .. x.StepShape.Take(layer.Cell.ImageLengths.Count), (int)layer.Cell.Sizes[state.Width]];
                    var count = shape.Aggregate(1, (product, length) => product * length);
                    var values =
                        state.Name == "h" ? h
                        : state.Name == "c" ? c
                        : id is null ? null
                        : recorded.Find($"init_{id}_{state.Name}")?.ToDoubles();
                    if (values is not null && values.Length != count)
                    {
                        throw new UsageException(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"The initial state {state.Name} of {layer.Scope} has {values.Length} numbers; ({string.Join(", ", shape)}) is needed."
                            ));
                    }

                return NumericArray.From(values ?? new double[count], Precision.Double, shape);
            })];
        }

        if (recorded.Keys("init_").Any() && ids.Count == 0)
        {
            notes.Add("The initial states that were given name no layer of the source; states are zero.");
        }

        return states;
    }

    /// <summary>What lies after a row's end is no part of the sample: it is 0 from here on, whatever it was.</summary>
    private static Sequence Zeroed(Sequence x, int[] lengths)
    {
        if (lengths.All(length => length == x.Steps))
        {
            return x;
        }

        var values = (double[])x.Values.Clone();
        for (var b = 0; b < x.Batch; b++)
        {
            values.AsSpan(((b * x.Steps) + lengths[b]) * x.Width, (x.Steps - lengths[b]) * x.Width).Clear();
        }

        return new Sequence(x.Batch, x.Steps, x.StepShape, values);
    }

    private static Sequence Tiled(Sequence drawn, int batch, int steps)
    {
        var values = new double[batch * steps * drawn.Width];
        for (var k = 0; k < values.Length; k++)
        {
            values[k] = drawn.Values[k % drawn.Values.Length];
        }

        return new Sequence(batch, steps, drawn.StepShape, values);
    }

    private static void RefuseNotFinite(Sequence x, int[] lengths)
    {
        for (var b = 0; b < x.Batch; b++)
        {
            for (var t = 0; t < lengths[b]; t++)
            {
                for (var k = 0; k < x.Width; k++)
                {
                    if (!double.IsFinite(x[b, t, k]))
                    {
                        throw new UnreadableInputException(
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"The input holds {x[b, t, k]} at row {b}, step {t}, feature {k}; nothing can be compared from there on. Give finite numbers."
                            ));
                    }
                }
            }
        }
    }
}
