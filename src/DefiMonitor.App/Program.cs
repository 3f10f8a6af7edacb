using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;

// One line a verb.
return await CommandLineProgram.RunAsync(
    args,
    Terminal.System(),
    [
        RunVerb.Create,
        CheckVerb.Create,
        InitVerb.Create,
        ShowVerb.Create,
        AlertsVerb.Create,
        TestAlertVerb.Create,
        DiscoverVerb.Create,
        RepairVerb.Create,
    ]);
