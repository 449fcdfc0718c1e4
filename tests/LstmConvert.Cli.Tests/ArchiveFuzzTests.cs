using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace LstmConvert.Cli.Tests;

/// <summary>Keras archives whose configuration is another one than the program's: read, or refused in a sentence.</summary>
public sealed partial class ArchiveFuzzTests : IDisposable
{
    private const int Runs = 100;

    private static readonly string[] Words =
    [
        "null",
        "true",
        "[]",
        "{}",
        "0",
        "-1",
        "1.5",
        "1e999",
        "4611686018427387904",
        "99999999999999999999",
        "\"\"",
        "\"a/b\"",
        "\"..\"",
        "\"\\u001b[31m\"",
        "\"lstm\"",
        "\"LSTM\"",
        "\"GRU\"",
        "\"Dense\"",
        "\"Lambda\"",
        "\"Sequential\"",
        "\"Functional\"",
        "\"Bidirectional\"",
        "\"NoSuchLayer\"",
        "[[[]]]",
        "[\"rnn_fw\", 0, 0]",
        "[null, null]",
        "{\"class_name\": \"LSTM\", \"config\": {}}",
        "\"float16\"",
        "\"relu\"",
        "\"go_backwards\"",
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_changed_configuration_is_read_or_refused()
    {
        var variables = Path.Combine(CommandTests.Root(), "samples", "seed-post", "variables");
        Assert.Equal(0, (await CommandTests.Run("tf2keras", variables, "-o", At("k.keras"), "-q")).Code);
        var configuration = Configuration();
        var values = Value().Matches(configuration).ToArray();
        var random = new Random(7);
        var codes = new HashSet<int>();
        for (var run = 0; run < Runs; run++)
        {
            var changed = new StringBuilder(configuration);
            foreach (
                var at in random
                    .GetItems(values, 1 + random.Next(2))
                    .DistinctBy(value => value.Index)
                    .OrderByDescending(value => value.Index))
            {
                changed.Remove(at.Index, at.Length).Insert(at.Index, Words[random.Next(Words.Length)]);
            }

            Write(changed.ToString());
            string[][] commands =
            [
                ["inspect", At("m.keras")],
                ["repair", At("m.keras"), "-o", At("o.keras"), "--force"],
                ["keras2tf", At("m.keras"), "-o", At("o.npz"), "--force"],
                ["verify", variables, At("m.keras")],
            ];
            foreach (var command in commands)
            {
                var (code, output, error) = await CommandTests.Run(command);
                codes.Add(code);
                Assert.True(code is >= 0 and <= 6, string.Create(CultureInfo.InvariantCulture, $"{command[0]} {code}: {error}\n{changed}"));
                Assert.DoesNotContain('\u001b', output + error);
            }
        }

        Assert.True(codes.IsSupersetOf([0, 3]));
    }

    private string Configuration()
    {
        using var zip = ZipFile.OpenRead(At("k.keras"));
        using var reader = new StreamReader(zip.GetEntry("config.json")!.Open());
        return reader.ReadToEnd();
    }

    private void Write(string configuration)
    {
        File.Copy(At("k.keras"), At("m.keras"), overwrite: true);
        using var zip = ZipFile.Open(At("m.keras"), ZipArchiveMode.Update);
        zip.GetEntry("config.json")!.Delete();
        using var writer = new StreamWriter(zip.CreateEntry("config.json").Open());
        writer.Write(configuration);
    }

    private string At(string name) => Path.Combine(folder, name);

    /// <summary>A value of JSON: a text that is no key, a number, a word.</summary>
    [GeneratedRegex("\"[^\"]*\"(?!\\s*:)|(?<=[:\\[,]\\s*)(-?[0-9.]+|true|false|null)")]
    private static partial Regex Value();
}
