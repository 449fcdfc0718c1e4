using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;
using LstmConvert.Facts;
using LstmConvert.Layouts;

namespace LstmConvert.KerasLayers;

/// <summary>Keras's ConvLSTM1D, ConvLSTM2D and ConvLSTM3D (keras 2.2.4 keras/layers/convolutional_recurrent.py, 3.15.1
/// src/layers/rnn/conv_lstm.py); gates i f c o.
/// <code>
/// kernel (k, …, x, 4f)   recurrent_kernel (k, …, f, 4f)   bias (4f,)
/// </code>
/// </summary>
internal static class ConvLstms
{
    private const string Gates = "ifco";
    private const string Squashed = "ifo";
    private const string Same = "same";

    /// <summary>The definitions for the catalog.</summary>
    public static IReadOnlyList<KerasLayer> Definitions { get; } = [Of("ConvLSTM1D", 1), Of("ConvLSTM2D", 2), Of("ConvLSTM3D", 3)];

    /// <summary>The layer that stands for a cell: steps of one, and as many places behind it as before it.</summary>
    /// <param name="kernel"><c>(k, …, x, 4f)</c>.</param>
    /// <param name="recurrentKernel"><c>(k, …, f, 4f)</c>.</param>
    /// <param name="bias"><c>(4f,)</c>.</param>
    /// <param name="filters">f.</param>
    /// <param name="size">The kernel's lengths.</param>
    /// <param name="states">The cell's states that are h and c.</param>
    public static LayerRecipe Of(
        Derivation kernel,
        Derivation recurrentKernel,
        Derivation bias,
        int filters,
        IReadOnlyList<int> size,
        IReadOnlyList<string> states)
    {
        var arguments = new Dictionary<string, FactValue>(StringComparer.Ordinal)
        {
            [Convolutions.Filters.Name] = FactValue.Of(filters),
            [Convolutions.KernelSize.Name] = FactValue.OfJson(
                $"[{string.Join(", ", size.Select(length => length.ToString(CultureInfo.InvariantCulture)))}]"),
            [Convolutions.Padding.Name] = FactValue.Of(Same),
            [RecurrentArguments.Activation.Name] = FactValue.Of("tanh"),
            [RecurrentArguments.RecurrentActivation.Name] = FactValue.Of("sigmoid"),
        };
        return RecurrentWeights.Recipe(Definitions[size.Count - 1], arguments, kernel, recurrentKernel, bias, states);
    }

    /// <summary>True for a layer over so many axes that computes what a cell does: steps of one, the same size, tanh behind
    /// sigmoid.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="axes">The number of axes.</param>
    public static bool IsOfCell(KerasUse use, int axes) => use.ClassName == Definitions[axes - 1].ClassName
        && use[Convolutions.Padding.Name].Text == Same
        && Numbers.Of(use, Convolutions.Strides.Name, axes).Concat(Numbers.Of(use, Convolutions.Dilation.Name, axes)).All(step => step == 1)
        && use.ActivationName(RecurrentArguments.Activation.Name) == "tanh"
        && use.ActivationName(RecurrentArguments.RecurrentActivation.Name) == "sigmoid"
        && use.Is(RecurrentArguments.UseBias.Name);

    private static KerasLayer Of(string className, int rank) =>
        new(className)
        {
            Weights = use => Weights(use, rank),
            Arguments =
            [
                Convolutions.Filters,
                Convolutions.KernelSize,
                Convolutions.Strides,
                Convolutions.Padding,
                Convolutions.DataFormat,
                Convolutions.Dilation,
                RecurrentArguments.Activation,
                RecurrentArguments.RecurrentActivation,
                RecurrentArguments.UseBias,
                .. RecurrentArguments.OfLoops,
                Convolutions.Ordering,
            ],
            Needs = Convolutions.KernelSize.Name,
            Parts = RecurrentWeights.InCell,
            States = _ => ["h", "c"],
            StateWidths = use => [use.Count(Convolutions.Filters.Name), use.Count(Convolutions.Filters.Name)],
            Width = (use, _) => use.Count(Convolutions.Filters.Name),
            Run = (use, inputs) => Run(use, inputs, rank),
            Wrong = use => RecurrentWeights.OtherOrders(use, Gates),
            Loaded = (_, weights) => RecurrentWeights.FromKeras1(weights, 0, 2, 1, 3),
            Kernels = [0, 1],
            IsRecurrent = true,
            IsNamed = true,
        };

    private static WeightDefinition[] Weights(KerasUse use, int rank)
    {
        var sizes = new Dictionary<char, long> { ['f'] = use.Count(Convolutions.Filters.Name) };
        var lengths = Convolutions.Lengths(use, rank);
        WeightDefinition[] all =
        [
            new(RecurrentWeights.Kernel, $"({lengths}, x, 4f)", Gates) { Sizes = sizes, Squashed = Squashed },
            new(RecurrentWeights.RecurrentKernel, $"({lengths}, f, 4f)", Gates) { Sizes = sizes, Squashed = Squashed },
            new(RecurrentWeights.Bias, "(4f,)", Gates) { Sizes = sizes, Squashed = Squashed },
        ];
        return use.Is(RecurrentArguments.UseBias.Name) ? all : all[..2];
    }

    private static CallResult Run(KerasUse use, CallInputs inputs, int rank)
    {
        var (value, x) = (inputs.Inputs[0], Shapes.OfRank(use, inputs.Inputs[0].Data, rank + 3));
        var cell = new ConvLstm(
            use.Weights[0],
            use.Weights[1],
            use.Weights.ElementAtOrDefault(2),
            Convolutions.Walk(use, rank),
            RecurrentRun.Find(use, RecurrentArguments.Activation.Name),
            RecurrentRun.Find(use, RecurrentArguments.RecurrentActivation.Name));
        var (batch, steps) = (x.Dimensions[0], x.Dimensions[1]);
        var inTime = Shapes.Permuted(x, [1, 0, .. Enumerable.Range(2, rank + 1)]);
        int[] image = [batch, .. x.Dimensions.Skip(2)];
        NumericArray Step(int t) => inTime.Rows(t, 1).Reshape(image);
        var (h, c) = inputs.InitialStates is [var first, var second] ? (first, second) : (cell.Start(Step(0)), cell.Start(Step(0)));
        var (output, outputs) = (cell.Start(Step(0)), new List<NumericArray>());
        Sequence[] perStep = [.. new[] { h, c }.Select(state => Sequence.Zeros(batch, steps, [.. state.Dimensions.Skip(1)]))];
        for (var k = 0; k < steps; k++)
        {
            var t = use.IsBackward ? steps - 1 - k : k;
            var (nextH, nextC) = cell.Step(Step(t), h, c);
            var valid = value.Mask is { } mask ? Enumerable.Range(0, batch).Select(row => mask[row, t]).ToArray() : null;
            output = Where(valid, nextH, output);
            (h, c) = (Where(valid, nextH, h), Where(valid, nextC, c));
            outputs.Add(output.Reshape([1, .. output.Dimensions]));
            perStep[0].SetStep(t, h);
            perStep[1].SetStep(t, c);
        }

        var all = Shapes.Permuted(NumericArray.Stack([.. outputs]), [1, 0, .. Enumerable.Range(2, rank + 1)]);
        return new CallResult(use.ReturnsSequences ? new Value(all, value.Mask) : new Value(output), perStep, [h, c]);
    }

    private static NumericArray Where(bool[]? rows, NumericArray then, NumericArray otherwise)
    {
        if (rows is null || rows.All(valid => valid))
        {
            return then;
        }

        int[] flat = [then.RowCount, then.Count / then.RowCount];
        return NumericArray.Where(rows, then.Reshape(flat), otherwise.Reshape(flat)).Reshape([.. then.Dimensions]);
    }
}
