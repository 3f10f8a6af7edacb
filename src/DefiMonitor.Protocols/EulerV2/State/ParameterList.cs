using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>The liability vault's parameters by the names of Governance.sol and LTVConfig.sol, and the oracles that each price passes.</summary>
internal sealed class ParameterList(EulerMarket market)
{
    private const byte Bps = 4;
    private const string Collateral = "collateral";
    private const string BorrowLtv = "borrowLTV";
    private const string LiquidationLtv = "liquidationLTV";
    private const string InitialLtv = "initialLiquidationLTV";
    private const string Target = "targetTimestamp";
    private const string Ramp = "rampDuration";
    private const string HookTarget = "hookTarget";
    private const string HookedOps = "hookedOps";
    private const string Discount = "maxLiquidationDiscount";
    private const string CoolOff = "liquidationCoolOffTime";
    private const string Fee = "interestFee";

    // What a quote passes one after the other; longer ways are told by their first ones.
    private static readonly string[] Oracles = ["oracle", "oracle 2", "oracle 3", "oracle 4", "oracle 5", "oracle 6"];

    private readonly EulerTables tables = market.Tables;

    public void List(ICollection<MarketParameter> into)
    {
        var row = tables.Market;
        into.Add(MarketParameter.Share(ParameterSubject.Market, Discount, row.MaxLiquidationDiscount, Bps, ParameterKind.Bonus));
        into.Add(new MarketParameter(ParameterSubject.Market, CoolOff, row.CoolOffTime, ParameterUnit.Seconds, 0, ParameterKind.Other));
        Add(ParameterSubject.Market, row.Hooks, into);
        if (tables.Totals.TryGet(market.Vault, out var totals))
        {
            into.Add(MarketParameter.Share(ParameterSubject.Market, Fee, totals.Totals.InterestFee, Bps, ParameterKind.Other));
        }

        AddRoute(row.Asset, into);
        foreach (var (vault, collateral) in tables.Collaterals)
        {
            if (!collateral.HasLtv)
            {
                continue;
            }

            var subject = SubjectOf(Collateral, vault);
            var ltv = collateral.Ltv;
            into.Add(MarketParameter.Share(subject, BorrowLtv, ltv.BorrowLtv, Bps, ParameterKind.Threshold));
            into.Add(MarketParameter.Share(subject, LiquidationLtv, ltv.LiquidationLtv, Bps, ParameterKind.Threshold));
            into.Add(MarketParameter.Share(subject, InitialLtv, ltv.InitialLiquidationLtv, Bps, ParameterKind.Threshold));
            into.Add(new MarketParameter(subject, Target, ltv.TargetTimestamp, ParameterUnit.Time, 0, ParameterKind.Threshold));
            into.Add(new MarketParameter(subject, Ramp, ltv.RampDuration, ParameterUnit.Seconds, 0, ParameterKind.Threshold));
            Add(subject, collateral.Hooks, into);
            AddRoute(vault, into);
        }
    }

    public bool Restore(in MarketParameter old)
    {
        if (old.Subject.What == Collateral)
        {
            return RestoreCollateral(old);
        }

        var row = tables.Market;
        switch (old.Name)
        {
            case Discount:
                tables.Market = row with { MaxLiquidationDiscount = (ushort)(ulong)old.Value };
                return true;
            case CoolOff:
                tables.Market = row with { CoolOffTime = (ushort)(ulong)old.Value };
                return true;
            case HookTarget or HookedOps:
                tables.Market = row with { Hooks = Restored(row.Hooks, old) };
                return true;
            case Fee when tables.Totals.TryGet(market.Vault, out var totals):
                tables.Totals.Set(market.Vault, totals with { Totals = totals.Totals with { InterestFee = (ushort)(ulong)old.Value } });
                return true;
            default:
                return false;
        }
    }

    private bool RestoreCollateral(in MarketParameter old)
    {
        if (!tables.Collaterals.TryGet(old.Subject.Asset, out var row))
        {
            return false;
        }

        switch (old.Name)
        {
            case BorrowLtv:
                row = row with { Ltv = row.Ltv with { BorrowLtv = (ushort)(ulong)old.Value } };
                break;
            case LiquidationLtv:
                row = row with { Ltv = row.Ltv with { LiquidationLtv = (ushort)(ulong)old.Value } };
                break;
            case InitialLtv:
                row = row with { Ltv = row.Ltv with { InitialLiquidationLtv = (ushort)(ulong)old.Value } };
                break;
            case Target:
                row = row with { Ltv = row.Ltv with { TargetTimestamp = (ulong)old.Value } };
                break;
            case Ramp:
                row = row with { Ltv = row.Ltv with { RampDuration = (uint)(ulong)old.Value } };
                break;
            case HookTarget or HookedOps:
                row = row with { Hooks = Restored(row.Hooks, old) };
                break;
            default:
                return false;
        }

        tables.Collaterals.Set(old.Subject.Asset, row);
        return true;
    }

    private static Hooks Restored(in Hooks hooks, in MarketParameter old) => old.Name == HookTarget
        ? hooks with { Target = Address.FromWord(Hash32.FromUInt256(old.Value)) }
        : hooks with { Operations = (uint)(ulong)old.Value };

    private static void Add(in ParameterSubject subject, in Hooks hooks, ICollection<MarketParameter> into)
    {
        into.Add(MarketParameter.Contract(subject, HookTarget, hooks.Target, ParameterKind.Pause));
        into.Add(new MarketParameter(subject, HookedOps, hooks.Operations, ParameterUnit.Bits, 0, ParameterKind.Pause));
    }

    private void AddRoute(in Address from, ICollection<MarketParameter> into)
    {
        if (market.Routes.Of(from) is not { } route)
        {
            return;
        }

        var subject = SubjectOf("price of", from);
        var step = 0;
        for (var i = 0; i < route.Stages.Count; i++)
        {
            var stage = route.Stages[i];
            if (stage.Kind == StageKind.Rate && !stage.Source.Base.IsZero && step < Oracles.Length)
            {
                into.Add(MarketParameter.Contract(subject, Oracles[step++], stage.Source.Oracle, ParameterKind.Oracle));
            }
        }

        for (; step < Oracles.Length; step++)
        {
            into.Add(MarketParameter.Contract(subject, Oracles[step], Address.Zero, ParameterKind.Oracle));
        }
    }

    private ParameterSubject SubjectOf(string what, in Address token)
    {
        tables.Tokens.TryGet(token, out var face);
        return new ParameterSubject(what, token, 0, face.Symbol) { Held = tables.Collaterals.TryGet(token, out var collateral) ? collateral.Asset : token };
    }
}
