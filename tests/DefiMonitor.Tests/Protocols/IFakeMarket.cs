using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Protocols;

/// <summary>
/// A market of some family in memory, as its contracts would be: it lives, block by block, emits logs and answers calls. What the generic suite drives an adapter with.
/// </summary>
internal interface IFakeMarket
{
    BlockHeader Header { get; }

    /// <summary>The logs of the newest block, of every contract, also those that nobody asks for.</summary>
    IReadOnlyList<Log> Logs { get; }

    /// <summary>Those with a position.</summary>
    IReadOnlyList<Address> Owners { get; }

    IProtocol NewProtocol();

    /// <summary>One more block in which people and governors do things, and every price moves.</summary>
    void Mine();

    /// <summary>What a call answers at the newest block.</summary>
    CallResult Answer(Call call);

    /// <summary>The words that the contract's own view gives at the newest block.</summary>
    IReadOnlyList<UInt256> Truth(Address owner);

    /// <summary>True for a read that no verdict depends on (a name, whether liquidations are allowed).</summary>
    bool IsBesideTheVerdict(Call call);

    /// <summary>True where what the accounts have is folded from logs, so that a lost one breaks the equation; false where it is read at every block.</summary>
    bool IsFolded(Completeness equation) => true;

    /// <summary>True for a report that says of a part of the account that it is not known: that part's words are left out.</summary>
    bool TellsGaps(MarginReport report) => false;

    /// <summary>False where the contracts tell no total of what is owed.</summary>
    bool TellsTotals => true;

    /// <summary>False where no feed stands behind a price, or none tells its age.</summary>
    bool HasFeeds => true;

    /// <summary>False where governors can change nothing that the adapter reads.</summary>
    bool HasParameters => true;
}
