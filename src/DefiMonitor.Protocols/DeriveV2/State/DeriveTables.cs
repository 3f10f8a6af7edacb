using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>All that is known of one deployment. There is no other state.</summary>
internal sealed class DeriveTables
{
    private const byte TheOne = 0;

    public DeriveTables() => All = [Opened, Settings, Answers, Assets, Symbols, Scenarios, Accounts, Balances];

    /// <summary>The block that the deployment's own contracts were read at; no row = not yet.</summary>
    public StateTable<byte, ulong> Opened { get; } = new("opened");

    /// <summary>What only governors change, by the hash of contract and calldata.</summary>
    public StateTable<Hash32, AnswerRow> Settings { get; } = new("setting");

    /// <summary>What is asked at every judged block, by the same; what nobody asks for any more goes when it is too old to be believed.</summary>
    public StateTable<Hash32, AnswerRow> Answers { get; } = new("answer");

    public StateTable<Address, AssetRow> Assets { get; } = new("asset");

    public StateTable<Address, Text32> Symbols { get; } = new("symbol");

    public StateTable<ScenarioKey, ScenarioRow> Scenarios { get; } = new("scenario");

    public StateTable<Address, AccountRow> Accounts { get; } = new("account");

    /// <summary>Signed, 18 decimals.</summary>
    public StateTable<BalanceKey, Int128> Balances { get; } = new("balance");

    public IReadOnlyList<IStateTable> All { get; }

    public bool IsOpen => Opened.Contains(TheOne);

    public void Open(ulong block) => Opened.Set(TheOne, block);

    /// <summary>Nothing of what was read at opening is believed any more.</summary>
    public void Close()
    {
        Opened.Remove(TheOne);
        Settings.RemoveAll();
    }
}
