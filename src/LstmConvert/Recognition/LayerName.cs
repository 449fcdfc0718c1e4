namespace LstmConvert.Recognition;

/// <summary>The name of a Keras layer.</summary>
public static class LayerName
{
    /// <summary>The name that belongs to a scope: <c>/</c> becomes <c>_</c>; a cell at the top is called <c>rnn</c>.</summary>
    /// <param name="scope">The cell's scope.</param>
    public static string Of(string scope) => scope.Length == 0 ? "rnn" : scope.Replace('/', '_');
}
