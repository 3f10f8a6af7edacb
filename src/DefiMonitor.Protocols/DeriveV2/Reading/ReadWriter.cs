using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.DeriveV2;

/// <summary>Writes one answer into the tables. What reverted, or answered what it should not, is written as unread: it never leaves an older value standing.</summary>
internal sealed class ReadWriter
{
    private readonly Dictionary<uint, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>>> bySelector = [];
    private readonly DeriveMarket market;
    private readonly DeriveTables tables;

    public ReadWriter(DeriveMarket market)
    {
        this.market = market;
        tables = market.Tables;
        On(DeriveAbi.GetAccountBalances.Function, Balances);
        On(DeriveAbi.GetScenarios.Function, (_, call, result, _) => Scenarios(call, result));
        On(DeriveAbi.Symbol.Function, (_, call, result, _) => tables.Symbols.Set(call.To, TokenSymbol.From(call.To, DeriveAbi.Symbol, result)));
        foreach (var (function, words) in DeriveAbi.Views)
        {
            On(function, (block, call, result, _) => market.Answers.Write(block, call, result, words));
        }

        Then(DeriveAbi.OwnerOf, (block, call, touched) => Enter(block, call, EntryFields.Owner, touched));
        Then(DeriveAbi.Manager, (block, call, touched) => Enter(block, call, EntryFields.Manager, touched));
        Then(DeriveAbi.BalanceOf, (block, call, touched) => Owner(block, call, touched));
        Then(DeriveAbi.AssetMap, (_, call, _) => Asset(call));
    }

    public void Write(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        if (call.Data.Length < 4 || !bySelector.TryGetValue(Key(call.Data.Span), out var write))
        {
            throw new ArgumentException($"{call} is no call that {market.Deployment.Id} asks for.", nameof(call));
        }

        write(block, call, result, touched);
        if (DeriveAbi.GetAuctionParams.IsCall(call))
        {
            market.Answers.Sweep(block);
        }

        if (!tables.IsOpen && IsWhole())
        {
            tables.Open(block.Number);
        }
    }

    // Markets and cash: without them nobody can be judged. A portfolio manager that can't be read is said of its own accounts.
    private bool IsWhole()
    {
        if (!market.Answers.TryGet(market.Calls.LastMarketId, out var last) || market.Answers.Address(market.Calls.CashToken) is not { } token || !tables.Symbols.Contains(token))
        {
            return false;
        }

        var markets = (ulong)UInt256.Min(last[0], DeriveCalls.MostMarkets);
        for (ulong id = 1; id <= markets; id++)
        {
            if (!market.Answers.TryGet(market.Calls.MarketFeeds(id), out _) || MarketOpening.Types.Any(type => !market.Answers.TryGet(market.Calls.AssetMap(id, type), out _)))
            {
                return false;
            }
        }

        return true;
    }

    private static uint Key(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt32BigEndian(data);

    private void On(AbiFunction function, Action<BlockHeader, Call, CallResult, ISet<MarginAccountId>> write) => bySelector.Add(Key(function.Selector.Span), write);

    private void Then(AbiFunction function, Action<BlockHeader, Call, ISet<MarginAccountId>> then)
    {
        var first = bySelector[Key(function.Selector.Span)];
        bySelector[Key(function.Selector.Span)] = (block, call, result, touched) =>
        {
            first(block, call, result, touched);
            then(block, call, touched);
        };
    }

    private static Address AccountIn(Call call) => SubAccountKeys.KeyOf(new AbiReader(call.Data[4..]).ULong(0));

    private void Enter(BlockHeader block, Call call, EntryFields field, ISet<MarginAccountId> touched)
    {
        var account = AccountIn(call);
        tables.Accounts.TryGet(account, out var row);
        if (market.Answers.Address(call) is not { } address)
        {
            // Burnt, or never there: what was known of it is not believed any more. At a later block a manager that can't be read is said by the verdict.
            if (row.Fields != EntryFields.All || field == EntryFields.Owner)
            {
                tables.Accounts.Remove(account);
            }

            touched.Add(market.IdOf(account));
            return;
        }

        row = row with { Block = row.Block == 0 ? block.Number : row.Block, Fields = row.Fields | field };
        tables.Accounts.Set(account, field == EntryFields.Owner ? row with { Owner = address } : row with { Manager = address });
        touched.Add(market.IdOf(account));
    }

    private void Owner(BlockHeader block, Call call, ISet<MarginAccountId> touched)
    {
        var owner = new AbiReader(call.Data[4..]).Address(0);
        if (market.Answers.TryGet(call, out _) && !tables.Accounts.Contains(owner))
        {
            tables.Accounts.Set(owner, new AccountRow(owner, Address.Zero, block.Number, EntryFields.All));
            touched.Add(market.IdOf(owner));
        }
    }

    private void Balances(BlockHeader block, Call call, CallResult result, ISet<MarginAccountId> touched)
    {
        var account = AccountIn(call);
        tables.Accounts.TryGet(account, out var row);
        touched.Add(market.IdOf(account));
        if (!DeriveAbi.GetAccountBalances.TryDecode(result, out var balances, out _))
        {
            tables.Accounts.Remove(account);
            return;
        }

        foreach (var gone in market.Held.Of(account).ToList())
        {
            tables.Balances.Remove(gone);
        }

        foreach (var balance in balances)
        {
            tables.Balances.Set(new BalanceKey(account, balance.Asset, balance.SubId), balance.Balance);
        }

        tables.Accounts.Set(account, row with { Block = row.Block == 0 ? block.Number : row.Block, Fields = row.Fields | EntryFields.Balances });
    }

    private void Asset(Call call)
    {
        if (market.Answers.Address(call) is { } asset)
        {
            var reader = new AbiReader(call.Data[4..]);
            tables.Assets.Set(asset, new AssetRow(reader.ULong(0), (AssetType)(byte)reader.ULong(AbiReader.WordSize)));
        }
    }

    private void Scenarios(Call call, CallResult result)
    {
        if (!DeriveAbi.GetScenarios.TryDecode(result, out var scenarios, out _))
        {
            scenarios = [];
        }

        for (ushort place = 0; place < scenarios.Count || tables.Scenarios.Contains(new ScenarioKey(call.To, place)); place++)
        {
            var key = new ScenarioKey(call.To, place);
            if (place < scenarios.Count)
            {
                tables.Scenarios.Set(key, new ScenarioRow(scenarios[place].SpotShock, scenarios[place].VolShock, scenarios[place].DampeningFactor));
            }
            else
            {
                tables.Scenarios.Remove(key);
            }
        }
    }
}
