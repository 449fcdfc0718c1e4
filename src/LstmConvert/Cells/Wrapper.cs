namespace LstmConvert.Cells;

/// <summary>
/// Something that runs around a cell and has variables of its own. It is no cell: what it does is said of the cells inside, and where it
/// changes what a cell puts out it keeps them out of Keras.
/// </summary>
/// <param name="Name">The class's name: <c>HighwayWrapper</c>.</param>
/// <param name="Effect">What it does, as a phrase.</param>
internal sealed record Wrapper(string Name, string Effect)
{
    /// <summary>Scope components that it gives; the cells below are inside.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Ends of its variables; the cells below their scope are inside.</summary>
    public IReadOnlyList<string> Leaves { get; init; } = [];

    /// <summary>True if the cell alone computes something else than the program with it: then it does not convert.</summary>
    public bool IsObstacle { get; init; }

    /// <summary>The wrappers that are known.</summary>
    public static IReadOnlyList<Wrapper> All { get; } =
    [
        new("HighwayWrapper", "mixes the cell's input into its output") { Leaves = ["carry_w", "carry_w_highway"], IsObstacle = true },
        .. new[]
        {
            "Grid1LSTMCell",
            "Grid1BasicLSTMCell",
            "Grid2LSTMCell",
            "Grid2BasicLSTMCell",
            "Grid3LSTMCell",
            "Grid2GRUCell",
            "Grid2BasicRNNCell",
            "GridRNNCell",
        }.Select(name => new Wrapper(name, "runs the cell over the dimensions of a grid") { Scopes = [name], IsObstacle = true }),
        new("HyperLSTMCell", "scales its gates by what a second cell computes") { Scopes = ["HyperLSTMCell"], IsObstacle = true },
        new("NTMCell", "reads and writes a memory around the cell") { Scopes = ["ntm_cell"] },
        new("AttentionCellWrapper", "feeds the cell an attention over its past outputs beside the input, and projects its outputs")
        {
            Scopes = ["attention_cell_wrapper"],
        },
        new("AttentionWrapper", "feeds the cell an attention over a memory beside the input") { Scopes = ["attention_wrapper"] },
        new("EmbeddingWrapper", "embeds ids before the cell") { Scopes = ["embedding_wrapper"] },
        new("InputProjectionWrapper", "projects the input before the cell") { Scopes = ["input_projection_wrapper"] },
        new("OutputProjectionWrapper", "projects the cell's outputs") { Scopes = ["output_projection_wrapper"] },
    ];
}
