using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// Layers of Keras itself, as TensorFlow 2 keeps them in checkpoints and SavedModels (keras 2.15 src/layers/rnn/{lstm,gru,simple_rnn}.py).
/// Two kernels, and the forget bias inside the stored bias: the weights move as they are.
/// <code>
/// kernel            (x, g*u)   columns i f c o; z r h
/// recurrent_kernel  (u, g*u)
/// bias              (g*u,)     (2, 3u) for a GRU with reset_after=True
/// </code>
/// </summary>
public static class KerasLstmCell
{
    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = Of("KerasLSTM", "LSTM", gates: 4) with
    {
        DefaultForgetBias = 0,

        // Programs of TensorFlow 1 with two kernels may add a forget bias as they run: the graph shows it.
        Recipes = _ => [new("LSTM", "", [new("kernel", From("kernel")), new("recurrent_kernel", From("recurrent_kernel")), new("bias", From("bias").Plus("forget_bias", "f", "ifco"))])],
    };

    /// <summary>A definition for a layer with so many gates.</summary>
    internal static CellDefinition Of(string name, string className, int gates) => new()
    {
        Name = name,
        ScopeNames = [],
        Roles = ["kernel", "recurrent_kernel", "bias"],
        HasOwnRecurrentKernel = true,
        Solve = roles => Solve(roles, className, gates),
        Recipes = _ => [new(className, "", [new("kernel", From("kernel")), new("recurrent_kernel", From("recurrent_kernel")), new("bias", From("bias"))])],
    };

    private static Solution Solve(IReadOnlyDictionary<string, TensorInfo> roles, string className, int gates)
    {
        var (kernel, recurrent, bias) = (roles["kernel"], roles["recurrent_kernel"], roles["bias"]);
        if (recurrent.Shape.Rank != 2 || recurrent.Shape[1] != gates * recurrent.Shape[0])
        {
            return Solution.Not($"{recurrent.Name} is {recurrent.Shape}; the recurrent kernel of a Keras {className} is (u, {gates}u)");
        }

        var (units, width) = (recurrent.Shape[0], recurrent.Shape[1]);
        var isResetAfter = gates == 3 && bias.Shape.Equals(new Shape(2, width));
        return kernel.Shape.Rank != 2 || kernel.Shape[1] != width
            ? Solution.Not($"{kernel.Name} is {kernel.Shape}; beside the recurrent kernel {recurrent.Shape} a kernel is (x, {width})")
            : !bias.Shape.Equals(new Shape(width)) && !isResetAfter
            ? Solution.Not($"{bias.Name} is {bias.Shape}; beside the recurrent kernel {recurrent.Shape} a bias is ({width},)")
            : Solution.Of(units, kernel.Shape[0]);
    }
}

/// <summary>Keras' GRU (<see cref="KerasLstmCell"/> shows the layout).</summary>
public static class KerasGruCell
{
    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = KerasLstmCell.Of("KerasGRU", "GRU", gates: 3);
}

/// <summary>Keras' SimpleRNN (<see cref="KerasLstmCell"/> shows the layout).</summary>
public static class KerasSimpleRnnCell
{
    /// <summary>The definition for the catalog.</summary>
    public static CellDefinition Definition { get; } = KerasLstmCell.Of("KerasSimpleRNN", "SimpleRNN", gates: 1);
}
