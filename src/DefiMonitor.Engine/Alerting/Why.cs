using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// Why an account's health factor moved between two reports. The change of ln(health) is taken apart in four steps, always in the same order:
/// amounts by transactions, interest, thresholds, prices; each step's part is what the logarithm changes by. The largest part in the direction
/// of the whole change is the cause; other large ones are named beside it. A sketch in doubles, for words only.
/// </summary>
internal static class Why
{
    // A part this large beside the main one is worth a word.
    private const double Notable = 0.25;
    private const double Nothing = 1e-9;

    // Stands for the logarithm of a health factor without debt, or of one without collateral.
    private const double Endless = 50;

    private const int MostNamed = 3;

    /// <param name="liquidated">Whether a liquidation touched the account in between; null = nobody looked.</param>
    /// <param name="lately">What changed of the market, and when, that is about something that the account holds.</param>
    public static Cause Of(MarginReport? before, MarginReport now, bool? liquidated, IReadOnlyList<(ulong Block, ParameterChange Change)>? lately = null)
    {
        if (before is null || before.Status == MarginStatus.Unknown)
        {
            return new Cause(CauseKind.Reading, "first reading of this account");
        }

        var legs = Legs(before, now);
        var parameters = (lately ?? []).Where(c => c.Block > before.Block.Number).Select(static c => c.Change).ToList();
        var start = Health(legs, Stage.Before);
        var traded = Health(legs, Stage.Traded);
        var accrued = Health(legs, Stage.Accrued);
        var weighed = Health(legs, Stage.Weighed);
        var end = Health(legs, Stage.Now);
        ReadOnlySpan<double> parts = [traded - start, accrued - traded, weighed - accrued, end - weighed];
        var total = end - start;
        var since = Since(before, now);
        if (Math.Abs(total) < Nothing)
        {
            return liquidated == true
                ? new Cause(CauseKind.Liquidation, $"liquidation{since}")
                : new Cause(CauseKind.Reading, $"no figure of the account moved{since}");
        }

        var main = 0;
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i] * Math.Sign(total) > parts[main] * Math.Sign(total))
            {
                main = i;
            }
        }

        var text = Part(main, legs, now, before, liquidated, parameters);
        for (var i = 0; i < parts.Length; i++)
        {
            if (i != main && Math.Abs(parts[i]) >= Notable * Math.Abs(parts[main]))
            {
                text += "; and " + Part(i, legs, now, before, liquidated, parameters);
            }
        }

        return new Cause(Kind(main, legs, liquidated), text + since);
    }

    private static CauseKind Kind(int part, List<Leg> legs, bool? liquidated) => part switch
    {
        0 => IsLiquidation(legs, liquidated) ? CauseKind.Liquidation : CauseKind.OwnTransaction,
        1 => CauseKind.Interest,
        2 => CauseKind.Parameter,
        _ => CauseKind.Price,
    };

    private static string Part(int part, List<Leg> legs, MarginReport now, MarginReport before, bool? liquidated, IReadOnlyList<ParameterChange> parameters) => part switch
    {
        0 => Traded(legs, liquidated),
        1 => Accrued(legs),
        2 => Weighed(legs, parameters),
        _ => Priced(legs, now, before) + Sourced(parameters),
    };

    // A liquidation takes debt and collateral at once. So does a repayment out of collateral, which is why the loop looks at the logs where it can.
    private static bool IsLiquidation(List<Leg> legs, bool? liquidated)
    {
        if (liquidated is { } known)
        {
            return known;
        }

        var debtFell = false;
        var collateralFell = false;
        foreach (var leg in legs)
        {
            if (leg.SharesNow > leg.SharesBefore)
            {
                return false;
            }

            var fell = leg.SharesNow < leg.SharesBefore;
            debtFell |= fell && leg.IsDebt;
            collateralFell |= fell && !leg.IsDebt;
        }

        return debtFell && collateralFell;
    }

    private static string Traded(List<Leg> legs, bool? liquidated)
    {
        var text = IsLiquidation(legs, liquidated) ? "liquidation" : "own transaction";
        var named = 0;
        foreach (var leg in legs)
        {
            if (leg.SharesNow == leg.SharesBefore && leg.CountedBefore == leg.CountsNow)
            {
                continue;
            }

            if (named++ == MostNamed)
            {
                return text + " and more";
            }

            text += (named == 1 ? ": " : ", ") + leg.Name + " " + (leg.IsDebt ? "debt" : "collateral") + " " + Move(leg);
        }

        return text;
    }

    private static string Move(Leg leg)
    {
        if (leg.SharesNow == leg.SharesBefore)
        {
            return leg.CountsNow ? "switched on" : "switched off";
        }

        var more = leg.SharesNow > leg.SharesBefore;
        var moved = more ? leg.SharesNow - leg.SharesBefore : leg.SharesBefore - leg.SharesNow;
        var (amount, shares) = leg.SharesNow.IsZero ? (leg.AmountBefore, leg.SharesBefore) : (leg.AmountNow, leg.SharesNow);
        return (more ? "+" : "-") + Say.Amount(UInt256.MulDiv(moved, amount, shares, Rounding.Down), leg.Decimals);
    }

    private static string Accrued(List<Leg> legs)
    {
        Leg? most = null;
        var growth = 0.0;
        foreach (var leg in legs)
        {
            var index = Index(leg.AmountNow, leg.SharesNow);
            var was = Index(leg.AmountBefore, leg.SharesBefore);
            if (leg.IsDebt && index is { } i && was is { } w && w > 0 && (most is null || (i / w) - 1 > growth))
            {
                most = leg;
                growth = (i / w) - 1;
            }
        }

        return most is null ? "interest" : $"interest: {most.Name} debt grew by {growth * 100:0.####} %";
    }

    // A price that comes from somewhere else now is not one that moved.
    private static string Sourced(IReadOnlyList<ParameterChange> parameters)
    {
        var sources = parameters.Where(static p => p.Parameter.Kind is ParameterKind.Oracle or ParameterKind.Implementation).Take(MostNamed).Select(ParameterWords.One).ToList();
        return sources.Count == 0 ? "" : $" (and meanwhile {string.Join("; ", sources)})";
    }

    private static string Weighed(List<Leg> legs, IReadOnlyList<ParameterChange> parameters)
    {
        var text = "parameter";
        var named = 0;
        foreach (var leg in legs)
        {
            if (!leg.IsDebt && leg.ThresholdNow != leg.ThresholdBefore && leg.Matched && named++ < MostNamed)
            {
                text += $"{(named == 1 ? ":" : ",")} {leg.Name} liquidation threshold {Say.Ppm(leg.ThresholdBefore * 100UL)} -> {Say.Ppm(leg.ThresholdNow * 100UL)}";
            }
        }

        // What the account itself shows comes first: when a change was told of its market may hang on a crash, and its words must not.
        return named == 0 && parameters.Count > 0 ? $"{text}: {ParameterWords.Few(parameters)}" : text;
    }

    private static string Priced(List<Leg> legs, MarginReport now, MarginReport before)
    {
        var moved = new List<(Leg Leg, double Change)>();
        foreach (var leg in legs)
        {
            if (leg.Matched && leg.PriceNow != leg.PriceBefore && !leg.PriceBefore.IsZero && !moved.Exists(m => m.Leg.Asset == leg.Asset))
            {
                moved.Add((leg, (leg.PriceNow.ToDouble() / leg.PriceBefore.ToDouble()) - 1));
            }
        }

        // A stable sort by size, so that the same two reports always give the same words.
        var ordered = moved.OrderByDescending(m => Math.Abs(m.Change)).Take(MostNamed);
        return "price: " + string.Join(", ", ordered.Select(m =>
            $"{m.Leg.Name} {Say.Price(before, m.Leg.PriceBefore)} -> {Say.Price(now, m.Leg.PriceNow)} ({Say.Change(m.Change)})"));
    }

    private static string Since(MarginReport before, MarginReport now) =>
        now.Block.Timestamp >= before.Block.Timestamp && now.Block.Number != before.Block.Number
            ? $", since block {before.Block.Number} ({Say.Span(now.Block.Timestamp - before.Block.Timestamp)})"
            : "";

    private static double Health(List<Leg> legs, Stage stage)
    {
        var collateral = 0.0;
        var debt = 0.0;
        foreach (var leg in legs)
        {
            var value = leg.Amount(stage) * leg.Price(stage) / Math.Pow(10, leg.Decimals);
            if (leg.IsDebt)
            {
                debt += value;
            }
            else
            {
                collateral += value * leg.Threshold(stage);
            }
        }

        return debt <= 0 ? Endless : collateral <= 0 ? -Endless : Math.Clamp(Math.Log(collateral / debt), -Endless, Endless);
    }

    private static List<Leg> Legs(MarginReport before, MarginReport now)
    {
        var legs = new List<Leg>();
        foreach (var position in now.Positions)
        {
            var leg = new Leg(position);
            leg.SetNow(position);
            legs.Add(leg);
        }

        foreach (var position in before.Positions)
        {
            var leg = legs.Find(l => l.IsDebt == (position.Side == PositionSide.Debt) && l.Asset == position.Asset && l.Name == Say.Symbol(position.Symbol));
            if (leg is null)
            {
                leg = new Leg(position);
                legs.Add(leg);
            }

            leg.SetBefore(position);
        }

        foreach (var leg in legs)
        {
            leg.Close();
        }

        return legs;
    }

    private static double? Index(in UInt256 amount, in UInt256 shares) => shares.IsZero ? null : amount.ToDouble() / shares.ToDouble();

    private enum Stage
    {
        Before,
        Traded,
        Accrued,
        Weighed,
        Now,
    }

    /// <summary>One leg in both reports. A leg that one of them lacks has no amount there and the other's price and threshold.</summary>
    private sealed class Leg(Position position)
    {
        private bool isBefore;
        private bool isNow;

        public Address Asset { get; } = position.Asset;

        public string Name { get; } = Say.Symbol(position.Symbol);

        public bool IsDebt { get; } = position.Side == PositionSide.Debt;

        public int Decimals { get; } = position.Decimals;

        public bool Matched => isBefore && isNow;

        public UInt256 AmountBefore { get; private set; }

        public UInt256 AmountNow { get; private set; }

        public UInt256 SharesBefore { get; private set; }

        public UInt256 SharesNow { get; private set; }

        public UInt256 PriceBefore { get; private set; }

        public UInt256 PriceNow { get; private set; }

        public uint ThresholdBefore { get; private set; }

        public uint ThresholdNow { get; private set; }

        public bool CountedBefore { get; private set; }

        public bool CountsNow { get; private set; }

        public void SetBefore(Position p)
        {
            isBefore = true;
            (AmountBefore, SharesBefore, PriceBefore, ThresholdBefore, CountedBefore) = (p.Amount, p.Shares, p.Price, p.ThresholdBps, p.Counts);
        }

        public void SetNow(Position p)
        {
            isNow = true;
            (AmountNow, SharesNow, PriceNow, ThresholdNow, CountsNow) = (p.Amount, p.Shares, p.Price, p.ThresholdBps, p.Counts);
        }

        // A threshold of 0 goes with a leg that does not count: switching it on or off is a transaction, not a parameter.
        public void Close()
        {
            if (!isBefore)
            {
                (PriceBefore, ThresholdBefore, CountedBefore) = (PriceNow, ThresholdNow, CountsNow);
            }
            else if (!isNow)
            {
                (PriceNow, ThresholdNow, CountsNow) = (PriceBefore, ThresholdBefore, CountedBefore);
            }
            else if (CountedBefore != CountsNow)
            {
                var threshold = Math.Max(ThresholdBefore, ThresholdNow);
                (ThresholdBefore, ThresholdNow) = (threshold, threshold);
            }
        }

        public double Amount(Stage stage)
        {
            var counts = IsDebt || (stage == Stage.Before ? CountedBefore : CountsNow);
            if (!counts)
            {
                return 0;
            }

            return stage switch
            {
                Stage.Before => AmountBefore.ToDouble(),
                Stage.Traded => SharesNow.ToDouble() * (Index(AmountBefore, SharesBefore) ?? Index(AmountNow, SharesNow) ?? 0),
                _ => AmountNow.ToDouble(),
            };
        }

        public double Price(Stage stage) => (stage == Stage.Now ? PriceNow : PriceBefore).ToDouble();

        public double Threshold(Stage stage) => stage is Stage.Now or Stage.Weighed ? ThresholdNow : ThresholdBefore;
    }
}
