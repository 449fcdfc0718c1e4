using System.Runtime.InteropServices;
using LstmConvert.Files;

namespace LstmConvert.Cli;

/// <summary>
/// The signals that end a program: the command is told to stop, and where it does not within a moment (it is computing), what it was
/// writing is removed and the process ends.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private readonly Action<string> say;
    private int code;

    /// <summary>Listens from now on.</summary>
    /// <param name="error">Where it says that it was interrupted.</param>
    public Interruption(TextWriter error)
    {
        say = error.WriteLine;
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, ExitCode.Interrupted)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, ExitCode.Terminated)),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Stop(context, ExitCode.HungUp)),
        ];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    /// <summary>The exit code that the signal asks for, or the command's own where none came.</summary>
    public int CodeOr(int own) => Volatile.Read(ref code) is > 0 and var asked && own == ExitCode.Interrupted ? asked : own;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    private void Stop(PosixSignalContext context, int asked)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref code, asked, 0) != 0)
        {
            return;
        }

        var watcher = new Thread(() =>
        {
            Thread.Sleep(Moment);
            OutputFile.RemoveUnfinished();
            say("lstmconvert: interrupted; nothing was left behind.");
            Environment.Exit(asked);
        })
        { IsBackground = true };
        watcher.Start();
        source.Cancel();
    }
}
