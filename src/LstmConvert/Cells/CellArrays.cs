using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Tensors;

namespace LstmConvert.Cells;

/// <summary>What the equations of a cell are made from: its variables as arrays, in its own layout, and its facts.</summary>
internal sealed class CellArrays
{
    private readonly IReadOnlyDictionary<string, NumericArray> arrays;

    private CellArrays(BoundCell cell, IReadOnlyDictionary<string, NumericArray> arrays, Precision precision) =>
        (Cell, this.arrays, Precision) = (cell, arrays, precision);

    /// <summary>The cell.</summary>
    public BoundCell Cell { get; }

    /// <summary>The arithmetic.</summary>
    public Precision Precision { get; }

    /// <summary>A variable that must be there.</summary>
    /// <param name="role">Its role.</param>
    public NumericArray this[string role] => arrays[role];

    /// <summary>A number; 0 where the fact is not there.</summary>
    /// <param name="fact">The fact.</param>
    public double this[NumberFact fact] => Cell[fact].Number ?? 0;

    /// <summary>A limit, or null.</summary>
    /// <param name="fact">The fact.</param>
    public double? this[LimitFact fact] => Cell[fact].Number;

    /// <summary>An activation; the neutral one is linear.</summary>
    /// <param name="fact">The fact.</param>
    public Activation this[ActivationFact fact] => Activations.Get(Cell[fact].Text ?? "linear");

    /// <summary>True for yes.</summary>
    /// <param name="fact">The fact.</param>
    public bool this[TruthFact fact] => Cell[fact].Truth == true;

    /// <summary>Reads the variables of a cell.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="precision">The arithmetic.</param>
    public static CellArrays Read(BoundCell cell, Precision precision) => new(
        cell,
        cell.Variables.ToDictionary(variable => variable.Key, variable => variable.Value.ToArray(precision), StringComparer.Ordinal),
        precision);

    /// <summary>The same to compute with in a precision.</summary>
    /// <param name="precision">The arithmetic.</param>
    public CellArrays In(Precision precision) => precision == Precision ? this : new(
        Cell,
        arrays.ToDictionary(array => array.Key, array => array.Value.In(precision), StringComparer.Ordinal),
        precision);

    /// <summary>A variable, or null.</summary>
    /// <param name="role">Its role.</param>
    public NumericArray? Optional(string role) => arrays.GetValueOrDefault(role);

    /// <summary>The activation of the gates where the class has the logistic function unless something shows another.</summary>
    public Activation Gate => Activations.Get(Cell.Find(KnownFacts.RecurrentActivation.Name)?.Value.Text ?? "sigmoid");

    /// <summary>The same with another value of a fact.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="value">The value.</param>
    public CellArrays With(FactDefinition fact, FactValue value) =>
        new(Cell.With(new Fact(fact, value, new Evidence(EvidenceKind.Assumed))), arrays, Precision);

    /// <summary>The same with other numbers.</summary>
    /// <param name="change">Gives the other numbers of a variable by its role.</param>
    public CellArrays With(Func<string, NumericArray, NumericArray> change) =>
        new(Cell, arrays.ToDictionary(array => array.Key, array => change(array.Key, array.Value), StringComparer.Ordinal), Precision);

    /// <summary>The same with two gates exchanged in every variable that has both.</summary>
    /// <param name="first">One gate.</param>
    /// <param name="second">The other.</param>
    public CellArrays WithGatesSwapped(char first, char second) => With((role, array) =>
    {
        var gates = Cell.Definition.Variables.First(one => one.Name == role) is { Gates: { } own } ? own : Cell.Definition.Gates;
        var (a, b) = (gates.IndexOf(first, StringComparison.Ordinal), gates.IndexOf(second, StringComparison.Ordinal));
        if (a < 0 || b < 0 || array.Dimensions[^1] % gates.Length != 0 || array.Dimensions[^1] == Cell.Units)
        {
            return array;
        }

        int[] places = [.. Enumerable.Range(0, gates.Length)];
        (places[a], places[b]) = (b, a);
        return array.ColumnBlocks(places);
    });
}
