namespace LstmConvert.Graphs.Matching;

/// <summary>What the names of a pattern stand for, as far as it was matched: a list that grows and is shared by the alternatives that are
/// tried.</summary>
internal sealed class Bindings
{
    private readonly Bindings? before;
    private readonly string key;
    private readonly object value;

    private Bindings(Bindings? before, string key, object value)
    {
        this.before = before;
        this.key = key;
        this.value = value;
    }

    public static Bindings Empty { get; } = new(null, "", "");

    /// <summary>Names with what they stand for.</summary>
    public IEnumerable<(string Key, object Value)> All
    {
        get
        {
            for (var at = this; at.before is { } earlier; at = earlier)
            {
                yield return (at.key, at.value);
            }
        }
    }

    /// <summary>The things that the pattern's cell does not do, as phrases.</summary>
    public IEnumerable<string> Obstacles => All.Where(one => one.Key == "!").Select(one => (string)one.Value).Reverse();

    /// <summary>What a name stands for, or null.</summary>
    public object? this[string name]
    {
        get
        {
            for (var at = this; at is not null; at = at.before)
            {
                if (at.key == name)
                {
                    return at.value;
                }
            }

            return null;
        }
    }

    public Bindings With(string name, object what) => new(this, name, what);

    public Bindings WithObstacle(string phrase) => With("!", phrase);
}
