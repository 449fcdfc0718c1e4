namespace LstmConvert.Arrays;

/// <summary>Two matrices that cannot be multiplied: a layer was fed another width than its weights have.</summary>
/// <param name="message">Both shapes.</param>
internal sealed class MatrixMismatchException(string message) : ArgumentException(message);
