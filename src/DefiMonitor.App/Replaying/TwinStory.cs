using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Loops.Chain;

namespace DefiMonitor.App.Replaying;

/// <summary>
/// Two owners of a tape with the same position, one of whom acts on the page and one of whom does not: what each lost and kept. Money is counted at the oracle's prices of
/// the block at which it moved.
/// </summary>
internal sealed class TwinStory
{
    public const string Ignores = "twin-ignores";
    public const string Acts = "twin-acts";

    private readonly Dictionary<MarginAccountId, Twin> twins = [];

    public IReadOnlyDictionary<MarginAccountId, string> Names { get; set; } = new Dictionary<MarginAccountId, string>();

    public void See(JudgedBlock block)
    {
        var liquidated = block.Transitions.Where(static t => t is { Rule: Core.Alerts.Rules.Liquidated, Level: > Core.Alerts.AlertLevel.None })
            .Select(static t => t.Subject.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var judged in block.Accounts)
        {
            if (judged.Worse is { Status: not MarginStatus.Unknown, Positions.Count: > 0 } report && Names.GetValueOrDefault(judged.Account) is Ignores or Acts)
            {
                if (!twins.TryGetValue(judged.Account, out var twin))
                {
                    twins[judged.Account] = twin = new Twin(report);
                }

                twin.See(report, liquidated.Contains(judged.Account.ToString()));
            }
        }
    }

    /// <summary>Empty where the tape has no twins.</summary>
    public IEnumerable<string> Lines()
    {
        foreach (var (account, twin) in twins.OrderBy(t => Names[t.Key] == Acts))
        {
            yield return $"{Names[account]}: began with {twin.Money(twin.Start)} of its own; {twin.Happened()}.";
            var own = twin.Added.IsZero ? "" : $"; without what it put in, {twin.Money(twin.Kept)}";
            yield return $"    lost {twin.Money(twin.Lost)} to liquidation, kept {twin.Money(twin.Equity)}{own}.";
        }

        if (Of(Acts) is { } acts && Of(Ignores) is { } ignores && acts.Kept > ignores.Kept)
        {
            yield return $"Acting on the page was worth {acts.Money(acts.Kept - ignores.Kept)}: the liquidator's bonus, and the collateral that was not sold at the low.";
        }
    }

    private Twin? Of(string name) => twins.FirstOrDefault(t => Names[t.Key] == name).Value;

    private sealed class Twin(MarginReport first)
    {
        private MarginReport last = first;
        private UInt256 repaid;
        private int liquidations;

        public UInt256 Start { get; private set; } = Own(first);

        public UInt256 Lost { get; private set; }

        public UInt256 Equity => Own(last);

        /// <summary>Money put in from outside: debt repaid by its own hand.</summary>
        public UInt256 Added => repaid;

        public UInt256 Kept => Equity > repaid ? Equity - repaid : UInt256.Zero;

        public void See(MarginReport report, bool liquidated)
        {
            if (last.DebtValue.IsZero && !report.DebtValue.IsZero)
            {
                Start = Own(report);
            }

            var paid = Paid(report);
            if (liquidated)
            {
                liquidations++;
                var taken = Taken(report);
                Lost += taken > paid ? taken - paid : UInt256.Zero;
            }
            else
            {
                repaid += paid;
            }

            last = report;
        }

        public string Happened() => (liquidations, repaid.IsZero) switch
        {
            (0, true) => "nothing happened to it",
            (0, false) => $"repaid {Money(repaid)} when the page named it, and was not liquidated",
            (1, _) => "was liquidated once",
            (var n, _) => $"was liquidated {n} times",
        };

        public string Money(in UInt256 value) => $"{Units.Format(value, last.UnitDecimals, 2)} USD";

        private static UInt256 Own(MarginReport report) =>
            report.CollateralValue > report.DebtValue ? report.CollateralValue - report.DebtValue : UInt256.Zero;

        private UInt256 Paid(MarginReport now) => Fallen(now, PositionSide.Debt);

        private UInt256 Taken(MarginReport now) => Fallen(now, PositionSide.Collateral);

        /// <summary>What the legs of a side fell by since the last report through transactions, at today's prices.</summary>
        private UInt256 Fallen(MarginReport now, PositionSide side)
        {
            var sum = UInt256.Zero;
            foreach (var before in last.Positions.Where(p => p.Side == side))
            {
                var after = now.Positions.FirstOrDefault(p => p.Side == side && p.Asset == before.Asset);
                if ((after is null || after.Shares < before.Shares) && before.Amount > (after?.Amount ?? UInt256.Zero))
                {
                    sum += UInt256.MulDiv(before.Amount - (after?.Amount ?? UInt256.Zero), after?.Price ?? before.Price, UInt256.Pow10(before.Decimals), Rounding.Down);
                }
            }

            return sum;
        }
    }
}
