using System.Runtime.InteropServices;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Benchmarks.Aave;

/// <summary>One reserve of the market: indexes and rates in ray, price in 10^-8 dollars for a whole token, threshold and LTV in bps.</summary>
public sealed record BenchReserve(
    ushort Id, int Decimals, ulong Price, UInt128 LiquidityIndex, UInt128 LiquidityRate, UInt128 BorrowIndex, UInt128 BorrowRate, ulong LastUpdate, uint Threshold, uint Ltv);

/// <summary>One balance of one account: scaled, in the token's decimals.</summary>
public readonly record struct BenchPosition(int Account, ushort Reserve, bool IsDebt, UInt128 Scaled);

/// <summary>
/// A market of Aave V3 made of random reserves and accounts, the same for the same seed, with an adapter that has all of it in its tables as if it had followed the
/// chain. The numbers are plain too, so that another program can be given the very same input.
/// </summary>
public sealed class AaveMarketInMemory
{
    public const ulong Now = 1_760_000_000;

    private const byte Category = 1;

    private readonly Random random;

    private AaveMarketInMemory(int reserves, int accounts, int positions, ulong revision, int seed)
    {
        random = new Random(seed);
        Header = new BlockHeader(1_000, Keccak256.HashUtf8("the block"), Keccak256.HashUtf8("its parent"), Now);
        Deployment = new DeploymentId("aave-v3", new ChainId(31337), "bench");
        Protocol = new AaveV3Protocol(
            new AaveV3Deployment { Id = Deployment, PoolAddressesProvider = AddressOf(0xff, 1), Formulas = null }, new ProtocolOptions());
        Reserves = [.. Enumerable.Range(0, reserves).Select(id => NextReserve((ushort)id))];
        Positions = new BenchPosition[accounts * positions];
        EModes = new byte[accounts];
        for (var account = 0; account < accounts; account++)
        {
            FillPositions(account, Positions.AsSpan(account * positions, positions));
            EModes[account] = random.Next(10) == 0 ? Category : (byte)0;
        }

        LoadMarket(revision);
        LoadAccounts(positions);
        Accounts = [.. Enumerable.Range(0, accounts).Select(account => Protocol.AccountOf(UserOf(account)))];
    }

    public AaveV3Protocol Protocol { get; }

    public DeploymentId Deployment { get; }

    /// <summary>The block that everything was read at; prices are fresh there.</summary>
    public BlockHeader Header { get; }

    public IReadOnlyList<BenchReserve> Reserves { get; }

    /// <summary>Account by account: two thirds supplies, the rest debts, each of another reserve.</summary>
    public BenchPosition[] Positions { get; }

    /// <summary>By account: 0, or the one category, in which the threshold of the first four reserves is 9500 bps.</summary>
    public byte[] EModes { get; }

    public MarginAccountId[] Accounts { get; }

    /// <param name="revision">POOL_REVISION: 10 = 3.6.</param>
    public static AaveMarketInMemory Build(int reserves = 40, int accounts = 100_000, int positions = 6, ulong revision = 10, int seed = 1) =>
        new(reserves, accounts, positions, revision, seed);

    public static Address UserOf(int account) => AddressOf(0xee, account + 1);

    private static Address AddressOf(byte kind, int number)
    {
        Span<byte> bytes = stackalloc byte[20];
        bytes.Clear();
        bytes[0] = kind;
        bytes[16] = (byte)(number >> 24);
        bytes[17] = (byte)(number >> 16);
        bytes[18] = (byte)(number >> 8);
        bytes[19] = (byte)number;
        return Address.FromBytes(bytes);
    }

    // Amounts and prices are spread evenly over their orders of magnitude.
    private double Spread(double from, double to) => from * Math.Pow(to / from, random.NextDouble());

    private BenchReserve NextReserve(ushort id)
    {
        var decimals = new[] { 18, 18, 18, 18, 6, 6, 8 }[random.Next(7)];
        var threshold = (uint)random.Next(6_000, 8_600);
        return new BenchReserve(
            id, decimals, (ulong)(Spread(0.5, 100_000) * 1e8), Ray(1.0 + (random.NextDouble() * 0.3)), Ray(random.NextDouble() * 0.08),
            Ray(1.0 + (random.NextDouble() * 0.5)), Ray(random.NextDouble() * 0.15), Now - (ulong)random.Next(0, 3_600), threshold, threshold - 300);
    }

    private void FillPositions(int account, Span<BenchPosition> into)
    {
        var supplies = (into.Length * 2 / 3) + (into.Length < 3 ? 1 : 0);
        var taken = new HashSet<int>();
        for (var i = 0; i < into.Length; i++)
        {
            int reserve;
            do
            {
                reserve = random.Next(Reserves.Count);
            }
            while (!taken.Add(reserve));

            var dollars = i < supplies ? Spread(20, 200_000) : Spread(10, 50_000);
            var amount = dollars * 1e8 / Reserves[reserve].Price * Math.Pow(10, Reserves[reserve].Decimals);
            into[i] = new BenchPosition(account, (ushort)reserve, i >= supplies, (UInt128)amount + 1);
        }
    }

    private static UInt128 Ray(double value) => (UInt128)(value * 1e15) * 1_000_000_000_000;

    private void LoadMarket(ulong revision)
    {
        Load<byte, MarketRow>("market", 0, new MarketRow
        {
            IsOpen = true, Fields = MarketFields.All, Revision = revision, Pool = AddressOf(1, 1), Configurator = AddressOf(2, 1), Oracle = AddressOf(3, 1),
            BaseUnit = 100_000_000u, ListBlock = Header.Number, ChangedBlock = Header.Number,
        });
        foreach (var reserve in Reserves)
        {
            var asset = AddressOf(0xa0, reserve.Id);
            var configuration = (UInt256)reserve.Ltv | ((UInt256)reserve.Threshold << 16) | ((UInt256)10_500u << 32) | ((UInt256)(uint)reserve.Decimals << 48)
                | (UInt256.One << 56) | (UInt256.One << 58) | ((UInt256)1_000u << 152) | ((UInt256)(reserve.Id < 4 ? Category : 0u) << 168) | (UInt256.One << 252);
            Load("reserve", reserve.Id, new ReserveRow
            {
                Asset = asset,
                AToken = AddressOf(0xa1, reserve.Id),
                DebtToken = AddressOf(0xa2, reserve.Id),
                Configuration = new ReserveConfiguration(configuration),
                Indexes = new ReserveIndexes(reserve.LiquidityIndex, reserve.LiquidityRate, reserve.BorrowIndex, reserve.BorrowRate, reserve.LastUpdate),
                Symbol = Text32.From($"T{reserve.Id}"),
                Fields = ReserveFields.Data | ReserveFields.Grace,
                ReadBlock = Header.Number,
            });
            Load("asset", asset, new AssetRow(reserve.Id, Header.Number));
            Load("price", asset, new PriceRow(reserve.Price, Header.Number, PriceState.Read));
        }

        for (byte category = 1; category <= 8; category++)
        {
            Load("emode", category, new EModeRow
            {
                Category = category == Category ? new EModeCategory(9_300, 9_500, 10_100, 0b1111, 0, 0) : default,
                Fields = EModeFields.Parameters | EModeFields.Collateral | EModeFields.Ltvzero | EModeFields.Isolated,
                ReadBlock = Header.Number,
            });
        }
    }

    private void LoadAccounts(int positions)
    {
        for (var account = 0; account < EModes.Length; account++)
        {
            var word = UInt256.Zero;
            foreach (var position in Positions.AsSpan(account * positions, positions))
            {
                word |= UInt256.One << ((2 * position.Reserve) + (position.IsDebt ? 0 : 1));
                Load("balance", new BalanceKey(UserOf(account), position.Reserve, position.IsDebt ? TokenSide.Debt : TokenSide.Supply), (UInt256)position.Scaled);
            }

            Load("account", UserOf(account), new AccountRow
            {
                Configuration = new UserConfiguration(word), EMode = EModes[account], EnteredBlock = Header.Number, Fields = AccountFields.All,
            });
        }
    }

    private void Load<TKey, TRow>(string table, TKey key, TRow row)
        where TKey : unmanaged
        where TRow : unmanaged =>
        Protocol.Tables.Single(found => found.Name == table).Load(MemoryMarshal.AsBytes(new ReadOnlySpan<TKey>(in key)), MemoryMarshal.AsBytes(new ReadOnlySpan<TRow>(in row)));
}
