using System.Text.RegularExpressions;
using LstmConvert.Arrays;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.Tensors;

namespace LstmConvert.KerasLayers;

/// <summary>One weight of a Keras layer.</summary>
/// <param name="Name">Its name: <c>recurrent_kernel</c>; of an inner layer with that layer's name before it:
/// <c>forward_lstm/kernel</c>.</param>
/// <param name="Shape">Its symbolic shape: <c>(u, 4u)</c>.</param>
/// <param name="Gates">The order of the gates along its last axis, a letter each; null without gates.</param>
internal sealed record WeightDefinition(string Name, string Shape, string? Gates = null)
{
    /// <summary>The sizes of the layer that owns it, by letter: <c>u</c> units. A letter that is not here follows from the
    /// inputs.</summary>
    public IReadOnlyDictionary<char, long> Sizes { get; init; } = new Dictionary<char, long>();

    /// <summary>The gates whose columns are summed in front of the recurrent activation, of <see cref="Gates"/>; of a weight without gates
    /// the one that all of it is for.</summary>
    public string Squashed { get; init; } = "";

    /// <summary>The features of the input that it has no rows for: the time of each step, where a cell reads one.</summary>
    public int FeaturesBefore { get; init; }

    /// <summary>True if training changes it: of a model's weights, those that training leaves alone come last.</summary>
    public bool IsTrainable { get; init; } = true;

    /// <summary>True if a weight of this shape can be it: lengths that follow from the inputs may be any.</summary>
    /// <param name="dimensions">The length of each axis.</param>
    public bool Accepts(IReadOnlyList<int> dimensions)
    {
        var axes = Axes();
        return axes.Count == dimensions.Count && axes.Zip(dimensions)
            .All(pair => pair.First is { } length ? length == pair.Second : pair.Second > 0);
    }

    /// <summary>The lengths of its axes for an input of a width.</summary>
    /// <param name="inputSize">The width of what the layer gets, <c>x</c>.</param>
    public IReadOnlyList<int> Dimensions(int inputSize) => [.. Axes().Select(length => (int)(length ?? (inputSize - FeaturesBefore)))];

    private List<long?> Axes() => [.. SymbolicShape.Parse(Shape).Axes.Select(Length)];

    /// <summary>The length of an axis; null where it follows from the inputs.</summary>
    private long? Length(SymbolicAxis axis) =>
        axis.Terms.All(term => term.Letter is not { } letter || Sizes.ContainsKey(letter)) ? axis.Resolve(Sizes) : null;
}

/// <summary>One argument of a Keras layer that changes what it computes or what weights it has.</summary>
/// <param name="Name">Its name in Keras 2 and 3.</param>
/// <param name="Default">What is meant where a configuration does not have it (what the oldest Keras without the argument
/// computed).</param>
internal sealed record ArgumentDefinition(string Name, FactValue Default)
{
    /// <summary>Its name in Keras 1, where that is another one; <c>a|b</c> where it depends on the layer, <c>a+b</c> for a list with a
    /// number under each
    /// name.</summary>
    public string? NameInKeras1 { get; init; }

    /// <summary>The words that Keras 1 has for other words; null where they are the same.</summary>
    public IReadOnlyDictionary<string, string>? WordsInKeras1 { get; init; }

    /// <summary>What Keras 1 may call it: each way is one name, or the names of a list's numbers.</summary>
    public IEnumerable<IReadOnlyList<string>> NamesInKeras1 => NameInKeras1?.Split('|').Select(way => way.Split('+')) ?? [];

    /// <summary>Its name in TensorFlow.js, where that is another one.</summary>
    public string? NameInBrowser { get; init; }

    /// <summary>The value at which code that is printed and configurations leave it out, because every Keras means it then; null to say it
    /// always.</summary>
    public FactValue? LeftOutIf { get; init; }

    /// <summary>True if code gives it by its place.</summary>
    public bool IsPositional { get; init; }

    /// <summary>True if its value is the name of an activation, whose meaning may depend on the Keras that wrote it.</summary>
    public bool IsActivation { get; init; }

    /// <summary>True if a configuration may have a list of one in its place.</summary>
    public bool IsOneOfList { get; init; }

    /// <summary>True for what a version says, and no configuration of Keras.</summary>
    public bool IsNeverWritten { get; init; }

    /// <summary>True for what is given with each call of the layer, and stands in no configuration of it.</summary>
    public bool IsOfCall { get; init; }

    /// <summary>Values that can be honoured; any other is refused by name. Null for all.</summary>
    public Func<FactValue, bool>? Honours { get; init; }
}

/// <summary>Layers inside a layer, as a configuration holds them.</summary>
/// <param name="Key">The key: <c>layer</c>, <c>backward_layer</c>, <c>cells</c>.</param>
/// <param name="Layers">The layers.</param>
/// <param name="IsList">True if the configuration has a list.</param>
/// <param name="IsPositional">True if code gives them by their place.</param>
internal sealed record InnerLayers(string Key, IReadOnlyList<KerasUse> Layers, bool IsList = false, bool IsPositional = true);

/// <summary>A step from an object of Keras to one that it holds.</summary>
/// <param name="Attribute">The attribute: <c>cell</c>, <c>forward_layer</c>, <c>cells</c>.</param>
/// <param name="Index">The place in it, where it is a list.</param>
/// <param name="SnakeName">The name of the class of that element, as Keras makes names of classes; null without a list.</param>
internal sealed record PartStep(string Attribute, int? Index = null, string? SnakeName = null);

/// <summary>An object of Keras that holds weights of a layer: the layer itself, its cell, a layer inside.</summary>
/// <param name="Path">The way to it from the layer; empty for the layer itself.</param>
/// <param name="Variables">Its variables' attributes, in order; put together part by part they are the layer's weights in order.</param>
internal sealed record LayerPart(IReadOnlyList<PartStep> Path, IReadOnlyList<string> Variables)
{
    /// <summary>The parts of an inner layer, from the outer one.</summary>
    /// <param name="step">The way to the inner layer.</param>
    /// <param name="inner">The inner layer.</param>
    public static IEnumerable<LayerPart> Below(PartStep step, KerasUse inner) =>
        inner.Layer.Parts(inner).Select(part => part with { Path = [step, .. part.Path] });
}

/// <summary>A convention that would be wrong, as other weights or other arguments of the same layer.</summary>
/// <param name="Name">What is wrong: <c>gates icfo</c>, <c>reset_after=False</c>.</param>
/// <param name="Make">Makes the layer with it, each time anew: nobody holds its weights for others.</param>
internal sealed record WrongLayer(string Name, Func<KerasUse> Make)
{
    /// <summary>Takes a layer that is made already.</summary>
    /// <param name="name">What is wrong.</param>
    /// <param name="layer">The layer with it.</param>
    public WrongLayer(string name, KerasUse layer)
        : this(name, () => layer)
    {
    }

    /// <summary>The layer with it.</summary>
    public KerasUse Layer => Make();
}

/// <summary>All that is known of one Keras layer.</summary>
/// <param name="ClassName">Keras's name: <c>LSTM</c>.</param>
internal sealed partial record KerasLayer(string ClassName)
{
    /// <summary>Its weights in the order of <c>get_weights()</c>; they may depend on the arguments.</summary>
    public Func<KerasUse, IReadOnlyList<WeightDefinition>> Weights { get; init; } = _ => [];

    /// <summary>Its arguments, in the order in which code prints them.</summary>
    public IReadOnlyList<ArgumentDefinition> Arguments { get; init; } = [];

    /// <summary>A key that every configuration of the layer has, in the words of Keras 2 and 3: Keras 1, which had others, is not read;
    /// null for none.</summary>
    public string? Needs { get; init; }

    /// <summary>The keys under which a configuration holds layers inside this one, the first one always there.</summary>
    public IReadOnlyList<string> InnerKeys { get; init; } = [];

    /// <summary>The layers inside as a configuration holds them, for those that are used.</summary>
    public Func<KerasUse, IReadOnlyList<InnerLayers>> Inner { get; init; } = _ => [];

    /// <summary>Completes a layer with inner layers that a configuration gave by key.</summary>
    public Func<KerasUse, IReadOnlyDictionary<string, IReadOnlyList<KerasUse>>, KerasUse> WithInner { get; init; } = (use, _) => use;

    /// <summary>The objects that hold its weights, where Keras 3's files and TensorFlow's object graphs keep them.</summary>
    public Func<KerasUse, IReadOnlyList<LayerPart>> Parts { get; init; } =
        use => [new([], [.. use.WeightDefinitions.Select(weight => weight.Name)])];

    /// <summary>Its states in Keras's order; they may depend on inner layers.</summary>
    public Func<KerasUse, IReadOnlyList<string>> States { get; init; } = _ => [];

    /// <summary>The widths of its states.</summary>
    public Func<KerasUse, IReadOnlyList<int>> StateWidths { get; init; } = use => [.. use.States.Select(_ => use.Units)];

    /// <summary>The number of its outputs.</summary>
    public Func<KerasUse, int> OutputCount { get; init; } = _ => 1;

    /// <summary>The width of its output for inputs of these widths.</summary>
    public Func<KerasUse, IReadOnlyList<int?>, int?> Width { get; init; } = (_, inputs) => inputs is [var one] ? one : null;

    /// <summary>Computes it with Keras's own loop; null for a layer that is not known to compute.</summary>
    public Func<KerasUse, CallInputs, CallResult>? Run { get; init; }

    /// <summary>Weights as old files hold them (Keras 1: a matrix for each gate; CuDNN layers: two biases), as this layer has them; others
    /// as they are.</summary>
    public Func<KerasUse, IReadOnlyList<NumericArray>, IReadOnlyList<NumericArray>> Loaded { get; init; } = (_, weights) => weights;

    /// <summary>Which of its weights are kernels of convolutions, by place: on Theano, which turns them around as it computes, they are
    /// trained and stored turned (keras 2.3.1 keras/engine/saving.py, _need_convert_kernel).</summary>
    public IReadOnlyList<int> Kernels { get; init; } = [];

    /// <summary>The layer that Kerases since have in place of it; itself where it is still there.</summary>
    public Func<KerasUse, KerasUse> Successor { get; init; } = use => use;

    /// <summary>The layer, with its weights, that Keras 3 has in place of this one; null where it has this one.</summary>
    public Func<KerasUse, KerasUse>? Today { get; init; }

    /// <summary>The layer with weights that compute the same and of which as many as can be are zero; null where that changes
    /// nothing.</summary>
    public Func<KerasUse, KerasUse>? Simplest { get; init; }

    /// <summary>Why Keras 3 has no layer that computes the same, as a phrase; null if it has one.</summary>
    public Func<KerasUse, string?>? Refusal { get; init; }

    /// <summary>Why TensorFlow.js's layer of this class does not compute the same with these arguments, in a model with masks or without,
    /// as a phrase;
    /// null if it does.</summary>
    public Func<KerasUse, bool, string?>? BrowserRefusal { get; init; }

    /// <summary>The function of a layer that stands in place of an activation's name; the function is null where it is none of single
    /// numbers or of the last axis. Null for other layers.</summary>
    public Func<KerasUse, Activation?>? AsActivation { get; init; }

    /// <summary>What Keras 1 calls it, where that is another name.</summary>
    public string? ClassNameInKeras1 { get; init; }

    /// <summary>What TensorFlow.js does with the mask of what goes into such a layer.</summary>
    public BrowserMask BrowserMask { get; init; }

    /// <summary>True for a layer of ours, which no Keras has: its Python text is written beside the file
    /// (<see cref="LayerModule"/>).</summary>
    public bool IsOurs { get; init; }

    /// <summary>The name under which Keras finds it; null for Keras's own.</summary>
    public string? RegisteredName => IsOurs ? $"{LayerModule.Package}>{ClassName}" : null;

    /// <summary>True if its activation is the last thing that it computes, on sums of products with its weights.</summary>
    public bool ActivatesLast { get; init; }

    /// <summary>Of a cell, the layer that is RNN around it: with its arguments, its weights and a loop; null where RNN alone is.</summary>
    public KerasLayer? Around { get; init; }

    /// <summary>One step of a cell, for those that walk a sequence over it; null for layers.</summary>
    public Func<KerasUse, IStepEquations>? Step { get; init; }

    /// <summary>The conventions that would be wrong.</summary>
    public Func<KerasUse, IEnumerable<WrongLayer>> Wrong { get; init; } = _ => [];

    /// <summary>What people get wrong, kind by kind, each as the layer with the mistake undone: what explains a difference. Kinds in the
    /// order in which two are undone.</summary>
    public Func<KerasUse, IReadOnlyList<Func<KerasUse, IEnumerable<WrongLayer>>>> Mistakes { get; init; } = use => [use.Layer.Wrong];

    /// <summary>The layer with a number added to the bias of its forget gate; null for layers without.</summary>
    public Func<KerasUse, double, KerasUse>? WithForgetBias { get; init; }

    /// <summary>True if it gives what it gets when a model predicts.</summary>
    public bool PassesThrough { get; init; }

    /// <summary>True for layers that walk a sequence.</summary>
    public bool IsRecurrent { get; init; }

    /// <summary>True if the layers inside say whether sequences and states are given.</summary>
    public bool InnerStates { get; init; }

    /// <summary>What Python imports for it from keras.layers, and its name in code; null for the class's name.</summary>
    public string? PythonName { get; init; }

    /// <summary>What stands between the parentheses in Python in place of the arguments, for a model with masks and for one without; null
    /// for the arguments.</summary>
    public Func<bool, string>? PythonArguments { get; init; }

    /// <summary>The names of its inputs, where a call gives each as an argument of its own; null where it gives one input or a list of
    /// them.</summary>
    public IReadOnlyList<string>? InputNames { get; init; }

    /// <summary>True if a mask of what it gets is one of what it gives, where both have steps.</summary>
    public bool KeepsMask { get; init; }

    /// <summary>True if it computes by a mask of what it gets; recurrent layers do anyway.</summary>
    public bool ReadsMask { get; init; }

    /// <summary>True if what it gives may have a mask where what it gets has none.</summary>
    public Func<KerasUse, bool> MakesMask { get; init; } = _ => false;

    /// <summary>The value that stands for no step, where it makes masks.</summary>
    public Func<KerasUse, double> MaskedValue { get; init; } = _ => 0;

    /// <summary>What a comment at the line's end explains; null for nothing.</summary>
    public string? PythonComment { get; init; }

    /// <summary>The class's name as Keras makes names of it: <c>simple_rnn</c>.</summary>
    public string SnakeName => Snake().Replace(ClassName, "_").ToLowerInvariant();

    /// <summary>True if a name is printed: for layers with weights, which are loaded by name.</summary>
    public bool IsNamed { get; init; }

    /// <summary>The places between two words (keras 3.15.1 src/utils/naming.py).</summary>
    [GeneratedRegex("(?<=.)(?=[A-Z][a-z]+)(?<!^)|(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Snake();
}
