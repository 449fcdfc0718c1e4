namespace LstmConvert.Arrays;

/// <summary>What large weights are.</summary>
internal static class Held
{
    /// <summary>More numbers than this are many: they are not held twice, nor while nothing reads them.</summary>
    public const long Many = 1 << 21;

    /// <summary>Bytes that steps of large layers may drop before they are collected.</summary>
    private const long Droppable = 4 << 20;

    private static long dropped;

    /// <summary>Counts what a time step made and dropped. Of small layers the collector has time until it has many megabytes; what stands
    /// beside large weights is to stay small.</summary>
    /// <param name="bytes">About how many bytes.</param>
    public static void Drop(long bytes)
    {
        if (bytes > Droppable / 16 && Interlocked.Add(ref dropped, bytes) > Droppable)
        {
            Interlocked.Exchange(ref dropped, 0);
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        }
    }

    /// <summary>Gives back the memory of weights that are done with, before others are read: the collector would wait for several times as
    /// much.</summary>
    /// <param name="count">How many weights they were.</param>
    /// <param name="isFollowed">True if as many are made at once, for which the memory is kept.</param>
    public static void LetGo(long count, bool isFollowed = false)
    {
        if (count > Many)
        {
            GC.Collect(
                GC.MaxGeneration,
                isFollowed ? GCCollectionMode.Forced : GCCollectionMode.Aggressive,
                blocking: true,
                compacting: !isFollowed);
        }
    }
}

/// <summary>
/// Something that is made when it is first needed, and kept; of many numbers only as long as something else holds it, and made again after
/// that: weights that no run reads just now would stand in the way of those that it reads.
/// </summary>
/// <typeparam name="T">What it is.</typeparam>
/// <param name="count">How many numbers it has.</param>
internal sealed class Held<T>(long count)
    where T : class
{
    private readonly Lock making = new();
    private readonly WeakReference<T?> loosely = new(null);
    private T? firmly;

    /// <summary>Gives it; a second thread waits for the one that makes it.</summary>
    /// <param name="make">Makes it.</param>
    public T Get(Func<T> make)
    {
        lock (making)
        {
            if (firmly is not null)
            {
                return firmly;
            }

            if (loosely.TryGetTarget(out var there))
            {
                return there;
            }

            var made = make();
            loosely.SetTarget(made);
            firmly = count > Held.Many ? null : made;
            Held.LetGo(count);
            return made;
        }
    }
}
