using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.State;

namespace DefiMonitor.Core.Portfolio;

/// <summary>
/// One deployment of one protocol family: pure and synchronous. It has no store, no clock, no node, no logger and knows no reorg;
/// what is missing is the point. All its state stands in <see cref="Tables"/>.
/// </summary>
public interface IProtocol
{
    DeploymentId Id { get; }

    IReadOnlyList<IStateTable> Tables { get; }

    /// <summary>The logs to fold. May grow while logs or reads are applied: the engine then fetches that block again for what is new.</summary>
    IReadOnlyCollection<LogFilter> Filters { get; }

    /// <summary>True once the market's own state has been read. Until then no account can enter.</summary>
    bool IsOpen { get; }

    /// <summary>
    /// Calls that read the market's own state; asked again with the answers so far, all at one block, until it yields nothing new
    /// (at most six rounds). An upgrade closes the market, so that it is opened again.
    /// </summary>
    IEnumerable<Call> Open(CallResults soFar);

    /// <summary>
    /// Folds one log. Accounts whose OWN inputs changed (balances, settings, a mark that they must be read again) are added to <paramref name="touched"/>; what
    /// changes for many at once (a price, an index, a parameter, an upgrade) touches nobody and is found by <see cref="JudgeMany"/>. Logs of accounts that have not
    /// entered are ignored.
    /// </summary>
    void Apply(BlockHeader block, Log log, ISet<MarginAccountId> touched);

    /// <summary>
    /// A log of the block could not be decoded, so the tables may no longer be what the chain is: everything that can be read again is given up, as a change of that block.
    /// The market is then opened anew and everybody enters anew. Who has entered is added to the touched accounts by the engine. A family that holds what only logs tell keeps that.
    /// </summary>
    void Distrust()
    {
        foreach (var table in Tables)
        {
            table.RemoveAll();
        }
    }

    /// <summary>The account that this log shows to be a borrower (or, where a loan need not leave a log, one that may borrow), for discovery; null for every other log.</summary>
    MarginAccountId? Discover(Log log);

    /// <summary>The logs that <see cref="Discover"/> has to be shown, for a search of the past: fewer than <see cref="Filters"/> where a family can say so. None before the market has told its contracts.</summary>
    IReadOnlyCollection<LogFilter> DiscoveryFilters => Filters;

    /// <summary>What this log says of a liquidation; null for every other log. Protocols with a liquidation event override it.</summary>
    Liquidation? LiquidationOf(Log log) => null;

    /// <summary>The account of an owner's address in this deployment; follows from the address alone, and may be asked while rows are loaded.</summary>
    MarginAccountId AccountOf(Primitives.Address owner);

    /// <summary>The account that a key names, as it stands behind the deployment in an account's id; null where it names none.</summary>
    MarginAccountId? AccountNamed(string key) => Primitives.Address.TryParse(key, out var owner) ? AccountOf(owner) : null;

    /// <summary>Contracts that take an owner's tokens when he repays or supplies, and so need an allowance; empty until the market is open.</summary>
    IReadOnlyList<Primitives.Address> Spenders => [];

    /// <summary>The same where one token has a spender of its own: as a deposit goes to the vault of its token.</summary>
    IReadOnlyList<Primitives.Address> SpendersOf(Primitives.Address token) => Spenders;

    /// <summary>The tokens that the market deals in; empty until it is open.</summary>
    IReadOnlyList<VenueToken> Tokens => [];

    /// <summary>
    /// The market's parameters as the tables have them, each once, without allocation but for the list itself: asked for at every judged block while the market is open.
    /// What could not be read is left out, which is no change. Balances, prices and indexes are none.
    /// </summary>
    void Parameters(ICollection<MarketParameter> into)
    {
    }

    /// <summary>
    /// Writes an older value of one of <see cref="Parameters"/> back into the tables, for the length of one question: the engine takes it out again. False where the
    /// tables do not hold what makes the difference, as with an implementation or the address of a price source.
    /// </summary>
    bool Restore(in MarketParameter old) => false;

    bool HasEntered(MarginAccountId account);

    /// <summary>Calls that bring an account in; asked again with the answers so far, all at one block, until it yields nothing new (at most four rounds).</summary>
    IEnumerable<Call> Snapshot(MarginAccountId account, CallResults soFar);

    /// <summary>What must be read at every judged block, whatever the number of accounts: prices, and what an event left open. They run in this order, before any <see cref="Confirm"/>.</summary>
    IEnumerable<Call> Reads(BlockHeader head);

    /// <summary>
    /// Writes one answer of <see cref="Open"/>, <see cref="Snapshot"/>, <see cref="Reads"/> or <see cref="Confirm"/> into the tables. A reverted call is
    /// written as such. The engine applies the answers of a block in the order in which the calls were asked. <paramref name="touched"/> as in <see cref="Apply"/>.
    /// </summary>
    void ApplyRead(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched);

    AccountState Capture(MarginAccountId account, BlockHeader block);

    /// <summary>Pure and exact: the same state, instant and shock always give the same report.</summary>
    MarginReport Evaluate(AccountState state, Instant at, Shock shock);

    /// <summary>The account's number for bulk judging: small, given out when first asked for, the same while the process runs, never given to another.</summary>
    int SlotOf(MarginAccountId account);

    /// <summary>Bulk judging without allocation per account; agrees with <see cref="Evaluate"/> on status and health factor. Who has not entered is Unknown.</summary>
    /// <param name="slots">See <see cref="SlotOf"/>.</param>
    void JudgeMany(ReadOnlySpan<int> slots, BlockHeader block, Instant at, Span<Verdict> verdicts);

    /// <summary>The chain's own verdict on the account.</summary>
    IEnumerable<Call> Confirm(MarginAccountId account);

    /// <summary>Calls for the contract's own totals of what all borrowers owe, asked at the block that the tables stand at; their answers are for <see cref="Complete"/> alone.</summary>
    IEnumerable<Call> Totals() => [];

    /// <summary>The completeness equation, one of each debt; none where a family has no totals.</summary>
    IReadOnlyList<Completeness> Complete(CallResults totals) => [];

    /// <summary>
    /// Calls that find the feeds behind the prices, and when each was written last; asked again with the answers so far, all at one block, until it yields nothing new
    /// (at most four rounds). Their answers are for <see cref="FeedsOf"/> alone.
    /// </summary>
    IEnumerable<Call> Feeds(CallResults soFar) => [];

    /// <summary>Every feed behind the prices; none where a family does not know them.</summary>
    IReadOnlyList<PriceFeed> FeedsOf(CallResults answers) => [];

    /// <summary>
    /// Calls for what the market still takes and can pay out of what the account holds, asked at the state's block when somebody looks; their answers are for
    /// <see cref="ActionsOf"/> alone. None where the tables hold it.
    /// </summary>
    IEnumerable<Call> Limits(AccountState state) => [];

    /// <summary>As <see cref="MarginReport.Actions"/>, with what <see cref="Limits"/> were answered.</summary>
    IReadOnlyList<ActionCheck> ActionsOf(AccountState state, Instant at, CallResults limits) => Evaluate(state, at, Shock.None).Actions;

    /// <summary>Like with like: the state at its own block's time against the chain's answers at that block.</summary>
    Agreement Compare(AccountState state, CallResults results);
}
