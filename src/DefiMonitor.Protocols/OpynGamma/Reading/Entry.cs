using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// What lets an owner in, in four rounds: his vaults (the first ones are asked for before their number is known); the terms of oTokens that nobody had before; their tokens and
/// products; the products' upper bound values and the feeds. What an owner of more vaults has beyond the first ones is completed by the next blocks' reads.
/// </summary>
internal sealed class Entry(GammaMarket market, VenueCalls calls)
{
    /// <summary>Asked for at once.</summary>
    private const ulong First = 32;

    /// <summary>Nobody opens more; the rest of such an owner's would not be seen, so he stays out.</summary>
    public const ulong MostVaults = 2_000;

    private readonly GammaTables tables = market.Tables;

    public IEnumerable<Call> Calls(Address owner, CallResults soFar)
    {
        if (!tables.Venue.IsOpen)
        {
            yield break;
        }

        var counter = calls.Counter(owner);
        yield return counter;
        var last = soFar.TryGet(counter, out var answer) && GammaAbi.VaultCounter.TryDecode(answer, out var count, out _)
            ? (ulong)UInt256.Min(count, MostVaults)
            : First;
        var otokens = new SortedSet<Address>();
        for (ulong id = 1; id <= Math.Max(First, last); id++)
        {
            var call = calls.Vault(new VaultKey(owner, id));
            yield return call;
            if (soFar.TryGet(call, out var result) && GammaAbi.Vault.TryDecode(result, out var vault, out _))
            {
                otokens.UnionWith(vault.Vault.ShortOtokens);
                otokens.UnionWith(vault.Vault.LongOtokens);
            }
        }

        otokens.Remove(default);
        var tokens = new SortedSet<Address>();
        foreach (var otoken in otokens)
        {
            if (!tables.Series.TryGet(otoken, out var series))
            {
                foreach (var call in VenueCalls.OtokenTerms(otoken))
                {
                    yield return call;
                }

                if (VenueCalls.TermsIn(soFar, otoken) is not { } terms)
                {
                    continue;
                }

                series = terms;
            }

            tokens.UnionWith([series.Underlying, series.Strike, series.Collateral]);
            foreach (var call in Product(series, soFar).Concat(Feed(series.Underlying, soFar)))
            {
                yield return call;
            }
        }

        foreach (var call in tokens.Where(token => !tables.Tokens.Contains(token)).SelectMany(calls.TokenTerms))
        {
            yield return call;
        }
    }

    private IEnumerable<Call> Product(SeriesRow series, CallResults soFar)
    {
        if (tables.Products.Contains(GammaMarket.ProductOf(series)))
        {
            yield break;
        }

        var times = calls.Times(series);
        yield return calls.Shock(series);
        yield return times;
        if (soFar.TryGet(times, out var answer) && GammaAbi.TimesToExpiry.TryDecode(answer, out var list, out _))
        {
            foreach (var time in list)
            {
                yield return calls.Step(series, time);
            }
        }
    }

    private IEnumerable<Call> Feed(Address underlying, CallResults soFar)
    {
        if (tables.Feeds.Contains(underlying))
        {
            yield break;
        }

        var pricer = calls.Pricer(underlying);
        yield return pricer;
        if (soFar.TryGet(pricer, out var answer) && GammaAbi.GetPricer.TryDecode(answer, out var named, out _) && !named.IsZero)
        {
            yield return GammaAbi.Aggregator.Function.Call(named);
        }
    }
}
