using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum;

namespace DefiMonitor.App.Reading;

/// <summary>A reading as JSON: our words beside the chain's.</summary>
public static class ShowJson
{
    public static object Of(ChainSettings chain, ChainReading reading, long ageSeconds) => new
    {
        Chain = chain.Chain,
        Name = chain.Name,
        Block = new { reading.Block.Number, reading.Block.Hash, reading.Block.Timestamp, AgeSeconds = ageSeconds },
        Pin = reading.Pin == Pin.Strong ? "strong" : "weak",
        Accounts = reading.Accounts.Select(a => new
        {
            a.Account,
            a.Account.Deployment,
            a.HasPosition,
            a.AtBlock.Status,
            HealthFactor = a.AtBlock.HealthFactor,
            Agreement = a.Agreement.Kind,
            Difference = a.Agreement.Text,
            Ours = a.AtBlock.NativeWords.ToDictionary(w => w.Name, w => w.Value),
            ChainsOwn = a.Agreement.Chain.ToDictionary(w => w.Name, w => w.Value),
            Report = a.AtBlock,
            NextBlock = a.AtNext,
        }),
        Failures = reading.Failures.Select(f => new { f.Deployment, f.Why }),
    };
}
