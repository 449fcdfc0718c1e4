using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Graphs.Execution;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>What a graph and a whole Keras model gave on one sample.</summary>
/// <param name="Inputs">The model's inputs, <c>(b, …)</c>.</param>
/// <param name="Float64">What the model gave in float64.</param>
/// <param name="Graph">What the graph gave in float64, in the model's form.</param>
/// <param name="Compared">Each output in float64, then in float32.</param>
/// <param name="Cost">What half an ulp in every weight changes.</param>
/// <param name="Text">How the graph was fed and read.</param>
internal sealed record GraphCutResult(
    IReadOnlyList<NumericArray> Inputs,
    IReadOnlyList<NumericArray> Float64,
    IReadOnlyList<NumericArray> Graph,
    IReadOnlyList<Compared> Compared,
    double Cost,
    string Text)
{
    /// <summary>True if these are all outputs of the model, and so every layer that can be seen from them.</summary>
    public bool IsWhole { get; init; }

    /// <summary>True if random numbers of the graph were drawn on the way.</summary>
    public bool IsRandom { get; init; }

    /// <summary>True if every output is within its limit.</summary>
    public bool IsSame => Compared.All(one => one.IsMet);
}

/// <summary>
/// Runs the source's own graph between tensors that stand for the inputs and outputs of a whole Keras model, and compares what both give:
/// whatever cells lie in between.
/// A program may keep time before the batch, and may put all rows and steps in one row each: both forms are tried, and the form that was
/// taken is said.
/// </summary>
internal sealed class GraphCutRun
{
    private readonly GraphProgram program;
    private readonly Model keras;
    private readonly GraphCut cut;
    private readonly VerificationOptions options;
    private readonly Dictionary<string, GraphValue> around;
    private readonly List<string> notes;
    private bool isRandom;

    private GraphCutRun(
        GraphProgram program,
        Model keras,
        GraphCut cut,
        VerificationOptions options,
        Dictionary<string, GraphValue> around,
        List<string> notes
    ) => (this.program, this.keras, this.cut, this.options, this.around, this.notes) = (program, keras, cut, options, around, notes);

    /// <summary>Runs both.</summary>
    /// <param name="source">The source; it has a graph.</param>
    /// <param name="keras">The Keras model with its weights.</param>
    /// <param name="cut">The tensors.</param>
    /// <param name="options">The sample and the limits, and what else the graph is fed.</param>
    /// <param name="notes">Gets what is to be said of the run.</param>
    /// <exception cref="UsageException">A tensor is not in the graph, or there are more or fewer than inputs and outputs.</exception>
    /// <exception cref="UndecidedException">An input of the graph is fed by nothing.</exception>
    /// <exception cref="LstmConvertException">The graph cannot be executed.</exception>
    public static GraphCutResult Run(RecurrentSource source, Model keras, GraphCut cut, VerificationOptions options, List<string> notes)
    {
        var program = GraphProgram.Of(source.Graph!, source.Variables);
        var around = Extents(source, program);
        var from = cut.From.Count > 0 ? cut.From : Entries(program, keras, cut.To, options, around);
        if (from.Count != keras.Inputs.Count || cut.To.Count != keras.Outputs.Count)
        {
            throw new UsageException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The Keras model has {Count(keras.Inputs.Count, "input")} ({string.Join(", ", keras.Inputs.Select(input => input.Name))}) and {Count(keras.Outputs.Count, "output")}, and {Count(from.Count, "tensor")} of the graph to feed and {cut.To.Count} to read are named. Name as many, in the model's order."
                ),
                remedies: [new SettingRemedy(Setting.EntryTensors), new SettingRemedy(Setting.ExitTensors)]);
        }

        return new GraphCutRun(program, keras, cut with { From = from }, options, around, notes).BestForm();
    }

    private static string Count(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>What says how long rows are, where the layers show it: it is fed full rows.</summary>
    private static Dictionary<string, GraphValue> Extents(RecurrentSource source, GraphProgram program)
    {
        var found = source
            .Model.Layers.Where(layer => layer.Watched is not null)
            .SelectMany(layer => layer.Watched!.Taps.Value.Extents)
            .Where(extent => program.Has(extent.Tensor));
        return found
            .DistinctBy(extent => extent.Tensor)
            .ToDictionary(
                extent => extent.Tensor,
                extent => extent.Extent == Graphs.Reading.SequenceExtent.Mask ? GraphValue.Numbers([1], 1, 1) : GraphValue.Numbers([], []),
                StringComparer.Ordinal);
    }

    /// <summary>The placeholders behind the outputs: those that are called as the model's inputs, else as many as it has.</summary>
    private static string[] Entries(
        GraphProgram program,
        Model keras,
        IReadOnlyList<string> to,
        VerificationOptions options,
        Dictionary<string, GraphValue> around)
    {
        var found = program
            .InputsOf(to)
            .Where(name =>
                !around.ContainsKey(name) && !options.GraphFeeds.ContainsKey(name) && !options.GraphFeeds.ContainsKey(name + ":0"))
            .ToArray();
        var named = keras.Inputs.Select(input => Array.Find(found, name => name == input.Name)).ToArray();
        return Array.TrueForAll(named, name => name is not null) ? [.. named.OfType<string>()]
            : found.Length == keras.Inputs.Count ? found
            : throw new UndecidedException(
                $"{string.Join(", ", to)} of {program.Path} is computed from {(found.Length == 0 ? "no placeholder" : string.Join(", ", found))}, and the Keras model's {(keras.Inputs.Count == 1 ? "input is" : "inputs are")} {string.Join(", ", keras.Inputs.Select(input => input.Name))}. Say which is which, in the model's order.",
                [new SettingRemedy(Setting.EntryTensors), .. found.Skip(keras.Inputs.Count).Take(3).Select(name => new FeedRemedy(name))]);
    }

    /// <summary>Time behind the batch, as Keras has it; where that is not what the graph computes, time before the batch.</summary>
    private GraphCutResult BestForm()
    {
        var (first, problem) = Try(isTimeFirst: false);
        if (first is { IsSame: true } || !keras.Inputs.Any(input => input.Axes.Count > 0 && input.HasTime))
        {
            return first ?? throw problem!;
        }

        var (second, _) = Try(isTimeFirst: true);
        var best = second is { IsSame: true } || first is null ? second : first;
        return best ?? throw problem!;
    }

    private (GraphCutResult? Result, LstmConvertException? Problem) Try(bool isTimeFirst)
    {
        var said = notes.Count;
        try
        {
            return (Compute(isTimeFirst), null);
        }
        catch (LstmConvertException e) when (e is UnreadableInputException or UndecidedException)
        {
            notes.RemoveRange(said, notes.Count - said);
            return (null, e);
        }
    }

    private GraphCutResult Compute(bool isTimeFirst)
    {
        var seed = options.Seed;
        var inputs = keras.Inputs.Select((input, k) => Recorded(input, k) is { } given ? ModelRuns.Given(input, given)
            : ModelRuns.Drawn(keras, input, ref seed, Known(cut.From[k], input.Axes.Count + 1, isTimeFirst))).ToArray();
        var (left, leftSingle) = (ModelRuns.Outputs(keras, inputs, Precision.Double), ModelRuns.Outputs(keras, inputs, Precision.Single));
        var (graph, forms) = Graph(inputs, left, isTimeFirst, Precision.Double);
        var (graphSingle, _) = Graph(inputs, leftSingle, isTimeFirst, Precision.Single);
        var cost = options.Limit is null ? ModelRuns.Cost(keras, left, inputs, options.Seed + 1) : 0;
        var compared = Compare(graph, left, Verifier.LayoutLimit, cost, "float64")
            .Concat(Compare(graphSingle, leftSingle, Verifier.DeploymentLimit, cost, "float32"))
            .ToArray();
        var text =
            $"from {string.Join(", ", cut.From.Zip(inputs, (name, input) => isTimeFirst && input.Rank > 1 ? $"{name} (time before the batch)" : name))} to {string.Join(", ", cut.To.Zip(forms, (name, form) => form.Length > 0 ? $"{name} ({form})" : name))}";
        return new GraphCutResult(inputs, left, graph, compared, cost, text) { IsRandom = isRandom };
    }

    /// <summary>A given input: under its own name, or by its number.</summary>
    private Tensor? Recorded(ModelInput input, int number) =>
        options.Input is null
            ? null
            : options.Input.Find(input.Name)
                ?? options.Input.Input(number, keras.Inputs.Count)
                ?? throw new UsageException(
                    $"Nothing that is given is called as the model's input {input.Name}. Name an array that is, or x{(keras.Inputs.Count == 1 ? "" : number.ToString(CultureInfo.InvariantCulture))}."
                );

    /// <summary>The lengths that the graph states of a tensor, in the model's order of axes.</summary>
    private IReadOnlyList<int?> Known(string tensor, int rank, bool isTimeFirst)
    {
        var shape = program.ShapeOf(tensor);
        return shape is null || shape.Count < rank || rank < 2 ? new int?[rank]
            : isTimeFirst ? [shape[1], shape[0], .. shape.Skip(2)]
            : shape;
    }

    private (IReadOnlyList<NumericArray> Outputs, IReadOnlyList<string> Forms) Graph(
        NumericArray[] inputs,
        IReadOnlyList<NumericArray> expected,
        bool isTimeFirst,
        Precision precision)
    {
        var (batch, steps) = (
            inputs[0].Dimensions[0],
            inputs.Where(input => input.Rank > 1).Select(input => input.Dimensions[1]).FirstOrDefault(1));
        var feeds = new Dictionary<string, GraphValue>(StringComparer.Ordinal);
        foreach (var (tensor, extent) in around)
        {
            feeds[tensor] =
                extent.Rank == 2
                    ? GraphValue.Numbers([.. Enumerable.Repeat(1.0, batch * steps)], batch, steps)
                    : GraphFeeds.Spread(program, tensor, steps, batch);
        }

        foreach (var (tensor, value) in options.GraphFeeds)
        {
            feeds[tensor] = GraphFeeds.Spread(program, tensor, value, batch);
        }

        for (var k = 0; k < inputs.Length; k++)
        {
            var value = GraphValue.Numbers(inputs[k].ToDoubles(), [.. inputs[k].Dimensions]);
            value = isTimeFirst && value.Rank > 1 ? Exchanged(value) : value;
            feeds[cut.From[k]] =
                program.ShapeOf(cut.From[k]) is [.., 1] shape && shape.Count == value.Rank + 1
                    ? value.WithShape([.. value.Shape, 1])
                    : value;
        }

        var result = program.Run(feeds, cut.To, precision);
        isRandom |= result.IsRandom;
        notes.AddRange(result.Notes.Where(note => !notes.Contains(note, StringComparer.Ordinal)));
        var formed = result.Values.Zip(expected).Select((pair, k) => Formed(cut.To[k], pair.First, pair.Second)).ToArray();
        return ([.. formed.Select(one => one.Value)], [.. formed.Select(one => one.Form)]);
    }

    /// <summary>What the graph gave in the form of the model's output: as it is, with time before the batch, or with all steps in one axis;
    /// of several forms the nearest.</summary>
    private (NumericArray Value, string Form) Formed(string tensor, GraphValue value, NumericArray expected)
    {
        int[] wanted = [.. expected.Dimensions];
        if (value.Data is byte[][] || value.Handle is not null)
        {
            throw new UsageException($"{tensor} of {program.Path} holds no numbers. Name a tensor before it.");
        }

        var forms = new List<(NumericArray Value, string Form)>();
        if (value.Count == expected.Count && Same(value.Shape, wanted))
        {
            forms.Add((Numbers(value.ToDoubles(), wanted), ""));
        }

        if (wanted.Length > 1 && value.Count == expected.Count)
        {
            int[] turned = [wanted[1], wanted[0], .. wanted[2..]];
            if (Same(value.Shape, turned))
            {
                forms.Add((Numbers(Exchanged(value.WithShape(turned)).ToDoubles(), wanted), "time before the batch"));
            }

            if (Same(value.Shape, [wanted[0] * wanted[1], .. wanted[2..]]))
            {
                forms.Add((Numbers(value.ToDoubles(), wanted), "all steps of a row behind each other"));
                forms.Add((Numbers(Exchanged(value.WithShape(turned)).ToDoubles(), wanted), "all rows of a step behind each other"));
            }
        }

        return forms.Count > 0
            ? forms.MinBy(form => Distance(form.Value, expected))
            : throw new UnreadableInputException(
                $"{tensor} is ({string.Join(", ", value.Shape)}) in the graph where the Keras model gives ({string.Join(", ", wanted)}). Name the tensor that is the model's output."
            );
    }

    private static double Distance(NumericArray left, NumericArray right) =>
        left.ToDoubles().Zip(right.ToDoubles(), (a, b) => Math.Abs(a - b)).Aggregate(0.0, Math.Max);

    private static NumericArray Numbers(double[] values, int[] shape) => NumericArray.From(values, Precision.Double, shape);

    /// <summary>True for shapes that differ in axes of length 1 only.</summary>
    private static bool Same(IEnumerable<int> left, IEnumerable<int> right) =>
        left.Where(length => length != 1).SequenceEqual(right.Where(length => length != 1));

    /// <summary>The first two axes exchanged.</summary>
    private static GraphValue Exchanged(GraphValue value)
    {
        var (first, second) = (value.Shape[0], value.Shape[1]);
        var width = value.Count / Math.Max(1, first * second);
        var (from, to) = (value.ToDoubles(), new double[value.Count]);
        for (var i = 0; i < first; i++)
        {
            for (var j = 0; j < second; j++)
            {
                from.AsSpan(((i * second) + j) * width, width).CopyTo(to.AsSpan(((j * first) + i) * width));
            }
        }

        return GraphValue.Numbers(to, [second, first, .. value.Shape[2..]]);
    }

    private IEnumerable<Compared> Compare(
        IReadOnlyList<NumericArray> graph,
        IReadOnlyList<NumericArray> ours,
        double standard,
        double cost,
        string precision) =>
        graph
            .Zip(ours)
            .Select(
                (pair, k) =>
                {
                    var difference = ModelRuns.Difference($"{cut.To[k]} in {precision}", pair.First, pair.Second);
                    return new Compared(difference, options.Limit ?? Math.Max(difference.Scaled(standard), Rounding.Factor * cost));
                });
}
