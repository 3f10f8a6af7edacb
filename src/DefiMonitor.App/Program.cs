using DefiMonitor.App.Cli;

return await CommandLineProgram.RunAsync(
    args,
    Terminal.System(),
    [
    ]);
