namespace LstmConvert.KerasLayers;

/// <summary>The Keras layers that are known, a line each.</summary>
internal static class KerasLayerCatalog
{
    /// <summary>Every one.</summary>
    public static IReadOnlyList<KerasLayer> All { get; } =
    [
        Lstm.Definition,
        Gru.Definition,
        SimpleRnn.Definition,
        CuDnnLstm.Definition,
        CuDnnGru.Definition,
        Rnn.Definition,
        LstmCell.Definition,
        GruCell.Definition,
        SimpleRnnCell.Definition,
        StackedRnnCells.Definition,
        ExtendedLstmCell.Definition,
        NasCell.Definition,
        CfnCell.Definition,
        IntersectionRnnCell.Definition,
        RecurrentHighwayCell.Definition,
        HyperLstmCell.Definition,
        ExtendedSimpleRnnCell.Definition,
        PhasedLstmCell.Definition,
        GridLstmCell.Definition,
        AttentionLstmCell.Definition,
        DepthLstmCell.Definition,
        TimeFrequencyLstmCell.Definition,
        Bidirectional.Definition,
        TimeDistributed.Definition,
        TimeDistributedDense.Definition,
        Dense.Definition,
        Embedding.Definition,
        Masking.Definition,
        ReverseTime.Definition,
        AddLayer.Definition,
        MultiplyLayer.Definition,
        AverageLayer.Definition,
        Concatenate.Definition,
        Merge.Definition,
        ActivationLayer.Definition,
        .. Convolutions.Definitions,
        .. FurtherConvolutions.Definitions,
        .. ConvLstms.Definitions,
        .. Poolings.Definitions,
        .. Normalizations.Definitions,
        .. ShapeLayers.Definitions,
        .. ImageShapes.Definitions,
        .. ActivationLayers.Definitions,
        .. FurtherMerges.Definitions,
        .. Attentions.Definitions,
        MultiHeadAttention.Definition,
        .. InactiveLayers.Definitions,
    ];

    /// <summary>The layer of a class, or null.</summary>
    /// <param name="className">Keras's name.</param>
    public static KerasLayer? Find(string className) =>
        All.FirstOrDefault(layer => layer.ClassName == className || layer.ClassNameInKeras1 == className);
}
