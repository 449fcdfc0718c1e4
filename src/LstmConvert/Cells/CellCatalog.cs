using LstmConvert.Files;

namespace LstmConvert.Cells;

/// <summary>The cells that are known. A new one is a file and a line here.</summary>
internal static class CellCatalog
{
    /// <summary>All cells; those with the same set of variables in the order in which they are tried.</summary>
    public static IReadOnlyList<Cell> All { get; } =
    [
        LstmCell.Definition,
        GruCell.Definition,
        GruBlockCell.Definition,
        BasicRnnCell.Definition,
        BlockLstmV2Cell.Definition,
        UgrnnCell.Definition,
        CoupledInputForgetGateLstmCell.Definition,
        CudnnCompatibleGruCell.Definition,
        CudnnLstmCell.Definition,
        CudnnGruCell.Definition,
        CudnnRnnTanhCell.Definition,
        CudnnRnnReluCell.Definition,
        KerasLstmCell.Definition,
        KerasGruCell.Definition,
        KerasGruResetAfterCell.Definition,
        KerasSimpleRnnCell.Definition,
        KerasCudnnLstmCell.Definition,
        KerasCudnnGruCell.Definition,
        SonnetLstmCell.Definition,
        SonnetGruCell.Definition,
        SonnetVanillaRnnCell.Definition,
        Sonnet1LstmCell.Definition,
        Sonnet1GruCell.Definition,
        Sonnet1VanillaRnnCell.Definition,
        HighwayCore.Definition,
        ReturnnNativeLstmCell.Definition,
        BaselinesLstmCell.Definition,
        PyTorchLstmCell.Definition,
        PyTorchGruCell.Definition,
        PyTorchRnnCell.Definition,
        OnnxLstmCell.Definition,
        OnnxGruCell.Definition,
        OnnxRnnCell.Definition,
        SketchRnnLstmCell.Definition,
        ChainerLstmCell.Definition,
        ChainerNStepLstmCell.Definition,
        ChainerNStepGruCell.Definition,
        ChainerNStepRnnCell.Definition,
        ChainerGruCell.Definition,
        FlaxLstmCell.Definition,
        FlaxGruCell.Definition,
        FlaxSimpleCell.Definition,
        HaikuLstmCell.Definition,
        HaikuVanillaRnnCell.Definition,
        LasagneLstmCell.Definition,
        LasagneGruCell.Definition,
        LasagneRnnCell.Definition,
        Dl4jLstmCell.Definition,
        IndyGruCell.Definition,
        IndRnnCell.Definition,
        IndyLstmCell.Definition,
        LayerNormBasicLstmCell.Definition,
        LayerNormLstmCell.Definition,
        WeightNormLstmCell.Definition,
        PhasedLstmCell.Definition,
        GlstmCell.Definition,
        SruCell.Definition,
        MinimalRnnCell.Definition,
        CfnCell.Definition,
        NasCell.Definition,
        IntersectionRnnCell.Definition,
        TimeFreqLstmCell.Definition,
        .. GridLstmCell.Definitions,
        .. GridRnnCell.Definitions,
        .. AttentionCellWrapper.Definitions,
        .. ConvLstmCell.Definitions,
        .. Sonnet1ConvLstmCell.Definitions,
        .. HighwayWrapper.Definitions,
        MaskedLstmCell.Definition,
        TfLiteLstmCell.Definition,
        TfLiteRnnCell.Definition,
        PeepholeLstmCell.Definition,
        AddonsLayerNormLstmCell.Definition,
        SketchRnnLayerNormLstmCell.Definition,
        SketchRnnHyperLstmCell.Definition,
        AddonsLayerNormSimpleRnnCell.Definition,
        EsnCell.Definition,
    ];

    /// <summary>The names of the cells that are converted.</summary>
    public static IReadOnlyList<string> ConvertedNames { get; } =
    [.. All.Where(cell => cell.Refusal is null).SelectMany(cell => cell.Names).Distinct()];

    /// <summary>The cell of this name.</summary>
    /// <param name="name">A class's name, in any case where that means one: TensorFlow 1 has a CudnnLSTM, Keras 2 a CuDNNLSTM.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static Cell Find(string name) =>
        All.FirstOrDefault(cell => cell.Names.Contains(name, StringComparer.Ordinal))
        ?? All.FirstOrDefault(cell => cell.Names.Contains(name, StringComparer.OrdinalIgnoreCase))
        ?? throw new UsageException($"'{name}' is no known cell.{NearNames.SentenceOrAll(name, ConvertedNames, "Known are")}");

    /// <summary>The cells of this name, the first one first: a ConvLSTMCell may convolve over one axis, two or three.</summary>
    /// <param name="name">A class's name.</param>
    /// <exception cref="UsageException">There is none.</exception>
    public static IReadOnlyList<Cell> FindAll(string name) =>
        Find(name) is var first ? [first, .. All.Where(cell => cell != first && cell.Names.Contains(name, StringComparer.Ordinal))] : [];

    /// <summary>A class's name as it is spelled.</summary>
    /// <param name="name">The name, in any case.</param>
    public static string ClassName(string name) => Find(name).Names.First(one => one.Equals(name, StringComparison.OrdinalIgnoreCase));
}
