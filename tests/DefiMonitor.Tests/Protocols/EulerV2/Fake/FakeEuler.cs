using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.EulerV2;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.EulerV2.Fake;

/// <summary>
/// One liability vault of Euler v2 in memory, with its EVC, its router and every way in which a price comes about: an EVault over one feed, one over a cross of two,
/// one over another ERC-4626 vault. Its state is its own; from the product it borrows only formulas that are held to the real code.
/// </summary>
internal sealed partial class FakeEuler : IFakeMarket
{
    public static readonly Address Evc = FakeAddress.Of(0x21, 1);
    public static readonly Address Router = FakeAddress.Of(0x22, 1);
    public static readonly Address Cross = FakeAddress.Of(0x23, 1);
    public static readonly Address EthFeed = FakeAddress.Of(0x23, 2);
    public static readonly Address BtcFeed = FakeAddress.Of(0x23, 3);
    public static readonly Address DaiFeed = FakeAddress.Of(0x23, 4);
    public static readonly Address UsdcFeed = FakeAddress.Of(0x23, 5);
    public static readonly Address OtherEthFeed = FakeAddress.Of(0x23, 6);
    public static readonly Address Usdc = FakeAddress.Of(0x24, 1);
    public static readonly Address Weth = FakeAddress.Of(0x24, 2);
    public static readonly Address Wbtc = FakeAddress.Of(0x24, 3);
    public static readonly Address Dai = FakeAddress.Of(0x24, 4);
    public static readonly Address Savings = FakeAddress.Of(0x24, 5);

    private readonly Random random;
    private readonly List<Log> logs = [];
    private readonly Dictionary<Address, (UInt256 Owed, UInt256 Accumulator)> debts = [];
    private readonly Dictionary<Address, List<Address>> enabled = [];
    private readonly HashSet<Address> controlled = [];
    private readonly Dictionary<Address, ulong> lastCheck = [];
    private readonly Dictionary<Address, LtvConfig> ltvs = [];
    private readonly Dictionary<Address, Address> configured = [];

    /// <param name="isOwnUnit">The unit of account is the asset that is lent, not the dollar.</param>
    public FakeEuler(bool isOwnUnit, int seed, bool isEmpty = false)
    {
        random = new Random(seed);
        Unit = isOwnUnit ? Usdc : Address.FromBytes([.. new byte[18], 0x03, 0x48]);
        Header = HeaderOf(1_000, 1_760_000_000);
        Owners = [.. Enumerable.Range(1, 8).Select(i => FakeAddress.Of(0xee, i))];
        Liability = new FakeVault(FakeAddress.Of(0x25, 1), Usdc, Header.Timestamp);
        Collaterals =
        [
            new FakeVault(FakeAddress.Of(0x26, 1), Weth, Header.Timestamp),
            new FakeVault(FakeAddress.Of(0x26, 2), Wbtc, Header.Timestamp),
            new FakeVault(FakeAddress.Of(0x26, 3), Savings, Header.Timestamp),
        ];
        Prices = new() { [EthFeed] = 2_500_00000000, [OtherEthFeed] = 2_490_00000000, [BtcFeed] = 5_000000000000000000, [DaiFeed] = 1_00000000, [UsdcFeed] = 99990000 };
        configured[Weth] = EthFeed;
        configured[Wbtc] = Cross;
        configured[Dai] = DaiFeed;
        configured[Usdc] = UsdcFeed;
        if (isEmpty)
        {
            return;
        }

        foreach (var (vault, ltv) in Collaterals.Zip(new ushort[] { 8_500, 8_000, 9_200 }))
        {
            SetLtv(vault, (ushort)(ltv - 200), ltv, 0);
        }

        Deposit(Liability, Owners[0], 20_000_000_000000);
        foreach (var owner in Owners)
        {
            EnableController(owner);
            foreach (var vault in Collaterals)
            {
                if (random.Next(3) > 0)
                {
                    Enable(owner, vault);
                    Deposit(vault, owner, SomeOf(vault));
                }
            }

            Borrow(owner, (ulong)random.NextInt64(1, 200_000_000000));
        }
    }

    public Address Unit { get; }

    public FakeVault Liability { get; }

    public IReadOnlyList<FakeVault> Collaterals { get; }

    /// <summary>Feeds' answers: 8 decimals, the bitcoin feed 18.</summary>
    public Dictionary<Address, ulong> Prices { get; }

    /// <summary>Feeds that revert.</summary>
    public HashSet<Address> Stale { get; } = [];

    /// <summary>Assets behind 10^18 savings shares.</summary>
    public UInt256 SavingsRate { get; set; } = UInt256.Parse("1123456789012345678");

    public ushort Discount { get; set; } = 1_500;

    public ushort CoolOff { get; set; } = 1;

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners { get; }

    public IProtocol NewProtocol() => NewProtocol(new ProtocolOptions());

    public IProtocol NewProtocol(ProtocolOptions options) => new EulerV2Protocol(
        new EulerV2Deployment { Id = new DeploymentId("euler-v2", new ChainId(31337), "fake"), Vault = Liability.Address }, options);

    public UInt256 OwedBy(Address account)
    {
        var (owed, accumulator) = debts.GetValueOrDefault(account);
        return Owed.At(owed, Now(Liability).InterestAccumulator, accumulator);
    }

    public IReadOnlyList<Address> EnabledBy(Address account) => enabled.TryGetValue(account, out var list) ? list : [];

    public LtvConfig LtvOf(FakeVault vault) => ltvs[vault.Address];

    public void NextBlock(ulong seconds = 12)
    {
        logs.Clear();
        Header = HeaderOf(Header.Number + 1, Header.Timestamp + seconds, Header.Hash);
    }

    public void Mine()
    {
        NextBlock((ulong)random.Next(1, 40));
        foreach (var feed in Prices.Keys.ToList())
        {
            Prices[feed] = Math.Max(1, (ulong)(Prices[feed] * (UInt128)random.Next(9_800, 10_205) / 10_000));
        }

        SavingsRate += (ulong)random.Next(1_000_000);
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            DoSomething();
        }
    }

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        var (collateral, liability) = LiquidityOf(owner) ?? (UInt256.Zero, UInt256.Zero);
        return [collateral, liability, Owed.ToAssetsUp(OwedBy(owner)), Now(Liability).InterestAccumulator];
    }

    public bool TellsTotals => false;

    public bool IsBesideTheVerdict(Call call) => EulerAbi.Symbol.Function.IsCall(call) || EulerAbi.Decimals.Function.IsCall(call);

    public VaultTotals Now(FakeVault vault) => vault.Totals.At(Header.Timestamp);

    /// <summary>accountLiquidity(account, true); null where the vault is not the controller.</summary>
    public (UInt256 Collateral, UInt256 Liability)? LiquidityOf(Address account)
    {
        if (!controlled.Contains(account))
        {
            return null;
        }

        var sum = UInt256.Zero;
        foreach (var address in EnabledBy(account))
        {
            var vault = Collaterals.Single(vault => vault.Address == address);
            var bps = ltvs.TryGetValue(address, out var ltv) ? ltv.LiquidationAt(Header.Timestamp) : (ushort)0;
            if (bps != 0 && vault.SharesOf(account) != 0)
            {
                sum += QuoteThrough(vault.SharesOf(account), address)!.Value * (uint)bps / 10_000u;
            }
        }

        var debt = Owed.ToAssetsUp(OwedBy(account));
        return (sum, debt.IsZero ? UInt256.Zero : Unit == Usdc ? debt : QuoteThrough(debt, Usdc)!.Value);
    }

    private static BlockHeader HeaderOf(ulong number, ulong timestamp, Hash32 parent = default) =>
        new(number, Keccak256.HashUtf8($"block {number} {timestamp}"), parent, timestamp);

    private static int DecimalsOf(Address token) => token == Usdc ? 6 : token == Wbtc ? 8 : 18;

    // EulerRouter.getQuote: as resolveOracle goes.
    private UInt256? QuoteThrough(UInt256 amount, Address from)
    {
        if (from == Unit)
        {
            return amount;
        }

        if (configured.TryGetValue(from, out var oracle))
        {
            return QuoteOf(oracle, amount, from, Unit);
        }

        if (Collaterals.FirstOrDefault(vault => vault.Address == from) is { } evault)
        {
            return amount > Owed.MaxAmount ? null : QuoteThrough(Now(evault).ToAssetsDown(amount), evault.Asset);
        }

        return from == Savings ? QuoteThrough(amount * SavingsRate / UInt256.Pow10(18), Dai) : null;
    }

    // Of one adapter; null = it reverts.
    private UInt256? QuoteOf(Address oracle, UInt256 amount, Address from, Address quote)
    {
        if (oracle == Cross)
        {
            return from == Wbtc && quote == Unit && QuoteOf(BtcFeed, amount, Wbtc, Weth) is { } eth ? QuoteOf(EthFeed, eth, Weth, Unit) : null;
        }

        var (own, into) = oracle == BtcFeed ? (Wbtc, Weth) : (oracle == DaiFeed ? Dai : oracle == UsdcFeed ? Usdc : Weth, Unit);
        if (from != own || quote != into || Stale.Contains(oracle))
        {
            return null;
        }

        var decimals = into == Unit && Unit != Usdc ? 18 : DecimalsOf(into);
        return UInt256.MulDiv(amount, UInt256.Pow10(decimals) * Prices[oracle], UInt256.Pow10((oracle == BtcFeed ? 18 : 8) + DecimalsOf(own)), Rounding.Down);
    }

    private void Emit(Address contract, AbiEvent definition, object[] indexed, params object[] data)
    {
        indexed.Length.ShouldBe(definition.IndexedCount, definition.Signature);
        (indexed.Length + data.Length).ShouldBe(definition.Inputs.Count, definition.Signature);
        Hash32[] topics = [definition.Topic0, .. indexed.Select(value => Hash32.FromBytes(AbiWords.Join([value])))];
        logs.Add(new Log(contract, topics, AbiWords.Join(data), Keccak256.HashUtf8($"tx {Header.Number} {logs.Count}"), (uint)logs.Count));
    }
}
