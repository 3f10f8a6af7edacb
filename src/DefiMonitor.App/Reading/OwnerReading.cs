using DefiMonitor.Core.Ledger;

namespace DefiMonitor.App.Reading;

/// <summary>One look at an owner: the parts, in the order of the chains, and the ledger over them.</summary>
public sealed record OwnerReading(IReadOnlyList<ChainPart> Parts, OwnerLedger Ledger)
{
    /// <summary>Of every chain that could be read.</summary>
    public IEnumerable<AccountReading> Accounts => Parts.SelectMany(static part => part.Reading?.Accounts ?? []);
}
