using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>
/// The calls that read a market's own state, in rounds: addresses; revision, reserves, unit; each reserve; its e-mode categories. A function of the answers alone.
/// </summary>
internal sealed class MarketOpening(AaveMarket market)
{
    /// <summary>Categories are asked for so many at a time; the next lot only while the last few of a lot are in use.</summary>
    public const int CategoriesAtOnce = 64;

    private const int LastFew = 8;
    private const int MaxCategory = byte.MaxValue;

    public IEnumerable<Call> Next(CallResults soFar)
    {
        var provider = market.Deployment.PoolAddressesProvider;
        var pool = AaveAbi.GetPool.Function.Call(provider);
        var oracle = AaveAbi.GetPriceOracle.Function.Call(provider);
        yield return pool;
        yield return AaveAbi.GetPoolConfigurator.Function.Call(provider);
        yield return oracle;
        yield return AaveAbi.GetPriceOracleSentinel.Function.Call(provider);
        if (!Answered(soFar, pool, AaveAbi.GetPool, out var poolAddress) || !Answered(soFar, oracle, AaveAbi.GetPriceOracle, out var oracleAddress))
        {
            yield break;
        }

        var revision = AaveAbi.PoolRevision.Function.Call(poolAddress);
        var list = AaveAbi.GetReservesList.Function.Call(poolAddress);
        yield return revision;
        yield return list;
        yield return AaveAbi.BaseCurrencyUnit.Function.Call(oracleAddress);
        if (!Answered(soFar, list, AaveAbi.GetReservesList, out var assets))
        {
            yield break;
        }

        Answered(soFar, revision, AaveAbi.PoolRevision, out var number);
        var version = market.VersionOf(RevisionOf(number));
        foreach (var asset in assets)
        {
            foreach (var call in OfReserve(version, poolAddress, asset))
            {
                yield return call;
            }

            yield return AaveAbi.Symbol.Function.Call(asset);
        }

        foreach (var id in version <= AaveVersion.V31 ? OwnCategories(soFar, poolAddress, assets) : ProbedCategories(soFar, poolAddress))
        {
            foreach (var call in OfCategory(version, poolAddress, id))
            {
                yield return call;
            }
        }
    }

    /// <summary>What is read of one reserve, at opening and after an event that changes it unseen.</summary>
    public static IEnumerable<Call> OfReserve(AaveVersion version, Address pool, Address asset)
    {
        yield return AaveAbi.GetReserveData.Function.Call(pool, asset);
        if (version >= AaveVersion.V31)
        {
            yield return AaveAbi.GetLiquidationGracePeriod.Function.Call(pool, asset);
        }
    }

    /// <summary>What is read of one e-mode category.</summary>
    public static IEnumerable<Call> OfCategory(AaveVersion version, Address pool, byte id)
    {
        if (version <= AaveVersion.V31)
        {
            yield return AaveAbi.GetEModeCategoryData.Function.Call(pool, id);
            yield break;
        }

        yield return AaveAbi.GetEModeCollateralConfig.Function.Call(pool, id);
        yield return AaveAbi.GetEModeCollateralBitmap.Function.Call(pool, id);
        if (version >= AaveVersion.V36)
        {
            yield return AaveAbi.GetEModeLtvzeroBitmap.Function.Call(pool, id);
        }

        if (version >= AaveVersion.V37)
        {
            yield return AaveAbi.GetEModeIsolated.Function.Call(pool, id);
        }
    }

    /// <summary>Our revisions are small numbers; anything else is as unknown as the largest one.</summary>
    public static ulong RevisionOf(in UInt256 revision) => revision.BitLength <= 64 ? (ulong)revision : ulong.MaxValue;

    // Up to 3.1 a reserve names its one category.
    private static IEnumerable<byte> OwnCategories(CallResults soFar, Address pool, Address[] assets)
    {
        var seen = new SortedSet<byte>();
        foreach (var asset in assets)
        {
            if (Answered(soFar, AaveAbi.GetReserveData.Function.Call(pool, asset), AaveAbi.GetReserveData, out var data))
            {
                seen.Add(new ReserveConfiguration(data.Configuration.Data).EModeCategory);
            }
        }

        seen.Remove(0);
        return seen;
    }

    private static IEnumerable<byte> ProbedCategories(CallResults soFar, Address pool)
    {
        for (var from = 1; from <= MaxCategory; from += CategoriesAtOnce)
        {
            var to = Math.Min(from + CategoriesAtOnce - 1, MaxCategory);
            for (var id = from; id <= to; id++)
            {
                yield return (byte)id;
            }

            if (!AnyInUse(soFar, pool, to - LastFew + 1, to))
            {
                yield break;
            }
        }
    }

    private static bool AnyInUse(CallResults soFar, Address pool, int from, int to)
    {
        for (var id = from; id <= to; id++)
        {
            if (Answered(soFar, AaveAbi.GetEModeCollateralConfig.Function.Call(pool, (byte)id), AaveAbi.GetEModeCollateralConfig, out var config)
                && config.LiquidationThreshold != 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool Answered<T>(CallResults soFar, Call call, Ethereum.Abi.AbiResult<T> shape, out T value)
    {
        value = default!;
        if (soFar.TryGet(call, out var result) && shape.TryDecode(result, out var decoded, out _))
        {
            value = decoded;
            return true;
        }

        return false;
    }
}
