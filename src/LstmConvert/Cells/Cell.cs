using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Tensors;

namespace LstmConvert.Cells;

/// <summary>One variable of a cell.</summary>
/// <param name="Name">Its role, as TensorFlow 1.15 names the leaf: <c>kernel</c>, <c>gates/bias</c>.</param>
/// <param name="Shape">Its symbolic shape: <c>(x+h, 4u)</c>.</param>
/// <param name="IsOptional">True if a cell may be without.</param>
/// <param name="Gates">The order of the gates along its last axis, where it is not the cell's.</param>
internal sealed record Role(string Name, string Shape, bool IsOptional = false, string? Gates = null);

/// <summary>A state of a cell.</summary>
/// <param name="Name">Its name: <c>c</c>.</param>
/// <param name="Width">The letter of its width: <c>u</c>.</param>
internal sealed record CellState(string Name, char Width);

/// <summary>What a cell looks like in a graph.</summary>
/// <param name="Text">One step of it, or one operation, in the words of <see cref="Graphs.Matching.GraphPattern"/>.</param>
/// <param name="IsSequence">True if the operation walks the sequence itself.</param>
internal sealed record CellGraph(string Text, bool IsSequence = false)
{
    /// <summary>A text for one step.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator CellGraph(string text) => new(text);
}

/// <summary>A wrong convention, as other arrays or other facts of the same cell; what the power of a verification is measured
/// against.</summary>
/// <param name="Name">What is wrong: <c>g and c exchanged</c>.</param>
/// <param name="Change">The cell with it.</param>
internal sealed record WrongConvention(string Name, Func<CellArrays, CellArrays> Change)
{
    /// <summary>False for a cell that it leaves as it is: one whose fact has the wrong value already.</summary>
    public Func<BoundCell, bool> IsWrongFor { get; init; } = _ => true;
}

/// <summary>A cell whose variables hold the same numbers as those of another one, which is then left out.</summary>
/// <param name="Cell">The cell's name.</param>
/// <param name="Component">The last component of its scope; it lies below what the scope of the other one lies in.</param>
/// <param name="Facts">Its facts that follow from what the other one is.</param>
internal sealed record Canonical(string Cell, string Component, IReadOnlyDictionary<string, FactValue> Facts);

/// <summary>
/// All that is known of one kind of source cell: its variables, states, facts, graph pattern, equations, and the Keras layers that stand
/// for it, or why there are none. A new cell is a file with one of these, a file of equations, and a line of the catalog.
/// </summary>
/// <param name="Name">The class's name, which is also what <c>--cell</c> takes: <c>LSTMCell</c>.</param>
internal sealed record Cell(string Name)
{
    /// <summary>Other classes with the same variables and equations.</summary>
    public IReadOnlyList<string> AlsoKnownAs { get; init; } = [];

    /// <summary>Scope components that programs give to cells of this kind (without a trailing <c>_1</c>).</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Its variables.</summary>
    public required IReadOnlyList<Role> Variables { get; init; }

    /// <summary>Optional variables of which a cell has all or none: those of a further layer within it.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Together { get; init; } = [];

    /// <summary>Letters that have the size of another one where no variable says otherwise: <c>h = u</c> without a projection.</summary>
    public IReadOnlyList<DefaultSize> SizesByDefault { get; init; } = [];

    /// <summary>Finds the sizes where the shapes do not tell them: of an opaque buffer, with facts. Null to solve the shapes.</summary>
    public Func<IReadOnlyDictionary<string, TensorInfo>, IReadOnlyList<Fact>, SizeSolution>? SizesOf { get; init; }

    /// <summary>Its states where their number depends on facts; null for <see cref="States"/>.</summary>
    public Func<BoundCell, IReadOnlyList<CellState>>? StatesOf { get; init; }

    /// <summary>The order of the gates along the last axis of its variables, a letter each; empty without gates.</summary>
    public string Gates { get; init; } = "";

    /// <summary>Its states in its own order.</summary>
    public IReadOnlyList<CellState> States { get; init; } = [new("h", 'u')];

    /// <summary>The lengths of the axes between time and features, of an image that a cell convolves, as facts in the order of the
    /// axes.</summary>
    public IReadOnlyList<FactDefinition> ImageLengths { get; init; } = [];

    /// <summary>Letters that mean the same in the shapes of the Keras layer that goes back to it.</summary>
    public string LettersOfLayer { get; init; } = "";

    /// <summary>The letter of its output's width.</summary>
    public char OutputWidth { get; init; } = 'u';

    /// <summary>The facts that no variable holds.</summary>
    public IReadOnlyList<FactDefinition> Facts { get; init; } = [];

    /// <summary>Facts of which the class leaves no choice, by name: nothing is assumed, and who says another value is refused.</summary>
    public IReadOnlyDictionary<string, FactValue> Fixed { get; init; } = new Dictionary<string, FactValue>();

    /// <summary>What its graph looks like, one text for each way in which programs spell it.</summary>
    public IReadOnlyList<CellGraph> Graph { get; init; } = [];

    /// <summary>What one step looks like in a graph, of a cell whose sizes and facts decide how long its text is; null where they do
    /// not.</summary>
    public Func<BoundCell, CellGraph>? GraphOf { get; init; }

    /// <summary>True for a cell with cells inside: where names and variables are its own, what patterns find with them in a graph is a part
    /// of it. One that no pattern can say is found by them alone.</summary>
    public bool IsFoundByName { get; init; }

    /// <summary>Reads facts of it from a graph, given the variables' names there by role, each with the node that shows it; null for
    /// none.</summary>
    public Func<
        Graphs.Reading.Graph,
        IReadOnlyDictionary<string, string>,
        IEnumerable<(string Fact, double? Value, string Node)>
    >? ReadGraph
    { get; init; }

    /// <summary>True if its equations are so plain that dense layers have them too: in a graph it counts only where its state comes from
    /// itself.</summary>
    public bool IsPlainInGraphs { get; init; }

    /// <summary>Its equations with arrays and facts; null for a cell that is not known to compute.</summary>
    public Func<CellArrays, ICellEquations>? Equations { get; init; }

    /// <summary>What would be wrong conventions; empty where those of the Keras layer tell.</summary>
    public IReadOnlyList<WrongConvention> Wrong { get; init; } = [];

    /// <summary>The Keras layers that stand for it, in the order in which they feed each other.</summary>
    public Func<BoundCell, IReadOnlyList<LayerRecipe>>? ToKeras { get; init; }

    /// <summary>True for a Keras layer that goes back to this cell where no other is named.</summary>
    public Func<KerasUse, bool> GoesBack { get; init; } = _ => false;

    /// <summary>True for a Keras layer, or one inside another, that this cell is: the same variables and equations.</summary>
    public Func<KerasUse, bool> IsOfKeras { get; init; } = _ => false;

    /// <summary>Why Keras cannot hold a cell with these variables and facts, as a phrase; null if it can.</summary>
    public Func<BoundCell, string?> Obstacle { get; init; } = _ => null;

    /// <summary>What a user who knows more may say against its obstacle.</summary>
    public Func<BoundCell, IReadOnlyList<Remedy>> WaysOut { get; init; } = _ => [];

    /// <summary>Variables that a cell with these makes and never computes with: a bias beside normalised gates.</summary>
    public Func<BoundCell, IReadOnlyList<string>> Unread { get; init; } = _ => [];

    /// <summary>Parts of variables that a cell with these facts never computes with: the rows of a gate that is what another one
    /// leaves.</summary>
    public Func<BoundCell, IReadOnlyList<Derivation>> UnreadParts { get; init; } = _ => [];

    /// <summary>Why no cell of this kind is converted, as a phrase; null for cells that are.</summary>
    public string? Refusal { get; init; }

    /// <summary>The cells beside which this one is left out, because their variables hold the same numbers: canonical ones beside an opaque
    /// buffer.</summary>
    public IReadOnlyList<Canonical> YieldsTo { get; init; } = [];

    /// <summary>True if no variable tells this cell from another: it is taken only where a graph, a configuration or the user says
    /// so.</summary>
    public bool IsNamedOnly { get; init; }

    /// <summary>True if a scope of its name is needed: other layers have variables of the same names and shapes.</summary>
    public bool NeedsScope { get; init; }

    /// <summary>False for a cell that is too rare to be proposed where only shapes speak for it.</summary>
    public bool IsProposed { get; init; } = true;

    /// <summary>How the end of its kernel's name begins in every release that wrote it, where that is unlike other cells': <c>W_</c>; null
    /// for any.</summary>
    public string? KernelLeaf { get; init; }

    /// <summary>True if the variables alone do not tell it from another layer: a dense layer has a kernel and a bias too.</summary>
    public bool MustBeNamed => NeedsScope || Variables.Where(role => !role.IsOptional).All(role => role.Name is "kernel" or "bias");

    /// <summary>The class's name and the others.</summary>
    public IEnumerable<string> Names => AlsoKnownAs.Prepend(Name);

    /// <summary>A variable that must be there.</summary>
    /// <param name="name">Its role.</param>
    /// <param name="shape">Its symbolic shape.</param>
    /// <param name="gates">The order of its gates, where it is not the cell's.</param>
    public static Role Role(string name, string shape, string? gates = null) => new(name, shape, Gates: gates);

    /// <summary>A variable that may be there.</summary>
    /// <param name="name">Its role.</param>
    /// <param name="shape">Its symbolic shape.</param>
    /// <param name="gates">The order of its gates, where it is not the cell's.</param>
    public static Role Optional(string name, string shape, string? gates = null) => new(name, shape, IsOptional: true, gates);

    /// <summary>The fixed facts of an LSTM without a forget bias: tanh behind sigmoid gates.</summary>
    public static IReadOnlyDictionary<string, FactValue> PlainLstm { get; } = new Dictionary<string, FactValue>
    {
        [KnownFacts.ForgetBias.Name] = FactValue.Of(0),
        [KnownFacts.Activation.Name] = FactValue.Of("tanh"),
        [KnownFacts.RecurrentActivation.Name] = FactValue.Of("sigmoid"),
    };

    /// <summary>The fixed facts of a GRU, or of an LSTM with a forget bias: tanh behind sigmoid gates.</summary>
    public static IReadOnlyDictionary<string, FactValue> Plain { get; } = new Dictionary<string, FactValue>
    {
        [KnownFacts.Activation.Name] = FactValue.Of("tanh"),
        [KnownFacts.RecurrentActivation.Name] = FactValue.Of("sigmoid"),
    };

    /// <summary>The facts of <see cref="Plain"/>, where a program may show others.</summary>
    public static IReadOnlyList<FactDefinition> PlainFacts { get; } =
        [KnownFacts.Activation with { OnlyIfShown = true }, KnownFacts.RecurrentActivation with { OnlyIfShown = true }];

    /// <summary>The facts of <see cref="PlainLstm"/>, where a program may show others.</summary>
    public static IReadOnlyList<FactDefinition> PlainLstmFacts { get; } = [KnownFacts.ForgetBias with { OnlyIfShown = true }, .. PlainFacts];

    /// <summary>Two gates exchanged, everywhere.</summary>
    /// <param name="first">One gate.</param>
    /// <param name="second">The other.</param>
    public static WrongConvention Swapped(char first, char second) =>
        new($"{first} and {second} exchanged", at => at.WithGatesSwapped(first, second));

    /// <summary>Each two gates exchanged, everywhere.</summary>
    /// <param name="gates">The gates.</param>
    public static IEnumerable<WrongConvention> EachTwoSwapped(string gates) =>
        gates.SelectMany((first, place) => gates[(place + 1)..].Select(second => Swapped(first, second)));

    /// <summary>A fact left out.</summary>
    /// <param name="fact">The fact.</param>
    public static WrongConvention Without(FactDefinition fact) =>
        Stating($"{fact.Name} left out", fact, fact.Neutral);

    /// <summary>Other numbers in one variable.</summary>
    /// <param name="name">What is wrong: <c>no recurrence</c>.</param>
    /// <param name="role">The variable.</param>
    /// <param name="change">Gives the other numbers.</param>
    public static WrongConvention Changed(string name, string role, Func<NumericArray, NumericArray> change) =>
        new(name, at => at.With((one, array) => one == role ? change(array) : array));

    /// <summary>A fact with another value.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="value">The value.</param>
    public static WrongConvention Instead(FactDefinition fact, FactValue value) =>
        Stating($"{fact.Name} {value}", fact, value);

    private static WrongConvention Stating(string name, FactDefinition fact, FactValue value) =>
        new(name, at => at.With(fact, value)) { IsWrongFor = cell => cell.Find(fact.Name)?.Value != value };
}
