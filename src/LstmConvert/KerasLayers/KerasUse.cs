using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Tensors;

namespace LstmConvert.KerasLayers;

/// <summary>A Keras layer with its arguments, and with its weights where they were read. Two calls of one object share its
/// weights.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Arguments">The values of its arguments by name; what is absent has its default.</param>
internal sealed record KerasUse(KerasLayer Layer, IReadOnlyDictionary<string, FactValue> Arguments) : ICallable
{
    /// <summary>The layers inside: of Bidirectional the forward and the backward one, of RNN the cell.</summary>
    public IReadOnlyList<KerasUse> Inner { get; init; } = [];

    /// <summary>The name of a layer inside another one; empty where its class says enough.</summary>
    public string Name { get; init; } = "";

    /// <summary>The weights in order; empty before they are attached, and for layers without.</summary>
    public IReadOnlyList<NumericArray> Weights { get; init; } = [];

    /// <summary>The weights in order as a file has them, read when they are asked for; empty where they were not attached.</summary>
    public IReadOnlyList<Tensor> Stored { get; init; } = [];

    /// <summary>Settings that change nothing when the layer computes, or that no equation here knows, as JSON by their key.</summary>
    public IReadOnlyDictionary<string, string> Further { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The configuration of a layer that is not known, as JSON, so that nothing of it is lost; null for known ones.</summary>
    public string? UnknownConfiguration { get; init; }

    /// <inheritdoc/>
    public string ClassName => Layer.ClassName;

    /// <inheritdoc/>
    public IReadOnlyList<string> States => Layer.States(this);

    /// <inheritdoc/>
    public IReadOnlyList<int> StateWidths => Layer.StateWidths(this);

    /// <inheritdoc/>
    public int OutputCount => Layer.OutputCount(this);

    /// <summary>The definitions of its weights, in order; training changes none that a frozen layer has itself. A frozen layer around others
    /// holds no weight.</summary>
    public IReadOnlyList<WeightDefinition> WeightDefinitions =>
        IsFrozen && Inner.Count == 0 ? [.. Layer.Weights(this).Select(weight => weight with { IsTrainable = false })] : Layer.Weights(this);

    /// <inheritdoc/>
    public bool CarriesStates => Further.GetValueOrDefault("stateful") == "true" || Inner.Any(inner => inner.CarriesStates);

    /// <summary>True if training leaves it alone.</summary>
    public bool IsFrozen => Further.GetValueOrDefault("trainable") == "false";

    /// <summary>The number of units; 0 for layers without.</summary>
    public int Units => Count(RecurrentArguments.Units.Name);

    /// <summary>What a comment explains of it, or of a layer inside; null for nothing.</summary>
    public string? PythonComment =>
        Layer.PythonComment ?? Inner.Select(inner => inner.PythonComment).FirstOrDefault(comment => comment is not null);

    /// <summary>True if it walks a sequence.</summary>
    public bool IsRecurrent => Layer.IsRecurrent;

    /// <summary>True if it walks the sequence from its end; its outputs come in the order in which they were computed.</summary>
    public bool IsBackward => Layer.IsRecurrent && Is(RecurrentArguments.GoBackwards.Name);

    /// <summary>True if it gives the output of every step.</summary>
    public bool ReturnsSequences => Reference.Is(RecurrentArguments.ReturnSequences.Name);

    /// <summary>True if its code and configuration give the final states beside the output.</summary>
    public bool ReturnsStates => Reference.Is(RecurrentArguments.ReturnState.Name);

    /// <summary>The value of an argument.</summary>
    /// <param name="argument">Its name.</param>
    public FactValue this[string argument] => Arguments.TryGetValue(argument, out var value) ? value
        : Layer.Arguments.FirstOrDefault(one => one.Name == argument)?.Default ?? FactValue.None;

    private KerasUse Reference => Layer.InnerStates ? Inner[0] : this;

    /// <summary>True if an argument is true.</summary>
    /// <param name="argument">Its name.</param>
    public bool Is(string argument) => this[argument].Truth == true;

    /// <summary>An argument that is a number of things; 0 if it is none.</summary>
    /// <param name="argument">Its name.</param>
    public int Count(string argument) => this[argument].Number is { } number and >= 0 and <= int.MaxValue ? (int)number : 0;

    /// <summary>The name of an activation.</summary>
    /// <param name="argument">The argument's name.</param>
    public string ActivationName(string argument) => this[argument].Text ?? "linear";

    /// <summary>The same layer with another value of an argument.</summary>
    /// <param name="argument">The argument's name.</param>
    /// <param name="value">The value.</param>
    public KerasUse With(string argument, FactValue value) => this with
    {
        Arguments = new Dictionary<string, FactValue>(Arguments, StringComparer.Ordinal) { [argument] = value },
    };

    /// <summary>The same layer, walking the sequence from its end.</summary>
    public KerasUse Backward() => With(RecurrentArguments.GoBackwards.Name, FactValue.Of(true));

    /// <summary>The same layer, walking the sequence from its first step.</summary>
    public KerasUse Forward() => With(RecurrentArguments.GoBackwards.Name, FactValue.Of(false));

    /// <summary>The same layer, giving the output of every step.</summary>
    public KerasUse ReturningSequences() => WithOnInner(RecurrentArguments.ReturnSequences.Name, FactValue.Of(true));

    /// <summary>The same layer, giving its final states beside its output.</summary>
    public KerasUse ReturningStates() => WithOnInner(RecurrentArguments.ReturnState.Name, FactValue.Of(true));

    /// <inheritdoc/>
    public int? WidthFor(IReadOnlyList<int?> inputs) => Layer.Width(this, inputs);

    /// <inheritdoc/>
    public CallResult Run(CallInputs inputs)
    {
        if (Layer.Run is not { } run)
        {
            throw new UnsupportedModelException($"{ClassName} is a Keras layer that is not known to compute.");
        }

        if (Layer.Arguments.FirstOrDefault(one => one.Honours is { } honours && !honours(this[one.Name])) is { } refused)
        {
            throw new UnsupportedModelException($"{ClassName} has {refused.Name}={this[refused.Name]}, which is not known to compute.");
        }

        var isDisputed = inputs.Inputs.Any(value => value.HasDisputedMask);
        if (isDisputed && ReadsMask && !inputs.IgnoresMask)
        {
            throw new UnsupportedModelException(
                $"{ClassName} gets what was merged of inputs with different masks, or with and without one, which each Keras combines in its own way."
            );
        }

        return Weights.Count == WeightDefinitions.Count
            ? Disputed(run(In(inputs.Precision), inputs), isDisputed && (Layer.KeepsMask || Layer.PassesThrough))
            : throw new UnsupportedModelException($"{ClassName} has {WeightDefinitions.Count} weights, and {Weights.Count} are there.");
    }

    private bool ReadsMask => Layer.ReadsMask || Layer.IsRecurrent || Inner.Any(inner => inner.ReadsMask);

    private static CallResult Disputed(CallResult result, bool isDisputed) =>
        isDisputed ? result with { Output = result.Output with { HasDisputedMask = true } } : result;

    private KerasUse In(Precision precision) => Weights.All(weight => weight.Precision == precision) ? this : this with
    {
        Weights = [.. Weights.Select(weight => weight.In(precision))],
    };

    private KerasUse WithOnInner(string argument, FactValue value) =>
        Layer.InnerStates ? this with { Inner = [.. Inner.Select(inner => inner.With(argument, value))] } : With(argument, value);
}
