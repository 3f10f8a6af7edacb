using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>What is said of parameters that changed.</summary>
internal static class ParameterWords
{
    private const int MostInTitle = 3;
    private const int MostLines = 40;

    /// <summary>"USDC liquidationThreshold 78.00 % -> 75.00 %"; the first of them, and how many more.</summary>
    public static string Few(IReadOnlyList<ParameterChange> changes)
    {
        var text = string.Join("; ", changes.Take(MostInTitle).Select(One));
        return changes.Count > MostInTitle ? $"{text}; and {changes.Count - MostInTitle} more" : text;
    }

    public static string One(ParameterChange change) =>
        $"{Of(change.Parameter.Subject)} {change.Parameter.Name} {(change.Old is { } old ? Value(old) : "(new)")} -> {Value(change.Parameter)}";

    public static IEnumerable<string> Lines(MarketChange market)
    {
        foreach (var change in market.Changes.Take(MostLines))
        {
            yield return One(change);
        }

        if (market.Changes.Count > MostLines)
        {
            yield return $"and {market.Changes.Count - MostLines} more parameters";
        }

        if (market.Changes.Any(static c => c is { Before: not null, Parameter.Kind: ParameterKind.Implementation }))
        {
            yield return "A contract was replaced: the market was closed, and opened again by reading all of it afresh. Whether the new one computes as the old one did is not known from that.";
        }

        if (market.Changes.Any(static c => c is { Before: not null, Parameter.Kind: ParameterKind.Oracle }))
        {
            yield return "A price comes from somewhere else now: prices before and after are not of one source.";
        }

        yield return market.Touched == 0 ? $"None of {market.Watched} accounts watched here is touched." : $"{market.Touched} of {market.Watched} accounts watched here are touched; the health factor of {market.Fallen} fell.";
        foreach (var impact in market.Impacts)
        {
            yield return $"{Say.Who(impact.Account, impact.OwnerName)}: {Health(impact)}";
        }

        if (market.Touched > market.Impacts.Count)
        {
            yield return $"and {market.Touched - market.Impacts.Count} more";
        }
    }

    private static string Health(ParameterImpact impact) => impact.Source switch
    {
        ImpactSource.Unknown => impact.After is null ? "health factor not known before and after" : $"health factor {Say.Health(impact.After)}; before is not known",
        ImpactSource.Filed => $"health factor {Say.Health(impact.After)}, on file at block {impact.FiledBlock} {Say.Health(impact.Before)} (other things may have moved since)",
        _ when impact.Before == impact.After => $"health factor {Say.Health(impact.After)}, the same by the old parameters",
        _ => $"health factor {Say.Health(impact.Before)} -> {Say.Health(impact.After)} by the parameters alone",
    };

    private static string Of(in ParameterSubject subject)
    {
        var symbol = subject.Symbol.ToString();
        return symbol.Length > 0 ? subject.IsNumbered ? $"{Say.Symbol(symbol)} ({subject.What} {subject.Number})" : Say.Symbol(symbol)
            : subject.Number > 0 || subject.IsNumbered ? $"{subject.What} {subject.Number}"
            : subject.Asset.IsZero ? subject.What : $"{subject.What} {subject.Asset}";
    }

    public static string Value(in MarketParameter parameter) => parameter.Unlimited == parameter.Value ? "none" : parameter.Unit switch
    {
        ParameterUnit.Share => Units.FormatExact(parameter.Value * 100u, parameter.Decimals) + " %",
        ParameterUnit.Flag => parameter.Value.IsZero ? "no" : "yes",
        ParameterUnit.Address => parameter.Value.IsZero ? "none known" : Address.FromWord(Hash32.FromUInt256(parameter.Value)).ToString(),
        ParameterUnit.Seconds => parameter.Value.BitLength > 64 ? "for ever" : Say.Span((ulong)parameter.Value),
        ParameterUnit.Time => parameter.Value.IsZero ? "none" : parameter.Value.BitLength > 64 ? "never" : Say.Time((ulong)parameter.Value),
        ParameterUnit.Bits => "0x" + parameter.Value.ToHex(),
        _ => Units.FormatExact(parameter.Value, parameter.Decimals),
    };
}
