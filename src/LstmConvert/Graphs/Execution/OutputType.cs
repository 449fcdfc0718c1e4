using LstmConvert.TensorFlow;
using LstmConvert.Tensors;

namespace LstmConvert.Graphs.Execution;

/// <summary>The element type of a node's outputs, as the graph says it: what is fed in its place becomes that.</summary>
internal static class OutputType
{
    /// <summary>Attributes that name the type of an output, the most telling first.</summary>
    private static readonly string[] Attributes = ["dtype", "DstT", "out_type", "output_type", "Tparams", "element_dtype", "T", "U"];

    /// <summary>The type; null where the graph does not tell.</summary>
    public static DType? Of(Edge edge)
    {
        var node = edge.Node;
        if (ComparisonOperations.IsTruth(node.Op) || node.Op is "All" or "Any" or "LoopCond" or "VarIsInitializedOp")
        {
            return DType.Bool;
        }

        if (
            node.Op is "Rank" or "TensorArraySizeV3" or "TensorListLength"
            || (edge.Index == 1 && node.Op is "Merge" or "RefMerge" or "TopKV2" or "TopK"))
        {
            return DType.Int32;
        }

        if (node.Op == "Range")
        {
            return node.Type("Tidx", DType.Int32);
        }

        if (node.Op == "IdentityN" && node.Attribute("T").List is { } list && edge.Index < list.Type.Count)
        {
            return TensorFlowDType.Read(list.Type[edge.Index]);
        }

        var named = Array.Find(Attributes, node.Has);
        return named is not null && node.Type(named, DType.Other) is not DType.Other and var type ? type
            : node.Op is "Shape" or "Size" ? DType.Int32
            : null;
    }
}
