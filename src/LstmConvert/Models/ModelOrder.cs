using LstmConvert.Equations;
using LstmConvert.KerasLayers;

namespace LstmConvert.Models;

/// <summary>Puts the calls of a model in an order in which each comes after what feeds it, and checks that the model is one.</summary>
internal static class ModelOrder
{
    /// <summary>A model whose calls may stand in any order.</summary>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="calls">Its calls.</param>
    /// <param name="outputs">Its outputs.</param>
    /// <exception cref="UnsupportedModelException">Two things have one name, a port names nothing, calls feed each other in a circle, or
    /// widths do not fit.</exception>
    public static Model Of(IReadOnlyList<ModelInput> inputs, IReadOnlyList<Call> calls, IReadOnlyList<Port> outputs)
    {
        var names = new HashSet<string>(inputs.Select(input => input.Name), StringComparer.Ordinal);
        if (names.Count < inputs.Count || calls.FirstOrDefault(call => !names.Add(call.Name)) is not null)
        {
            var twice = inputs.Select(input => input.Name).Concat(calls.Select(call => call.Name))
                .GroupBy(name => name, StringComparer.Ordinal).First(group => group.Count() > 1).Key;
            throw new UnsupportedModelException($"Two layers of a model are called {twice}.");
        }

        var model = new Model(inputs, Sorted(inputs, calls), outputs);
        Check(model);
        return model;
    }

    /// <summary>Checks a model: every port names something that is there, before it is read, and the widths fit.</summary>
    /// <param name="model">The model.</param>
    /// <exception cref="UnsupportedModelException">It is none.</exception>
    public static void Check(Model model)
    {
        var widths = model.Inputs.ToDictionary(input => input.Name, input => input.Width, StringComparer.Ordinal);
        var callees = new Dictionary<string, ICallable>(StringComparer.Ordinal);
        foreach (var call in model.Calls)
        {
            foreach (var port in call.Reads)
            {
                CheckPort(port, call.Name, widths, callees);
            }

            if (call.InitialStates is { } states && states.Count != call.Callee.States.Count)
            {
                throw new UnsupportedModelException(
                    $"{call.Name} is {call.Callee.ClassName} with {call.Callee.States.Count} states, and {states.Count} initial states are given."
                );
            }

            widths[call.Name] = call.Callee.WidthFor([.. call.Inputs.Select(port => WidthOf(port, widths, callees))]);
            callees[call.Name] = call.Callee;
            CheckWidths(call, widths, callees);
        }

        foreach (var port in model.Outputs)
        {
            CheckPort(port, "the model's outputs", widths, callees);
        }
    }

    private static List<Call> Sorted(IReadOnlyList<ModelInput> inputs, IReadOnlyList<Call> calls)
    {
        var there = new HashSet<string>(inputs.Select(input => input.Name), StringComparer.Ordinal);
        var known = new HashSet<string>(there.Concat(calls.Select(call => call.Name)), StringComparer.Ordinal);
        int Missing(Call call) =>
            call.Reads.Select(port => port.From).Where(name => known.Contains(name) && !there.Contains(name)).Distinct().Count();
        var missing = calls.ToDictionary(call => call.Name, Missing, StringComparer.Ordinal);
        var readers = calls.SelectMany(call => call.Reads.Select(port => port.From).Distinct().Select(name => (name, call)))
            .ToLookup(pair => pair.name, pair => pair.call, StringComparer.Ordinal);
        var place = calls.Select((call, k) => (call.Name, k)).ToDictionary(pair => pair.Name, pair => pair.k, StringComparer.Ordinal);
        var ready = new PriorityQueue<Call, int>(calls.Where(call => missing[call.Name] == 0).Select(call => (call, place[call.Name])));
        var sorted = new List<Call>();
        while (ready.TryDequeue(out var next, out _))
        {
            sorted.Add(next);
            foreach (var reader in readers[next.Name])
            {
                if (--missing[reader.Name] == 0)
                {
                    ready.Enqueue(reader, place[reader.Name]);
                }
            }
        }

        return sorted.Count == calls.Count ? sorted
            : throw new UnsupportedModelException(
                $"The layers {string.Join(", ", calls.Select(call => call.Name).Except(sorted.Select(call => call.Name)).Take(5))} feed each other in a circle."
            );
    }

    private static void CheckPort(Port port, string reader, Dictionary<string, int?> widths, Dictionary<string, ICallable> callees)
    {
        if (!widths.ContainsKey(port.From))
        {
            throw new UnsupportedModelException($"{reader} reads {port.From}, and nothing before it in the model is called so.");
        }

        var isCall = callees.TryGetValue(port.From, out var callee);
        if (isCall && callee is KerasUse { UnknownConfiguration: not null })
        {
            return; // Nothing is known of what an unknown layer gives.
        }

        if (port.State is { } state ? !isCall || state < 0 || state >= callee!.States.Count
            : port.Output < 0 || port.Output >= (isCall ? callee!.OutputCount : 1))
        {
            throw new UnsupportedModelException(
                $"{reader} reads {(port.State is { } number ? $"state {number}" : $"output {port.Output}")} of {port.From}, which does not have it."
            );
        }
    }

    private static int? WidthOf(Port port, Dictionary<string, int?> widths, Dictionary<string, ICallable> callees) =>
        port.State is { } state ? (callees.TryGetValue(port.From, out var callee) ? callee.StateWidths.ElementAtOrDefault(state) : null)
            : widths[port.From];

    private static void CheckWidths(Call call, Dictionary<string, int?> widths, Dictionary<string, ICallable> callees)
    {
        if (
            call.Callee is KerasUse { Weights: [{ Rank: 2 } kernel, ..], WeightDefinitions: [{ Shape: ['(', 'x', ',', ..] }, ..] } use
            && call.Inputs is [var port]
            && WidthOf(port, widths, callees) is { } width
            && kernel.RowCount + use.WeightDefinitions[0].FeaturesBefore != width)
        {
            throw new UnsupportedModelException(
                $"{call.Name} is {use.ClassName} with a kernel for inputs of width {kernel.RowCount + use.WeightDefinitions[0].FeaturesBefore}, and gets inputs of width {width}."
            );
        }

        for (var k = 0; k < (call.InitialStates?.Count ?? 0); k++)
        {
            if (WidthOf(call.InitialStates![k], widths, callees) is { } given && given != call.Callee.StateWidths[k])
            {
                throw new UnsupportedModelException(
                    $"State {call.Callee.States[k]} of {call.Name} has the width {call.Callee.StateWidths[k]}, and starts from a value of width {given}."
                );
            }
        }
    }
}
