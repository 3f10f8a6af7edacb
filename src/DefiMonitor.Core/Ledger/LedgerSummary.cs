namespace DefiMonitor.Core.Ledger;

/// <summary>
/// The sums over some legs, in US dollars at the ledger's one price a root. There is no health factor over venues: each venue liquidates by its own.
/// A leg that is not Known makes every figure that it may touch Unknown; where not even its asset is known, it may touch every asset.
/// </summary>
public sealed record LedgerSummary
{
    public required Figure Assets { get; init; }

    public required Figure Debts { get; init; }

    public Figure Net => Assets - Debts;

    /// <summary>Long and short of every factor but the dollar, added up.</summary>
    public required Figure GrossExposure { get; init; }

    /// <summary>The net of every factor but the dollar, without its sign, added up: legs of one factor cancel, factors do not.</summary>
    public required Figure NetExposure { get; init; }

    /// <summary><see cref="GrossExposure"/> over <see cref="Net"/>.</summary>
    public Figure GrossLeverage => Over(GrossExposure);

    /// <summary><see cref="NetExposure"/> over <see cref="Net"/>.</summary>
    public Figure NetLeverage => Over(NetExposure);

    public required IReadOnlyList<Exposure> ByAsset { get; init; }

    public required IReadOnlyList<Exposure> ByRoot { get; init; }

    public required IReadOnlyList<Exposure> ByFactor { get; init; }

    public required IReadOnlyList<Exposure> ByChain { get; init; }

    public required IReadOnlyList<Exposure> ByVenue { get; init; }

    /// <summary>Of the venues' legs alone.</summary>
    public required IReadOnlyList<Exposure> ByOracle { get; init; }

    /// <summary>A leg may hang on several, so these do not add up to the whole.</summary>
    public required IReadOnlyList<Exposure> ByIssuer { get; init; }

    private Figure Over(Figure exposure) => Net is { State: FigureState.Known, Value: <= 0 }
        ? Figure.Undefined("nothing of the owner's own is left to measure it by: debts are as large as assets, or larger.")
        : exposure.With(Net, static (x, own) => x / own);
}
