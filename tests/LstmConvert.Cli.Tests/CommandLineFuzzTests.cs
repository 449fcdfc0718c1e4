namespace LstmConvert.Cli.Tests;

/// <summary>Tests that change what belongs to the whole process (its current folder, its standard input) and so run alone.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>Command lines of random words: whatever is typed is answered with a code of the table, never with a bug.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class CommandLineFuzzTests : IDisposable
{
    private const int Runs = 2_000;

    private static readonly string[] Commands =
    [
        "tf2keras",
        "verify",
        "inspect",
        "repair",
        "keras2tf",
        "--help",
        "--version",
        "help",
        "tf2kera",
        "",
    ];

    private static readonly string[] Options =
    [
        "-o",
        "--output",
        "--out-dir",
        "--sources-from",
        "--to",
        "--only-recurrent",
        "--layer",
        "--merge-bidirectional",
        "--no-merge-bidirectional",
        "--print-keras",
        "--force",
        "--dry-run",
        "--no-check",
        "--json",
        "-q",
        "-v",
        "--jobs",
        "--cell",
        "--dialect",
        "--graph",
        "--wiring",
        "--include",
        "--exclude",
        "--dtype",
        "--strict",
        "--no-crc",
        "--forget-bias",
        "--activation",
        "--recurrent-activation",
        "--cell-clip",
        "--proj-clip",
        "--residual",
        "--fact",
        "--input",
        "--initial-state",
        "--sequence-length",
        "--expect",
        "--sample",
        "--limit",
        "--show-difference",
        "--seed",
        "--reset-after",
        "--all",
        "--check",
        "--scope",
        "--help",
        "--no-such-option",
        "-",
        "--",
        "-x",
    ];

    private static readonly string[] Switches =
    [
        "--only-recurrent",
        "--merge-bidirectional",
        "--no-merge-bidirectional",
        "--print-keras",
        "--force",
        "--dry-run",
        "--no-check",
        "--json",
        "-q",
        "-v",
        "--strict",
        "--no-crc",
        "--show-difference",
        "--all",
        "--check",
        "--help",
        "-",
        "--",
    ];

    private static readonly string[] Values =
    [
        "",
        " ",
        "nan",
        "-1",
        "0",
        "1",
        "1e400",
        "-inf",
        "9223372036854775808",
        "none",
        "auto",
        "yes",
        "LSTMCell",
        "GRUCell",
        "rnn/fw=LSTMCell",
        "rnn/fw=",
        "=",
        "==",
        "=x",
        "rnn/fw=.",
        "rnn/fw=..",
        "rnn/fw:direction=backward",
        ":=",
        "direction=sideways",
        "*",
        "**",
        "?",
        "[",
        "tanh",
        "chain",
        "keras-model",
        "keras3-weights",
        "npz",
        "tensorflow1",
        "bfloat16",
        "a\nb",
        "\u001b[31m",
        "\u202e",
        "ü",
        "\ud800",
        "@list",
        "@",
        "a=b=c",
        "~",
        "$HOME",
        "\\",
        "'",
        "\"",
        "o.h5",
        "o.keras",
        "o.npz",
        "o.weights.h5",
        "new/o.h5",
        "new/",
        ".",
        "v/..",
        "/dev/null",
        "/dev/zero",
        "/dev/full/x",
        "/proc/self/mem",
        "nothing",
        "text.txt",
        "empty",
        "nul.txt",
        "cut.npz",
        "cut.h5",
        "k.h5",
        "k.keras",
        "v",
        "k.h5/x",
        "v/rnn",
        "x.npy",
        "k.npz",
        "NAME=x.npy",
        "=x.npy",
        "x.npy=",
        "list",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;
    private readonly string before = Directory.GetCurrentDirectory();

    public void Dispose()
    {
        Directory.SetCurrentDirectory(before);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Any_words_are_answered_with_a_code_of_the_table()
    {
        await Fill();
        Directory.SetCurrentDirectory(folder);
        var input = Console.In;
        using var names = new StringReader("v\n");
        Console.SetIn(names);
        var random = new Random(20_240_611);
        var codes = new Dictionary<int, int>();
        try
        {
            for (var run = 0; run < Runs; run++)
            {
                var words = Words(random);
                if (run % 2 == 0 && words.Length > 1)
                {
                    words[1] = run % 4 == 0 ? "v" : "k.h5";
                }

                var (code, output, error) = await CommandTests.Run(words);
                codes[code] = codes.GetValueOrDefault(code) + 1;
                Assert.True(code is >= 0 and <= 6, $"{string.Join(' ', words.Select(word => Quote.Shell(word)))}\n{error}");
                Assert.True(
                    code is 0 or 1 || error.Length + output.Length > 0 || words.Contains("-q"),
                    string.Join(' ', words.Select(word => Quote.Shell(word))));
                Assert.DoesNotContain('\u001b', error);
            }
        }
        finally
        {
            Console.SetIn(input);
        }

        // The words reach all the way: something converts, is refused, is unreadable.
        Assert.All(new[] { 0, 2, 3, 6 }, code =>
            Assert.True(codes.GetValueOrDefault(code) > 5, $"only {codes.GetValueOrDefault(code)} runs ended with {code}"));
    }

    private static string[] Words(Random random)
    {
        var words = new List<string> { Commands[Math.Min(random.Next(Commands.Length * 2), (Commands.Length - 1) * 2) / 2] };
        var count = random.Next(6);
        for (var k = 0; k < count; k++)
        {
            var isOption = random.Next(3) > 0;
            var option = Options[random.Next(Options.Length)];
            words.Add(isOption ? option : Value(random));

            // Mostly as it is meant, so that what is behind the parser is reached.
            if (isOption && !Switches.Contains(option) == random.Next(8) > 0)
            {
                words.Add(Value(random));
            }
        }

        return [.. words];
    }

    /// <summary>A value: any, or one that may name a file.</summary>
    private static string Value(Random random)
    {
        var first = random.Next(2) == 0 ? 0 : Array.IndexOf(Values, "o.h5");
        return Values[first + random.Next(Values.Length - first)];
    }

    private async Task Fill()
    {
        var variables = Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables");
        foreach (var file in Directory.EnumerateFiles(variables, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, "v", Path.GetRelativePath(variables, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        foreach (var name in new[] { "k.h5", "k.keras", "k.npz" })
        {
            Assert.Equal(0, (await CommandTests.Run("tf2keras", At("v"), "-o", At(name), "-q")).Code);
        }

        await File.WriteAllBytesAsync(At("cut.npz"), (await File.ReadAllBytesAsync(At("k.npz")))[..^40]);
        await File.WriteAllBytesAsync(At("cut.h5"), (await File.ReadAllBytesAsync(At("k.h5")))[..^100]);
        await File.WriteAllTextAsync(At("text.txt"), "no weights\n");
        await File.WriteAllTextAsync(At("list"), $"{At("v")}\n# a comment\n{At("nothing")}\n");
        await File.WriteAllTextAsync(At("nul.txt"), "a\0b\n");
        await File.WriteAllBytesAsync(At("empty"), []);
        File.Copy(Path.Combine(CommandTests.Root(), "samples", "seed-post", "x.npy"), At("x.npy"));
    }

    private string At(string name) => Path.Combine(folder, name);
}
