using DefiMonitor.App.Cli;
using DefiMonitor.App.Verbs;

// One line a verb.
return await CommandLineProgram.RunAsync(
    args,
    Terminal.System(),
    [
        DemoVerb.Create,
        RunVerb.Create,
        CheckVerb.Create,
        InitVerb.Create,
        ShowVerb.Create,
        MarketVerb.Create,
        AlertsVerb.Create,
        TestAlertVerb.Create,
        DiscoverVerb.Create,
        RecordVerb.Create,
        ReplayVerb.Create,
        RepairVerb.Create,
    ]);
