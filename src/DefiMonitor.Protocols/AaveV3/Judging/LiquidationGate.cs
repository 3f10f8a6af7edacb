using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// Which pairs a liquidationCall would accept at the instant, the health factor apart. Source: ValidationLogic.validateLiquidationCall.
/// </summary>
internal sealed class LiquidationGate
{
    private LiquidationGate(IReadOnlyList<(int Collateral, int Debt)> pairs, IReadOnlyList<Blocked> blocked)
    {
        Pairs = pairs;
        Blocked = blocked;
    }

    /// <summary>Indexes of legs: the pairs that are open or, where none is, all of them, so that it can be said what will be at stake.</summary>
    public IReadOnlyList<(int Collateral, int Debt)> Pairs { get; }

    /// <summary>Why no pair is open; empty when one is.</summary>
    public IReadOnlyList<Blocked> Blocked { get; }

    public static LiquidationGate Of(AaveV3State state, IReadOnlyList<AaveReserveState> used, AccountAt account)
    {
        var open = new List<(int, int)>();
        var all = new List<(int, int)>();
        var reasons = new List<Blocked>();
        for (var collateral = 0; collateral < used.Count; collateral++)
        {
            for (var debt = 0; debt < used.Count; debt++)
            {
                if (!account.Legs[collateral].Terms.Counts || account.Legs[collateral].Supply.IsZero
                    || !account.Legs[debt].Terms.Owes || account.Legs[debt].Debt.IsZero)
                {
                    continue;
                }

                all.Add((collateral, debt));
                var before = reasons.Count;
                Check(used[collateral], account.At, reasons);
                Check(used[debt], account.At, reasons);
                CheckSentinel(state, account, reasons);
                if (reasons.Count == before)
                {
                    open.Add((collateral, debt));
                }
            }
        }

        if (open.Count > 0)
        {
            return new LiquidationGate(open, []);
        }

        return all.Count > 0
            ? new LiquidationGate(all, [.. reasons.Distinct()])
            : new LiquidationGate(all, [new Blocked("no-collateral", "There is no collateral left that could be taken.")]);
    }

    private static void Check(AaveReserveState reserve, ulong at, List<Blocked> reasons)
    {
        if (!reserve.Configuration.IsActive)
        {
            reasons.Add(new Blocked("inactive", $"The {reserve.Symbol} reserve is not active."));
        }

        if (reserve.Configuration.IsPaused)
        {
            reasons.Add(new Blocked("paused", $"The {reserve.Symbol} reserve is paused."));
        }

        if (reserve.GraceUntil >= at && reserve.GraceUntil != 0)
        {
            reasons.Add(new Blocked("grace-period", $"No liquidation of {reserve.Symbol} until its grace period ends.", reserve.GraceUntil + 1));
        }
    }

    private static void CheckSentinel(AaveV3State state, AccountAt account, List<Blocked> reasons)
    {
        // MINIMUM_HEALTH_FACTOR_LIQUIDATION_THRESHOLD: below 0.95 the sentinel is not asked.
        if (!state.SentinelAllows && account.HealthFactor >= LiquidationLogic.FullCloseHealth)
        {
            reasons.Add(new Blocked("sequencer", "The price oracle sentinel refuses liquidations above a health factor of 0.95 while the sequencer is down or has just come back."));
        }
    }
}
