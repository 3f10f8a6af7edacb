using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.MorphoBlue;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.MorphoBlue.Fake;

/// <summary>
/// One market of Morpho Blue in memory. Its state is its own; from the product it borrows only the formulas that the contract's vectors hold.
/// </summary>
internal sealed partial class FakeMorpho : IFakeMarket
{
    public static readonly Address Morpho = FakeAddress.Of(0x11, 1);
    public static readonly Address CurveIrm = FakeAddress.Of(0x12, 1);
    public static readonly Address OtherIrm = FakeAddress.Of(0x12, 2);
    public static readonly Address Oracle = FakeAddress.Of(0x13, 1);
    public static readonly Address Feed = FakeAddress.Of(0x16, 1);
    public static readonly Address PreContract = FakeAddress.Of(0x15, 1);
    public static readonly Address PreOracle = FakeAddress.Of(0x13, 2);
    public static readonly Address LoanToken = FakeAddress.Of(0x14, 1);
    public static readonly Address CollateralToken = FakeAddress.Of(0x14, 2);
    public static readonly Hash32 Id = Keccak256.HashUtf8("the market");

    private readonly Random random;
    private readonly List<Log> logs = [];
    private readonly Dictionary<Address, AccountRow> positions = [];

    /// <param name="isEmpty">True to begin without anybody's position.</param>
    public FakeMorpho(IrmKind kind, int seed, bool isEmpty = false)
    {
        random = new Random(seed);
        var irm = kind switch { IrmKind.None => Address.Zero, IrmKind.AdaptiveCurve => CurveIrm, _ => OtherIrm };
        Parameters = new MarketParameters(LoanToken, CollateralToken, Oracle, irm, FixedPoint.Wad * 86u / 100u);
        Owners = [.. Enumerable.Range(1, 8).Select(i => FakeAddress.Of(0xee, i))];
        Header = HeaderOf(1_000, 1_760_000_000);
        Totals = new MarketTotals(0, 0, 0, 0, Header.Timestamp, (UInt128)(FixedPoint.Wad / 10u));
        if (!isEmpty)
        {
            Supply(10_000_000);
            foreach (var owner in Owners)
            {
                SupplyCollateral(owner, (ulong)random.Next(1, 100));
                Borrow(owner, (ulong)random.Next(1, 200_000));
            }
        }
    }

    public MarketParameters Parameters { get; set; }

    public MarketTotals Totals { get; set; }

    public UInt256 RateAtTarget { get; set; }

    /// <summary>Of one collateral token of 18 decimals in a loan token of 6; null = the oracle reverts.</summary>
    public UInt256? Price { get; set; } = PriceOf(2_500);

    /// <summary>Of the pre-liquidation contract; null = the market has none.</summary>
    public PreLiquidationTerms? PreLiquidation { get; init; }

    /// <summary>Of <see cref="PreOracle"/>.</summary>
    public UInt256? PrePrice { get; set; } = PriceOf(2_500);

    public HashSet<Address> Authorized { get; } = [];

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners { get; }

    public IReadOnlyDictionary<Address, AccountRow> Positions => positions;

    public static UInt256 PriceOf(ulong dollars) => dollars * UInt256.Pow10(24);

    /// <summary>From 80 % on, at most 20 % of the debt at first and 60 % at the end, for 2 % and 4 %.</summary>
    public static PreLiquidationTerms Terms(Address oracle) => new(
        FixedPoint.Wad * 80u / 100u, FixedPoint.Wad / 5u, FixedPoint.Wad * 3u / 5u, FixedPoint.Wad * 102u / 100u, FixedPoint.Wad * 104u / 100u, oracle);

    public IProtocol NewProtocol() => NewProtocol(new ProtocolOptions());

    public IProtocol NewProtocol(ProtocolOptions options) => new MorphoBlueProtocol(
        new MorphoBlueDeployment
        {
            Id = new DeploymentId("morpho-blue", new ChainId(31337), "fake"),
            Morpho = Morpho,
            AdaptiveCurveIrm = CurveIrm,
            MarketId = Id,
            PreLiquidations = PreLiquidation is null ? [] : [PreContract],
        },
        options);

    public AccountRow PositionOf(Address user) => positions.GetValueOrDefault(user);

    public void NextBlock(ulong seconds = 12)
    {
        logs.Clear();
        Header = HeaderOf(Header.Number + 1, Header.Timestamp + seconds, Header.Hash);
    }

    public void Mine()
    {
        NextBlock((ulong)random.Next(1, 40));
        Price = Price is { } price ? UInt256.Max(UInt256.One, price * (ulong)random.Next(9_800, 10_205) / 10_000u) : null;
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            DoSomething();
        }
    }

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        var totals = Accrued();
        var row = PositionOf(owner);
        var health = Health.Of(totals, row.BorrowShares, row.Collateral, Price!.Value, Parameters.Lltv);
        return
        [
            totals.SupplyAssets, totals.SupplyShares, totals.BorrowAssets, totals.BorrowShares, row.BorrowShares, row.Collateral, Price.Value, health.Debt, health.MaxBorrow,
        ];
    }

    public bool IsBesideTheVerdict(Call call) => call.To == PreContract || call.To == PreOracle || MorphoAbi.Symbol.Function.IsCall(call) || MorphoAbi.Decimals.Function.IsCall(call);

    public CallResult Answer(Call call)
    {
        if (MorphoAbi.IdToMarketParams.Function.IsCall(call))
        {
            return AbiWords.Answer(Parameters.LoanToken, Parameters.CollateralToken, Parameters.Oracle, Parameters.Irm, Parameters.Lltv);
        }

        if (MorphoAbi.Market.Function.IsCall(call))
        {
            return AbiWords.Answer(Totals.SupplyAssets, Totals.SupplyShares, Totals.BorrowAssets, Totals.BorrowShares, Totals.LastUpdate, Totals.Fee);
        }

        if (MorphoAbi.Position.Function.IsCall(call))
        {
            var row = PositionOf(CallArguments.User(call));
            return AbiWords.Answer(0u, row.BorrowShares, row.Collateral);
        }

        if (MorphoAbi.BorrowRateView.Function.IsCall(call))
        {
            return call.Equals(MorphoAbi.RateOf(Parameters, Totals)) ? AbiWords.Answer(Rate(Header.Timestamp)) : AbiWords.Reverted;
        }

        if (MorphoAbi.RateAtTarget.Function.IsCall(call))
        {
            return call.To == CurveIrm ? AbiWords.Answer(RateAtTarget) : AbiWords.Reverted;
        }

        if (MorphoAbi.IsAuthorized.Function.IsCall(call))
        {
            return AbiWords.Answer(Authorized.Contains(CallArguments.Authorization(call).Authorizer));
        }

        if (call.To == PreContract && PreLiquidation is { } pre)
        {
            return MorphoAbi.PreLiquidationMarket.Function.IsCall(call) ? AbiWords.Answer(Id)
                : MorphoAbi.PreLiquidationMorpho.Function.IsCall(call) ? AbiWords.Answer(Morpho)
                : AbiWords.Answer(pre.PreLltv, pre.PreLCF1, pre.PreLCF2, pre.PreLIF1, pre.PreLIF2, pre.PreLiquidationOracle);
        }

        if (MorphoAbi.Price.Function.IsCall(call))
        {
            return (call.To == PreOracle ? PrePrice : Price) is { } price ? AbiWords.Answer(price) : AbiWords.Reverted;
        }

        if (call.To == Feed)
        {
            return FeedAnswers.Feed(call, Header.Timestamp - 100);
        }

        if (call.To == Oracle)
        {
            return FeedAnswers.Adapter(call, "BASE_FEED_1()", Feed);
        }

        if (MorphoAbi.Decimals.Function.IsCall(call))
        {
            return AbiWords.Answer(call.To == LoanToken ? 6u : 18u);
        }

        MorphoAbi.Symbol.Function.IsCall(call).ShouldBeTrue($"the fake market knows no {call}");
        return AbiWords.Text(call.To == LoanToken ? "USDC" : "WETH");
    }

    private static BlockHeader HeaderOf(ulong number, ulong timestamp, Hash32 parent = default) =>
        new(number, Keccak256.HashUtf8($"block {number} {timestamp}"), parent, timestamp);

    private void Emit(Address contract, AbiEvent definition, object[] indexed, params object[] data)
    {
        indexed.Length.ShouldBe(definition.IndexedCount, definition.Signature);
        (indexed.Length + data.Length).ShouldBe(definition.Inputs.Count, definition.Signature);
        Hash32[] topics = [definition.Topic0, .. indexed.Select(value => Hash32.FromBytes(AbiWords.Join([value])))];
        logs.Add(new Log(contract, topics, AbiWords.Join(data), Keccak256.HashUtf8($"tx {Header.Number} {logs.Count}"), (uint)logs.Count));
    }
}
