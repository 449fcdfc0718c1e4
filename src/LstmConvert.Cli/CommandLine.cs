using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LstmConvert.Cli;

/// <summary>The command line: parse, run one command, turn what it throws into a sentence and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var result = Root().Parse(args);
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false };
        if (result.Action is ParseErrorAction usage)
        {
            usage.ShowHelp = false;
            usage.ShowTypoCorrections = false;
            configuration.Output = error;
            await result.InvokeAsync(configuration);
            await error.WriteLineAsync($"lstmconvert: see 'lstmconvert {result.CommandResult.Command.Name} --help'.");
            return ExitCode.Usage;
        }

        try
        {
            return await result.InvokeAsync(configuration);
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("lstmconvert: interrupted; nothing was left behind.");
            return ExitCode.Interrupted;
        }
        catch (LstmConvertException e)
        {
            await error.WriteLineAsync($"lstmconvert: {RemedyText.Of(e)}");
            return ExitCode.Of(e);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await error.WriteLineAsync($"lstmconvert: this is a bug of lstmconvert {ToolVersion.Current}: {e}");
            return ExitCode.Bug;
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Moves LSTM, GRU and RNN weights from TensorFlow to Keras, with the models around them, and proves that both compute the same.")
        {
            new Tf2KerasCommand(),
            new RepairCommand(),
            new Keras2TfCommand(),
            new VerifyCommand(),
            new IdentifyCommand(),
            new CellsCommand(),
            new DialectsCommand(),
            new InspectCommand(),
        };
        root.HelpName = "lstmconvert";
        foreach (var option in root.Options)
        {
            switch (option)
            {
                case HelpOption help:
                    ((HelpAction)help.Action!).MaxWidth = 100;
                    break;
                case VersionOption version:
                    version.Action = new PrintVersion();
                    break;
                default:
                    break;
            }
        }

        return root;
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ToolVersion.Current);
            return ExitCode.Success;
        }
    }
}
