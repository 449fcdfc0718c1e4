using LstmConvert.Tensors;

namespace LstmConvert.Layouts;

/// <summary>A variable in its role.</summary>
/// <param name="Info">Its name, dtype and shape.</param>
/// <param name="Symbolic">The shape that the cell gives it, whose letters name blocks of rows; null where no block is asked for.</param>
/// <param name="Gates">The order of gates along its columns, or null.</param>
internal sealed record BoundVariable(TensorInfo Info, SymbolicShape? Symbolic = null, string? Gates = null);

/// <summary>What a recipe is applied to.</summary>
/// <param name="Variables">The variable of each role.</param>
/// <param name="Sizes">The sizes by letter: <c>x</c> input size, <c>u</c> units.</param>
/// <param name="Constants">Numbers that no variable holds, by name: <c>forget_bias</c>.</param>
internal sealed record Binding(
    IReadOnlyDictionary<string, BoundVariable> Variables,
    IReadOnlyDictionary<char, long> Sizes,
    IReadOnlyDictionary<string, double> Constants);
