using LstmConvert.Tests.Outcomes;

namespace LstmConvert.Tests.Models;

/// <summary>One real Keras for all tests of a class, started by the first that needs it.</summary>
public sealed class KerasFixture : IDisposable
{
    private KerasPython? keras;

    /// <summary>The Keras, or the test skips.</summary>
    internal KerasPython Keras
    {
        get
        {
            keras ??= KerasPython.Open();
            if (keras is null)
            {
                Assert.Skip("No Python has keras. Name one in LSTMCONVERT_KERAS_PYTHON.");
            }

            return keras;
        }
    }

    public void Dispose() => keras?.Dispose();
}
