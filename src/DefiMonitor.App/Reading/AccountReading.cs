using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum;

namespace DefiMonitor.App.Reading;

/// <summary>One account of one deployment, read once at one block, beside what the chain itself says.</summary>
/// <param name="AtBlock">At the block's own time: like with like.</param>
/// <param name="AtNext">At the earliest second at which a liquidation can land.</param>
public sealed record AccountReading(MarginAccountId Account, MarginReport AtBlock, MarginReport AtNext, Agreement Agreement)
{
    /// <summary>The address that the account was asked for.</summary>
    public Address Owner { get; init; }

    /// <summary>As the account would stand then if its feeds were written at the market's price: a model. Null where no feed with a known market moves it.</summary>
    public MarginReport? AtMarket { get; init; }

    /// <summary>What the owner can do, his wallet and allowances included where they were read.</summary>
    public IReadOnlyList<ActionCheck> Actions { get; init; } = AtBlock.Actions;

    /// <summary>What caps the prices of its legs.</summary>
    public IReadOnlyList<(Address Asset, string Symbol, PriceCap Cap)> Caps { get; init; } = [];

    /// <summary>False where there is nothing to show: no leg, and nothing that could not be read.</summary>
    public bool HasPosition => AtBlock.Positions.Count > 0 || AtBlock.Missing.Count > 0 || AtBlock.Status == MarginStatus.Unknown;
}

/// <summary>Everything read at one block.</summary>
/// <param name="Failures">Deployments whose market could not be read, and why.</param>
public sealed record ChainReading(BlockHeader Block, Pin Pin, IReadOnlyList<AccountReading> Accounts, IReadOnlyList<(DeploymentId Deployment, string Why)> Failures)
{
    /// <summary>The configured feeds at the block, beside the market.</summary>
    public NextPrices Next { get; init; } = NextPrices.None;
}
