using System.Globalization;
using LstmConvert.Arrays;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>Computes the outputs of a node; null stands for an output on a branch that is not taken.</summary>
/// <param name="at">The node and its inputs.</param>
internal delegate GraphValue?[] Kernel(Call at);

/// <summary>A node that is executed, with the values of its inputs.</summary>
/// <param name="run">The run.</param>
/// <param name="node">The node.</param>
/// <param name="inputs">The inputs; null where a Merge has none.</param>
internal readonly struct Call(Executor run, ProgramNode node, GraphValue?[] inputs)
{
    public ProgramNode Node => node;

    public Executor Run => run;

    public Precision Precision => run.Precision;

    /// <summary>The number of inputs.</summary>
    public int Count => inputs.Length;

    /// <summary>An input.</summary>
    public GraphValue this[int input] =>
        input < inputs.Length && inputs[input] is { } value ? value : throw Misfit($"its input {input} is missing");

    /// <summary>The inputs as they came.</summary>
    public IReadOnlyList<GraphValue?> Inputs => inputs;

    /// <summary>The inputs from one on.</summary>
    public GraphValue[] From(int first, int count = int.MaxValue)
    {
        var some = new GraphValue[Math.Max(0, Math.Min(count, Count - first))];
        for (var k = 0; k < some.Length; k++)
        {
            some[k] = this[first + k];
        }

        return some;
    }

    /// <summary>Whole numbers of an input.</summary>
    public int[] Ints(int input) => [.. this[input].Integers.Select(number => (int)Math.Clamp(number, int.MinValue, int.MaxValue))];

    /// <summary>One whole number.</summary>
    public int Int(int input) =>
        this[input].Integers is [var number, ..]
            ? (int)Math.Clamp(number, int.MinValue, int.MaxValue)
            : throw Misfit($"its input {input} is no whole number");

    /// <summary>An axis that may be counted from the end.</summary>
    public int Axis(long axis, int rank)
    {
        var counted = axis < 0 ? axis + rank : axis;
        return counted >= 0 && counted < rank
            ? (int)counted
            : throw Misfit(string.Create(CultureInfo.InvariantCulture, $"it names axis {axis} of {rank}"));
    }

    /// <summary>A value whose elements are still to be set.</summary>
    public GraphValue New(DType type, params int[] shape)
    {
        if (shape.Length > GraphValue.MaximumRank)
        {
            throw Misfit($"it makes a tensor of {shape.Length} axes");
        }

        return GraphValue.Of(type, shape, GraphValue.NewData(type, run.Budget.Count(shape), Precision));
    }

    /// <summary>A value of the same type as another.</summary>
    public GraphValue NewLike(GraphValue value, params int[] shape) => New(value.Type, shape);

    /// <summary>What the graph cannot mean: shapes that do not meet, a wrong type.</summary>
    /// <param name="problem">A clause about the node.</param>
    public UnreadableInputException Misfit(string problem) => run.Misfit(node, problem);

    /// <summary>What TensorFlow can do and this cannot.</summary>
    /// <param name="what">What it is, as a phrase.</param>
    public UnsupportedModelException Unsupported(string what) =>
        new($"{run.Path} is not executed beyond {node.Name}: {what}. Cut the graph before it, or verify without it.");

    /// <summary>Makes one output the outputs.</summary>
    public static Kernel One(Func<Call, GraphValue> compute) => at => [compute(at)];
}
