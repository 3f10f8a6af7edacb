using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>One market of Aave V3, any revision from 3.0 to 3.7, or of a fork with the same contracts.</summary>
public sealed class AaveV3Protocol : IProtocol
{
    // A market whose base currency has so many decimals counts in US dollars.
    private const int DollarDecimals = 8;

    private readonly AaveMarket market;
    private readonly MarketOpening opening;
    private readonly AccountEntry entry;
    private readonly HeadReads reads;
    private readonly ReadWriter writer;
    private readonly LogFolder folder;
    private readonly StateCapture capture;
    private readonly AccountMirror mirror;
    private readonly BulkJudge bulk;
    private readonly ReportBuilder reports;
    private readonly DebtTotals totals;
    private readonly PriceFeeds feeds;
    private readonly ParameterList parameters;
    private readonly SupplyLimits limits;

    public AaveV3Protocol(AaveV3Deployment deployment, ProtocolOptions options)
    {
        market = new AaveMarket(deployment, options);
        var legs = new Legs(market);
        var reasons = new UnknownReasons(market, legs);
        var accounts = new AccountWriter(market);
        capture = new StateCapture(market, legs, reasons);
        mirror = new AccountMirror(market.Tables);
        bulk = new BulkJudge(market, mirror, legs, reasons);
        reports = new ReportBuilder(options);
        totals = new DebtTotals(market);
        feeds = new PriceFeeds(market);
        parameters = new ParameterList(market);
        limits = new SupplyLimits(market);
        opening = new MarketOpening(market);
        entry = new AccountEntry(market);
        reads = new HeadReads(market, entry);
        writer = new ReadWriter(market, new MarketWriter(market), accounts, new PriceWriter(market), new AgreementWriter(market, capture));
        folder = new LogFolder(market, new TokenFolder(market, accounts), accounts);
    }

    public DeploymentId Id => market.Deployment.Id;

    public IReadOnlyList<IStateTable> Tables => market.Tables.All;

    public bool IsOpen => market.Tables.Market.IsOpen;

    /// <summary>The addresses provider from the start; the pool, its configurator and every token once the market has been read. Never fewer than before.</summary>
    public IReadOnlyCollection<LogFilter> Filters
    {
        get
        {
            var filters = new List<LogFilter> { new([market.Deployment.PoolAddressesProvider], LogFolder.ProviderTopics) };
            var row = market.Tables.Market;
            if (!row.Pool.IsZero)
            {
                filters.Add(new LogFilter([row.Pool], folder.PoolTopics));
            }

            if (!row.Configurator.IsZero)
            {
                filters.Add(new LogFilter([row.Configurator], folder.ConfiguratorTopics));
            }

            if (!row.Oracle.IsZero)
            {
                filters.Add(new LogFilter([row.Oracle], LogFolder.OracleTopics));
            }

            var tokens = new List<Address>();
            foreach (var (token, _) in market.Tables.Tokens)
            {
                tokens.Add(token);
            }

            if (tokens.Count > 0)
            {
                filters.Add(new LogFilter(tokens, TokenFolder.Topics));
            }

            return filters;
        }
    }

    public IEnumerable<Call> Open(CallResults soFar) => opening.Next(soFar);

    public void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched) => folder.Apply(block, log, touched);

    public MarginAccountId? Discover(Log log) =>
        log.Address == market.Tables.Market.Pool && AaveAbi.Borrow.Matches(log) ? AccountOf(AaveAbi.Borrow.Decode(log).OnBehalfOf) : null;

    public IReadOnlyCollection<LogFilter> DiscoveryFilters => market.Tables.Market.Pool is { IsZero: false } pool ? [new LogFilter([pool], [AaveAbi.Borrow.Topic0])] : [];

    public Liquidation? LiquidationOf(Log log)
    {
        if (log.Address != market.Tables.Market.Pool || !AaveAbi.LiquidationCall.Matches(log))
        {
            return null;
        }

        var call = AaveAbi.LiquidationCall.Decode(log);
        return new Liquidation(market.IdOf(call.User), call.DebtAsset, call.DebtToCover, call.CollateralAsset, call.LiquidatedCollateralAmount);
    }

    public MarginAccountId AccountOf(Address owner) => market.IdOf(owner);

    public IReadOnlyList<Address> Spenders => IsOpen ? [market.Tables.Market.Pool] : [];

    public IReadOnlyList<VenueToken> Tokens
    {
        get
        {
            var tokens = new List<VenueToken>();
            var isInDollars = market.Tables.Market.BaseUnit == UInt256.Pow10(DollarDecimals);
            foreach (var (_, reserve) in market.Tables.Reserves)
            {
                var isPriced = market.Tables.Prices.TryGet(reserve.Asset, out var price) && price.State == PriceState.Read && isInDollars;
                tokens.Add(new VenueToken(reserve.Asset, reserve.Symbol.ToString(), reserve.Configuration.Decimals, reserve.AToken, reserve.DebtToken)
                {
                    DollarPrice = isPriced ? price.Price : null,
                    DollarDecimals = DollarDecimals,
                });
            }

            return IsOpen ? tokens : [];
        }
    }

    public void Parameters(ICollection<MarketParameter> into) => parameters.List(into);

    public bool Restore(in MarketParameter old) => parameters.Restore(old);

    public bool HasEntered(MarginAccountId account) => market.Tables.HasEntered(market.UserOf(account));

    public IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar) => entry.Next(market.UserOf(account), soFar);

    public IEnumerable<Call> Reads(BlockHeader head) => reads.All(head);

    public void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched) => writer.Write(block, call, result, touched);

    public AccountState Capture(MarginAccountId account, BlockHeader block) => capture.Capture(account, block);

    public MarginReport Evaluate(AccountState state, Instant at, Shock shock) => reports.Build((AaveV3State)state, at, shock);

    public int SlotOf(MarginAccountId account) => mirror.SlotOf(market.UserOf(account));

    /// <summary>Several threads may judge at once, each with its own slots, as long as nobody writes to the tables or asks for new slots meanwhile.</summary>
    public void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts) => bulk.Judge(slots, block, at, verdicts);

    public IEnumerable<Call> Confirm(MarginAccountId account) =>
        IsOpen ? [AaveAbi.GetUserAccountData.Function.Call(market.Tables.Market.Pool, market.UserOf(account))] : [];

    public IEnumerable<Call> Totals() => IsOpen ? totals.Calls() : [];

    public IReadOnlyList<Completeness> Complete(CallResults answers) => IsOpen ? totals.Complete(answers) : [];

    public IEnumerable<Call> Feeds(CallResults soFar) => IsOpen ? feeds.Next(soFar) : [];

    public IReadOnlyList<PriceFeed> FeedsOf(CallResults answers) => IsOpen ? feeds.Of(answers) : [];

    public IEnumerable<Call> Limits(AccountState state) => IsOpen ? limits.Calls((AaveV3State)state) : [];

    public IReadOnlyList<ActionCheck> ActionsOf(AccountState state, Instant at, CallResults answers)
    {
        var aave = (AaveV3State)state;
        if (aave.Unknown is not null)
        {
            return [];
        }

        var used = aave.Reserves.Where(reserve => aave.Configuration.Uses(reserve.Id)).ToList();
        return Computed.Later<ActionCheck>(() => Actions.Of(
            aave, used, ReportBuilder.AccountOf(aave, used, at.Seconds, Shock.None), reserve => limits.Room(reserve, answers, at.Seconds), reserve => limits.Liquidity(aave.Version, reserve, answers)));
    }

    public Agreement Compare(AccountState state, CallResults results)
    {
        var aave = (AaveV3State)state;

        // Out of the state alone: the tables may stand at a later block by now.
        return !results.TryGet(AaveAbi.GetUserAccountData.Function.Call(aave.Pool, market.UserOf(state.Account)), out var result)
            ? WordAgreement.Unreadable(null)
            : AaveAbi.GetUserAccountData.TryDecode(result, out var chain, out var error) ? Agreements.Compare(aave, chain)
            : WordAgreement.Unreadable(error);
    }
}
