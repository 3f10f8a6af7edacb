using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Tests.Engine.Storage;

/// <summary>Records to store, filled in every field that may be filled.</summary>
internal static class Sample
{
    public static readonly ChainId Chain = new(1);
    public static readonly DeploymentId Deployment = new("toy", Chain, "core");
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    public static Hash32 Hash(byte seed)
    {
        var bytes = new byte[32];
        Array.Fill(bytes, seed);
        return Hash32.FromBytes(bytes);
    }

    public static BlockHeader Block(ulong number, byte fork = 0) =>
        new(number, Hash((byte)(number + fork)), Hash((byte)(number - 1 + fork)), 1_700_000_000 + (12 * number));

    public static MarginAccountId Account(int n) => new(Deployment, $"0x{n:x40}");

    public static AlertState State(string id, int account, AlertLevel level, int number, ulong block = 7) => new()
    {
        AlertId = id,
        Subject = new AlertSubject(SubjectKind.Account, Account(account).ToString()),
        Rule = Rules.Distance,
        Level = level,
        ToldLevel = level,
        OpenedAt = Block(block).Ref,
        OpenedTimestamp = Block(block).Timestamp,
        RaisedAt = Block(block).Ref,
        TransitionNumber = number,
        ToldHealth = "1043217000000000001",
        Answer = TransitionKind.Confirmed,
    };

    public static AlertTransition Transition(string id, int account, int number, AlertLevel level = AlertLevel.Warning) => new()
    {
        AlertId = id,
        Number = number,
        Subject = new AlertSubject(SubjectKind.Account, Account(account).ToString()),
        Rule = Rules.Distance,
        Kind = number == 1 ? TransitionKind.Opened : TransitionKind.Escalated,
        Level = level,
        PreviousLevel = AlertLevel.None,
        Chain = Chain,
        Block = Block(7),
        Title = $"alert {id} number {number} [red]",
        Lines = ["line 1", "line 2"],
        Cause = new Cause(CauseKind.Price, "WETH fell"),
        Report = Report(account),
        Distance = new(1.5, 0.04, 0.06, true),
    };

    public static MarginReport Report(int account) => new()
    {
        Account = Account(account),
        Block = Block(7),
        At = new Instant(1_700_000_100),
        Status = MarginStatus.Healthy,
        CollateralValue = UInt256.MaxValue,
        DebtValue = 12345UL,
        HealthFactor = UInt256.Parse("1043217000000000001"),
        Positions = [new Position { Side = PositionSide.Debt, Asset = Address.Zero, Symbol = "USDC", Decimals = 6, Amount = 1UL, Shares = 2UL, Price = 3UL, Value = 4UL }],
        Triggers = [new Trigger { Kind = TriggerKind.Liquidation, Threshold = 5UL, Active = false, Edges = [new(Address.Zero, "WETH", EdgeSide.Falls, 6UL, 7UL)] }],
        NativeWords = [new NativeWord("healthFactor", 8UL)],
    };

    public static Task<SqlStore> MemoryAsync(string? name = null) =>
        SqlStore.OpenAsync(new SqlStoreOptions { Path = name ?? Guid.NewGuid().ToString("N"), InMemory = true });

    public static JudgementCommit Commit(params RoutedTransition[] transitions) => new() { At = Now, Transitions = transitions };
}
