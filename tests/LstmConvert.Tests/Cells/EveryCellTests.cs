using System.Text.RegularExpressions;
using CsCheck;
using LstmConvert.Cells;
using LstmConvert.Dialects;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.Cells;

/// <summary>
/// Every cell that converts, with random variables of the shapes that it states: the file is written and read back, and the cell's own
/// equations and Keras's compute
/// the same from it. What holds only for the sizes or the numbers of a recording shows here.
/// </summary>
public sealed partial class EveryCellTests
{
    /// <summary>Sizes that no two letters share where the cell allows it.</summary>
    private static readonly Dictionary<char, long> Sizes = new()
    {
        ['x'] = 5,
        ['u'] = 6,
        ['h'] = 6,
        ['z'] = 6,
        ['n'] = 3,
        ['g'] = 2,
        ['v'] = 2,
        ['p'] = 6,
        ['k'] = 3,
        ['l'] = 2,
        ['m'] = 4,
        ['f'] = 2,
        ['c'] = 24,
        ['a'] = 4,
        ['i'] = 2,
        ['e'] = 2,
    };

    private const int Samples = 80;

    public static TheoryData<string, bool, string> Cells
    {
        get
        {
            var data = new TheoryData<string, bool, string>();
            foreach (
                var cell in CellCatalog.All.Where(cell =>
                    cell.ToKeras is not null && cell.Variables.All(role => role.IsOptional || role.Shape.Length > 0)))
            {
                data.Add(cell.Name, false, "forward");
                data.Add(cell.Name, false, "backward");
                // What runs around a cell refuses one that projects.
                if (cell.Variables.Any(IsProjection) && !cell.Name.Contains('(', StringComparison.Ordinal))
                {
                    data.Add(cell.Name, true, "forward");
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public Task A_cell_of_random_variables_computes_the_same_in_Keras(string name, bool isProjected, string direction) =>
        CheckAsync(name, isProjected, direction, Sizes, seed: 17, verifies: true);

    /// <summary>Of every size, one unit and one input among them: there and back, bit for bit but for biases.</summary>
    [Fact]
    public void A_cell_of_any_size_comes_back_from_Keras()
    {
        string[] names =
        [
            .. CellCatalog.All
                .Where(cell => cell.ToKeras is not null
                    && cell.Variables.All(role => role.IsOptional || (role.Shape.Length > 0
                        && SymbolicShape.Parse(role.Shape)
                            .Axes.All(axis => axis.Terms.All(term => term.Letter is null or 'x' or 'u' or 'h')))))
                .Select(cell => cell.Name),
        ];
        Assert.True(names.Length > 20, $"{names.Length} cells have these sizes alone.");
        Gen.Select(Gen.Int[0, names.Length - 1], Gen.Int[1, 9], Gen.Int[1, 7], Gen.Bool, Gen.Int[0, int.MaxValue]).Sample(
            (cell, units, inputs, isBackward, seed) =>
                CheckAsync(
                    names[cell],
                    false,
                    isBackward ? "backward" : "forward",
                    new Dictionary<char, long>(Sizes) { ['x'] = inputs, ['u'] = units, ['h'] = units },
                    seed,
                    verifies: false).GetAwaiter().GetResult(),
            iter: Samples,
            threads: 1);
    }

    private static async Task CheckAsync(
        string name,
        bool isProjected,
        string direction,
        IReadOnlyDictionary<char, long> all,
        int seed,
        bool verifies)
    {
        var cell = CellCatalog.Find(name);
        var dialect = DialectCatalog.All.FirstOrDefault(one =>
            one.IsNamedOnly && cell.Variables.Any(role => role.Name.StartsWith(one.Name + "/", StringComparison.Ordinal)));
        var scope = cell.Scopes.Count > 0 ? $"some/{cell.Scopes[0]}" : "some/rec";
        var random = new Random(seed);
        using var source = new StoredVariables();
        var sizes = new Dictionary<char, long>(all);
        if (isProjected)
        {
            (sizes['h'], sizes['g']) = (3, 1);
        }

        foreach (
            var role in cell.Variables.Where(role =>
                !role.IsOptional
                || (IsProjection(role) && isProjected)
                || role.Name is "group1/kernel" or "group2/kernel"
                || (role.Name == "bias" && cell.Gates == "jfo")))
        {
            var shape = SymbolicShape.Parse(role.Shape).Resolve(sizes);
            var numbers = CudnnPacking.Numbers(random, [.. shape.Dimensions.ToArray().Select(length => (int)length)]);
            source.Add(
                $"{scope}/{role.Name.Replace("native/", "", StringComparison.Ordinal).Replace($"{dialect?.Name}/", dialect is null ? "/" : "", StringComparison.Ordinal)}",
                role.Name == "mask" ? numbers.Max(0) / numbers.Max(1e-9) : numbers);
        }

        // Sizes that no shape tells.
        var said = new[] { ("frequency_skip", 2), ("input_size", 7), ("gates", 4), ("attn_length", 3) }.Where(one =>
            cell.Facts.Any(fact => fact.Name == one.Item1 && fact.IsCount));
        string[] options =
        [
            "--cell",
            $"{scope}={cell.Name}",
            "--fact",
            $"{scope}:direction={direction}",
            .. said.SelectMany(one => new[] { "--fact", $"{scope}:{one.Item1}={one.Item2}" }),
            .. dialect is null ? [] : new[] { "--dialect", dialect.Name },
        ];
        var converted = await source.ConvertAsync("cell.h5", options);
        if (converted.Code == 4 && WayOut().Match(StoredVariables.Sentence(converted)) is { Success: true } fact)
        {
            // What the class by default computes Keras cannot, and a program may have said otherwise.
            options = [.. options, "--fact", fact.Groups["fact"].Value];
            converted = await source.ConvertAsync("cell.h5", options);
        }

        if (direction == "backward" && converted.Code == 4)
        {
            Assert.Contains("backward", StoredVariables.Sentence(converted), StringComparison.Ordinal);
            return;
        }

        Assert.True(converted.Code == 0, converted.Output + converted.Error);
        if (verifies)
        {
            var verified = await source.VerifyAsync("cell.h5", options);
            Assert.True(verified.Code == 0, verified.Output + verified.Error);
        }

        await ComesBack(source, cell, scope, options);
    }

    /// <summary>
    /// From the file back: each variable bit for bit but for biases, where the forget bias is taken out again and a sum of two stands in
    /// one; and what is converted from there once more is the same file's numbers. Or the reason why it does not go back.
    /// </summary>
    private static async Task ComesBack(StoredVariables source, Cell cell, string scope, string[] options)
    {
        var back = await source.BackAsync("cell.h5", "--cell", cell.Name, "--scope", scope);
        if (back.Code == 4)
        {
            Assert.Matches(NoWayBack(), StoredVariables.Sentence(back));
            return;
        }

        Assert.True(back.Code == 0, back.Output + back.Error);
        var (before, after) = (source.Stored(source.Source), source.Stored(source.Back));
        foreach (var (name, original) in before)
        {
            var returned = after.GetValueOrDefault(name) ?? after
                .FirstOrDefault(pair => pair.Key.StartsWith(scope + "/", StringComparison.Ordinal)
                    && name.StartsWith(scope + "/", StringComparison.Ordinal)
                    && pair.Key.EndsWith(name[scope.Length..], StringComparison.Ordinal))
                .Value;
            Assert.NotNull(returned);
            Assert.Equal(original.Length, returned.Length);
            Assert.True(IsBias().IsMatch(name) || original.AsSpan().SequenceEqual(returned), $"{name} came back with other numbers");
        }

        if (before.Keys.All(after.ContainsKey))
        {
            var again = await source.ConvertBackAsync("again.h5", options);
            Assert.True(again.Code == 0, again.Output + again.Error);
            Assert.All(source.Weights("cell.h5").Zip(source.Weights("again.h5")), pair =>
                Assert.All(pair.First.Zip(pair.Second), numbers => Assert.InRange(numbers.First - numbers.Second, -5e-7, 5e-7)));
        }
    }

    [GeneratedRegex("does not go back|does not come back|stands in the weights alone", RegexOptions.ExplicitCapture)]
    private static partial Regex NoWayBack();

    [GeneratedRegex("(bias|beta|/b[^/]*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex IsBias();

    [GeneratedRegex("Say it: --fact (?<fact>[^ ]+=[a-z_]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex WayOut();

    private static bool IsProjection(Role role)
    {
        return role.IsOptional
            && (role.Name.Contains("projection", StringComparison.Ordinal) || role.Name == "weight_hr")
            && (role.Name == "in_projection/bias" || !role.Name.EndsWith("bias", StringComparison.Ordinal));
    }
}
