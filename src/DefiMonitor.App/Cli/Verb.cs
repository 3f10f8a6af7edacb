using System.CommandLine;

namespace DefiMonitor.App.Cli;

/// <summary>One verb of the command line. Its <see cref="Create"/> names the options and the work.</summary>
public static class Verb
{
    /// <summary>Makes a command whose work gets a <see cref="VerbContext"/>; failures become one sentence and an exit code in <see cref="CommandLineProgram"/>.</summary>
    public static Command Create(Terminal terminal, string name, string description, IEnumerable<Symbol> symbols, Func<VerbContext, CancellationToken, Task<int>> work)
    {
        var command = new Command(name, description);
        foreach (var symbol in symbols)
        {
            switch (symbol)
            {
                case Option option:
                    command.Add(option);
                    break;
                case Argument argument:
                    command.Add(argument);
                    break;
                case Command child:
                    command.Add(child);
                    break;
            }
        }

        command.SetAction((parsed, cancel) => work(new VerbContext(terminal, parsed), cancel));
        return command;
    }
}
