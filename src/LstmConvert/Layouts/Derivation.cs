using LstmConvert.Layouts.Operators;

namespace LstmConvert.Layouts;

/// <summary>
/// Where the numbers of a weight come from, as data: <c>From("kernel").Rows("x").Gates("ijfo", "ifco")</c>. The same object
/// is executed, printed, inverted and tested. Each operator is a record in <c>Operators/</c>.
/// </summary>
public abstract record Derivation
{
    /// <summary>The variable of a role, as it is.</summary>
    /// <param name="role">The role: <c>kernel</c>, <c>gates/bias</c>.</param>
    internal static Derivation From(string role) => new Variable(role);

    /// <summary>Several derivations of the same number of rows, side by side.</summary>
    /// <param name="parts">From left to right.</param>
    internal static Derivation Beside(params IReadOnlyList<Derivation> parts) => new SideBySide(parts);

    /// <summary>Several derivations of the same number of columns, below each other; vectors give the rows of a matrix.</summary>
    /// <param name="parts">From top to bottom.</param>
    internal static Derivation Above(params IReadOnlyList<Derivation> parts) => new Stacked(parts);

    /// <summary>The sum of two derivations of one shape, element by element, in float64, rounded once.</summary>
    /// <param name="left">The first summand.</param>
    /// <param name="right">The second summand.</param>
    internal static Derivation Sum(Derivation left, Derivation right) => new ElementSum(left, right);

    /// <summary>Zeros.</summary>
    /// <param name="shape">The symbolic shape: <c>(x, u)</c>.</param>
    internal static Derivation Zero(string shape) => Constant(0, shape);

    /// <summary>One number everywhere.</summary>
    /// <param name="value">The number.</param>
    /// <param name="shape">The symbolic shape: <c>(u,)</c>.</param>
    internal static Derivation Constant(double value, string shape) => new Filled(value, Tensors.SymbolicShape.Parse(shape));

    /// <summary>One block of the rows by its letter in the symbolic shape: of <c>(x+h, 4u)</c> the rows <c>x</c> or <c>h</c>.</summary>
    /// <param name="block">The block's letter.</param>
    internal Derivation Rows(string block) => new RowBlock(this, block[0]);

    /// <summary>The columns in another order of gates.</summary>
    /// <param name="from">The order that they have.</param>
    /// <param name="to">The order that they shall have.</param>
    internal Derivation Gates(string from, string to) => new GateColumns(this, from, to);

    /// <summary>The columns in another order of gates than the variable declares.</summary>
    /// <param name="to">The order that they shall have.</param>
    internal Derivation Gates(string to) => new GateColumns(this, null, to);

    /// <summary>One gate of the columns.</summary>
    /// <param name="gate">The gate's letter.</param>
    /// <param name="order">The order of the columns.</param>
    internal Derivation Gate(string gate, string order) => new OneGate(this, gate[0], order);

    /// <summary>One gate of the columns, in the order that the variable declares.</summary>
    /// <param name="gate">The gate's letter.</param>
    internal Derivation Gate(string gate) => new OneGate(this, gate[0], null);

    /// <summary>A constant added to the columns of one gate, in float64, rounded once.</summary>
    /// <param name="constant">The constant's name: <c>forget_bias</c>.</param>
    /// <param name="gate">The gate's letter.</param>
    /// <param name="order">The order of the columns.</param>
    internal Derivation Plus(string constant, string gate, string order) => new PlusConstant(this, constant, gate[0], order);

    /// <summary>A constant added to the columns of one gate, in the order that the variable declares.</summary>
    /// <param name="constant">The constant's name: <c>forget_bias</c>.</param>
    /// <param name="gate">The gate's letter.</param>
    internal Derivation Plus(string constant, string gate) => new PlusConstant(this, constant, gate[0], null);

    /// <summary>A constant added everywhere, in float64, rounded once.</summary>
    /// <param name="constant">The constant's name: <c>forget_bias</c>.</param>
    internal Derivation Plus(string constant) => new PlusConstant(this, constant, null, null);

    /// <summary>Every sign turned, exactly.</summary>
    internal Derivation Negated() => new Scaled(this, -1);

    /// <summary>Every number times a factor, in float64, rounded once.</summary>
    /// <param name="factor">The factor.</param>
    internal Derivation ScaledBy(double factor) => new Scaled(this, factor);

    /// <summary>The columns of some gates times a factor, in float64, rounded once. A product stays outermost: its right factor is
    /// multiplied.</summary>
    /// <param name="factor">The factor.</param>
    /// <param name="gates">The letters of these gates.</param>
    /// <param name="order">The order of the columns.</param>
    internal Derivation ScaledBy(double factor, string gates, string order) =>
        this is MatrixProduct product
            ? product with
            {
                Right = product.Right.ScaledBy(factor, gates, order),
            }
            : new ScaledGates(this, factor, gates, order);

    /// <summary>Rows as columns; a vector becomes a column.</summary>
    internal Derivation Transposed() => new TransposedMatrix(this);

    /// <summary>The matrix product with another derivation on the right, in float64, rounded once. It stands outermost.</summary>
    /// <param name="right">The right factor.</param>
    internal Derivation Times(Derivation right) => new MatrixProduct(this, right);

    /// <summary>The product with another derivation of the same shape, or with one row for every row, in float64, rounded once.</summary>
    /// <param name="right">The other factor: variables as they are, no sum.</param>
    internal Derivation TimesElements(Derivation right) => new ElementProduct(this, right);

    /// <summary>Every column scaled to the length 1, in float64, rounded once.</summary>
    internal Derivation UnitColumns() => new ScaledColumns(this);

    /// <summary>A piece of a vector, read in C order: a part of cuDNN's opaque buffer as a matrix.</summary>
    /// <param name="offset">The first element.</param>
    /// <param name="shape">The symbolic shape of the piece: <c>(u, x)</c>.</param>
    internal Derivation Elements(long offset, string shape) => new BufferPiece(this, offset, Tensors.SymbolicShape.Parse(shape));

    /// <summary>A vector, or a matrix of one row, as the diagonal of a square matrix.</summary>
    internal Derivation Diagonal() => new DiagonalMatrix(this);

    /// <summary>The same elements in C order in another shape.</summary>
    /// <param name="shape">The symbolic shape: <c>(1, u)</c>.</param>
    internal Derivation AsShape(string shape) => new Reshaped(this, Tensors.SymbolicShape.Parse(shape));

    /// <summary>The roles whose numbers are used.</summary>
    internal abstract IEnumerable<string> Roles { get; }

    /// <summary>Works out shape and places for given variables.</summary>
    /// <param name="binding">The variables, sizes and constants.</param>
    internal virtual Arrangement Resolve(Binding binding) => Place(binding).Arrangement;

    /// <summary>The same with what rows and columns mean; what other operators are applied to.</summary>
    /// <param name="binding">The variables, sizes and constants.</param>
    internal abstract Placement Place(Binding binding);

    /// <summary>The derivation as a person reads it; gate orders that the variables declare are written where a binding is given.</summary>
    /// <param name="binding">The variables, or null.</param>
    internal abstract string Text(Binding? binding);

    /// <summary>The derivation in words: <c>the rows x of kernel, its blocks of gate columns reordered from i j f o to i f c
    /// o</c>.</summary>
    /// <param name="binding">The variables, or null.</param>
    internal abstract string Words(Binding? binding);

    /// <summary>As a person reads it: <c>kernel[x] ijfo->ifco</c>.</summary>
    public sealed override string ToString() => Text(null);

    /// <summary>The order of gates that a derivation has, given or declared.</summary>
    private protected static string Order(Placement inner, string? given, Derivation at) =>
        given ?? inner.Gates ?? throw new InvalidOperationException($"{at}: the variable declares no order of gates.");

    /// <summary>The declared order of gates of a derivation, for its text.</summary>
    private protected static string? Declared(Derivation inner, Binding? binding) => binding is null ? null : inner.Place(binding).Gates;

    /// <summary>An order of gates, letter by letter: <c>i f c o</c>.</summary>
    private protected static string Spaced(string? order) =>
        order is null ? "the order that they have" : string.Join(' ', order.AsEnumerable());

    /// <summary>The text of an operand, in parentheses where its parts would come apart.</summary>
    private protected static string Operand(Derivation inner, Binding? binding)
    {
        var text = inner.Text(binding);
        var isOne = inner is SideBySide or Stacked or ElementSum or PlusConstant || !text.Contains(' ', StringComparison.Ordinal);
        return isOne ? text : $"({text})";
    }
}
