using System.Runtime.InteropServices;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Tests.Primitives;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols.MorphoBlue;

/// <summary>Bulk judging is the exact verdict to the last bit, in every market that the words of the contract can hold.</summary>
public sealed class BulkJudgeTests
{
    private const ulong Now = 1_760_000_000;
    private const int Accounts = 60;

    private static readonly BlockHeader Block = new(1_000, Keccak256.HashUtf8("the block"), Keccak256.HashUtf8("its parent"), Now);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Judging_many_agrees_with_evaluating_each_in_markets_of_every_size(int seed)
    {
        var random = new Random(seed);
        var seen = new Dictionary<MarginStatus, int>();
        for (var market = 0; market < 120; market++)
        {
            Compare(MarketOf(random, isReal: market % 2 == 0), random, market % 2 == 0, seen);
        }

        seen.Keys.ShouldBe(Enum.GetValues<MarginStatus>(), ignoreOrder: true);
    }

    [Fact]
    public void What_a_real_market_holds_is_never_left_to_the_slow_path_but_by_chance()
    {
        var random = new Random(3);
        var (dense, all) = (0, 0);
        for (var i = 0; i < 50; i++)
        {
            var row = MarketOf(random, isReal: true);
            var price = PriceOf(random, row, isReal: true);
            var health = new DenseHealth(row.Totals, price, row.Parameters.Lltv);
            for (var account = 0; account < Accounts; account++)
            {
                var (shares, collateral) = PositionOf(random, row.Totals, price, row.Parameters.Lltv, isReal: true);
                all++;
                if (health.TryJudge(new MirrorEntry(shares, collateral, true), out var verdict))
                {
                    dense++;
                    verdict.ShouldBe(Verdicts.Of(Health.Of(row.Totals, shares, collateral, price, row.Parameters.Lltv)));
                }
            }
        }

        dense.ShouldBeGreaterThan(all * 98 / 100);
    }

    private static void Compare(MarketRow row, Random random, bool isReal, Dictionary<MarginStatus, int> seen)
    {
        var protocol = new MorphoBlueProtocol(
            new MorphoBlueDeployment
            {
                Id = new DeploymentId("morpho-blue", new ChainId(31337), "random"),
                Morpho = FakeAddress.Of(1, 1),
                AdaptiveCurveIrm = FakeAddress.Of(2, 1),
                MarketId = Keccak256.HashUtf8("the market"),
            },
            new ProtocolOptions());
        var price = PriceOf(random, row, isReal);
        Load(protocol, "market", (byte)0, row);
        Load(protocol, "price", row.Parameters.Oracle, new PriceRow(price, Block.Number, true));
        for (var account = 0; account < Accounts; account++)
        {
            var (shares, collateral) = PositionOf(random, row.Totals, price, row.Parameters.Lltv, isReal);
            Load(protocol, "account", FakeAddress.Of(0xee, account + 1), new AccountRow(shares, collateral));
        }

        var accounts = Enumerable.Range(1, Accounts).Select(i => protocol.AccountOf(FakeAddress.Of(0xee, i))).ToArray();
        var verdicts = new Verdict[Accounts];
        foreach (var at in new[] { new Instant(Now), new Instant(Now) + 3_600 })
        {
            protocol.JudgeMany(accounts.Select(protocol.SlotOf).ToArray(), Block, at, verdicts);
            for (var i = 0; i < Accounts; i++)
            {
                var report = protocol.Evaluate(protocol.Capture(accounts[i], Block), at, Shock.None);
                var health = report.Status == MarginStatus.Unknown ? UInt256.Zero : report.HealthFactor ?? UInt256.MaxValue;

                // What is told of an account in its own unit may not fit where its verdict does: then only the report has nothing to say.
                if (report.Status == MarginStatus.Unknown && verdicts[i].Status != MarginStatus.Unknown)
                {
                    var state = (MorphoBlueState)protocol.Capture(accounts[i], Block);
                    verdicts[i].ShouldBe(Verdicts.Of(ReportBuilder.PositionOf(state, at.Seconds, Shock.None).Health));
                }
                else
                {
                    verdicts[i].ShouldBe(new Verdict(report.Status, health), report.UnknownReason);
                }

                seen[verdicts[i].Status] = seen.GetValueOrDefault(verdicts[i].Status) + 1;
            }
        }
    }

    private static MarketRow MarketOf(Random random, bool isReal)
    {
        var borrowed = isReal ? UInt256.Pow10(random.Next(6, 21)) * (ulong)random.Next(1, 1_000_000) / 7u : Cut(random, random.Next(1, 129));
        var shares = isReal ? borrowed * (ulong)random.Next(800_000, 1_000_001) : Cut(random, random.Next(1, 129));
        var lltv = isReal ? FixedPoint.Wad * (ulong)random.Next(77, 197) * 5u / 1_000u : Cut(random, 60);
        var (loan, collateral) = isReal ? (new[] { 6, 8, 18 }[random.Next(3)], new[] { 6, 8, 18 }[random.Next(3)]) : (random.Next(40), random.Next(40));
        return new MarketRow
        {
            IsOpen = true,
            Fields = MarketFields.All,
            ChangedBlock = Block.Number,
            Parameters = new MarketParameters(FakeAddress.Of(3, 1), FakeAddress.Of(3, 2), FakeAddress.Of(4, 1), Address.Zero, UInt256.Min(lltv, FixedPoint.Wad)),
            Totals = new MarketTotals((UInt128)Cut(random, 128), (UInt128)Cut(random, 128), (UInt128)borrowed, (UInt128)shares, Now - 1_000, 0),
            TotalsBlock = Block.Number,
            Loan = new TokenFace(default, (byte)loan),
            Collateral = new TokenFace(default, (byte)collateral),
        };
    }

    private static UInt256 PriceOf(Random random, MarketRow row, bool isReal) => !isReal
        ? Cut(random, random.Next(1, 257))
        : UInt256.Pow10(36 + row.Loan.Decimals - row.Collateral.Decimals - 8) * (ulong)random.NextInt64(1, 10_000_000_000_000);

    private static (UInt128 Shares, UInt128 Collateral) PositionOf(Random random, MarketTotals totals, UInt256 price, UInt256 lltv, bool isReal)
    {
        if (!isReal)
        {
            return ((UInt128)Cut(random, random.Next(129)), (UInt128)Cut(random, random.Next(129)));
        }

        // About the edge, a little and a lot.
        var shares = UInt256.One + (totals.BorrowShares * (UInt256)(ulong)random.Next(1, 1_000_000) / 1_000_000u);
        var edge = UInt256.MulDiv(totals.DebtOf((UInt128)shares) * FixedPoint.Wad / lltv, Health.PriceScale, price, Rounding.Up);
        var collateral = random.Next(3) switch
        {
            0 => edge + (ulong)random.Next(3),
            1 => edge * (ulong)random.Next(500_000, 1_500_000) / 1_000_000u,
            _ => edge * (ulong)random.Next(1, 50),
        };
        return ((UInt128)shares, (UInt128)UInt256.Min(collateral, UInt256.Mask(120)));
    }

    private static UInt256 Cut(Random random, int bits) => Numbers.Next(random) & UInt256.Mask(bits);

    private static void Load<TKey, TRow>(MorphoBlueProtocol protocol, string table, TKey key, TRow row)
        where TKey : unmanaged
        where TRow : unmanaged =>
        protocol.Tables.Single(found => found.Name == table).Load(MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key)), MemoryMarshal.AsBytes(new ReadOnlySpan<TRow>(in row)));
}
