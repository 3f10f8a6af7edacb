using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.DeriveV2;
using DefiMonitor.Tests.Protocols.DeriveV2.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.DeriveV2;

/// <summary>What is asked of whom, what is kept of it, and what strangers and odd answers may not do.</summary>
public sealed class HostileTests
{
    private static readonly Address Stranger = FakeDerive.At(0x77, 7);

    private readonly FakeDerive fake = new(1, isEmpty: true);
    private readonly ProtocolRun run;

    public HostileTests() => run = new ProtocolRun(fake.NewProtocol(), call => Twist?.Invoke(call) ?? fake.Answer(call));

    private Func<Call, CallResult?>? Twist { get; set; }

    private FakeSubAccount One => fake.Accounts[1];

    private ulong NextWeek => fake.Expiries[1];

    [Fact]
    public void A_manager_that_nobody_named_is_not_asked_and_brings_nobody_in()
    {
        Short();
        fake.NextBlock();
        fake.Move(One, Stranger);
        fake.Set(One, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(-5));
        fake.Logs.Select(run.Protocol.Discover).ShouldAllBe(static found => found == null);
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        var account = run.Protocol.AccountOf(FakeDerive.KeyOf(1));
        run.LastReads.Concat(run.Protocol.Confirm(account)).ShouldAllBe(call => call.To != Stranger);
        Report().Status.ShouldBe(MarginStatus.Unknown);

        // And once he is back with a manager that is known he is judged as before.
        fake.NextBlock();
        fake.Move(One, FakeDerive.Standard);
        fake.Set(One, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(-6));
        fake.Logs.Select(run.Protocol.Discover).ShouldContain(account);
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
        Report().Status.ShouldNotBe(MarginStatus.Unknown);
    }

    private void Short()
    {
        fake.NextBlock();
        fake.Set(One, FakeDerive.Cash, UInt256.Zero, FakeDerive.Wad(20_000));
        fake.Hold(One, fake.Ethereum, NextWeek, 2_400, isCall: true, FakeDerive.Wad(-5));
        run.Take(fake.Header, fake.Logs, fake.Owners, isHead: true);
    }

    private MarginReport Report() => Report(Shock.None);

    private MarginReport Report(Shock shock) => run.Protocol.Evaluate(
        run.Protocol.Capture(run.Protocol.AccountOf(FakeDerive.KeyOf(1)), fake.Header), new Instant(fake.Header.Timestamp), shock);
}
