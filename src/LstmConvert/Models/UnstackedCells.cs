using LstmConvert.KerasLayers;

namespace LstmConvert.Models;

/// <summary>One layer around several stacked cells as layers that feed each other: both compute the same, step by step. So each cell can be
/// held against one of the source.</summary>
internal static class UnstackedCells
{
    /// <summary>A model with its stacks taken apart.</summary>
    /// <param name="model">The model, its weights attached and read.</param>
    /// <param name="isWanted">True for the name that a cell of a stack gets, <c>rnn/multi_rnn_cell/cell_0/lstm_cell</c>, if somebody has a
    /// layer for it: stacks with others stay.</param>
    public static Model Of(Model model, Func<string, bool> isWanted)
    {
        var (calls, ports) = (new List<Call>(), new Dictionary<Port, Port>());
        foreach (var call in model.Calls)
        {
            var read = call with
            {
                Inputs = [.. call.Inputs.Select(Moved)],
                InitialStates = call.InitialStates?.Select(Moved).ToArray(),
                Keywords = [.. call.Keywords.Select(keyword => (keyword.Name, Moved(keyword.Port)))],
            };
            if (
                call.Callee is KerasUse { IsBackward: false } use
                && Rnn.Layers(use) is { Count: > 1 } layers
                && layers.All(layer => isWanted(call.Name + layer.Suffix)))
            {
                calls.AddRange(Apart(read, use, layers, ports));
            }
            else
            {
                calls.Add(read);
            }
        }

        return ports.Count == 0 ? model : model with { Calls = calls, Outputs = [.. model.Outputs.Select(Moved)], IsSequential = false };

        Port Moved(Port port) => ports.GetValueOrDefault(port, port);
    }

    private static IEnumerable<Call> Apart(
        Call call,
        KerasUse use,
        IReadOnlyList<(string Suffix, KerasUse Layer)> layers,
        Dictionary<Port, Port> ports)
    {
        var (weight, state, before) = (0, 0, (string?)null);
        foreach (var (suffix, layer) in layers)
        {
            var (name, count, isLast) = (call.Name + suffix, layer.WeightDefinitions.Count, suffix == layers[^1].Suffix);
            var own = (isLast ? layer : layer.ReturningSequences()) with { Weights = [.. use.Weights.Skip(weight).Take(count)] };
            yield return new Call(name, own, before is null ? call.Inputs : [new Port(before)])
            {
                InitialStates = call.InitialStates?.Skip(state).Take(own.States.Count).ToArray(),
            };
            for (var k = 0; k < own.States.Count; k++)
            {
                ports[new Port(call.Name, state + k)] = new Port(name, k);
            }

            (weight, state, before) = (weight + count, state + own.States.Count, name);
        }

        ports[new Port(call.Name)] = new Port(before!);
    }
}
