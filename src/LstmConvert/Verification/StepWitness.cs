using LstmConvert.Arrays;
using LstmConvert.Cells;
using LstmConvert.Equations;
using LstmConvert.Graphs.Execution;
using LstmConvert.Graphs.Matching;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Verification;

/// <summary>
/// Watches the steps of cells inside a program that is fed at its own inputs: what each step read, the states it came with and what it
/// gave, compared with one step of the
/// equations from the same numbers. So a cell testifies whose input or states are put together where nothing can be fed; what feeds what is
/// not seen.
/// </summary>
internal sealed class StepWitness
{
    /// <summary>The length of axes that the graph leaves open, of rows as of steps: whichever comes first fits.</summary>
    private const int Open = 5;

    private readonly GraphProgram program;
    private readonly Limits limits;
    private readonly VerificationOptions options;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<int?>> inputShapes;

    private StepWitness(
        GraphProgram program,
        Limits limits,
        VerificationOptions options,
        IReadOnlyDictionary<string, IReadOnlyList<int?>> inputShapes) =>
        (this.program, this.limits, this.options, this.inputShapes) = (program, limits, options, inputShapes);

    /// <summary>Watches a layer; null where its steps cannot be watched, with the reason as a clause.</summary>
    /// <param name="program">The graph.</param>
    /// <param name="source">The source.</param>
    /// <param name="layer">The layer; its cell was found in the graph.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="options">What the graph is fed by name, the seed.</param>
    public static (GraphLayerReport? Report, string Problem) Run(
        GraphProgram program,
        RecurrentSource source,
        RecurrentLayer layer,
        Limits limits,
        VerificationOptions options)
    {
        var taps = layer.Watched!.Taps.Value;
        var states = layer.Cell.States.Select(state => state.Name).ToArray();
        var all = source.Model.Layers.ToArray();
        var fetches = Fetches(layer, all, []);
        if (taps.Cells.Count == 0 || fetches is null)
        {
            return (null, $"no tensor outside a function is what a step of it reads or gives ({layer.Watched.Node})");
        }

        if (
            !taps.Cells.All(cell => Array.TrueForAll(states, cell.Enters.ContainsKey))
            || Tensors(taps).Concat(fetches).FirstOrDefault(tensor => !program.Has(tensor)) is not null)
        {
            return (null, $"what a step of it starts from is no tensor of its own ({layer.Watched.Node})");
        }

        // Where the graph states no shapes they are as what reads the inputs needs them, unless all of them are single numbers.
        var told = InputShapes.Of(layer, all, source.Variables);
        var found = Run(new StepWitness(program, limits, options, new Dictionary<string, IReadOnlyList<int?>>()), layer, taps, fetches);
        return found.Report is null && program.InputsOf(fetches).Any(input => program.ShapeOf(input) is null && told.ContainsKey(input))
            ? Run(new StepWitness(program, limits, options, told), layer, taps, fetches)
            : found;
    }

    private static (GraphLayerReport? Report, string Problem) Run(
        StepWitness witness,
        RecurrentLayer layer,
        GraphTaps taps,
        IReadOnlyList<string> fetches)
    {
        try
        {
            return witness.Report(layer, taps, fetches) is { } report
                ? (report, "")
                : (null, $"its steps have another form in the graph ({layer.Watched!.Node})");
        }
        catch (LstmConvertException e) when (e is UnreadableInputException or UndecidedException or UnsupportedModelException)
        {
            return (null, e.Message);
        }
    }

    /// <summary>What leaves the loop of a layer; of one that puts nothing out itself, what a layer that reads it puts out.</summary>
    private static IReadOnlyList<string>? Fetches(RecurrentLayer layer, RecurrentLayer[] all, HashSet<RecurrentLayer> seen) =>
        !seen.Add(layer) ? null
        : LayerWatch.Of(layer)?.Tensors
            ?? all.Where(other => other.Watched?.Feed?.Cells.Contains(layer.Watched) == true)
                .Select(other => Fetches(other, all, seen))
                .FirstOrDefault(tensors => tensors is not null);

    private static IEnumerable<string> Tensors(GraphTaps taps) =>
        taps
            .Cells.SelectMany(cell =>
                cell.Enters.Values.Concat(cell.Leaves.Values).Concat(cell.Givens).Append(cell.X).Append(cell.Output))
            .Distinct(StringComparer.Ordinal);

    private GraphLayerReport? Report(RecurrentLayer layer, GraphTaps taps, IReadOnlyList<string> fetches)
    {
        string[] watches = [.. Tensors(taps)];
        var inputs = program.InputsOf(fetches);
        var feeds = inputs.ToDictionary(name => name, Drawn(inputs, layer), StringComparer.Ordinal);
        foreach (var (tensor, value) in options.GraphFeeds)
        {
            feeds[tensor] = GraphFeeds.Spread(program, tensor, value, Open);
        }

        var float64 = Compare(layer, taps, program.Run(feeds, fetches, Precision.Double, watches), watches, Precision.Double);
        if (float64 is null)
        {
            return null;
        }

        var float32 =
            layer.Cell.DType is DType.Float32
                ? Compare(layer, taps, program.Run(feeds, fetches, Precision.Single, watches), watches, Precision.Single)
                : [];
        var first = float64.Select(one => (one.Node, Compared: limits.Layout(layer, one.Difference))).ToArray();
        return new GraphLayerReport(
            layer,
            [.. first.Select(one => one.Compared)],
            [.. (float32 ?? []).Select(one => limits.Deployment(layer, one.Difference))])
        {
            IsByStep = true,
            Node = first
                .Where(one => !one.Compared.IsMet)
                .OrderBy(one => one.Compared.FirstStepOver)
                .Select(one => one.Node)
                .FirstOrDefault(),
        };
    }

    /// <summary>Draws an input of the program as its shape and type say: numbers, rows of tables, lengths.</summary>
    private Func<string, GraphValue> Drawn(IReadOnlyList<string> inputs, RecurrentLayer layer)
    {
        var shapes = inputs.ToDictionary(
            name => name,
            name => program.ShapeOf(name) ?? inputShapes.GetValueOrDefault(name, []),
            StringComparer.Ordinal);
        int[] stated = [.. shapes.Values.Where(shape => shape.Count > 1).SelectMany(shape => shape.Take(2)).OfType<int>().Distinct()];
        var open = stated is [var only] ? only : Open;
        var shortest = stated.DefaultIfEmpty(open).Min();
        var seed = options.Seed;
        return name =>
        {
            var shape = shapes[name];
            int[] lengths = [.. shape.Select((length, axis) => length ?? (axis < 2 ? open : layer.InputSize))];
            var count = lengths.Aggregate(1L, (product, length) => product * length);
            if (count > GraphProgram.MaximumFeed)
            {
                throw new UnreadableInputException(
                    $"{program.Path} states that {name} has {count} elements, which is more than is fed ({GraphProgram.MaximumFeed}). Feed a tensor behind it."
                );
            }

            var values = new double[count];
            for (var k = 0; k < values.Length; k++)
            {
                values[k] = program.TypeOf(name) switch
                {
                    DType.Bool => shape.Count == 0 ? 0 : 1,
                    DType.Float16 or DType.BFloat16 or DType.Float32 or DType.Float64 or null => (float)(
                        (4 * Sample.Uniform(ref seed)) - 2),
                    _ => shape.Count < 2 ? shortest : Math.Floor(2 * Sample.Uniform(ref seed)),
                };
            }

            return GraphValue.Numbers(values, lengths);
        };
    }

    /// <summary>The outputs and states of all steps; null where the graph has them in another form.</summary>
    private static List<(string Node, Difference Difference)>? Compare(
        RecurrentLayer layer,
        GraphTaps taps,
        GraphResult result,
        string[] watches,
        Precision precision)
    {
        IReadOnlyList<GraphValue> Watched(string tensor) => result.Watched[Array.IndexOf(watches, tensor)];
        GraphValue[] All(Func<StepTaps, string> tensor) =>
            [.. taps.Cells.SelectMany(cell => Watched(tensor(cell)).Take(Watched(cell.Output).Count))];
        var (x, steps) = (All(cell => cell.X), taps.Cells.Sum(cell => Watched(cell.Output).Count));
        var width = layer.InputSize - taps.Cells[0].Givens.Count;
        if (steps == 0 || x.Length != steps || x[0].Count == 0 || x[0].Count % width != 0)
        {
            return null;
        }

        var (call, rows) = (new CellCall(layer.Cell), x[0].Count / width);
        NumericArray? Stacked(GraphValue[] values, int width, params int[] shape) =>
            values.Length == steps && Array.TrueForAll(values, value => value.Data is float[] or double[] && value.Count == rows * width)
                ? NumericArray.From([.. values.SelectMany(value => value.ToDoubles())], precision, shape)
                : null;
        NumericArray?[] inputs =
        [
            .. taps.Cells[0].Givens.Select((_, k) => Stacked(All(cell => cell.Givens[k]), 1, steps * rows, 1)),
            Stacked(x, width, steps * rows, width),
        ];
        var input = Array.Exists(inputs, one => one is null) ? null
            : NumericArray.Concatenate([.. inputs.OfType<NumericArray>()]).Reshape(steps * rows, 1, layer.InputSize);
        NumericArray?[] states =
        [
            .. call.States.Zip(call.StateWidths, (state, width) => Stacked(All(cell => cell.Enters[state]), width, steps * rows, width)),
        ];
        if (input is null || Array.Exists(states, state => state is null))
        {
            return null;
        }

        var own = call.Run(new CallInputs([new Value(input)], states!, precision));
        var found = new List<(string Node, Difference Difference)>();
        void Add(string what, Func<StepTaps, string> tensor, double[] ours)
        {
            var size = ours.Length / (steps * rows);
            if (Stacked(All(tensor), size, steps, rows, size) is { } theirs)
            {
                // Steps are steps, and the rows stand beside each other.
                int[] one = [steps];
                found.Add(
                    (
                        tensor(taps.Cells[0]),
                        Difference.Of(
                            what,
                            new Sequence(1, steps, rows * size, theirs.ToDoubles()),
                            new Sequence(1, steps, rows * size, ours),
                            one)));
            }
        }

        foreach (
            var (state, values) in call
                .States.Zip(own.FinalStates)
                .Where(state => taps.Cells.All(cell => cell.Leaves.ContainsKey(state.First))))
        {
            Add(state, cell => cell.Leaves[state], values.ToDoubles());
        }

        Add("outputs", cell => cell.Output, own.Output.Data.ToDoubles());
        return found.Exists(one => one.Difference.What == "outputs") ? found : null;
    }
}
