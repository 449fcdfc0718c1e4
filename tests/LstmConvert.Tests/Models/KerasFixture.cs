using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Models;

/// <summary>One real Keras for all tests of a class, started by the first that needs it.</summary>
public sealed class KerasFixture : IDisposable
{
    private KerasPython? keras;
    private KerasPython? withTorch;

    /// <summary>The Keras, or the test skips.</summary>
    internal KerasPython Keras => keras ??= Open(KerasPython.Numpy);

    /// <summary>The Keras that computes with a backend, or the test skips.</summary>
    internal KerasPython With(string? backend) => backend is KerasPython.Torch ? withTorch ??= Open(backend) : Keras;

    public void Dispose()
    {
        keras?.Dispose();
        withTorch?.Dispose();
    }

    private static KerasPython Open(string? backend)
    {
        var keras = KerasPython.Open(backend);
        if (keras is null)
        {
            Assert.Skip(
                $"No Python has keras{(backend is null ? "" : $" with {backend} (Debian: python3-torch)")}. Name one in LSTMCONVERT_KERAS_PYTHON.");
        }

        return keras;
    }
}
