using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LstmConvert.Cli.Completion;
using LstmConvert.Cli.Help;
using LstmConvert.Files;

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
        var root = Root();
        if (args is [CompletionRequest.Word, .. var line])
        {
            return CompletionRequest.Answer(root, line, output);
        }

        if (!args.Any(arg => arg is "-h" or "-?" or "--help" or "--version" || arg.StartsWith('[')))
        {
            WordCheck.Refuse(root, args);
        }

        var result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        if (result.Action is ParseErrorAction)
        {
            await WriteProblems(result, error);
            Json.WriteFailure(
                output,
                args,
                new Failure(
                    ExitCode.Usage,
                    string.Join(
                        " ",
                        result
                            .Errors.Select(problem => ParseProblem.Of(result.CommandResult.Command, problem))
                            .Distinct(StringComparer.Ordinal))));
            return ExitCode.Usage;
        }

        RefuseEmpty(result);
        return await result.InvokeAsync(configuration, cancel);
    }

    private static async Task WriteProblems(ParseResult result, TextWriter error)
    {
        var command = result.CommandResult.Command;
        if (command is RootCommand && result.UnmatchedTokens is [var word, ..])
        {
            var isFile = Path.Exists(word) || Path.Exists(word + ".index");
            var advice = isFile
                ? $" It is a file or a folder: 'lstmconvert inspect {Quote.Shell(word)}' shows what is in it, 'lstmconvert tf2keras {Quote.Shell(word)}' converts it."
                : NearNames.SentenceOrAll(word, [.. Names(command)], "The commands are");
            await error.WriteLineAsync(Quote.Printed($"lstmconvert: '{word}' is no command.{advice} See 'lstmconvert help'."));
            return;
        }

        foreach (var problem in result.Errors.Select(problem => ParseProblem.Of(command, problem)).Distinct(StringComparer.Ordinal))
        {
            await error.WriteLineAsync($"lstmconvert: {Quote.Printed(problem)}");
        }

        await error.WriteLineAsync($"lstmconvert: see '{HelpPage.NameOf(command)} --help'.");
    }

    private static IEnumerable<string> Names(Command root) => root.Subcommands.Where(one => !one.Hidden).Select(one => one.Name);

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

    internal static RootCommand Root()
    {
        var root = new RootCommand(
            "Moves LSTM, GRU and RNN weights from TensorFlow to Keras, with the models around them, and proves that both compute the same.")
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
            new CompletionsCommand(),
            new HelpCommand(),
        };
        root.Example("lstmconvert tf2keras model.ckpt -o lstm.h5", "The recurrent weights of a checkpoint, as a file that Keras loads:");
        root.Example(
            "lstmconvert tf2keras model.ckpt -o model.keras",
            "The model around them too, where the graph is beside the checkpoint:");
        root.Example("lstmconvert tf2keras saved_model -o model.keras", "A SavedModel that does not load any more:");
        root.Example("lstmconvert repair old.h5 -o new.keras", "An old Keras file that does not load any more:");
        root.Example(
            "lstmconvert plan runs/*/model.ckpt.index --out-dir converted -o plan.json",
            "Many checkpoints, looked at before they are converted:");
        root.Example("lstmconvert verify model.ckpt lstm.h5", "Do both compute the same?");
        root.Example("lstmconvert inspect model.ckpt", "What is in a file:");
        root.SetAction(parsed => ShowHelp(parsed, root));
        root.HelpName = "lstmconvert";
        foreach (var option in root.Options)
        {
            switch (option)
            {
                case HelpOption help:
                    help.Description = "Shows this help, with examples.";
                    help.Action = new PrintHelp();
                    break;
                case VersionOption version:
                    version.Description = "Shows the version, the commit and the runtime.";
                    version.Action = new PrintVersion();
                    break;
                default:
                    break;
            }
        }

        return root;
    }

    private static int ShowHelp(ParseResult parsed, Command command)
    {
        var output = parsed.InvocationConfiguration.Output;
        HelpText.Write(output, HelpPage.Of(command), PageWidth.Of(output));
        return ExitCode.Success;
    }

    private sealed class PrintHelp : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult) => ShowHelp(parseResult, parseResult.CommandResult.Command);
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = RuntimeFeature.IsDynamicCodeSupported
                ? RuntimeInformation.FrameworkDescription
                : $"native code, {RuntimeInformation.FrameworkDescription}";
            parseResult.InvocationConfiguration.Output.WriteLine(
                $"lstmconvert {ToolVersion.Current} (commit {ToolVersion.Commit ?? "unknown"}; {code}; {RuntimeInformation.RuntimeIdentifier})"
            );
            return ExitCode.Success;
        }
    }
}
