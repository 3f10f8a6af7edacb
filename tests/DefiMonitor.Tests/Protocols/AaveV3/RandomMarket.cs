using System.Numerics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.AaveV3;

namespace DefiMonitor.Tests.Protocols.AaveV3;

/// <summary>
/// Tables with anything in them that could ever be there, sensible or not: rows are written straight, so that numbers go where no market goes. Three judges look at
/// the same rows.
/// </summary>
internal sealed class RandomMarket
{
    private const int Reserves = 12;
    private const int Users = 40;
    private const ulong Now = 1_760_000_000;

    private static readonly EModeFields AllOfCategory = EModeFields.Parameters | EModeFields.Collateral | EModeFields.Ltvzero | EModeFields.Isolated;

    private readonly Random random;
    private readonly bool isWild;
    private readonly AaveMarket market;
    private readonly AccountMirror mirror;
    private readonly BulkJudge bulk;
    private readonly ExactJudge exact;
    private readonly StateCapture capture;
    private readonly ReportBuilder reports = new(new ProtocolOptions());
    private readonly Stack<List<TableDiff>> diffs = new();
    private readonly int[] slots;

    /// <param name="isWild">Numbers of every size and rows in every state; otherwise those of real markets.</param>
    public RandomMarket(AaveVersion version, int seed, bool isWild)
    {
        random = new Random(seed);
        this.isWild = isWild;
        market = new AaveMarket(
            new AaveV3Deployment { Id = new DeploymentId("aave-v3", new ChainId(1), "random"), PoolAddressesProvider = Of(9, 9), Formulas = version }, new ProtocolOptions());
        var legs = new Legs(market);
        var reasons = new UnknownReasons(market, legs);
        mirror = new AccountMirror(market.Tables);
        bulk = new BulkJudge(market, mirror, legs, reasons);
        exact = new ExactJudge(market, legs, reasons);
        capture = new StateCapture(market, legs, reasons);
        Legs = legs;
        Block = new BlockHeader(100, Keccak256.HashUtf8("a"), Keccak256.HashUtf8("b"), Now);
        slots = [.. Enumerable.Range(0, Users).Select(user => mirror.SlotOf(UserOf(user)))];
        market.Tables.Market = new MarketRow { IsOpen = true, BaseUnit = 100_000_000u, Revision = 1 };
        for (ushort id = 0; id < Reserves; id++)
        {
            SetReserve(id);
        }

        for (byte category = 1; category <= 4; category++)
        {
            SetCategory(category);
        }

        for (var user = 0; user < Users; user++)
        {
            SetAccount(UserOf(user));
        }

        Seal();
    }

    public BlockHeader Block { get; }

    public long Size => mirror.Size;

    /// <summary>Verdicts seen, by status.</summary>
    public Dictionary<MarginStatus, int> Seen { get; } = [];

    private Legs Legs { get; }

    /// <summary>A block: some rows change, or the newest one is taken back, or everything is put away and loaded again.</summary>
    public void Step()
    {
        switch (random.Next(8))
        {
            case 0 when diffs.Count > 1:
                Undo();
                return;
            case 1:
                Reload();
                return;
            case 2:
                SetReserve(ReserveId());
                break;
            case 3:
                SetCategory((byte)random.Next(1, 5));
                break;
            default:
                break;
        }

        for (var i = random.Next(1, 12); i > 0; i--)
        {
            ChangeAccount(UserOf(random.Next(Users)));
        }

        Seal();
    }

    public void ForgetBalances() => market.Tables.Balances.Clear();

    public void Refresh() => mirror.Refresh();

    public void ShouldAgree(ulong seconds, string where)
    {
        var at = new Instant(Now) + seconds;
        var verdicts = new Verdict[Users];
        bulk.Judge(slots, Block, at, verdicts);
        var shared = new SharedMarket(market, Legs, Block, at);
        for (var user = 0; user < Users; user++)
        {
            verdicts[user].ShouldBe(exact.Judge(UserOf(user), shared, Block), $"{where}, user {user}");
            var report = reports.Build(capture.Capture(market.IdOf(UserOf(user)), Block), at, Shock.None);
            var health = report.Status == MarginStatus.Unknown ? UInt256.Zero : report.HealthFactor ?? UInt256.MaxValue;
            verdicts[user].ShouldBe(new Verdict(report.Status, health), $"{where}, user {user}: {report.UnknownReason}");
            Seen[report.Status] = Seen.GetValueOrDefault(report.Status) + 1;
        }
    }

    private static Address Of(byte kind, int number) => Fake.FakeAddress.Of(kind, number);

    private static Address UserOf(int user) => Of(0xee, user + 1);

    private ushort ReserveId() => (ushort)random.Next(Reserves);

    private bool OneIn(int times) => isWild && random.Next(times) == 0;

    private UInt256 Below(int bits) => (UInt256)new BigInteger(Enumerable.Range(0, 33).Select(i => i == 32 ? (byte)0 : (byte)random.Next(256)).ToArray()) >> (256 - bits);

    private void SetReserve(ushort id)
    {
        var decimals = isWild ? new[] { 0, 1, 2, 6, 8, 18, 19, 20, 27, 77 }[random.Next(10)] : new[] { 6, 8, 18 }[random.Next(3)];
        var threshold = OneIn(4) ? random.Next(65_536) : random.Next(10) == 0 ? 0 : random.Next(4_000, 9_500);
        var word = (UInt256)(uint)Math.Max(0, threshold - 400) | ((UInt256)(uint)threshold << 16) | ((UInt256)10_500u << 32) | ((UInt256)(uint)decimals << 48)
            | (UInt256.One << 56) | ((UInt256)(uint)random.Next(3) << 168) | (random.Next(4) == 0 ? UInt256.Zero : UInt256.One << 252);
        if (OneIn(12))
        {
            market.Tables.Reserves.Remove(id);
            return;
        }

        market.Tables.Reserves.Set(id, new ReserveRow
        {
            Asset = Of(0xa0, id),
            Configuration = new ReserveConfiguration(word),
            Indexes = new ReserveIndexes(Index(), Rate(), Index(), Rate(), OneIn(30) ? Now + 20 : Now - (ulong)random.Next(100_000)),
            Fields = OneIn(15) ? ReserveFields.Data : ReserveFields.Data | ReserveFields.Grace,
        });
        SetPrice(Of(0xa0, id));
    }

    private UInt128 Index() => isWild ? (UInt128)Below(random.Next(1, 110)) + (UInt128)FixedPoint.Ray : (UInt128)(FixedPoint.Ray + Below(88));

    private UInt128 Rate() => (UInt128)Below(isWild ? random.Next(1, 95) : 84);

    private void SetPrice(Address source) => market.Tables.Prices.Set(source, new PriceRow(
        (isWild ? Below(random.Next(1, 101)) : Below(random.Next(20, 44))) + UInt256.One,
        OneIn(20) ? random.Next(2) == 0 ? 0 : Block.Number - 10 : Block.Number - (ulong)random.Next(3),
        OneIn(25) ? PriceState.Zero : OneIn(25) ? PriceState.Reverted : PriceState.Read));

    private void SetCategory(byte id)
    {
        var source = random.Next(3) == 0 ? Of(0xb0, id) : default;
        if (!source.IsZero)
        {
            SetPrice(source);
        }

        market.Tables.EModes.Set(id, new EModeRow
        {
            Category = new EModeCategory(
                (ushort)random.Next(9_000), OneIn(10) ? (ushort)random.Next(65_536) : (ushort)random.Next(8_000, 9_800), 10_200,
                random.Next(4) == 0 ? 0 : (UInt128)Below(Reserves), (UInt128)Below(Reserves), (byte)random.Next(2)),
            PriceSource = source,
            Fields = OneIn(10) ? EModeFields.Parameters : AllOfCategory,
        });
    }

    private void SetAccount(Address user)
    {
        for (ushort id = 0; id < Reserves; id++)
        {
            if (random.Next(3) == 0)
            {
                SetBalance(user, id);
            }
        }

        SetWord(user);
    }

    private void SetWord(Address user)
    {
        var configuration = default(UserConfiguration);
        for (var id = 0; id < Reserves; id++)
        {
            // Bits follow the balances but for a few, as a collateral that is switched off does, or a debt that only a read tells.
            var supplied = !market.Tables.Balance(user, (ushort)id, TokenSide.Supply).IsZero;
            var owed = !market.Tables.Balance(user, (ushort)id, TokenSide.Debt).IsZero;
            configuration = configuration.WithCollateral(id, supplied ^ (random.Next(12) == 0)).WithBorrowing(id, owed ^ OneIn(12));
        }

        market.Tables.Accounts.Set(user, new AccountRow
        {
            Configuration = OneIn(30) ? new UserConfiguration(configuration.Word | (UInt256.One << random.Next(2 * Reserves, 256))) : configuration,
            EMode = random.Next(3) == 0 ? (byte)random.Next(1, isWild ? 7 : 5) : (byte)0,
            Fields = OneIn(40) ? AccountFields.Configuration : AccountFields.All,
        });
    }

    // Alike in value on tame markets, so that many are near the edge; anything up to 2^127 on wild ones.
    private void SetBalance(Address user, ushort id)
    {
        var side = random.Next(2) == 0 ? TokenSide.Supply : TokenSide.Debt;
        if (isWild)
        {
            market.Tables.SetBalance(user, id, side, random.Next(8) == 0 ? (UInt256)(uint)random.Next(3) : Below(random.Next(1, random.Next(20) == 0 ? 200 : 128)));
            return;
        }

        market.Tables.Reserves.TryGet(id, out var reserve);
        market.Tables.Prices.TryGet(reserve.Asset, out var price);
        var cents = (UInt256)(ulong)Math.Pow(10, 5 + (random.NextDouble() * 1.5)) * (side == TokenSide.Supply ? 3u : 2u);
        market.Tables.SetBalance(user, id, side, (reserve.Configuration.Unit * cents * 1_000_000u / UInt256.Max(price.Price, UInt256.One)) + Below(8));
    }

    private void ChangeAccount(Address user)
    {
        var tables = market.Tables;
        var key = new ReadDebtKey(user, ReserveId(), (ReadDebtKind)random.Next(1, 4));
        switch (random.Next(9))
        {
            case 0 when isWild:
                tables.Accounts.Remove(user);
                break;
            case 1 when isWild:
                tables.MarkPending(user, Block.Number);
                break;
            case 2 or 3:
                tables.Pending.Remove(user);
                break;
            case 4 when isWild:
                tables.ReadDebts.Set(key, new ReadDebtRow(Below(random.Next(1, 90)), random.Next(4) == 0 ? 0 : Block.Number));
                break;
            case 5:
                tables.ReadDebts.Remove(key);
                break;
            case 6:
                SetBalance(user, ReserveId());
                break;
            case 7:
                SetAccount(user);
                break;
            default:
                SetWord(user);
                break;
        }
    }

    private void Seal() => diffs.Push(market.Tables.All.Select(table => table.Seal()).ToList());

    private void Undo()
    {
        var block = diffs.Pop();
        for (var i = 0; i < block.Count; i++)
        {
            market.Tables.All[i].Undo(block[i]);
        }
    }

    private void Reload()
    {
        foreach (var table in market.Tables.All)
        {
            var rows = table.Dump();
            table.Clear();
            foreach (var (key, row) in rows)
            {
                table.Load(key, row);
            }
        }
    }
}
