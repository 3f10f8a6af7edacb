using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>One deployment's tables and what follows from them. Shared by the parts of <see cref="OpynGammaProtocol"/>; holds no state of its own.</summary>
internal sealed class GammaMarket
{
    private readonly UserIds users;

    public GammaMarket(OpynGammaDeployment deployment, ProtocolOptions options)
    {
        Deployment = deployment;
        Options = options;
        users = new UserIds(deployment.Id);
        Owned = new(Tables.Vaults, static key => (key.Owner, key.Id));
        UpperBounds = new ProductSteps(Tables);
        RoundsOf = new UnderlyingRounds(Tables);
    }

    public OpynGammaDeployment Deployment { get; }

    public ProtocolOptions Options { get; }

    public GammaTables Tables { get; } = new();

    /// <summary>Which vaults an owner has, in the order of their ids.</summary>
    public OwnedKeys<VaultKey, VaultRow, ulong> Owned { get; }

    /// <summary>The tables once more, by product.</summary>
    public ProductSteps UpperBounds { get; }

    /// <summary>The tables once more, by underlying.</summary>
    public UnderlyingRounds RoundsOf { get; }

    public MarginAccountId IdOf(in Address user) => users.IdOf(user);

    /// <inheritdoc cref="UserIds.UserOf"/>
    public Address UserOf(MarginAccountId account) => users.UserOf(account);

    /// <summary>MarginCalculator._getProductHash.</summary>
    public static Hash32 ProductOf(in SeriesRow series) => Keccak256.Hash(
        [.. series.Underlying.ToWord().ToArray(), .. series.Strike.ToWord().ToArray(), .. series.Collateral.ToWord().ToArray(), .. Hash32.FromUInt256(series.IsPut ? UInt256.One : UInt256.Zero).ToArray()]);

    /// <summary>The contract has no use for a naked vault's product, rounds and prices once it has expired.</summary>
    public static bool IsLiveNaked(in VaultRow vault, in SeriesRow series, ulong at) => vault.Type == 1 && !vault.Short.IsZero && at < series.Expiry;

    /// <summary>Whether the price at which one asset was settled is asked for: against itself it is not.</summary>
    public static IEnumerable<Address> SettledAssets(SeriesRow series)
    {
        if (series.Underlying != series.Strike || series.Strike != series.Collateral)
        {
            yield return series.Strike;
        }

        if (series.Underlying != series.Strike)
        {
            yield return series.Underlying;
        }

        if (series.Strike != series.Collateral)
        {
            yield return series.Collateral;
        }
    }

    /// <summary>A vault with all that belongs to it. What is unread is 0: <see cref="UnknownReasons"/> says what that is.</summary>
    public VaultState VaultOf(in VaultKey key, in VaultRow row, ulong at)
    {
        var state = new VaultState
        {
            Id = key.Id,
            Type = row.Type,
            Short = SeriesOf(row.Short),
            Long = SeriesOf(row.Long),
            Collateral = row.Collateral.IsZero ? null : TokenOf(row.Collateral),
            ShortAmount = row.ShortAmount,
            LongAmount = row.LongAmount,
            CollateralAmount = row.CollateralAmount,
            LatestUpdate = row.LatestUpdate,
        };
        if (state.Series is null || !Tables.Series.TryGet(row.Short.IsZero ? row.Long : row.Short, out var series))
        {
            return state;
        }

        if (at >= series.Expiry)
        {
            return state with { Settled = SettledOf(series) };
        }

        return IsLiveNaked(row, series, at) ? Naked(state, series) : state;
    }

    private VaultState Naked(VaultState state, in SeriesRow series)
    {
        var product = ProductOf(series);
        Tables.Products.TryGet(product, out var row);
        Tables.Tokens.TryGet(series.Collateral, out var collateral);
        var (newest, lowest, highest) = RoundsOf.Of(series.Underlying, state.LatestUpdate);
        return state with
        {
            Dust = collateral.Dust, SpotShock = row.SpotShock, UpperBounds = UpperBounds.Of(product), Newest = newest, Lowest = lowest, Highest = highest,
        };
    }

    private SettledPrices SettledOf(in SeriesRow series)
    {
        var isFinal = true;
        foreach (var asset in SettledAssets(series))
        {
            isFinal &= Tables.Settled.TryGet(new SettledKey(asset, series.Expiry), out var row) && row.IsFinal;
        }

        return new SettledPrices(Price(series.Underlying, series.Expiry), Price(series.Strike, series.Expiry), Price(series.Collateral, series.Expiry), isFinal);

        UInt256 Price(in Address asset, ulong expiry) => Tables.Settled.TryGet(new SettledKey(asset, expiry), out var row) ? row.Price : UInt256.Zero;
    }

    private SeriesState? SeriesOf(in Address otoken) => otoken.IsZero || !Tables.Series.TryGet(otoken, out var row)
        ? null
        : new SeriesState(otoken, TokenOf(row.Underlying), TokenOf(row.Strike), TokenOf(row.Collateral), row.StrikePrice, row.Expiry, row.IsPut);

    private TokenState TokenOf(in Address token)
    {
        Tables.Tokens.TryGet(token, out var row);
        Tables.Prices.TryGet(token, out var price);
        return new TokenState(token, row.Symbol.ToString() is { Length: > 0 } symbol ? symbol : token.ToHex(), row.Decimals, price.Price) { HasTerms = (row.Fields & TokenFields.All) == TokenFields.All };
    }
}
