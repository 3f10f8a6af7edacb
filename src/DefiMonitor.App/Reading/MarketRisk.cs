using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.Risk;

namespace DefiMonitor.App.Reading;

/// <param name="ExpectedLoss">In the report's unit; a model.</param>
/// <param name="Sigmas">Distance in daily sigmas; a model.</param>
public sealed record RankedAccount(MarginReport Report, double ExpectedLoss, double? Sigmas);

/// <summary>The market under one shock.</summary>
/// <param name="Name">As it was asked for, or what all tokens that move do together.</param>
public sealed record CurvePoint(string Name, IReadOnlyDictionary<Address, uint> PricePpm, StressedMarket Market);

/// <summary>What stands at risk in one market: its accounts by expected loss, and what shocks would make of them.</summary>
public sealed record MarketRisk
{
    private static readonly uint[] Falls = [5, 10, 15, 20, 25, 30, 40, 50, 60, 80];

    /// <summary>At the block's own prices.</summary>
    public required StressedMarket Now { get; init; }

    public required IReadOnlyList<CurvePoint> Curve { get; init; }

    /// <summary>Whoever owes something: those first of whose debt not all is known, then the largest expected loss.</summary>
    public required IReadOnlyList<RankedAccount> Ranked { get; init; }

    public required IReadOnlyList<MarginReport> Unknown { get; init; }

    public required string Unit { get; init; }

    public required int UnitDecimals { get; init; }

    public double ExpectedLoss => Ranked.Sum(static account => account.ExpectedLoss);

    public static MarketRisk Of(IProtocol protocol, MarketReading reading, IReadOnlyList<ShockText> shocks, IAssetProfiles profiles)
    {
        var at = new Instant(reading.Block.Timestamp);
        var now = new StressedMarket();
        var ranked = new List<RankedAccount>();
        var unknown = new List<MarginReport>();
        var tokens = new SortedDictionary<Address, string>();
        MarginReport? first = null;
        foreach (var state in reading.States)
        {
            var report = protocol.Evaluate(state, at, Shock.None);
            now = now.With(report);
            foreach (var leg in report.Positions)
            {
                tokens.TryAdd(leg.Asset, leg.Symbol);
            }

            if (report.Status == MarginStatus.Unknown)
            {
                unknown.Add(report);
            }
            else
            {
                first ??= report;
                if (!report.DebtValue.IsZero || report.IsDebtPartial)
                {
                    ranked.Add(new RankedAccount(report, Core.Risk.ExpectedLoss.Of(report, profiles) ?? 0, SigmaDistance.Of(report, profiles)?.Sigmas));
                }
            }
        }

        ranked.Sort(static (a, b) => a.Report.IsDebtPartial != b.Report.IsDebtPartial ? b.Report.IsDebtPartial.CompareTo(a.Report.IsDebtPartial)
            : a.ExpectedLoss != b.ExpectedLoss ? b.ExpectedLoss.CompareTo(a.ExpectedLoss)
            : a.Report.HealthFactor != b.Report.HealthFactor ? Nullable.Compare(a.Report.HealthFactor, b.Report.HealthFactor)
            : a.Report.Account.CompareTo(b.Report.Account));

        // Together: every token that moves against the dollar at all. Those of one root falling alone is what a named shock is for.
        var moving = tokens.Where(token => profiles.Of(protocol.Id.Chain, token.Key, token.Value).FactorDailyVolatility > 0).Select(static token => token.Key).ToList();
        var grid = Falls.Select(percent => (Name: $"all that moves -{percent}%", Shock: new Shock(moving.ToDictionary(static token => token, _ => Shock.Unit - (percent * 10_000)), 0)));
        var named = shocks.Select(shock => (Name: shock.Text, Shock: shock.On(protocol.Id.Chain, tokens, profiles)));
        return new MarketRisk
        {
            Now = now,
            Curve = [.. grid.Concat(named).ToList().AsParallel().AsOrdered().Select(point => new CurvePoint(point.Name, point.Shock.PricePpm, StressedMarket.Of(protocol, reading.States, at, point.Shock)))],
            Ranked = ranked,
            Unknown = unknown,
            Unit = first?.Unit ?? MarketData.Unit,
            UnitDecimals = first?.UnitDecimals ?? 8,
        };
    }
}
