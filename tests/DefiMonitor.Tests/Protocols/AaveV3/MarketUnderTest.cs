using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.AaveV3;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>A fake market, an adapter that follows it, and two people: Alice with whatever a test gives her, and Bob beside her.</summary>
internal sealed class MarketUnderTest
{
    public static readonly Address Alice = FakeAddress.Of(0xee, 1);
    public static readonly Address Bob = FakeAddress.Of(0xee, 2);

    private readonly ProtocolRun run;

    public MarketUnderTest(ulong revision, ProtocolOptions? options = null, Func<FakeAave, Call, CallResult?>? answer = null, Action<FakeAave>? prepare = null)
    {
        Fake = new FakeAave(revision, 7, isEmpty: true);
        prepare?.Invoke(Fake);
        Protocol = Fake.NewProtocol(options ?? new ProtocolOptions());
        run = new ProtocolRun(Protocol, call => answer is null ? Fake.Answer(call) : answer(Fake, call));
    }

    public FakeAave Fake { get; }

    public IProtocol Protocol { get; }

    public HashSet<MarginAccountId> Touched => run.Touched;

    public IReadOnlyList<Call> LastReads => run.LastReads;

    public FakeReserve Weth => Fake.Reserves[0];

    public FakeReserve Wbtc => Fake.Reserves[1];

    public FakeReserve Usdc => Fake.Reserves[2];

    public FakeReserve WstEth => Fake.Reserves[3];

    /// <summary>One block, 12 seconds later, in which only this happens. Alice and Bob are in, or enter.</summary>
    public void Block(Action? happens = null, ulong seconds = 12, bool isHead = true)
    {
        Fake.NextBlock(seconds);
        happens?.Invoke();
        run.Touched.Clear();
        run.Take(Fake.Header, Fake.Logs, [Alice, Bob], isHead);
    }

    /// <summary>Alice supplies WETH and borrows USDC; Bob supplies WBTC and borrows nothing.</summary>
    public void Open(ulong supplied = 10_000, ulong borrowed = 5_000)
    {
        Block(() =>
        {
            Fake.Supply(Alice, Weth, supplied);
            Fake.Borrow(Alice, Usdc, borrowed);
            Fake.Supply(Bob, Wbtc, 1_000);
        });
    }

    public void Undo() => run.Undo();

    public AaveV3State State(Address user) => (AaveV3State)Protocol.Capture(Protocol.AccountOf(user), Fake.Header);

    public MarginReport Report(Address user, ulong seconds = 0, Shock? shock = null) =>
        Protocol.Evaluate(State(user), new Instant(Fake.Header.Timestamp) + seconds, shock ?? Shock.None);

    public void ShouldBeRight(Address user)
    {
        var report = Report(user);
        report.UnknownReason.ShouldBeNull();
        report.NativeWords.Select(word => word.Value).ShouldBe(Fake.Truth(user));
    }
}
