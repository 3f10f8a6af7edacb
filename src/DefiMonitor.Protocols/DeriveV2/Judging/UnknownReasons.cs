using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>Why a deployment, or an account in it, can't be judged at a block: one sentence each, or null.</summary>
internal sealed class UnknownReasons(DeriveMarket market, AccountCalls accounts)
{
    /// <summary>
    /// For so long interest is not left unaccrued where people trade: every movement of cash accrues it, and options expire there every day and are settled in cash. After it the
    /// deployment is taken for one that was left behind in the move to v3. The other way round nothing is proven: anybody can have interest accrued.
    /// </summary>
    private const ulong QuietSeconds = 2 * 86_400;

    /// <summary>What everybody shares.</summary>
    public string? OfMarket() => market.Tables.IsOpen ? null : $"The deployment {market.Deployment.Id} has not been read yet.";

    /// <summary>Why nobody is called healthy who could be read; what is below the edge stays loud.</summary>
    public string? LeftBehind(BlockHeader block) => AccruedAt(block) is { } accrued && block.Timestamp > accrued && block.Timestamp - accrued > QuietSeconds
        ? $"No interest has been accrued in {market.Deployment.Id} since {Names.Time(accrued)}, as any movement of cash would: it no longer trades, and what was held there may have moved to Derive v3; name the sub-accounts there in venues.json."
        : null;

    /// <summary>When interest was accrued last; null where that was not read.</summary>
    public ulong? AccruedAt(BlockHeader block) => market.Answers.TryGet(market.Calls.LastAccrued, block, out var row) && row[0] <= ulong.MaxValue ? (ulong)row[0] : null;

    public string? OfAccount(in Address account, BlockHeader block)
    {
        if (!market.Tables.Accounts.TryGet(account, out var row) || row.Fields != EntryFields.All)
        {
            return "The account has not entered yet.";
        }

        if (!SubAccountKeys.IsSubAccount(account, out var id))
        {
            return market.Answers.TryGet(market.Calls.CountOf(account), block, out _) ? null : "How many sub-accounts the owner has could not be read.";
        }

        if (market.KindOf(row) == ManagerKind.Unknown)
        {
            return $"The account's manager {row.Manager} is none that the configuration names; add it to \"pmrm2\" or \"pmrm\" of {market.Deployment.Id}.";
        }

        if (!market.Answers.TryGet(market.Calls.Manager(id), block, out var manager) || Answers.AddressIn(manager[0]) != row.Manager)
        {
            return "The account's manager could not be read, or has just changed.";
        }

        foreach (var call in accounts.Verdict(account, row).Where(static call => !DeriveAbi.Manager.IsCall(call)))
        {
            if (market.Answers.Signed(call, block, WordOf(call)) is not { } figure)
            {
                return market.Answers.IsRefused(call, block) ? Refused(account, row, call, block)
                    : market.Answers.TryGet(call, block, out _) ? TooLarge(call) : $"The account's {NameOf(call)} was not read in time.";
            }

            if (Figures.IsTooLarge(figure))
            {
                return TooLarge(call);
            }
        }

        return Figures.IsTooLarge(market.CashOf(account)) ? "The account's cash is beyond all figures that a verdict could go by." : null;
    }

    private static string TooLarge(Call call) => $"The account's {NameOf(call)} is beyond all figures that a verdict could go by.";

    private static int WordOf(Call call) => DeriveAbi.GetMarginAndMarkToMarket.IsCall(call) ? 1 : 0;

    // The contract says no more than that it reverted; which feed did says why.
    private string Refused(Address account, AccountRow row, Call call, BlockHeader block)
    {
        foreach (var input in accounts.Inputs(account, row))
        {
            if (market.Answers.IsRefused(input, block) && FeedOf(input) is { } feed)
            {
                return $"The manager can't say the account's {NameOf(call)}: {feed} {input.To} has no answer, as when it is older than its heartbeat.";
            }
        }

        return $"The contract {call.To} reverted when it was asked for the account's {NameOf(call)}.";
    }

    private static string NameOf(Call call) =>
        DeriveAbi.GetMargin.IsCall(call) ? "margin"
        : DeriveAbi.GetMarginAndMarkToMarket.IsCall(call) ? "mark to market"
        : DeriveAbi.CalculateBalanceWithInterest.IsCall(call) ? "cash with interest"
        : DeriveAbi.GetAuction.IsCall(call) ? "auction"
        : "manager";

    private static string? FeedOf(Call call) =>
        DeriveAbi.GetSpot.IsCall(call) ? "the spot feed"
        : DeriveAbi.GetForwardPricePortions.IsCall(call) ? "the forward feed"
        : DeriveAbi.GetVol.IsCall(call) ? "the volatility feed"
        : DeriveAbi.GetInterestRate.IsCall(call) ? "the rate feed"
        : DeriveAbi.GetPerpPrice.IsCall(call) ? "the price of the perpetual"
        : null;
}
