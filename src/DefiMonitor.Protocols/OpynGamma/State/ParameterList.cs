using System.Buffers.Binary;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>What naked vaults are held to, by the names of MarginCalculator.sol, and the controller's pauses. A product is counted by the first four bytes of its hash.</summary>
internal sealed class ParameterList(GammaMarket market)
{
    private const byte Ray = 27;
    private const string Deviation = "oracleDeviation";
    private const string PartialPause = "systemPartiallyPaused";
    private const string FullPause = "systemFullyPaused";
    private const string Asset = "asset";
    private const string Product = "product";
    private const string Dust = "dust";
    private const string Shock = "spotShock";

    private readonly GammaTables tables = market.Tables;
    private readonly Dictionary<ulong, string> names = [];

    public void List(ICollection<MarketParameter> into)
    {
        var venue = tables.Venue;
        into.Add(MarketParameter.Share(ParameterSubject.Market, Deviation, venue.OracleDeviation, Ray, ParameterKind.Bonus));
        into.Add(MarketParameter.Flag(ParameterSubject.Market, PartialPause, venue.IsPartiallyPaused, ParameterKind.Pause));
        into.Add(MarketParameter.Flag(ParameterSubject.Market, FullPause, venue.IsFullyPaused, ParameterKind.Pause));
        foreach (var (token, row) in tables.Tokens)
        {
            if ((row.Fields & TokenFields.All) == TokenFields.All)
            {
                into.Add(MarketParameter.Number(new ParameterSubject(Asset, token, 0, row.Symbol), Dust, row.Dust, row.Decimals, ParameterKind.Other) with { Origin = ParameterOrigin.Demand });
            }
        }

        foreach (var (hash, row) in tables.Products)
        {
            if (row.HasShock)
            {
                into.Add(MarketParameter.Share(SubjectOf(hash), Shock, row.SpotShock, Ray, ParameterKind.Threshold) with { Origin = ParameterOrigin.Demand });
            }
        }

        foreach (var (key, row) in tables.Steps)
        {
            if (row.IsRead)
            {
                into.Add(MarketParameter.Share(SubjectOf(key.Product), NameOf(key.TimeToExpiry), row.Value, Ray, ParameterKind.Threshold) with { Origin = ParameterOrigin.Demand });
            }
        }
    }

    public bool Restore(in MarketParameter old)
    {
        var venue = tables.Venue;
        switch (old.Name)
        {
            case Deviation:
                tables.Venue = venue with { OracleDeviation = old.Value };
                return true;
            case PartialPause:
                tables.Venue = venue with { IsPartiallyPaused = !old.Value.IsZero };
                return true;
            case FullPause:
                tables.Venue = venue with { IsFullyPaused = !old.Value.IsZero };
                return true;
            case Dust when tables.Tokens.TryGet(old.Subject.Asset, out var token):
                tables.Tokens.Set(old.Subject.Asset, token with { Dust = old.Value });
                return true;
        }

        foreach (var (hash, row) in tables.Products)
        {
            if (old.Name == Shock && row.HasShock && SubjectOf(hash).IsSameAs(old.Subject))
            {
                tables.Products.Set(hash, row with { SpotShock = old.Value });
                return true;
            }
        }

        foreach (var (key, row) in tables.Steps)
        {
            if (old.Name == NameOf(key.TimeToExpiry) && row.IsRead && SubjectOf(key.Product).IsSameAs(old.Subject))
            {
                tables.Steps.Set(key, row with { Value = old.Value });
                return true;
            }
        }

        return false;
    }

    private static ParameterSubject SubjectOf(in Hash32 product)
    {
        Span<byte> bytes = stackalloc byte[32];
        product.CopyTo(bytes);
        return new ParameterSubject(Product, default, BinaryPrimitives.ReadUInt32BigEndian(bytes), default);
    }

    private string NameOf(ulong time)
    {
        if (!names.TryGetValue(time, out var name))
        {
            names.Add(time, name = $"maxPriceAtTimeToExpiry {time}");
        }

        return name;
    }
}
