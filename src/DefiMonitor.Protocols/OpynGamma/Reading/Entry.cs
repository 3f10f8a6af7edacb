using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>
/// What lets an owner in, in four rounds: his vaults (the first ones are asked for before their number is known); the terms of oTokens that nobody had before; their tokens and
/// products; the products' upper bound values and the feeds. What an owner of more vaults has beyond those is completed by the next blocks' reads.
/// </summary>
internal sealed class Entry(GammaMarket market, VenueCalls calls)
{
    /// <summary>Asked for at once.</summary>
    private const ulong First = 32;

    /// <summary>The latest of an owner's that are asked for on entering: the rest are read in the blocks after it.</summary>
    public const ulong Latest = 2_000;

    /// <summary>Of an owner with more the latest are followed, and that the others are not is told.</summary>
    public const ulong MostFollowed = 20_000;

    private static readonly CallResults NoAnswers = new();

    private readonly GammaTables tables = market.Tables;

    public IEnumerable<Call> Calls(Address owner, CallResults soFar)
    {
        if (!tables.Venue.IsOpen)
        {
            yield break;
        }

        var counter = calls.Counter(owner);
        yield return counter;
        var count = soFar.TryGet(counter, out var answer) && GammaAbi.VaultCounter.TryDecode(answer, out var told, out _) ? ReadWriter.Seconds(told) : 0;
        var beyond = count > First ? Math.Min(count - First, Latest) : 0;
        var otokens = new SortedSet<Address>();
        var early = new HashSet<Address>();
        for (ulong i = 0; i < First + beyond; i++)
        {
            var call = calls.Vault(new VaultKey(owner, i < First ? i + 1 : count - (First + beyond - 1 - i)));
            yield return call;
            if (soFar.TryGet(call, out var result) && GammaAbi.Vault.TryDecode(result, out var vault, out _))
            {
                otokens.UnionWith(vault.Vault.ShortOtokens);
                otokens.UnionWith(vault.Vault.LongOtokens);
                if (i < First)
                {
                    early.UnionWith(otokens);
                }
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

            // What only later vaults hold was found a round later, so one is lacking for what is asked last: the reads ask it.
            var answers = early.Contains(otoken) ? soFar : NoAnswers;
            foreach (var call in Product(series, answers).Concat(Feed(series.Underlying, answers)))
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
