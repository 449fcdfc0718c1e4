using System.CommandLine;

namespace LstmConvert.Cli;

/// <summary><c>verify</c>: runs both cells and compares.</summary>
internal sealed class VerifyCommand : Command
{
    public VerifyCommand()
        : base("verify", "Runs both cell implementations on a sample and reports the largest difference.")
    {
    }
}
