using System.CommandLine;
using DefiMonitor.App.Cli;

namespace DefiMonitor.Tests.App;

/// <summary>Runs a verb as the command line does, in this process.</summary>
internal sealed class Run
{
    private readonly StringWriter output = new();
    private readonly StringWriter error = new();

    public Dictionary<string, string> Environment { get; } = [];

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public string Out => output.ToString();

    public string Error => error.ToString();

    public Terminal Terminal => new() { Out = output, Error = error, Environment = Environment.GetValueOrDefault, Time = Time };

    public Task<int> VerbAsync(Func<Terminal, Command> verb, params string[] args) =>
        CommandLineProgram.RunAsync(args, Terminal, [verb], CancellationToken.None);

    public Task<int> VerbAsync(Func<Terminal, Command> verb, CancellationToken cancellationToken, params string[] args) =>
        CommandLineProgram.RunAsync(args, Terminal, [verb], cancellationToken);
}
