using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace LstmConvert.Cli;

/// <summary>The command line: parse, run one command, turn what it throws into a sentence and an exit code.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command line.</summary>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancel = default)
    {
        try
        {
            return await InvokeAsync(args, output, error, cancel);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            var failure = Failure.Of(e, isWhole: true);
            Json.WriteFailure(output, args, failure);
            await error.WriteLineAsync(failure.Printed);
            return failure.Code;
        }
    }

    private static async Task<int> InvokeAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancel)
    {
        // A word that begins with @ is a word, not a file of words; signals are the process's own business.
        var result = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (result.Action is ParseErrorAction)
        {
            foreach (var problem in result.Errors.Select(problem => problem.Message).Distinct(StringComparer.Ordinal))
            {
                await error.WriteLineAsync(Quote.Printed(problem));
            }

            await error.WriteLineAsync($"lstmconvert: see 'lstmconvert {result.CommandResult.Command.Name} --help'.");
            Json.WriteFailure(output, args, new Failure(ExitCode.Usage, string.Join(" ", result.Errors.Select(problem => problem.Message).Distinct(StringComparer.Ordinal))));
            return ExitCode.Usage;
        }

        RefuseEmpty(result);
        return await result.InvokeAsync(configuration, cancel);
    }

    /// <summary>An empty word is a variable of a script that holds nothing: it names no file.</summary>
    private static void RefuseEmpty(ParseResult result)
    {
        foreach (var child in result.CommandResult.Children.Where(child => child.Tokens.Any(token => token.Value.Length == 0)))
        {
            var name = child switch
            {
                OptionResult { Option.Name: "--sample" } => null,
                OptionResult option => option.Option.Name,
                ArgumentResult argument => argument.Argument.Name.ToUpperInvariant(),
                _ => null,
            };
            if (name is not null)
            {
                throw new UsageException($"{name} is given an empty word (''), which names nothing. Leave it out, or say what is meant.");
            }
        }
    }

    private static RootCommand Root()
    {
        var root = new RootCommand("Moves LSTM, GRU and RNN weights from TensorFlow to Keras, with the models around them, and proves that both compute the same.")
        {
            new Tf2KerasCommand(),
            new PlanCommand(),
            new ApplyCommand(),
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
