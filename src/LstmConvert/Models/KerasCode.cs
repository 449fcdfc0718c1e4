using System.Text;
using LstmConvert.Equations;
using LstmConvert.Facts;
using LstmConvert.KerasLayers;

namespace LstmConvert.Models;

/// <summary>
/// Python code that builds a Keras model with the right names, sizes and arguments, and loads a weights file by name. The same text works
/// from Keras 2.2.4 to 3.15.1.
/// </summary>
internal static class KerasCode
{
    /// <summary>Writes the code that builds the layers and loads a legacy weights file by their names.</summary>
    /// <param name="model">The model: calls of Keras layers and of nested models.</param>
    /// <param name="path">The file to load.</param>
    /// <param name="module">The module with the layers of ours, where it does not lie beside the file.</param>
    /// <exception cref="UnsupportedModelException">It calls something that no code can say.</exception>
    public static string Write(Model model, string path, LayerModule? module = null) =>
        Write(model, name => ByName(name, path), module ?? Module(model, LayerModule.PathBeside(path, ".h5"), isPrinted: true));

    /// <summary>Writes the code that builds the layers.</summary>
    /// <param name="model">The model: calls of Keras layers and of nested models.</param>
    /// <param name="load">The lines that load the weights into the model of a name.</param>
    /// <param name="module">The module with the layers of ours; null where there are none.</param>
    /// <exception cref="UnsupportedModelException">It calls something that no code can say.</exception>
    public static string Write(Model model, Func<string, string> load, LayerModule? module)
    {
        var printer = new Printer(HasMasks(model));
        var name = printer.Print(model, null);
        return $"{Guard(model)}from keras.layers import {string.Join(", ", printer.Imports.Where(import => module?.ClassNames.Contains(import) != true))}\nfrom keras.models import Model\n{Import(module)}{printer.Body}{load(name)}";
    }

    /// <summary>Lines that stop a program whose Keras has another function under the name of an activation; empty where every Keras has the
    /// same.</summary>
    private static string Guard(Model model) =>
        Activated(model)
            .FirstOrDefault(one => one is { Keras2: null, Keras3: { } name } && Activations.ByKeras(name, 2) is { } other && other != one)
            is { } activation
            ? $"import keras\nassert keras.__version__.startswith(\"3\"), \"{activation.Keras3} is another function before Keras 3\"\n"
            : "";

    private static IEnumerable<Activation> Activated(Model model) => model.Layers.SelectMany(layer => layer.Callee switch
    {
        KerasUse use => Activated(use),
        NestedModel nested => Activated(nested.Model),
        _ => [],
    });

    private static IEnumerable<Activation> Activated(KerasUse use) =>
        use
            .Layer.Arguments.Where(argument => argument.IsActivation)
            .Select(argument => use[argument.Name].Text is { } name ? Activations.Find(name) : null)
            .OfType<Activation>()
            .Concat(use.Inner.SelectMany(Activated));

    /// <summary>The module with the layers of ours that a model has; null where it has none.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The module's file.</param>
    /// <param name="isPrinted">True where code makes the model, which says some of them in stock layers.</param>
    public static LayerModule? Module(Model model, string path, bool isPrinted) =>
        Ours(model)
            .Where(layer => !isPrinted || layer.PythonName is null)
            .Select(layer => layer.ClassName)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } names
            ? new LayerModule(path, names)
            : null;

    /// <summary>The line that loads a legacy weights file by the layers' names.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="path">The file.</param>
    public static string ByName(string name, string path) => $"{name}.load_weights({PythonText.Quoted(path)}, by_name=True)\n";

    /// <summary>The line that loads Keras 3's weights: by the order of the layers of a class.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="path">The file.</param>
    public static string ByOrder(string name, string path) => $"{name}.load_weights({PythonText.Quoted(path)})\n";

    /// <summary>The lines that set weights from arrays in an .npz.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="path">The file.</param>
    public static string FromArrays(string name, string path) =>
        $"import numpy as np\nwith np.load({PythonText.Quoted(path)}) as weights:\n    for layer in {name}.layers:\n        own = [weights[key] for key in weights.files if key.split(\"/\")[0] == layer.name]\n        if own:\n            layer.set_weights(own)\n";

    /// <summary>Python code that loads a whole model, and says what it predicts from. A legacy file finds a layer of ours by its class
    /// alone.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file.</param>
    /// <param name="module">The module with the layers of ours; null where there are none.</param>
    public static string Load(Model model, string path, LayerModule? module)
    {
        var classes =
            module is null || !path.EndsWith(".h5", StringComparison.OrdinalIgnoreCase)
                ? ""
                : $"custom_objects={{{string.Join(", ", module.ClassNames.Select(name => $"{PythonText.Quoted(name)}: {name}"))}}}, ";
        var mask = model.Calls.Select(call => call.Callee).OfType<KerasUse>().FirstOrDefault(Masking.IsPadding);
        var inputs = model.Inputs.Select(Shape).ToArray();
        return $"from keras.models import load_model\n{Import(module)}model = load_model({PythonText.Quoted(path)}, {classes}compile=False)\n# model.predict({PythonText.List([.. model.Inputs.Select((_, k) => model.Inputs.Count == 1 ? "x" : $"x_{k + 1}")])}): {string.Join("; ", inputs)}\n"
            + (mask is null ? "" : string.Concat(Padding(model, "#").Distinct()));
    }

    /// <summary>Comments that say what stands behind each row's end; empty where no layer masks by a value that no input has.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sign">What begins a comment.</param>
    public static string PaddingComments(Model model, string sign) => string.Concat(Padding(model, sign).Distinct());

    /// <summary>What stands behind each row's end: the number of a table's last row, or the value that no input has.</summary>
    private static IEnumerable<string> Padding(Model model, string sign)
    {
        foreach (var call in model.Calls.Where(call => call.Callee is KerasUse use && Masking.IsPadding(use)))
        {
            var table = model.Find(call.Inputs[0].From);
            yield return table?.Callee is KerasUse before && Embedding.RowsOf(before) is > 0 and var rows
                ? FormattableString.Invariant($"{sign} {table.Inputs[0].From}: the number {rows - 1} stands behind each row's end\n")
                : $"{sign} {((KerasUse)call.Callee).Layer.PythonComment}: {PythonText.Of(FactValue.Of(Masking.PaddingValue))}\n";
        }
    }

    /// <summary>An input as people read it: <c>ids (rows, 20)</c>.</summary>
    /// <param name="input">The input.</param>
    public static string Shape(ModelInput input) =>
        $"{input.Name} ({string.Join(", ", new[] { input.Batch?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "rows" }.Concat(input.Axes.Select((length, axis) => length?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? (axis == 0 ? "steps" : "any"))))})";

    /// <summary>The expression that makes a layer: <c>LSTM(4, activation="tanh", …, name="lstm")</c>.</summary>
    /// <param name="use">The layer.</param>
    /// <param name="name">Its name; null to leave it out.</param>
    /// <param name="returnsStates">True to give the final states.</param>
    /// <param name="hasMasks">True if the model has masks.</param>
    /// <param name="imports">Gets the classes that must be imported.</param>
    private static string Expression(KerasUse use, string? name, bool returnsStates, bool hasMasks, ICollection<string> imports)
    {
        if (use.UnknownConfiguration is not null)
        {
            throw new UnsupportedModelException($"{name} is a {use.ClassName}, a layer of which nothing is known to print.");
        }

        var shown = returnsStates ? use.ReturningStates() : use;
        var python = use.Layer.PythonName ?? use.ClassName;
        if (!imports.Contains(python))
        {
            imports.Add(python);
        }

        var inner = shown.Layer.Inner(shown).ToLookup(one => one.IsPositional);
        var arguments = shown.Layer.Arguments.Where(argument => IsSaid(argument, shown[argument.Name]))
            .ToLookup(argument => argument.IsPositional);
        string[] parts =
        [
            .. inner[true].Select(one => Inner(one, imports)),
            .. use.Layer.PythonArguments is { } text ? [text(hasMasks)] : Enumerable.Empty<string>(),
            .. arguments[true].Select(argument => Value(argument, shown[argument.Name], imports)),
            .. arguments[false].Select(argument => $"{argument.Name}={Value(argument, shown[argument.Name], imports)}"),
            .. inner[false].Select(one => $"{one.Key}={Inner(one, imports)}"),
            .. name is { Length: > 0 } && use.Layer.IsNamed ? [$"name={PythonText.Quoted(name)}"] : Enumerable.Empty<string>(),
        ];
        return $"{python}({string.Join(", ", parts)})";
    }

    private static string Import(LayerModule? module) =>
        module is null ? "" : $"from {module.Name} import {string.Join(", ", module.ClassNames)}\n";

    private static IEnumerable<KerasLayer> Ours(Model model) =>
        model.Layers.SelectMany(layer =>
            layer.Callee is NestedModel nested ? Ours(nested.Model)
            : layer.Callee is KerasUse use ? Ours(use)
            : []);

    private static IEnumerable<KerasLayer> Ours(KerasUse use) =>
        (use.Layer.IsOurs ? [use.Layer] : Enumerable.Empty<KerasLayer>()).Concat(use.Inner.SelectMany(Ours));

    private static string Inner(InnerLayers inner, ICollection<string> imports)
    {
        var layers = inner.Layers.Select(one => Expression(one, one.Name, returnsStates: false, hasMasks: false, imports));
        return inner.IsList ? $"[{string.Join(", ", layers)}]" : layers.Single();
    }

    private static bool HasMasks(Model model) => model.Layers.Any(
        layer => layer.Callee is KerasUse use ? use.Layer.MakesMask(use) : layer.Callee is NestedModel nested && HasMasks(nested.Model));

    private static bool IsSaid(ArgumentDefinition argument, FactValue value) =>
        value != argument.LeftOutIf && !(value.IsNone && argument.Default.IsNone);

    /// <summary>An activation by the name that Keras 2 has for it, or else Keras 3, or as a layer.</summary>
    private static string Value(ArgumentDefinition argument, FactValue value, ICollection<string> imports) =>
        argument.IsActivation && value.Text is { } name && ActivationLayers.Of(name) is { } layer
            ? Expression(layer, "", returnsStates: false, hasMasks: false, imports)
        : PythonText.Of(
            argument.IsActivation && value.Text is { } text && Activations.Find(text) is { } activation
            ? FactValue.Of(activation.Keras2 ?? activation.Keras3 ?? activation.Name) : value);

    /// <summary>Prints the calls of a model; nested ones before those that call them. The depth is that of models in models.</summary>
    private sealed class Printer(bool hasMasks)
    {
        private readonly VariableNames names = new();

        public List<string> Imports { get; } = [];

        public StringBuilder Body { get; } = new();

        /// <summary>Prints a model.</summary>
        /// <param name="model">The model.</param>
        /// <param name="layerName">The name of a nested model; null for the outermost.</param>
        /// <returns>The variable that holds it.</returns>
        public string Print(Model model, string? layerName)
        {
            var variables = new Dictionary<Port, string>();
            foreach (var input in model.Inputs)
            {
                var x = model.Inputs.Count == 1 || layerName is not null ? names.Take("x") : names.Take($"x_{variables.Count + 1}");
                variables[new Port(input.Name)] = x;
                Add(Imports, InputLayer.PythonName);
                Line(
                    $"{x} = {InputLayer.Python(input is { HasTime: true, Axes.Count: 2 } ? [null, input.Width] : input.Axes)}",
                    input.Axes.Skip(1).SkipLast(1).Any(length => length is null)
                        ? "Keras 3 takes no None for a length of an image: write its number"
                        : null);
            }

            var layers = model.Layers.SelectMany(layer => layer.Calls.Select(call => (call.Name, Layer: layer)))
                .ToDictionary(pair => pair.Name, pair => pair.Layer, StringComparer.Ordinal);
            var shared = new Dictionary<ICallable, string>(ReferenceEqualityComparer.Instance);
            var reads = Reads(model);
            for (var k = 0; k < model.Calls.Count; k++)
            {
                Call(model.Calls[k], k, layers[model.Calls[k].Name], shared, variables, reads);
            }

            var name = names.Take(layerName is null ? "model" : "nested");
            var from = PythonText.List([.. model.Inputs.Select(input => variables[new Port(input.Name)])]);
            var to = PythonText.List([.. model.Outputs.Select(port => variables[port])]);
            Line($"{name} = Model({from}, {to}{(layerName is null ? "" : $", name={PythonText.Quoted(layerName)}")})", null);
            foreach (var variable in variables.Values.Concat(shared.Values))
            {
                names.Free(variable);
            }

            return name;
        }

        private void Call(
            Call call, int place, CalledLayer layer, Dictionary<ICallable, string> shared, Dictionary<Port, string> variables,
            Dictionary<Port, int> reads)
        {
            var callee = call.Callee;
            var isStateRead =
                layer.Calls.Any(one => Enumerable.Range(0, callee.States.Count).Any(state => reads.ContainsKey(new Port(one.Name, state))));
            var givesStates = isStateRead || callee is KerasUse { ReturnsStates: true };
            if (!shared.TryGetValue(callee, out var expression))
            {
                expression = callee is NestedModel { IsOnEachStep: true } ? throw new UnsupportedModelException(
                        $"{call.Name} is a model that is called with each step, for which no code is printed. Write a whole model.")
                    : callee is NestedModel nested ? Print(nested.Model, layer.Name)
                    : callee is KerasUse use ? Expression(use, layer.Name, isStateRead, hasMasks, Imports)
                    : throw new UnsupportedModelException($"{call.Name} is {callee.ClassName}, which is no Keras layer.");
                if (layer.Calls.Count > 1 && callee is KerasUse)
                {
                    var variable = names.Take("layer");
                    Line($"{variable} = {expression}", null);
                    expression = variable;
                }

                if (layer.Calls.Count > 1 || callee is NestedModel)
                {
                    shared[callee] = expression;
                }
            }

            var inputs = PythonText.List([.. call.Inputs.Select(port => variables[port])]);
            var states = call.InitialStates is { } initial
                ? $", initial_state=[{string.Join(", ", initial.Select(port => variables[port]))}]" : "";
            foreach (var done in call.Reads.Distinct().Where(port => reads[port] <= place))
            {
                Release(done, variables);
            }

            string[] targets =
            [
                .. Enumerable.Range(0, callee.OutputCount).Select(k => Target(new Port(call.Name) { Output = k }, "y", variables, reads)),
                .. givesStates ? callee.States.Select((state, k) => Target(new Port(call.Name, k), state, variables, reads)) : [],
            ];
            Line($"{string.Join(", ", targets)} = {expression}({inputs}{states})", (callee as KerasUse)?.PythonComment);
        }

        /// <summary>Inputs keep their names to the end: the model is made of them.</summary>
        private void Release(Port port, Dictionary<Port, string> variables)
        {
            if (!variables[port].StartsWith('x'))
            {
                names.Free(variables[port]);
            }
        }

        private string Target(Port port, string stem, Dictionary<Port, string> variables, Dictionary<Port, int> reads)
        {
            if (!reads.ContainsKey(port))
            {
                return "_";
            }

            return variables[port] = names.Take(stem);
        }

        /// <summary>The place of the last call that reads a port; beyond all for the model's outputs.</summary>
        private static Dictionary<Port, int> Reads(Model model)
        {
            var reads = new Dictionary<Port, int>();
            for (var k = 0; k < model.Calls.Count; k++)
            {
                foreach (var port in model.Calls[k].Reads)
                {
                    reads[port] = k;
                }
            }

            foreach (var port in model.Outputs)
            {
                reads[port] = int.MaxValue;
            }

            return reads;
        }

        private void Line(string text, string? comment) => Body.Append(text).Append(comment is null ? "" : $"  # {comment}").Append('\n');

        private static void Add(List<string> list, string item)
        {
            if (!list.Contains(item))
            {
                list.Add(item);
            }
        }
    }
}
