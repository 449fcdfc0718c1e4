using System.Globalization;
using LstmConvert.Graphs.Matching;
using LstmConvert.Graphs.Reading;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.Tensors;

namespace LstmConvert.Reports;

/// <summary>What is inside a file, as a page: the drawing of what feeds what, the facts with their evidence, the variables. One file of
/// HTML; the same file gives the same bytes.</summary>
public sealed class InspectionPage
{
    /// <summary>So many variables are listed.</summary>
    private const int MostTensors = 2_000;

    private readonly string name;
    private readonly Markup content;

    private InspectionPage(string name, Markup content) => (this.name, this.content) = (name, content);

    /// <summary>The commands that repeat it.</summary>
    public IReadOnlyList<ReportedCommand> Commands { get; init; } = [];

    /// <summary>The page of a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="sourceName">What its user calls it.</param>
    /// <param name="commands">The commands that repeat it.</param>
    public static InspectionPage Of(RecurrentSource source, string sourceName, IReadOnlyList<ReportedCommand> commands)
    {
        var model = source.Model;
        string[] problems =
        [
            .. model.Questions.Select(question => question.Sentence),
            .. model.Problem is { } problem && model.Questions.Count == 0 ? [problem] : Array.Empty<string>(),
        ];
        return new InspectionPage(
            sourceName,
            Markup.Of(
                $"""
                {Header(
                    sourceName,
                    $"{source.Variables.Format}, {source.Variables.Tensors.Count} variables{(source.Graph is null ? "" : ", with the graph that computes with them")}",
                    source.Variables.Details)}
                {Sentences("No layers yet", problems)}
                {Page.Section(
                    "wiring",
                    "What feeds what",
                    model.Model.Calls.Count == 0 ? Markup.None : ModelDrawing.Of("What feeds what", model.Model))}
                {Page.Section("layers", "Recurrent layers", Layers(model))}
                {Page.Section("facts", "Facts and what says them", FactTable.Of(model))}
                {Page.Section("variables", "Variables", Tensors(source.Variables.Tensors))}
                {Page.Section("left-out", "Left out", LeftOut(model))}
                {Sentences("Warnings", model.Warnings)}
                """
            ))
        {
            Commands = commands,
        };
    }

    /// <summary>The page of a Keras file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="fileName">What its user calls it.</param>
    /// <param name="commands">The commands that repeat it.</param>
    public static InspectionPage Of(KerasInspection file, string fileName, IReadOnlyList<ReportedCommand> commands) =>
        new(
            fileName,
            Markup.Of(
                $"""
                {Header(
                    fileName,
                    $"{file.Format}{(file.KerasVersion is { } version ? $" of Keras {version}" : "")}, {file.Layers.Count(layer => layer.Weights.Count > 0)} layers with weights",
                    string.Join("; ", file.Inputs.Select(input => $"input {input}")))}
                {Sentences("The model itself is not shown", file.Problem is { } problem ? [problem] : [])}
                {Page.Section("wiring", "What feeds what", ModelDrawing.Of("What feeds what", file))}
                {Page.Section("layers", "Layers", Layers(file))}
                """
            ))
        {
            Commands = commands,
        };

    /// <summary>The page of a graph without variables.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="graphName">What its user calls it.</param>
    /// <param name="commands">The commands that repeat it.</param>
    public static InspectionPage Of(Graph graph, string graphName, IReadOnlyList<ReportedCommand> commands)
    {
        var cells = RecurrentSource.CellsOf(graph);
        return new InspectionPage(graphName, Markup.Of($"""
            {Header(graphName, graph.ToString(), cells.Count == 0 ? "No recurrent cell is computed in it." : "")}
            {Page.Section("wiring", "What feeds what", Drawn(cells))}
            {Page.Section("facts", "What the graph computes, and the node that says so", Facts(cells))}
            """)) { Commands = commands };
    }

    /// <summary>Writes the page, complete or not at all.</summary>
    /// <param name="path">The target.</param>
    /// <param name="overwrite">True replaces a file of that name.</param>
    /// <exception cref="OutputException">The target exists, or cannot be written.</exception>
    public void Write(string path, bool overwrite) => Page.Write(ToHtml(), path, overwrite);

    /// <summary>The page.</summary>
    public string ToHtml() => Page.Of($"{name}: what is inside", Markup.Of($"{content}{Page.Commands(Commands)}"));

    private static Markup Drawn(IReadOnlyList<GraphCell> cells)
    {
        static string Id(GraphCell cell) => $"cell {cell.Kernels[0]}";
        var outside = cells.SelectMany(cell => cell.ExternalSources).Distinct(StringComparer.Ordinal).ToArray();
        return Drawing.Of(
            "What feeds what in the graph",
            [
                .. outside.Select(name => new Box(name, name, "fed from outside", "end")),
                .. cells.Select(cell => new Box(
                    Id(cell),
                    cell.Kernels[0],
                    $"{string.Join(" or ", cell.Matches.Select(match => match.Cell).Distinct())}{(cell.IsBackward is { Value: true } ? ", backward" : "")}",
                    "cell")),
            ],
            [
                .. cells.SelectMany(cell =>
                    cell.ExternalSources.Select(name => new Arrow(name, Id(cell)))
                        .Concat(cell.Sources.Select(from => new Arrow(Id(from), Id(cell))))),
            ]);
    }

    private static Markup Facts(IReadOnlyList<GraphCell> cells) => cells.Count == 0 ? Markup.None : Markup.Of($"""
        <table class="stack"><thead><tr><th scope="col">Kernel</th><th scope="col">Fact</th><th scope="col">Value</th><th scope="col">Node</th></tr></thead>
        {cells.Select(cell =>
        {
            (string Name, string Value, string Node)[] facts = [.. cell.Matches[0].Numbers.Select(fact => (fact.Key, fact.Value.Value?.ToString(CultureInfo.InvariantCulture) ?? "none", fact.Value.Node)), .. cell.Matches[0].Words.Select(fact => (fact.Key, fact.Value.Value, fact.Value.Node))];
            return Markup.Of($"""<tbody>{facts.Select((fact, k) => Markup.Of($"""<tr>{(k > 0 ? Markup.None : Markup.Of($"""<th scope="rowgroup" rowspan="{facts.Length}">{Markup.Name(cell.Kernels[0])}</th>"""))}<td data-label="Fact"><code class="whole">{fact.Name}</code></td><td data-label="Value">{fact.Value}</td><td data-label="Node">{Markup.Name(fact.Node)}</td></tr>"""))}</tbody>""");
        })}</table>
        """);

    private static Markup Header(string title, string kind, string details) => Markup.Of($"""
        <header>
        <p class="what">What is inside?</p>
        <h1>{Markup.Name(title)}</h1>
        <p>{kind}</p>
        {(details.Length == 0 ? Markup.None : Markup.Of($"<p class=\"words\">{details}</p>"))}
        </header>

        """);

    private static Markup Layers(SourceModel model) => !model.Layers.Any() ? Markup.None : Markup.Of($"""
        <table class="stack"><thead><tr><th scope="col">Layer</th><th scope="col">Cell</th><th scope="col">Sizes</th><th scope="col">Around it</th></tr></thead><tbody>
        {model.Layers.Select(layer => Markup.Of($"""
            <tr><th scope="row">{Markup.Name(layer.Scope.Length == 0 ? "(top)" : layer.Scope)}</th><td data-label="Cell">{layer.CellName}{(layer.IsBackward ? ", backward" : "")}</td><td data-label="Sizes">{string.Create(CultureInfo.InvariantCulture, $"{layer.InputSize} → {layer.Units}{(layer.OutputSize != layer.Units ? $" → {layer.OutputSize}" : "")}")}</td><td data-label="Around it">{layer.Surroundings.Select(one => Markup.Of($"<p>{one}</p>"))}{layer.Obstacles.Select(one => Markup.Of($"""<p><span class="badge unmet">not convertible</span> {one}</p>"""))}</td></tr>

            """))}</tbody></table>
        """);

    private static Markup Layers(KerasInspection file) => Markup.Of($"""
        <table class="stack"><thead><tr><th scope="col">Layer</th><th scope="col">Class</th><th scope="col">Settings</th><th scope="col">Reads</th><th scope="col">Weights</th></tr></thead><tbody>
        {file.Layers.Select(layer => Markup.Of($"""
            <tr><th scope="row">{Markup.Name(layer.Name)}</th><td data-label="Class">{layer.ClassName ?? "–"}</td><td data-label="Settings">{string.Join(", ", layer.Settings)}{layer.Provenance.Select(one => Markup.Of($"<p><code>{one.Key}</code> = {one.Value}</p>"))}</td><td data-label="Reads">{string.Join(", ", layer.Reads)}</td><td data-label="Weights">{layer.Weights.Select(weight => Markup.Of($"<p><code>{weight.Name[(weight.Name.LastIndexOf('/') + 1)..]} {weight.DType.Name()} {weight.Shape.ToString()}</code></p>"))}</td></tr>

            """))}</tbody></table>
        """);

    private static Markup Tensors(IReadOnlyList<Tensor> tensors) => tensors.Count == 0 ? Markup.None : Markup.Of($"""
        {(tensors.Count > MostTensors ? Markup.Of($"<p>The first {MostTensors} of {tensors.Count}.</p>") : Markup.None)}
        <table class="stack"><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Shape</th><th scope="col" class="right">Bytes</th></tr></thead><tbody>
        {tensors.Take(MostTensors).Select(tensor => Markup.Of($"""
            <tr><th scope="row">{Markup.Name(tensor.Name)}</th><td data-label="Type">{tensor.DType.Name()}</td><td data-label="Shape"><code class="whole">{tensor.Shape.ToString()}</code></td><td data-label="Bytes" class="right">{Shown.Count(tensor.Info.ByteCount)}</td></tr>

            """))}</tbody></table>
        """);

    private static Markup LeftOut(SourceModel model) => model.LeftOut.Count == 0 ? Markup.None : Markup.Of($"""
        <table class="stack"><thead><tr><th scope="col">Variable</th><th scope="col">Why</th></tr></thead><tbody>
        {model.LeftOut.Take(MostTensors).Select(one => Markup.Of($"""
            <tr><th scope="row">{Markup.Name(one.Name)}</th><td data-label="Why">{one.Reason}</td></tr>

            """))}</tbody></table>
        """);

    private static Markup Sentences(string title, IReadOnlyList<string> sentences) =>
        sentences.Count == 0
            ? Markup.None
            : Page.Section(
                title.ToLowerInvariant().Replace(' ', '-'),
                title,
                Markup.Of($"""<ul class="sentences">{sentences.Select(one => Markup.Of($"<li>{one}</li>"))}</ul>"""));
}
