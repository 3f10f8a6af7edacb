using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Protocols.AaveV4;

/// <summary>
/// Which pairs a liquidationCall would accept, the health factor apart, and how much of each. Source: LiquidationLogic._validateLiquidationCall; Hub._validateRemove,
/// _validateRestore, _validatePayFeeShares, and the hub's liquidity.
/// </summary>
internal sealed class LiquidationGate
{
    private LiquidationGate(IReadOnlyList<PairQuote> quotes, IReadOnlyList<Blocked> blocked)
    {
        Quotes = quotes;
        Blocked = blocked;
    }

    /// <summary>Of the pairs that are open or, where none is, of all of them, so that it can be said what will be at stake.</summary>
    public IReadOnlyList<PairQuote> Quotes { get; }

    /// <summary>Why no pair is open; empty when one is.</summary>
    public IReadOnlyList<Blocked> Blocked { get; }

    public static LiquidationGate Of(AccountAt account)
    {
        var open = new List<PairQuote>();
        var shut = new List<PairQuote>();
        var reasons = new List<Blocked>();
        var pairs = 0;
        for (var collateral = 0; collateral < account.Legs.Count; collateral++)
        {
            for (var debt = 0; debt < account.Legs.Count; debt++)
            {
                if (!account.Legs[collateral].Leg.Counts || !account.Legs[debt].Leg.Owes)
                {
                    continue;
                }

                pairs++;
                var before = reasons.Count;
                CheckCollateral(account.Legs[collateral].State, reasons);
                CheckDebt(account.Legs[debt].State, reasons);
                var (from, to) = (collateral, debt);
                var symbol = account.Legs[collateral].State.Symbol;
                var isComputed = false;
                var quote = Computed.OrNull(() =>
                {
                    var found = PairQuote.Of(account, from, to);
                    isComputed = true;
                    return found;
                });
                if (quote is { } payable)
                {
                    (reasons.Count == before ? open : shut).Add(payable);
                }
                else if (!isComputed)
                {
                    reasons.Add(new Blocked("overflow", $"A liquidation that takes {symbol} would revert: its amounts can't be computed."));
                }
                else if (reasons.Count == before)
                {
                    reasons.Add(new Blocked("hub-liquidity", $"The hub has not enough free {symbol} to pay a liquidator, and the reserve hands out no shares."));
                }
            }
        }

        return open.Count > 0 ? new LiquidationGate(open, [])
            : pairs > 0 ? new LiquidationGate(shut, [.. reasons.Distinct()])
            : new LiquidationGate([], [new Blocked("no-collateral", "There is no collateral left that could be taken.")]);
    }

    private static void CheckCollateral(AaveV4ReserveState reserve, List<Blocked> reasons)
    {
        Check(reserve, reasons);
        if (reserve.IsHalted && !PairQuote.CanTakeShares(reserve))
        {
            reasons.Add(Halted(reserve));
        }
    }

    private static void CheckDebt(AaveV4ReserveState reserve, List<Blocked> reasons)
    {
        Check(reserve, reasons);
        if (reserve.IsHalted)
        {
            reasons.Add(Halted(reserve));
        }
    }

    private static void Check(AaveV4ReserveState reserve, List<Blocked> reasons)
    {
        if ((reserve.Flags & ReserveFlags.Paused) != 0)
        {
            reasons.Add(new Blocked("paused", $"The {reserve.Symbol} reserve is paused."));
        }

        if (!reserve.IsActive)
        {
            reasons.Add(new Blocked("inactive", $"The hub does not let this Spoke act in {reserve.Symbol}."));
        }
    }

    private static Blocked Halted(AaveV4ReserveState reserve) => new("halted", $"The hub has halted this Spoke in {reserve.Symbol}: no liquidity of it moves.");
}
