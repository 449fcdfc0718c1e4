namespace LstmConvert;

/// <summary>
/// Everything lstmconvert refuses. The message is one sentence: what is wrong, where (path, tensor, offset),
/// expected and actual, and what to do.
/// </summary>
public abstract class LstmConvertException : Exception
{
    private protected LstmConvertException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>An input cannot be read, or is broken.</summary>
public sealed class UnreadableInputException(string message, Exception? inner = null) : LstmConvertException(message, inner);

/// <summary>The input was understood, but Keras cannot express it, or it holds no cell that is known.</summary>
public sealed class UnsupportedModelException(string message, Exception? inner = null) : LstmConvertException(message, inner);

/// <summary>Something is not decided: the source is ambiguous, or a fact would have to be assumed under <c>--strict</c>.</summary>
public sealed class UndecidedException(string message, Exception? inner = null) : LstmConvertException(message, inner);

/// <summary>The output cannot be written, exists already, or did not pass the check after writing.</summary>
public sealed class OutputException(string message, Exception? inner = null) : LstmConvertException(message, inner);

/// <summary>The request itself makes no sense: an option names a layer that does not exist, two options exclude each other.</summary>
public sealed class UsageException(string message, Exception? inner = null) : LstmConvertException(message, inner);
