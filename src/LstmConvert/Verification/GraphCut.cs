namespace LstmConvert.Verification;

/// <summary>The tensors of the source's graph between which it is compared with a whole Keras model, in the order of the model's inputs and
/// outputs.</summary>
/// <param name="From">Where the sample enters, <c>node:number</c> or <c>node</c>; empty for the placeholders that the outputs need.</param>
/// <param name="To">Where the outputs leave.</param>
public sealed record GraphCut(IReadOnlyList<string> From, IReadOnlyList<string> To);
