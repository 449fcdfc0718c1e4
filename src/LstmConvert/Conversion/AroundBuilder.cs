using LstmConvert.Cells;
using LstmConvert.KerasLayers;
using LstmConvert.Layouts;
using LstmConvert.Models;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Conversion;

/// <summary>Adds to a Keras model what stands around its recurrent layers.</summary>
/// <param name="isPadded">True for a model whose rows have lengths: a table gets a row more, which stands behind each row's end.</param>
/// <param name="unique">Makes a name one that nothing else in the model has.</param>
internal sealed class AroundBuilder(bool isPadded, Func<string, string> unique)
{
    private static readonly string[] RowsOf = ["(x, u)", "(u,)"];

    private readonly Dictionary<AroundValue, Port> ports = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<AddedLayer, KerasUse> uses = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, ModelInput> inputs = new(StringComparer.Ordinal);

    /// <summary>True while what is added feeds layers whose rows have lengths: it is masked.</summary>
    public bool Masks { get; set; }

    /// <summary>The inputs that it found.</summary>
    public IEnumerable<ModelInput> Inputs => inputs.Values;

    /// <summary>The layers with weights.</summary>
    public List<PlannedLayer> Planned { get; } = [];

    /// <summary>The port of a value; what computes it is added.</summary>
    /// <param name="value">The value.</param>
    /// <param name="ofSource">The port of a port of the source's model.</param>
    /// <param name="add">Adds a call and gives its port.</param>
    public Port PortOf(AroundValue value, Func<Port, Port> ofSource, Func<string, KerasUse, IReadOnlyList<Port>, Port> add)
    {
        if (ports.TryGetValue(value, out var known))
        {
            return known;
        }

        return ports[value] = value switch
        {
            AroundValue.OfSource source => ofSource(source.Port),
            AroundValue.Given given => Input(given, add),
            AroundValue.Applied applied => Apply(applied, [.. applied.From.Select(from => PortOf(from, ofSource, add))], add),
            _ => throw new InvalidOperationException($"{value} is no value."),
        };
    }

    private Port Input(AroundValue.Given given, Func<string, KerasUse, IReadOnlyList<Port>, Port> add)
    {
        if (!inputs.TryGetValue(given.Name, out var input))
        {
            var name = unique(given.Name);
            inputs[given.Name] = input = given.Width is { } width
                ? new ModelInput(name, width) { GraphTensor = given.Tensor, HasLengths = Masks }
                : new ModelInput(name, null)
                {
                    Shape = [null],
                    DType = "int32",
                    GraphTensor = given.Tensor,
                    HasLengths = Masks,
                };
        }

        var port = new Port(input.Name);
        return Masks && given.Width is not null ? add($"{input.Name}_masking", Masking.Layer(), [port]) : port;
    }

    private Port Apply(AroundValue.Applied applied, IReadOnlyList<Port> from, Func<string, KerasUse, IReadOnlyList<Port>, Port> add)
    {
        var layer = applied.Layer;
        var isTable = Embedding.RowsOf(layer.Use) > 0;
        var isFirst = !uses.TryGetValue(layer, out var use);
        use ??= uses[layer] = isTable && isPadded ? Embedding.WithPadding(layer.Use) : layer.Use;
        var port = add(layer.Name, use, from);
        if (isFirst && layer.Variables.Count > 0)
        {
            Planned.Add(Plan(port.From, layer, use));
        }

        return isTable && Masks ? add($"{layer.Name}_masking", Masking.Layer(), [port]) : port;
    }

    /// <summary>A layer whose weights are the variables as they are, a table's with a row that masks behind them.</summary>
    private static PlannedLayer Plan(string name, AddedLayer layer, KerasUse use)
    {
        var definitions = use.WeightDefinitions;
        var roles = definitions.Zip(layer.Variables, (definition, variable) => (Role: definition.Name, Variable: variable)).ToArray();
        var (rows, columns) = (layer.Variables[0].Shape.Dimensions[0], layer.Variables[0].Shape.Dimensions[^1]);
        var cell = new BoundCell(
            new Cell(use.ClassName)
            {
                Variables =
                [
                    .. roles.Select(role =>
                        Cell.Role(
                            role.Role,
                            layer.IsTransposed && role.Role == roles[0].Role ? "(u, x)" : RowsOf[role.Variable.Shape.Rank == 2 ? 0 : 1])),
                ],
            },
            "",
            roles.ToDictionary(role => role.Role, role => role.Variable, StringComparer.Ordinal),
            new Dictionary<char, long> { ['x'] = layer.IsTransposed ? columns : rows, ['u'] = layer.IsTransposed ? rows : columns },
            []);
        Derivation[] derivations = [.. definitions.Select(definition => Derivation.From(definition.Name))];
        derivations[0] =
            layer.IsTransposed ? derivations[0].Transposed()
            : use != layer.Use ? Derivation.Above(derivations[0], Derivation.Constant(Masking.PaddingValue, "(1, u)"))
            : derivations[0];
        return PlannedLayer.Around(name, use, cell, derivations);
    }
}
