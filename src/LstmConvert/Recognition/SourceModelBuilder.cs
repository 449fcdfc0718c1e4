using System.Globalization;
using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.Recognition;

/// <summary>Makes the source's model, a graph of calls, from layers that know what feeds them.</summary>
internal sealed class SourceModelBuilder
{
    private readonly List<ModelInput> inputs = [];
    private readonly List<Call> calls = [];
    private readonly Dictionary<Feed, Port> ports = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);

    private SourceModelBuilder()
    {
    }

    /// <summary>The model of some groups; an input of each group that has no name of its own gets one.</summary>
    public static Model Build(IReadOnlyList<LayerGroup> groups)
    {
        var builder = new SourceModelBuilder();
        var outputs = new List<Port>();
        for (var k = 0; k < groups.Count; k++)
        {
            var suffix = groups.Count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"_{k + 1}");
            foreach (var layer in groups[k].Layers)
            {
                builder.Add(layer, suffix);
            }

            outputs.AddRange(groups[k].Outputs.Select(feed => builder.PortOf(feed, suffix, null)));
        }

        return new Model(builder.inputs, builder.calls, outputs);
    }

    private void Add(RecurrentLayer layer, string suffix)
    {
        var fed = PortOf(layer.Feed, suffix, layer);
        if (layer.HasLengths && layer.Cell.ImageLengths.Count == 0)
        {
            foreach (var read in layer.Feed.Inputs.Select(input => inputs.FindIndex(one => one.Name == NameOf(input, suffix))))
            {
                inputs[read] = inputs[read] with { HasLengths = true };
            }
        }

        var name = Unique(layer.Scope.Length == 0 ? "rnn" : layer.Scope);
        calls.Add(new Call(name, new CellCall(layer.Cell), [fed])
        {
            InitialStates = layer.InitialStates?.Select(state => PortOf(state, suffix, null)).ToArray(),
        });
        var output = new Port(name);
        ports[new Feed.FromLayer(layer, IsBare: true)] = output;
        if (layer.Cell.IsResidual)
        {
            var sum = Unique(name + "_residual");
            calls.Add(new Call(sum, KerasLayers.AddLayer.Layer(), [fed, output]));
            output = new Port(sum);
        }

        layer.Output = output;
        layer.CallName = name;
        ports[new Feed.FromLayer(layer)] = output;
    }

    private Port PortOf(Feed feed, string suffix, RecurrentLayer? reader)
    {
        if (feed is Feed.FromInput from)
        {
            var name = NameOf(from.Name, suffix);
            if (!inputs.Exists(input => input.Name == name))
            {
                var width = from.Width ?? reader?.InputSize;
                inputs.Add(new ModelInput(name, width)
                {
                    Shape = reader?.Cell.ImageLengths is { Count: > 0 } lengths ? [null, .. lengths, width] : null,
                });
            }

            return new Port(name);
        }

        if (feed is Feed.FromState state)
        {
            return new Port(state.Layer.CallName!, state.Layer.Cell.States.Index().First(one => one.Item.Name == state.State).Index);
        }

        if (ports.TryGetValue(feed, out var known))
        {
            return known;
        }

        var (kind, use, parts) = feed switch
        {
            Feed.Joined joined => ("joined", Concatenate.Layer(), joined.Parts),
            Feed.Summed summed => ("sum", KerasLayers.AddLayer.Layer(), summed.Parts),
            Feed.Reversed reversed => ("reversed", ReverseTime.Layer(), [reversed.Inner]),
            _ => throw new InvalidOperationException($"{feed} is fed before it is computed."),
        };
        var fed = parts.Select(part => PortOf(part, suffix, reader)).ToArray();
        var call = Unique($"{ScopeName.Common([.. feed.Layers.Select(layer => layer.Scope).DefaultIfEmpty("x")])}_{kind}");
        calls.Add(new Call(call, use, fed));
        return ports[feed] = new Port(call);
    }

    private static string NameOf(string input, string suffix) => input.Length == 0 ? "x" + suffix : input;

    private string Unique(string name)
    {
        var unique = name;
        for (var k = 1; !names.Add(unique); k++)
        {
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{k}");
        }

        return unique;
    }
}
