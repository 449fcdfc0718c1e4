using System.Globalization;
using LstmConvert.Recognition;

namespace LstmConvert.Tests.Recognition;

/// <summary>A model's edges in words: layers by their order in the groups, <c>x</c>, <c>x2</c> inputs; <c>+</c> a residual addition,
/// <c>bw</c> backward.</summary>
internal static class Wires
{
    public static string Of(SourceModel model)
    {
        var made = model.Layers.ToList();
        var inputs = new List<string>();
        string Name(RecurrentLayer layer) => made.IndexOf(layer).ToString(CultureInfo.InvariantCulture);
        string Input(string name)
        {
            if (!inputs.Contains(name))
            {
                inputs.Add(name);
            }

            return inputs.IndexOf(name) == 0 ? "x" : string.Create(CultureInfo.InvariantCulture, $"x{inputs.IndexOf(name) + 1}");
        }

        string Text(Feed feed) =>
            feed switch
            {
                Feed.FromInput from => Input(from.Name),
                Feed.FromLayer from => Name(from.Layer) + (from.IsBare ? " bare" : ""),
                Feed.FromState state => Name(state.Layer),
                Feed.Joined joined => $"[{string.Join(" ", joined.Parts.Select(Text))}]",
                Feed.Summed summed => $"({string.Join(" ", summed.Parts.Select(Text))})",
                Feed.Reversed reversed => $"reversed {Text(reversed.Inner)}",
                _ => "?",
            };
        string Layer(RecurrentLayer layer) =>
            $"{Name(layer)}{(layer.Cell.IsResidual ? "+" : "")}{(layer.IsBackward ? " bw" : "")} < {Text(layer.Feed)}{(layer.InitialStates is { } states ? $" from {string.Join(" ", states.Select(Text))}" : "")}";
        return string.Join(
            " / ",
            model.Groups.Select(group =>
                $"{string.Join("; ", group.Layers.Select(Layer))} | {string.Join(" ", group.Outputs.Select(Text))}"));
    }
}
