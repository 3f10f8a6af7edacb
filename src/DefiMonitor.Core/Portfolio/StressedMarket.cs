using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Core.Portfolio;

/// <summary>All accounts of one market under one shock: sums of their reports, exact integers in the market's unit at the shocked prices.</summary>
public sealed record StressedMarket
{
    public int Accounts { get; init; }

    /// <summary>Accounts that could not be judged; they stand in no other figure.</summary>
    public int Unknown { get; init; }

    /// <summary>Accounts that were judged although not all that they owe is known: the debts below are at least what they say.</summary>
    public int Partial { get; init; }

    /// <summary>Below the edge, the insolvent included.</summary>
    public int Liquidatable { get; init; }

    public int Insolvent { get; init; }

    public UInt256 CollateralValue { get; init; }

    public UInt256 DebtValue { get; init; }

    /// <summary>Of those below the edge.</summary>
    public UInt256 CollateralAtRisk { get; init; }

    /// <summary>Of those below the edge.</summary>
    public UInt256 DebtAtRisk { get; init; }

    /// <summary>What the collateral of those who owe more than they have lacks to their debt.</summary>
    public UInt256 BadDebt { get; init; }

    public static StressedMarket Of(IProtocol protocol, IReadOnlyList<AccountState> states, Instant at, Shock shock)
    {
        var sum = new StressedMarket();
        foreach (var state in states)
        {
            sum = sum.With(protocol.Evaluate(state, at, shock));
        }

        return sum;
    }

    /// <summary>One account more.</summary>
    public StressedMarket With(MarginReport report) => report.Status == MarginStatus.Unknown
        ? this with { Accounts = Accounts + 1, Unknown = Unknown + 1 }
        : this with
        {
            Accounts = Accounts + 1,
            Partial = Partial + (report.IsDebtPartial ? 1 : 0),
            Liquidatable = Liquidatable + (report.IsBelowEdge ? 1 : 0),
            Insolvent = Insolvent + (report.Status == MarginStatus.Insolvent ? 1 : 0),
            CollateralValue = CollateralValue + report.CollateralValue,
            DebtValue = DebtValue + report.DebtValue,
            CollateralAtRisk = CollateralAtRisk + (report.IsBelowEdge ? report.CollateralValue : UInt256.Zero),
            DebtAtRisk = DebtAtRisk + (report.IsBelowEdge ? report.DebtValue : UInt256.Zero),
            BadDebt = BadDebt + (report.DebtValue > report.CollateralValue ? report.DebtValue - report.CollateralValue : UInt256.Zero),
        };
}
