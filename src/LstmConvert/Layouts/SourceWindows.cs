using System.Buffers;
using System.Numerics;
using LstmConvert.Tensors;

namespace LstmConvert.Layouts;

/// <summary>
/// Elements of the variables that are in memory: one run of each at a time, small variables whole. Pieces that need the same rows
/// share one read.
/// </summary>
/// <typeparam name="T">float or double; elements are widened exactly.</typeparam>
/// <param name="variables">The variables by role.</param>
/// <param name="smallCount">A variable of at most so many elements is read at once.</param>
internal sealed class SourceWindows<T>(IReadOnlyDictionary<string, Tensor> variables, int smallCount = 1 << 16) : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Dictionary<string, (T[] Buffer, long Start, int Length)> windows = new(StringComparer.Ordinal);

    /// <summary>True if the variable is read at once, whatever is asked for.</summary>
    /// <param name="role">The variable's role.</param>
    public bool IsSmall(string role) => variables[role].Shape.ElementCount <= smallCount;

    /// <summary>Consecutive elements, valid until the next call.</summary>
    /// <param name="role">The variable's role.</param>
    /// <param name="start">The first element.</param>
    /// <param name="length">How many.</param>
    public ReadOnlySpan<T> Get(string role, long start, int length)
    {
        if (windows.TryGetValue(role, out var window) && start >= window.Start && start + length <= window.Start + window.Length)
        {
            return window.Buffer.AsSpan((int)(start - window.Start), length);
        }

        var tensor = variables[role];
        var (from, count) = IsSmall(role) ? (0L, (int)tensor.Shape.ElementCount) : (start, length);
        if (start < from || start + length > from + count)
        {
            var asked = $"Elements {start} to {start + length} of {tensor.Name} are asked for";
            throw new InvalidOperationException($"{asked}, and it has {tensor.Shape.ElementCount}.");
        }

        var buffer = window.Buffer;
        if (buffer is null || buffer.Length < count)
        {
            if (buffer is not null)
            {
                ArrayPool<T>.Shared.Return(buffer);
            }

            buffer = ArrayPool<T>.Shared.Rent(count);
        }

        windows[role] = (buffer, from, 0);
        Rows.Read(tensor, from, buffer.AsSpan(0, count));
        windows[role] = (buffer, from, count);
        return buffer.AsSpan((int)(start - from), length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (buffer, _, _) in windows.Values)
        {
            ArrayPool<T>.Shared.Return(buffer);
        }

        windows.Clear();
    }
}
