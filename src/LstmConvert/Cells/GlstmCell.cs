using System.Globalization;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Tensors;
using static LstmConvert.Cells.Cell;
using static LstmConvert.Facts.KnownFacts;
using static LstmConvert.Layouts.Derivation;

namespace LstmConvert.Cells;

/// <summary>
/// GLSTMCell (tensorflow v1.15.5 contrib/rnn/python/ops/rnn_cell.py:2248-2465; Kuchaiev and Ginsburg 2017): an LSTM in groups, of which
/// each sees its own
/// slice of the input and of the state.
/// <code>
/// group{k}/kernel     (n+g, 4v)   n = x/G, g = h/G, v = u/G; rows x then h; columns i j f o
/// bias_{i,j,f,o}      (u,)        the forget bias is added at run time
/// projection/kernel   (u, p)
/// </code>
/// Keras: LSTM with block-diagonal kernels. Its candidate is tanh whatever the activation is.
/// </summary>
internal static class GlstmCell
{
    /// <summary>More groups than any program has.</summary>
    private const int MostGroups = 16;

    private const string Projection = "projection/kernel";
    private const string Gates = "ijfo";

    private static readonly string[] GatesOfKeras = ["i", "f", "j", "o"];

    /// <summary>The definition for the catalog.</summary>
    public static Cell Definition { get; } =
        new("GLSTMCell")
        {
            Scopes = ["glstm_cell"],
            Variables =
            [
                Role(Group(0), "(n+g, 4v)"),
                .. Enumerable.Range(1, MostGroups - 1).Select(k => Optional(Group(k), "(n+g, 4v)")),
                .. Gates.Select(gate => Role($"bias_{gate}", "(u,)", "")),
                Optional(Projection, "(u, h)", ""),
            ],
            SizesOf = Sizes,
            Gates = Gates,
            States = [new("c", 'u'), new("h", 'h')],
            OutputWidth = 'h',
            Facts = [ForgetBias.By(1), Activation.By("tanh")],
            Graph = [.. Enumerable.Range(1, MostGroups).Select(groups => (CellGraph)Pattern(groups))],
            Equations = at => new Equations.TensorFlow1.GlstmCell(
                [.. Groups(at.Cell).Select(k => at[Group(k)])],
                [.. Gates.Select(gate => at[$"bias_{gate}"])],
                at[ForgetBias],
                at[Activation])
            {
                Projection = at.Optional(Projection),
            },
            Wrong = [.. EachTwoSwapped(Gates), Without(ForgetBias)],
            Obstacle = cell =>
                cell[Activation].Text is { } name and not "tanh"
                    ? $"its output has the activation {name} and its candidate tanh, and a Keras LSTM has one for both"
                    : null,
            ToKeras = cell =>
                LstmCell.WithProjection(cell, Projection, Kernel(cell, "g"), recurrent =>
                    Lstm.Of(
                        kernel: Kernel(cell, "n"),
                        recurrentKernel: recurrent,
                        bias: Beside(From("bias_i"), From("bias_f").Plus(ForgetBias.Name), From("bias_j"), From("bias_o")),
                        units: cell.Units,
                        activation: "tanh",
                        recurrentActivation: "sigmoid",
                        states: ["h", "c"])),
        };

    private static string Group(int k) => string.Create(CultureInfo.InvariantCulture, $"group{k}/kernel");

    private static IEnumerable<int> Groups(BoundCell cell) => Enumerable.Range(0, MostGroups).Where(k => cell.Has(Group(k)));

    /// <summary>For each gate of Keras a matrix that has the groups' on its diagonal.</summary>
    private static Derivation Kernel(BoundCell cell, string rows)
    {
        var groups = Groups(cell).ToArray();
        Derivation Block(int row, int column, string gate) =>
            row == column ? From(Group(row)).Rows(rows).Gate(gate, Gates) : Zero($"({rows}, v)");
        return Beside([
            .. GatesOfKeras.Select(gate =>
                Above([.. groups.Select(row => Beside([.. groups.Select(column => Block(row, column, gate))]))])),
        ]);
    }

    private static SizeSolution Sizes(IReadOnlyDictionary<string, TensorInfo> variables, IReadOnlyList<Fact> facts)
    {
        var kernels = Enumerable
            .Range(0, MostGroups)
            .Select(Group)
            .TakeWhile(variables.ContainsKey)
            .Select(role => variables[role])
            .ToArray();
        var (first, biases) = (kernels[0], Gates.Select(gate => variables[$"bias_{gate}"]).ToArray());
        var units = biases[0].Shape.ElementCount;
        var width = variables.TryGetValue(Projection, out var projection) && projection.Shape.Rank == 2 ? projection.Shape[1] : units;
        if (Array.Find(kernels, kernel => !kernel.Shape.Equals(first.Shape)) is { } other)
        {
            return new SizeSolution(
                null,
                $"{other.Name} is {other.Shape} and {first.Name} {first.Shape}; the groups of a GLSTMCell are alike");
        }

        if (Array.Find(biases, bias => bias.Shape.Rank != 1 || bias.Shape.ElementCount != units) is { } odd)
        {
            return new SizeSolution(null, $"{odd.Name} is {odd.Shape}; with u = {units} it is ({units},)");
        }

        var (groups, rows) = (kernels.Length, first.Shape.Rank == 2 ? first.Shape[0] : 0);
        return
            units % groups == 0
            && width % groups == 0
            && rows > width / groups
            && first.Shape[1] * groups == 4 * units
            && (projection is null || projection.Shape[0] == units)
            ? new SizeSolution(
                new Dictionary<char, long>
                {
                    ['u'] = units,
                    ['h'] = width,
                    ['v'] = units / groups,
                    ['g'] = width / groups,
                    ['n'] = rows - (width / groups),
                    ['x'] = groups * (rows - (width / groups)),
                },
                null)
            : new SizeSolution(
                null,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{first.Name} is {first.Shape}; with u = {units}, h = {width} and {groups} groups it is (x/{groups} + h/{groups}, 4u/{groups})"
                ));
    }

    private static string Pattern(int groups)
    {
        var all = Enumerable.Range(0, groups).ToArray();
        string Joined(char gate) =>
            groups == 1 ? $"{gate}0" : $"[{string.Join(';', all.Select(k => string.Create(CultureInfo.InvariantCulture, $"{gate}{k}")))}]";
        return string.Concat(
                all.Select(k =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"i{k}, j{k}, f{k}, o{k} = split([part(x, {k});part(h, {k})] @ {Group(k)});")))
            + $"c = sigmoid({Joined('f')} + bias_f + forget_bias)*c + sigmoid({Joined('i')} + bias_i)*tanh({Joined('j')} + bias_j);"
            + $"h = sigmoid({Joined('o')} + bias_o)*activation(c); h = h @ {Projection}?";
    }
}
