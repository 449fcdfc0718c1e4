using LstmConvert.Cli;

using var error = GuardedWriter.Error;
using var interruption = new Interruption(error);
using var output = GuardedWriter.Output;
return interruption.CodeOr(await CommandLine.RunAsync(args, output, error, interruption.Token));
