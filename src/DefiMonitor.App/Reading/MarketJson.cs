using DefiMonitor.Core.Portfolio;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;

namespace DefiMonitor.App.Reading;

/// <summary>One market as JSON. Values are integers in the unit's decimals; what is a model says so.</summary>
public static class MarketJson
{
    public static object Of(ChainSettings chain, DeploymentId deployment, string from, MarketReading reading, MarketRisk risk, long ageSeconds) => new
    {
        Deployment = deployment,
        Chain = chain.Chain,
        chain.Name,
        Block = new { reading.Block.Number, reading.Block.Hash, reading.Block.Timestamp, AgeSeconds = ageSeconds },
        Pin = reading.Pin == Pin.Strong ? "strong" : "weak",
        AccountsFrom = from,
        risk.Unit,
        risk.UnitDecimals,
        Completeness = new
        {
            Holds = reading.Equations.Count > 0 && reading.Equations.Any(static e => e.Holds == false) ? false
                : reading.Equations.Any(static e => e.Holds is null) || reading.Equations.Count == 0 ? (bool?)null : true,
            Equations = reading.Equations.Select(static e => new { e.Asset, e.Symbol, e.What, e.Known, e.Total, e.Holds, e.Outside, e.Excess, e.Unsettled }),
        },
        Oracles = reading.Feeds.Select(f => new { f.Asset, f.Symbol, f.Feed, f.UpdatedAt, AgeSeconds = f.UpdatedAt is { } at ? (long?)((long)reading.Block.Timestamp - (long)at) : null, Cap = f.Cap is { } cap ? CapText.Json(cap, reading.Block.Timestamp) : null }),
        risk.Now,
        ExpectedLoss = new
        {
            Tag = ResultTag.Model,
            Total = risk.ExpectedLoss,
            Formula = "E[max(0, debt - collateral)] after one day without liquidations: Merton (1974), the put of Black (1976) on collateral over debt, with the daily deviation of the account's own mix",
        },
        Curve = risk.Curve.Select(static p => new { Shock = p.Name, p.PricePpm, p.Market }),
        Accounts = risk.Ranked.Select(static a => new
        {
            a.Report.Account, a.Report.Status, a.Report.Tag, a.Report.HealthFactor, a.ExpectedLoss, a.Sigmas, a.Report.CollateralValue, a.Report.DebtValue, a.Report.IsDebtPartial,
            BadDebt = a.Report.DebtValue > a.Report.CollateralValue ? a.Report.DebtValue - a.Report.CollateralValue : default,
        }),
        Unknown = risk.Unknown.Select(static r => new { r.Account, r.UnknownReason }),
    };
}
