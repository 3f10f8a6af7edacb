using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.DeriveV2;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.DeriveV2.Fake;

/// <summary>What people, feeds and the auction house do, each as the contracts write and emit it. Whether it is allowed is not asked.</summary>
internal sealed partial class FakeDerive
{
    public void NextBlock(ulong seconds = 2)
    {
        logs.Clear();
        isAccruedByCall = false;
        Header = HeaderOf(Header.Number + 1, Header.Timestamp + seconds, Header.Hash);
        foreach (var underlying in new[] { Ethereum, Bitcoin })
        {
            foreach (var expiry in Expiries.Where(expiry => expiry <= Header.Timestamp && !underlying.Settled.ContainsKey(expiry)))
            {
                underlying.Settled.Add(expiry, underlying.Spot);
            }
        }
    }

    public void Mine()
    {
        NextBlock((ulong)random.Next(1, 40));
        foreach (var underlying in new[] { Ethereum, Bitcoin })
        {
            underlying.Spot = underlying.Spot * random.Next(9_900, 10_103) / 10_000;
            foreach (var expiry in Expiries)
            {
                underlying.Volatilities[expiry] = underlying.Volatilities[expiry] * random.Next(980, 1_021) / 1_000;
            }
        }

        StablePrice = Wad(1) * random.Next(970, 1_005) / 1_000;
        foreach (var account in Accounts.Values.Where(static account => account[Cash, UInt256.Zero] != 0))
        {
            account.Interest += account[Cash, UInt256.Zero] / 10_000_000;
        }

        for (var i = random.Next(1, 4); i > 0; i--)
        {
            DoSomething(Accounts[(ulong)random.Next(1, Accounts.Count + 1)]);
        }
    }

    public void Set(FakeSubAccount account, Address asset, UInt256 subId, Int128 balance)
    {
        var before = account[asset, subId];
        account[asset, subId] = balance;
        if (asset == Cash)
        {
            // Touching the cash pays its interest.
            account.Interest = 0;
        }

        var packed = new byte[32];
        asset.CopyTo(packed);
        Hash32.FromUInt256(subId).ToArray().AsSpan(20).CopyTo(packed.AsSpan(20));
        Emit(
            SubAccounts, [DeriveAbi.BalanceAdjusted.Topic0, Topic(account.Id), account.Manager.ToWord(), Hash32.FromBytes(packed)],
            Word(balance - before), Word(before), Word(balance), 1u);
    }

    public void Hold(FakeSubAccount account, FakeUnderlying underlying, ulong expiry, long strike, bool isCall, Int128 balance) =>
        Set(account, underlying.Option, new OptionSubId(expiry, (UInt256)(UInt128)Wad(strike), isCall).Pack(), balance);

    public void Give(FakeSubAccount account, Address owner)
    {
        var from = account.Owner;
        account.Owner = owner;
        Emit(SubAccounts, [DeriveAbi.Transfer.Topic0, from.ToWord(), owner.ToWord(), Topic(account.Id)]);
    }

    public void Move(FakeSubAccount account, Address manager)
    {
        var from = account.Manager;
        account.Manager = manager;
        Emit(SubAccounts, [DeriveAbi.AccountManagerChanged.Topic0, Topic(account.Id), from.ToWord(), manager.ToWord()]);
    }

    public void BidOn(FakeSubAccount account, Int128 paid) =>
        Emit(Auction, [DeriveAbi.Bid.Topic0], (UInt256)account.Id, 99u, FixedPoint.Wad, Word(paid), 0u);

    public void SetOracles(FakeUnderlying underlying) => Emit(
        Standard, [DeriveAbi.OraclesSet.Topic0], (UInt256)underlying.Market, underlying.SpotFeed, underlying.ForwardFeed, underlying.VolFeed);

    /// <summary>settleOptions: what is over is paid out.</summary>
    public void Settle(FakeSubAccount account)
    {
        foreach (var (asset, subId, balance) in account.Balances.ToList())
        {
            var underlying = asset == Ethereum.Option ? Ethereum : asset == Bitcoin.Option ? Bitcoin : null;
            if (underlying is not null && OptionSubId.From(subId) is { } option && underlying.Settled.TryGetValue(option.Expiry, out var price))
            {
                var gap = option.IsCall ? price - (Int128)(UInt128)option.Strike : (Int128)(UInt128)option.Strike - price;
                Set(account, asset, subId, 0);
                Set(account, Cash, UInt256.Zero, account[Cash, UInt256.Zero] + (Int128.Max(0, gap) / 1_000_000_000 * (balance / 1_000_000_000)));
            }
        }
    }

    private void DoSomething(FakeSubAccount account)
    {
        switch (random.Next(9))
        {
            case 0:
                Give(account, People[random.Next(People.Length)]);
                break;
            case 1 when !account.Balances.Exists(one => one.Asset == Bitcoin.Option || one.Asset == Bitcoin.Perp || one.Asset == Bitcoin.Base):
                Move(account, account.Manager == Standard ? Portfolio2 : Standard);
                break;
            case 2:
                account.AuctionSince = account.AuctionSince == 0 ? Header.Timestamp : 0;
                account.IsInsolvent = account.AuctionSince != 0 && random.Next(2) == 0;
                break;
            case 3:
                Settle(account);
                break;
            case 4:
                Set(account, Cash, UInt256.Zero, Wad(random.Next(-500, 40_000)));
                break;
            default:
                Trade(account);
                break;
        }
    }

    private void Trade(FakeSubAccount account)
    {
        var underlying = account.Manager == Standard && random.Next(2) == 0 ? Bitcoin : Ethereum;
        switch (random.Next(5))
        {
            case 0:
                Set(account, underlying.Perp, UInt256.Zero, Wad(random.Next(-4, 5)));
                break;
            case 1:
                Set(account, underlying.Base, UInt256.Zero, Wad(random.Next(0, 4)));
                break;
            default:
                var expiry = Expiries[random.Next(Expiries.Length)];
                if (expiry > Header.Timestamp)
                {
                    var strike = (long)(underlying.Spot / Wad(1)) / 100 * random.Next(80, 121);
                    Hold(account, underlying, expiry, strike, random.Next(2) == 0, Wad(random.Next(-5, 6)));
                }

                break;
        }
    }

    private void Emit(Address contract, Hash32[] topics, params object[] words) => logs.Add(
        new Log(contract, topics, AbiWords.Join(words), Hash32.FromUInt256((UInt256)Header.Number), (uint)logs.Count));

    private static Hash32 Topic(ulong number) => Hash32.FromUInt256(number);

    private static UInt256 Word(Int128 figure) => figure >= 0 ? (UInt256)(UInt128)figure : UInt256.MaxValue - (UInt256)(UInt128)(-figure) + UInt256.One;
}
