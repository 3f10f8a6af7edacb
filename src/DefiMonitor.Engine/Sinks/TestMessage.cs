using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;

namespace DefiMonitor.Engine.Sinks;

/// <summary>What <c>test-alert</c> sends: plainly a test, of the monitor itself and of no account.</summary>
public static class TestMessage
{
    public static AlertTransition Transition(DateTimeOffset now) => new()
    {
        AlertId = $"test{now.ToUnixTimeMilliseconds()}",
        Number = 1,
        Subject = new AlertSubject(SubjectKind.Monitor, "monitor"),
        Rule = Rules.Test,
        Kind = TransitionKind.Opened,
        Level = AlertLevel.Warning,
        PreviousLevel = AlertLevel.None,
        Chain = default,
        Block = new BlockHeader(0, default, default, (ulong)now.ToUnixTimeSeconds()),
        Title = "Test message: this sink is reached",
        Lines = ["Nothing has happened to any account. Real alerts come the same way."],
    };
}
