namespace LstmConvert.Cli.Tests;

/// <summary>Folders for TensorFlow.js: written, looked at, compared, and led back.</summary>
public sealed class BrowserCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("lstmconvert").FullName;

    private static string Sample => Path.Combine(CommandTests.Root(), "samples", "saved-model");

    private string Model => Path.Combine(folder, "model");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("samples/saved-model")]
    [InlineData("samples/char-rnn")]
    [InlineData("samples/seed-post/variables")]
    [InlineData("samples/batch/gru")]
    public async Task A_source_becomes_a_folder_that_verifies_and_leads_back(string name)
    {
        var source = Path.Combine(CommandTests.Root(), name);
        var (code, output, error) = await CommandTests.Run("tf2keras", source, "--to", "tfjs", "-o", Model);
        Assert.True(code == 0, error);
        Assert.Contains("In TensorFlow.js:", output, StringComparison.Ordinal);
        Assert.Contains("await tf.loadLayersModel(", output, StringComparison.Ordinal);
        Assert.Equal(
            ["group1-shard1of1.bin", "model.json"],
            Directory.GetFiles(Model).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains("TensorFlow.js layers model", (await CommandTests.Run("inspect", Model)).Output, StringComparison.Ordinal);
        (code, output, error) = await CommandTests.Run("verify", source, Model);
        Assert.True(code == 0, output + error);
        Assert.Equal(0, (await CommandTests.Run("repair", Model, "-o", Path.Combine(folder, "back.keras"))).Code);
        Assert.Equal(0, (await CommandTests.Run("verify", Path.Combine(folder, "back.keras"), Path.Combine(Model, "model.json"))).Code);
        Assert.Equal(0, (await CommandTests.Run("keras2tf", Model, "-o", Path.Combine(folder, "back.npz"))).Code);
    }

    [Fact]
    public async Task A_folder_is_replaced_by_force_and_only_if_it_is_such_a_result()
    {
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Sample, "--to", "tfjs", "-o", Model)).Code);
        var (code, _, error) = await CommandTests.Run("tf2keras", Sample, "--to", "tfjs", "-o", Model);
        Assert.Equal(6, code);
        Assert.Contains("--force", error, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Sample, "--to", "tfjs", "-o", Model, "--force")).Code);
        await File.WriteAllTextAsync(Path.Combine(Model, "index.html"), "mine", TestContext.Current.CancellationToken);
        Assert.Equal(6, (await CommandTests.Run("tf2keras", Sample, "--to", "tfjs", "-o", Model, "--force")).Code);
        Assert.Equal(2, (await CommandTests.Run("tf2keras", Sample, "--to", "tfjs", "-o", Path.Combine(folder, "model.keras"))).Code);
    }

    [Fact]
    public async Task A_Keras_file_for_a_source_is_called_one()
    {
        Assert.Equal(0, (await CommandTests.Run("tf2keras", Sample, "--to", "tfjs", "-o", Model)).Code);
        foreach (var end in new[] { ".keras", ".h5" })
        {
            Assert.Equal(0, (await CommandTests.Run("repair", Model, "-o", Model + end)).Code);
        }

        foreach (var path in new[] { Model, Model + ".keras", Model + ".h5" })
        {
            var (code, _, error) = await CommandTests.Run("tf2keras", path, "-o", Path.Combine(folder, "again.h5"));
            Assert.Equal(3, code);
            Assert.Contains("is a Keras file already. 'lstmconvert repair", error, StringComparison.Ordinal);
        }
    }
}
