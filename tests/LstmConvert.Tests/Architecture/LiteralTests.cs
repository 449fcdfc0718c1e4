using System.Text.RegularExpressions;

namespace LstmConvert.Tests.Architecture;

/// <summary>
/// Every fact about a cell or a Keras layer is a member of its type, and no code outside names one: a cell or layer is named in Cells,
/// KerasLayers and Dialects alone, an operation of TensorFlow
/// in the reading and execution of graphs, a cell's own graph pattern and the table of activations; what is both may stand where either
/// may. The operators of ONNX, a graph language of its own with some of the same words, are named where its models are read.
/// </summary>
public sealed class LiteralTests
{
    private static readonly string[] Cells =
    [
        "BasicLSTMCell",
        "LSTMCell",
        "LSTMBlockCell",
        "LSTMBlockFusedCell",
        "LSTMFusedCell",
        "BlockLSTM",
        "BlockLSTMV2",
        "GRUCell",
        "GRUBlockCell",
        "GRUBlockCellV2",
        "BasicRNNCell",
        "CudnnCompatibleLSTMCell",
        "CudnnCompatibleGRUCell",
        "CudnnLSTM",
        "CudnnGRU",
        "CudnnRNN",
        "CudnnRNNRelu",
        "CudnnRNNTanh",
        "CudnnRNNV2",
        "CudnnRNNV3",
        "LayerNormBasicLSTMCell",
        "LayerNormLSTMCell",
        "CoupledInputForgetGateLSTMCell",
        "UGRNNCell",
        "NASCell",
        "SRUCell",
        "CFNCell",
        "MinimalRNNCell",
        "IndRNNCell",
        "IndyGRUCell",
        "IndyLSTMCell",
        "IntersectionRNNCell",
        "PhasedLSTMCell",
        "GLSTMCell",
        "GridLSTMCell",
        "Grid1LSTMCell",
        "Grid2LSTMCell",
        "BidirectionalGridLSTMCell",
        "TimeFreqLSTMCell",
        "TFLiteLSTMCell",
        "TfLiteRNNCell",
        "ConvLSTMCell",
        "Conv1DLSTMCell",
        "Conv2DLSTMCell",
        "Conv3DLSTMCell",
        "MaskedLSTMCell",
        "MaskedBasicLSTMCell",
        "WeightNormLSTMCell",
        "NTMCell",
        "AttentionCellWrapper",
        "AttentionWrapper",
        "HighwayWrapper",
        "ResidualWrapper",
        "DropoutWrapper",
        "EmbeddingWrapper",
        "InputProjectionWrapper",
        "OutputProjectionWrapper",
        "UnrolledLSTM",
        "VanillaRNN",
        "HyperLSTMCell",
        "HighwayCore",
        "ESNCell",
        "PeepholeLSTMCell",
    ];

    private static readonly string[] KerasLayers =
    [
        "LSTM",
        "GRU",
        "SimpleRNN",
        "RNN",
        "StackedRNNCells",
        "CuDNNLSTM",
        "CuDNNGRU",
        "ConvLSTM1D",
        "ConvLSTM2D",
        "ConvLSTM3D",
        "Bidirectional",
        "TimeDistributed",
        "Dense",
        "Embedding",
        "Masking",
        "Lambda",
        "Concatenate",
        "Add",
        "Multiply",
        "Average",
        "Dropout",
        "SpatialDropout1D",
        "InputLayer",
        "Conv1D",
        "Conv2D",
        "MaxPooling1D",
        "GlobalMaxPooling1D",
        "GlobalAveragePooling1D",
        "BatchNormalization",
        "LayerNormalization",
        "Flatten",
        "Reshape",
        "Permute",
        "RepeatVector",
        "Sequential",
        "Functional",
        "Maximum",
        "Minimum",
        "Subtract",
        "Dot",
        "Softmax",
        "ReLU",
        "LeakyReLU",
        "PReLU",
        "ELU",
        "ThresholdedReLU",
        "Attention",
        "AdditiveAttention",
        "Conv3D",
        "MaxPooling2D",
        "AveragePooling1D",
        "UpSampling1D",
        "ZeroPadding1D",
        "Cropping1D",
    ];

    private static readonly string[] Operations =
    [
        "Abs",
        "Add",
        "AddN",
        "AddV2",
        "All",
        "Assert",
        "Assign",
        "AssignVariableOp",
        "BatchMatMul",
        "BatchMatMulV2",
        "BiasAdd",
        "BlockLSTM",
        "BlockLSTMV2",
        "BroadcastTo",
        "Cast",
        "Concat",
        "ConcatV2",
        "Const",
        "Conv2D",
        "Conv3D",
        "CudnnRNN",
        "CudnnRNNV2",
        "CudnnRNNV3",
        "Einsum",
        "Elu",
        "Enter",
        "Equal",
        "Exit",
        "Exp",
        "ExpandDims",
        "Fill",
        "FloorDiv",
        "FloorMod",
        "Gather",
        "GatherNd",
        "GatherV2",
        "Greater",
        "GreaterEqual",
        "GRUBlockCell",
        "Identity",
        "IdentityN",
        "If",
        "LeakyRelu",
        "Less",
        "LessEqual",
        "LogicalAnd",
        "LogicalNot",
        "LogicalOr",
        "LoopCond",
        "LSTMBlockCell",
        "MatMul",
        "Max",
        "Maximum",
        "Mean",
        "Merge",
        "Min",
        "Minimum",
        "Mul",
        "MutexLock",
        "Neg",
        "NextIteration",
        "NoOp",
        "OneHot",
        "Pack",
        "PartitionedCall",
        "Placeholder",
        "PlaceholderV2",
        "PlaceholderWithDefault",
        "Pow",
        "Prod",
        "RandomStandardNormal",
        "RandomUniform",
        "Range",
        "Rank",
        "ReadVariableOp",
        "RealDiv",
        "RefEnter",
        "RefExit",
        "RefIdentity",
        "RefMerge",
        "RefNextIteration",
        "RefSwitch",
        "Relu",
        "Relu6",
        "Reshape",
        "ResourceGather",
        "RestoreV2",
        "Reverse",
        "ReverseSequence",
        "ReverseV2",
        "Rsqrt",
        "SaveV2",
        "Select",
        "SelectV2",
        "Selu",
        "Shape",
        "Sigmoid",
        "Sign",
        "Size",
        "Slice",
        "Softmax",
        "Softplus",
        "Softsign",
        "Split",
        "SplitV",
        "Sqrt",
        "Square",
        "SquaredDifference",
        "Squeeze",
        "StatefulPartitionedCall",
        "StatelessIf",
        "StatelessWhile",
        "StopGradient",
        "StridedSlice",
        "Sub",
        "Sum",
        "Switch",
        "Tanh",
        "TensorArrayGather",
        "TensorArrayGatherV2",
        "TensorArrayGatherV3",
        "TensorArrayReadV2",
        "TensorArrayReadV3",
        "TensorArrayScatterV3",
        "TensorArraySizeV3",
        "TensorArrayV2",
        "TensorArrayV3",
        "TensorArrayWriteV3",
        "TensorListConcatV2",
        "TensorListFromTensor",
        "TensorListGetItem",
        "TensorListReserve",
        "TensorListSetItem",
        "TensorListStack",
        "Tile",
        "Transpose",
        "Unpack",
        "VarHandleOp",
        "Variable",
        "VariableV2",
        "VarIsInitializedOp",
        "Where",
        "While",
        "ZerosLike",
    ];

    /// <summary>Operators of ONNX that have the name of a Keras layer and of no operation of TensorFlow.</summary>
    private static readonly string[] OnnxOperators = ["Flatten", "Dropout"];

    private static readonly Regex Names = new(
        $@"\b({string.Join('|', Cells.Concat(KerasLayers))})\b",
        RegexOptions.ExplicitCapture,
        TimeSpan.FromSeconds(5));

    [Fact]
    public void Cells_layers_and_operations_are_named_where_they_are_at_home()
    {
        var found = new List<(string, int)>();
        foreach (
            var (path, folder) in Repository.Library.Concat(
                Repository.Sources("LstmConvert.Cli").Select(file => (file.Path, Folder: "the command"))))
        {
            var (isHome, isGraph) = (IsHome(folder), IsGraph(folder, Path.GetFileName(path)));
            var literals = SourceText.Read(File.ReadAllText(path)).Literals;
            var names = isHome
                ? 0
                : literals.Count(literal =>
                    Names
                        .Matches(literal)
                        .Any(match =>
                            !(isGraph && Operations.Contains(match.Value))
                            && !(folder == "Formats/Onnx" && OnnxOperators.Contains(match.Value))));
            var operations = isGraph
                ? 0
                : literals.Count(literal =>
                    Operations.Contains(literal) && !(isHome && (Cells.Contains(literal) || KerasLayers.Contains(literal))));
            if (names + operations > 0)
            {
                found.Add((Path.GetRelativePath(Repository.Folder, path).Replace(Path.DirectorySeparatorChar, '/'), names + operations));
            }
        }

        Ratchet.CheckCounts("literals.txt", found);
    }

    [Theory]
    [InlineData("""a("LSTM"); // "GRU" """, "LSTM")]
    [InlineData("""a($"x {(b ? "LSTM" : $"{c["GRU"]}")} y"); /* "Dense" */ '"' """, "LSTM", "GRU", "…", "x … y")]
    [InlineData("""a(@"C:\", "\"", '\'', "z");""", @"C:\", "\\\"", "z")]
    [InlineData("a(\"\"\"one \"two\" three\"\"\", \"z\");", "one \"two\" three", "z")]
    public void Literals_are_read_as_the_compiler_reads_them(string source, params string[] expected) =>
        Assert.Equal(expected, SourceText.Read(source).Literals);

    private static bool IsHome(string folder) => folder.Split('/')[0] is "Cells" or "KerasLayers" or "Dialects";

    private static bool IsGraph(string folder, string file) =>
        folder is "Graphs/Reading" or "Graphs/Execution" or "Formats/Onnx"
        || folder.Split('/')[0] == "Cells"
        || (folder.Split('/')[0] == "Equations" && file.StartsWith("Activation", StringComparison.Ordinal));
}
