using System.Globalization;
using System.Text.RegularExpressions;
using LstmConvert.Cells;

namespace LstmConvert.Recognition;

/// <summary>
/// Which cells feed each other, from their scopes: the cells of one <c>multi_rnn_cell</c> or <c>cell_N</c> family are a chain,
/// <c>fw</c> and <c>bw</c> below one scope a pair, pairs below <c>cell_N</c> a stack of pairs, everything else is independent.
/// </summary>
internal static partial class WiringRule
{
    /// <summary>Groups cells.</summary>
    public static IReadOnlyList<RecognizedGroup> Connect(IReadOnlyList<RecognizedCell> cells, RecognitionOptions options, GraphEvidence? evidence, List<string> warnings)
    {
        var found = evidence is null ? null : GraphWiring.Connect(cells, evidence);
        if (found is not null && options.Wiring == "auto")
        {
            return found;
        }

        var groups = ByOption(cells, options, warnings);
        if (found is not null && Describe(found) is var shown && Describe(groups) is var said && shown != said)
        {
            var contradiction = $"--wiring {options.Wiring} makes {said}, and the graph shows {shown}";
            if (options.IsStrict)
            {
                throw new UndecidedException($"{contradiction}. Leave the option out, or name another graph with --graph.");
            }

            warnings.Add($"{contradiction}; the option is taken.");
        }

        // Facts of cells that the graph shows hold for the groups too.
        return [.. groups.Select(group => group with { SequenceLengths = group.SequenceLengths ?? group.Cells.Select(cell => cell.SequenceLengths).FirstOrDefault(fact => fact is not null) })];
    }

    /// <summary>The family of a scope: what is left without level and direction.</summary>
    internal static string Family(string scope) => Place.Of(scope).Family;

    private static string Describe(IReadOnlyList<RecognizedGroup> groups) =>
        string.Join("; ", groups.Select(group => $"{(group.Cells.Count == 1 ? "alone" : group.Wiring.ToString())} {string.Join(" ", group.Cells.Select(cell => cell.Scope))}").Order(StringComparer.Ordinal));

    private static RecognizedGroup[] ByOption(IReadOnlyList<RecognizedCell> cells, RecognitionOptions options, List<string> warnings)
    {
        var places = cells.Select(cell => (Cell: cell, Place: Place.Of(cell.Scope))).ToArray();
        var told = new Fact<string>(options.Wiring, EvidenceKind.Option, "--wiring");
        return options.Wiring switch
        {
            "auto" => [.. Auto(places, warnings)],
            "independent" => [.. cells.Select(cell => Single(cell, told))],
            "chain" => [Chain(Common(cells), [.. cells], told)],
            "bidirectional" => [Pairs(Common(cells), Directed(places), Wiring.Bidirectional, told)],
            "stack-bidirectional" => [Pairs(Common(cells), Directed(places), Wiring.StackBidirectional, told)],
            _ => throw new UsageException($"'{options.Wiring}' is no wiring. Known are auto, chain, independent, bidirectional, stack-bidirectional."),
        };
    }

    private static List<RecognizedGroup> Auto((RecognizedCell Cell, Place Place)[] places, List<string> warnings)
    {
        var byNames = new Fact<string>("auto", EvidenceKind.Assumed, "names of the scopes");
        var groups = new List<RecognizedGroup>();
        foreach (var family in places.GroupBy(place => place.Place.Family))
        {
            var members = family.ToArray();
            var cells = members.Select(member => member.Cell).ToArray();
            var isPair = members.All(member => member.Place.Direction is not null)
                && members.Select(member => (member.Place.Direction, member.Place.Level)).Distinct().Count() == members.Length
                && members.GroupBy(member => member.Place.Level).All(level => level.Count() == 2);
            var problem = "";
            if (isPair)
            {
                var stacked = members.Any(member => member.Place.IsStackOfPairs);
                var group = Arrange(Common(cells), members, stacked ? Wiring.StackBidirectional : Wiring.Bidirectional, byNames);
                if ((problem = Misfit(group)).Length == 0)
                {
                    groups.Add(group);
                    continue;
                }
            }
            else if (members.Length > 1 && members.All(member => member.Place.Direction is null && member.Place.HasLevel)
                && members.Select(member => member.Place.Level).Distinct().Count() == members.Length)
            {
                var group = Chain(Common(cells), [.. members.OrderBy(member => member.Place.Level).Select(member => member.Cell)], byNames, check: false);
                if ((problem = Misfit(group)).Length == 0)
                {
                    groups.Add(group);
                    continue;
                }
            }

            if (problem.Length > 0)
            {
                warnings.Add($"{Common(cells)}: the scopes look like cells that feed each other, but {problem}; they are taken as independent. --wiring says otherwise.");
            }

            groups.AddRange(cells.Select(cell => Single(cell, byNames)));
        }

        return groups;
    }

    private static RecognizedGroup Single(RecognizedCell cell, Fact<string> evidence) => new(cell.Scope, Wiring.Chain, evidence, [cell]);

    private static RecognizedGroup Chain(string scope, RecognizedCell[] cells, Fact<string> evidence, bool check = true)
    {
        var group = new RecognizedGroup(scope, Wiring.Chain, evidence, [.. cells.Select((cell, level) => cell with { Level = level, Direction = Direction.Forward })]);
        return check ? Checked(group) : group;
    }

    private static RecognizedGroup Pairs(string scope, (RecognizedCell Cell, Direction Direction, int Level)[] members, Wiring wiring, Fact<string> evidence) =>
        members.Length % 2 == 0 && members.GroupBy(member => member.Level).All(level => level.Select(member => member.Direction).Distinct().Count() == 2 && level.Count() == 2)
            ? Checked(new RecognizedGroup(scope, wiring, evidence,
                [.. members.OrderBy(member => member.Level).ThenBy(member => member.Direction).Select(member => member.Cell with { Level = member.Level, Direction = member.Direction })]))
            : throw new UsageException($"--wiring {evidence.Value} needs a forward and a backward cell at every level; there are {string.Join(", ", members.Select(member => member.Cell.Scope))}.");

    private static RecognizedGroup Arrange(string scope, (RecognizedCell Cell, Place Place)[] members, Wiring wiring, Fact<string> evidence)
    {
        var levels = members.Select(member => member.Place.Level).Distinct().Order().ToList();
        return new RecognizedGroup(scope, wiring, evidence,
            [.. members.Select(member => member.Cell with { Level = levels.IndexOf(member.Place.Level), Direction = member.Place.Direction!.Value })
                .OrderBy(cell => cell.Level).ThenBy(cell => cell.Direction)]);
    }

    /// <summary>The direction and level of each cell when the user says that they are pairs: by name, else alternately.</summary>
    private static (RecognizedCell Cell, Direction Direction, int Level)[] Directed((RecognizedCell Cell, Place Place)[] places)
    {
        var byName = places.Select(place => (place.Cell, Direction: place.Place.Direction ?? DirectionWord(place.Cell.Scope))).ToArray();
        if (byName.Any(cell => cell.Direction is null))
        {
            return [.. places.Select((place, k) => (place.Cell, k % 2 == 0 ? Direction.Forward : Direction.Backward, k / 2))];
        }

        var next = new Dictionary<Direction, int> { [Direction.Forward] = 0, [Direction.Backward] = 0 };
        return [.. byName.Select(cell => (cell.Cell, cell.Direction!.Value, next[cell.Direction!.Value]++))];
    }

    private static Direction? DirectionWord(string scope) =>
        BackwardWord().IsMatch(scope) ? Direction.Backward : ForwardWord().IsMatch(scope) ? Direction.Forward : null;

    private static RecognizedGroup Checked(RecognizedGroup group) => Misfit(group) is { Length: > 0 } problem
        ? throw new UsageException($"--wiring {group.WiringEvidence.Value} does not fit the widths: {problem}.")
        : group;

    /// <summary>Why the widths do not fit, or nothing.</summary>
    internal static string Misfit(RecognizedGroup group)
    {
        foreach (var cell in group.Cells)
        {
            var below = group.Cells.Where(other => other.Level == cell.Level - 1 && (group.Wiring == Wiring.StackBidirectional || other.Direction == cell.Direction)).ToArray();
            var expected = cell.Level == 0 ? group.Cells.First(other => other.Level == 0).InputSize : below.Sum(other => other.OutputSize);
            if (cell.InputSize != expected)
            {
                return cell.Level == 0
                    ? $"{cell.Scope} has input size {cell.InputSize} where {group.Cells[0].Scope} has {expected}"
                    : $"{cell.Scope} has input size {cell.InputSize} and would be fed {expected}";
            }
        }

        return "";
    }

    internal static string Common(IReadOnlyList<RecognizedCell> cells)
    {
        var parts = cells.Select(cell => cell.Scope.Split('/')).ToArray();
        var shared = 0;
        while (parts.All(path => path.Length > shared && path[shared] == parts[0][shared]))
        {
            shared++;
        }

        return string.Join('/', parts[0][..shared]);
    }

    [GeneratedRegex("(^|[/_])(bw|backward|BW)([/_0-9]|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex BackwardWord();

    [GeneratedRegex("(^|[/_])(fw|forward|FW)([/_0-9]|$)", RegexOptions.ExplicitCapture)]
    private static partial Regex ForwardWord();

    /// <summary>A cell's place, read from the containers in its scope.</summary>
    /// <param name="Family">What is left of the scope without level and direction.</param>
    /// <param name="Level">The number of <c>cell_N</c>, 0 without.</param>
    /// <param name="HasLevel">True if there is one.</param>
    /// <param name="Direction">The direction, or null outside a bidirectional scope.</param>
    /// <param name="IsStackOfPairs">True if the level stands above the direction.</param>
    private sealed partial record Place(string Family, int Level, bool HasLevel, Direction? Direction, bool IsStackOfPairs)
    {
        public static Place Of(string scope)
        {
            var path = scope.Split('/').ToList();
            var (level, hasLevel, isStack) = (0, false, false);
            Direction? direction = null;
            var last = Recognizer.CellComponent(path[^1]);
            if (CellCatalog.All.Any(cell => cell.ScopeNames.Contains(last)) || last is "simple_rnn_cell" or "cell")
            {
                path.RemoveAt(path.Count - 1);
            }
            else if (!KerasDirection().IsMatch(path[^1]))
            {
                return new Place(scope, 0, false, null, false);
            }

            if (TakeLevel(path, ref level))
            {
                hasLevel = true;
                TakeWord(path, "multi_rnn_cell", "MultiRNNCell");
            }

            if (path.Count > 1 && path[^1] == "RNN" && path[^2].StartsWith("BiRNN_", StringComparison.Ordinal))
            {
                path.RemoveAt(path.Count - 1);
            }

            if (path.Count > 0 && KerasDirection().Match(path[^1]) is { Success: true } keras)
            {
                direction = keras.Groups["bw"].Success ? Recognition.Direction.Backward : Recognition.Direction.Forward;
                path.RemoveAt(path.Count - 1);
            }
            else if (path.Count > 0 && DirectionName().Match(path[^1]) is { Success: true } match)
            {
                direction = match.Groups["bw"].Success ? Recognition.Direction.Backward : Recognition.Direction.Forward;
                path.RemoveAt(path.Count - 1);
                TakeWord(path, "bidirectional_rnn", "BiRNN");
                if (!hasLevel && TakeLevel(path, ref level))
                {
                    (hasLevel, isStack) = (true, true);
                    TakeWord(path, "stack_bidirectional_rnn", "StackRNN");
                }
            }

            return new Place(string.Join('/', path) + (direction is null ? "" : " (fw, bw)") + (hasLevel ? " (levels)" : direction is null ? " " + scope : ""), level, hasLevel, direction, isStack);
        }

        private static bool TakeLevel(List<string> path, ref int level)
        {
            if (path.Count == 0 || LevelName().Match(path[^1]) is not { Success: true } match)
            {
                return false;
            }

            level = int.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture);
            path.RemoveAt(path.Count - 1);
            return true;
        }

        private static void TakeWord(List<string> path, params ReadOnlySpan<string> words)
        {
            if (path.Count > 0 && words.Contains(path[^1]))
            {
                path.RemoveAt(path.Count - 1);
            }
        }

        [GeneratedRegex("^(cell_|Cell|Layer)(?<n>[0-9]{1,5})$", RegexOptions.ExplicitCapture)]
        private static partial Regex LevelName();

        /// <summary>The two layers inside a Keras Bidirectional.</summary>
        [GeneratedRegex("^(forward|(?<bw>backward))_(layer|lstm|gru|simple_rnn)(_[0-9]+)?$", RegexOptions.ExplicitCapture)]
        private static partial Regex KerasDirection();

        [GeneratedRegex("^(BiRNN_)?((fw|FW)|(?<bw>bw|BW))(_[0-9]+)?$", RegexOptions.ExplicitCapture)]
        private static partial Regex DirectionName();
    }
}
