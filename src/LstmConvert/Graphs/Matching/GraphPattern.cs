namespace LstmConvert.Graphs.Matching;

/// <summary>
/// The equations of one step of a cell (or of one operation that is a cell) as text, in which graphs are searched. <code>
/// g, c = split([x;h] @ kernel + bias); k = sigmoid(g + forget_bias); h = k*h + (1-k)*activation(c)
///
/// names, numbers       x is the input; a name that is read before it is assigned, and assigned, is a state; a name in Facts is a fact; others are variables
/// name?                a variable that may be absent, and what it multiplies with it
/// [x;h] @ kernel       a product of values put together with a variable;  h @ projection? is h where there is no such variable
/// h @ (kernel*mask)    a product with a matrix that is computed: products by elements, [w; v], transposed(w), unit_columns(w) (each of length 1);
///                      a cell is told apart by its matrices, but for those with a question mark
/// part(x, 1)           one of several equal parts that are sliced from the input or from a state, the first one 0
/// columns(x, 2, 4)     the columns from one on to another, sliced from the input or from a state;  nothing: zeros
/// top(w), bottom(w)    the upper rows of a variable, and those below
/// w*h                  a variable by elements; in a split the value stands beside itself as often as there are parts
/// split(e)             the columns of e in as many parts as there are names, in their order; split_in_any_order(e): in another order it is an obstacle
/// row(bias, 1)         one row of a variable
/// sigmoid(e)           an activation;  activation(e), with activation in Facts: any activation, or none (linear)
/// norm(e, scope)       e normalised over its last axis, with scope/gamma and scope/beta; norm(e, scope, 0.001) adds this to the variance;
///                      norm(e, scale, shift, 0.001) names both variables; norm(e, scale, shift, 0.001, 4): in four equal parts, each alone
/// over(e, w), mod(e, w)   e divided by w, and what is left of it;  where_less(a, b, y, z): y where a is less than b, else z
/// attended(e, q, w, v, n) e in n equal parts (a fact), each weighted by softmax of v*tanh(part @ w + q), and added up
/// moved(e, a, n)       e of n equal parts (a fact) without the first one, and a behind the last
/// clip(e, cell_clip)   e, limited to plus and minus the fact, or not limited;  clip(e, 0, 1): between two numbers
/// y, h = Op|OpV2(x, _, kernel, w if use_w; forget_bias = 1, cell_clip = 3 none &lt;= 0, mode is lstm = lstm)
///                      an operation: its outputs and inputs by position (_: any, row_mask: 0 where a row has ended), attributes that are
///                      facts, with the operation's defaults, and attributes that must have a value
/// backward             the operation walks from the last step to the first, and gives each step in its place
/// activation = tanh    a fact that is always so
/// given time           another input beside x: a value of each step that the program gives the cell, a feature before those of x
/// beside Op|OpV2(units, w)
///                      another operation that reads the same variable, if there is one: inputs that are facts are constants there</code>
/// Order of sums and products, nesting, and operations that change nothing do not matter. The last name that is assigned is the output, or
/// <c>output</c>.
/// </summary>
/// <param name="Cell">The cell's name, which is handed back.</param>
/// <param name="Text">The equations.</param>
/// <param name="Facts">The names in the text that are facts: activations, numbers, attributes.</param>
public sealed record GraphPattern(string Cell, string Text, IReadOnlyList<string> Facts)
{
    /// <summary>True if the equations are so plain that other things have them too: a place counts only if its state comes from
    /// itself.</summary>
    public bool IsOnlyInLoops { get; init; }

    /// <summary>True for an operation that walks a whole sequence.</summary>
    public bool IsSequence { get; init; }
}

/// <summary>An activation as graphs have it.</summary>
/// <param name="Name">Its name, which is handed back.</param>
/// <param name="Text">An operation's name, or a pattern of one input: <c>clip(0.2*x + 0.5, 0, 1)</c>; several are parted by
/// <c>|</c>.</param>
public sealed record GraphActivation(string Name, string Text);
