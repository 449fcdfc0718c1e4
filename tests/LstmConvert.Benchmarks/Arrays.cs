using BenchmarkDotNet.Attributes;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Equations.Keras;

namespace LstmConvert.Benchmarks;

/// <summary>The parts of a verification on one LSTM of 1024 units and input size 1024, batch 8.</summary>
[MemoryDiagnoser]
public class Arrays
{
    private const int Units = 1024;
    private const int Batch = 8;

    private NumericArray x = null!;
    private NumericArray wide = null!;
    private NumericArray kernel = null!;
    private double[] left = null!;
    private double[] right = null!;
    private Lstm lstm = null!;

    /// <summary>What it computes in; as a number, for the harness.</summary>
    [Params(0, 1)]
    public int Precision { get; set; }

    /// <summary>Draws weights and a step.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var precision = (Precision)Precision;
        NumericArray Draw(params int[] shape) =>
            NumericArray.From(
                [.. Enumerable.Range(0, shape.Aggregate(1, (a, b) => a * b)).Select(_ => (random.NextDouble() - 0.5) * 0.1)],
                precision,
                shape);
        (x, wide, kernel) = (Draw(Batch, 2 * Units), Draw(Batch, 4 * Units), Draw(2 * Units, 4 * Units));
        (left, right) = (Draw(100, Units).ToDoubles(), Draw(Units, Units).ToDoubles());
        lstm = new Lstm(Draw(Units, 4 * Units), Draw(Units, 4 * Units), Draw(4 * Units), Activations.Tanh, Activations.Sigmoid);
    }

    /// <summary>The product of one step.</summary>
    [Benchmark]
    public object Product() => x.Dot(kernel);

    /// <summary>A product of many rows, ours.</summary>
    [Benchmark]
    public object ProductOfManyRows()
    {
        var result = new double[100 * Units];
        MatrixProduct.Add(left, right, result, Units, new MatrixProduct.ColumnRange(Units, 0, Units));
        return result;
    }

    /// <summary>A product of many rows, NumSharp's.</summary>
    [Benchmark]
    public object ProductOfManyRowsByNumSharp() => MatrixProduct.OfMany(left, right, Units, Units);

    /// <summary>The activation of gates.</summary>
    [Benchmark]
    public object Sigmoid() => wide.Sigmoid();

    /// <summary>The activation of candidates.</summary>
    [Benchmark]
    public object Tanh() => wide.Tanh();

    /// <summary>One step of Keras's LSTM.</summary>
    [Benchmark]
    public object Step() => lstm.Step(x.Columns(0, Units), [x.Columns(0, Units), x.Columns(Units, Units)]);
}
