namespace LstmConvert.KerasLayers;

/// <summary>What a layer of TensorFlow.js does with the mask of its inputs (@tensorflow/tfjs-layers 4.22 <c>computeMask</c>).</summary>
internal enum BrowserMask
{
    /// <summary>It passes it on, or ends it, and computes the same with it and without.</summary>
    Passed,

    /// <summary>It computes by it, as recurrent layers do.</summary>
    Read,

    /// <summary>It passes it on with an axis more, <c>(1, b, t)</c>, by which no layer computes what it should (dist/layers/merge.js
    /// Merge).</summary>
    Bent,
}
