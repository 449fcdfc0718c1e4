namespace LstmConvert.Graphs.Execution;

/// <summary>All operations that are executed, group by group; each group is a file with a table, one line per operation.</summary>
internal static class OperationTable
{
    private static readonly Dictionary<string, Kernel> All = new(
        new[]
        {
            ConstantOperations.Table,
            VariableOperations.Table,
            ArithmeticOperations.Table,
            ComparisonOperations.Table,
            ActivationOperations.Table,
            ReductionOperations.Table,
            MatrixOperations.Table,
            ShapeOperations.Table,
            JoinOperations.Table,
            SliceOperations.Table,
            GatherOperations.Table,
            SequenceOperations.Table,
            RandomOperations.Table,
            ControlFlowOperations.Table,
            FunctionOperations.Table,
            TensorArrayOperations.Table,
            TensorListOperations.Table,
            FusedLstmOperations.Table,
            FusedGruOperations.Table,
            NativeLstmOperations.Table,
            CudnnOperations.Table,
            ConvolutionOperations.Table,
            PoolingOperations.Table,
            NormalisationOperations.Table,
            OrderOperations.Table,
        }.SelectMany(table => table),
        StringComparer.Ordinal);

    /// <summary>The names of all operations that are executed.</summary>
    public static IEnumerable<string> Names => All.Keys;

    /// <summary>How an operation is executed; null if it is not known.</summary>
    public static Kernel? Find(string operation) => All.GetValueOrDefault(operation);
}
