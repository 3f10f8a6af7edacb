using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>The inputs of one Aave account at one block.</summary>
public sealed record AaveV3State(MarginAccountId Account, BlockHeader Block) : AccountState(Account, Block)
{
    public AaveVersion Version { get; init; } = AaveVersions.Newest;

    /// <summary>True when the revision is unknown and the chain's own view agreed at this block.</summary>
    public bool IsTentative { get; init; }

    public UserConfiguration Configuration { get; init; }

    /// <summary>0 = none.</summary>
    public byte EMode { get; init; }

    /// <summary>The reserves that the account uses, or has supplied to, by id.</summary>
    public IReadOnlyList<AaveReserveState> Reserves { get; init; } = [];

    /// <summary>0 while the market is not known.</summary>
    public Address Pool { get; init; }

    /// <summary>The market's price oracle.</summary>
    public Address Oracle { get; init; }

    /// <summary>Decimals of the base currency.</summary>
    public int BaseDecimals { get; init; } = 8;

    /// <summary>Up to 3.6: false while the price oracle sentinel refuses liquidations of accounts above 0.95.</summary>
    public bool SentinelAllows { get; init; } = true;
}

/// <summary>One reserve as one account sees it.</summary>
public sealed record AaveReserveState
{
    public required int Id { get; init; }

    public required Address Asset { get; init; }

    public required string Symbol { get; init; }

    public required ReserveConfiguration Configuration { get; init; }

    public required ReserveIndexes Indexes { get; init; }

    /// <summary>No liquidation up to and including this second.</summary>
    public ulong GraceUntil { get; init; }

    /// <summary>The address that the oracle was asked for.</summary>
    public required Address PriceSource { get; init; }

    /// <summary>Base units for one whole token; 0 only for a supply that does not count and has no price.</summary>
    public required UInt256 Price { get; init; }

    public UInt256 ScaledSupply { get; init; }

    public UInt256 ScaledDebt { get; init; }

    /// <summary>Debt that no index scales: see <see cref="LegInputs"/>.</summary>
    public UInt256 OtherDebt { get; init; }

    public required LegTerms Terms { get; init; }
}
