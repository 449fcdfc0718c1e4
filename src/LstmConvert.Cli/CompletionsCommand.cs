using System.CommandLine;
using LstmConvert.Cli.Completion;
using LstmConvert.Cli.Help;

namespace LstmConvert.Cli;

/// <summary><c>completions</c>: the script that teaches a shell what may stand where a word is typed.</summary>
internal sealed class CompletionsCommand : Command
{
    private readonly Argument<string> shell = new("shell") { Description = "bash, zsh, fish or pwsh (PowerShell)." };

    public CompletionsCommand()
        : base("completions", "Prints the script that completes commands, options, scopes and variables in your shell.")
    {
        this.Example("source <(lstmconvert completions bash)", "In this bash:");
        this.Example("lstmconvert completions fish > ~/.config/fish/completions/lstmconvert.fish", "In every fish:");
        shell.AcceptOnlyFromAmong([.. ShellScripts.Shells]);
        Add(shell);
        SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(ShellScripts.Of(parsed.GetRequiredValue(shell)));
            return ExitCode.Success;
        });
    }
}
