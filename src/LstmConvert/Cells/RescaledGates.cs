using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;

namespace LstmConvert.Cells;

/// <summary>
/// Gates by <c>clip(0.2x + 0.5, 0, 1)</c> in layers of Keras 3, which has <c>clip(x/6 + 0.5, 0, 1)</c> under that name, and those of
/// Keras 3 in layers of TensorFlow.js, which has Keras 2's (spec: keras 2.2.4 backend hard_sigmoid, 3.15.1 src/activations): with
/// everything that is summed in front of them multiplied by 1.2, or by 1/1.2, both are the same numbers.
/// </summary>
internal static class RescaledGates
{
    /// <summary>The recipe with the activation that a Keras has, its weights multiplied; the recipe itself where it has that already, or has
    /// no such activation.</summary>
    /// <param name="recipe">The recipe of a layer, or of one around a cell.</param>
    /// <param name="target">What the Keras that is written for means by the name.</param>
    public static LayerRecipe Of(LayerRecipe recipe, Activation target)
    {
        var other = target == Activations.HardSigmoid3 ? Activations.HardSigmoid : Activations.HardSigmoid3;
        if (GatesOf(recipe) != other.Name)
        {
            return recipe;
        }

        var scale = other == Activations.HardSigmoid ? Activations.HardSigmoidScale : 1 / Activations.HardSigmoidScale;
        var definitions = (recipe.Inner is [var cell] ? cell : recipe.Use)
            .WeightDefinitions.ToDictionary(weight => weight.Name, StringComparer.Ordinal);
        return WithGates(recipe, FactValue.Of(target.Name)) with
        {
            Weights = [.. recipe.Weights.Select(weight => weight with { Derivation = Scaled(weight.Derivation, definitions[weight.Name], scale) })],
        };
    }

    /// <summary>True if a cell's gates are by this function in the source, or by Keras 3's, and its layers can have them.</summary>
    /// <param name="cell">The cell.</param>
    public static bool Holds(BoundCell cell) =>
        cell.Find(KnownFacts.RecurrentActivation.Name)?.Value.Text is { } name
        && (name == Activations.HardSigmoid.Name || name == Activations.HardSigmoid3.Name)
        && cell.Recipes is { } recipes
        && recipes.All(recipe => recipe.Inner.Count <= 1)
        && recipes.Any(recipe => GatesOf(recipe) == cell.HardSigmoid.Name);

    /// <summary>The activation of the gates of a layer, or of the cell inside.</summary>
    private static string? GatesOf(LayerRecipe recipe) =>
        (recipe.Inner is [var cell] ? cell.Arguments : recipe.Inner.Count == 0 ? recipe.Arguments : null)
            ?.GetValueOrDefault(RecurrentArguments.RecurrentActivation.Name)?.Text;

    private static LayerRecipe WithGates(LayerRecipe recipe, FactValue gates) => recipe.Inner is [var cell]
        ? recipe with { Inner = [cell.With(RecurrentArguments.RecurrentActivation.Name, gates)] }
        : recipe with
        {
            Arguments = new Dictionary<string, FactValue>(recipe.Arguments, StringComparer.Ordinal)
            {
                [RecurrentArguments.RecurrentActivation.Name] = gates,
            },
        };

    private static Derivation Scaled(Derivation weight, WeightDefinition definition, double scale) =>
        definition.Squashed.Length == 0 ? weight
        : definition.Gates is { } gates ? weight.ScaledBy(scale, definition.Squashed, gates)
        : weight.ScaledBy(scale);
}
