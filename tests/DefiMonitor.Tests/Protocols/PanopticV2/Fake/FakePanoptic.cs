using System.Numerics;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.PanopticV2;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.PanopticV2.Fake;

/// <summary>
/// One pool of Panoptic v2 in memory: positions, premia, collateral, oracle ticks, and a risk engine with a rule of its own (each position has a band of ticks in which it
/// asks for nothing). From the product it borrows the hash, which the contract's vectors hold.
/// </summary>
internal sealed partial class FakePanoptic : IFakeMarket
{
    public const ulong PoolId = 0x003c_0104_0605_0302;
    public static readonly Address Pool = FakeAddress.Of(0x41, 1);
    public static readonly Address Engine = FakeAddress.Of(0x41, 2);
    public static readonly Address Tracker0 = FakeAddress.Of(0x42, 1);
    public static readonly Address Tracker1 = FakeAddress.Of(0x42, 2);
    public static readonly Address Weth = FakeAddress.Of(0x43, 1);
    public static readonly Address Usdc = FakeAddress.Of(0x43, 2);

    private readonly Random random;
    private readonly List<Log> logs = [];
    private readonly Dictionary<Address, FakeUser> users = [];
    private ulong minted;

    /// <param name="isEmpty">True to begin with nobody's position.</param>
    public FakePanoptic(int seed, bool isEmpty = false)
    {
        random = new Random(seed);
        Owners = [.. Enumerable.Range(1, 6).Select(i => FakeAddress.Of(0xed, i))];
        Header = HeaderOf(1_000, 1_790_000_000);
        foreach (var owner in Owners)
        {
            users.Add(owner, new FakeUser { Assets0 = (ulong)random.Next(1, 100) * FixedPoint.Wad, Assets1 = (ulong)random.Next(1_000, 90_000) * (UInt256)1_000_000u });
            if (!isEmpty)
            {
                Mint(owner, Tick - random.Next(1_000, 2_200), Tick + random.Next(1_000, 3_000));
            }
        }

        logs.Clear();
    }

    // 1.0001^-200,000 of 10^12: 2,064 USDC of six decimals for a WETH of eighteen.
    public int Tick { get; set; } = -200_000;

    public int Spot { get; set; } = -200_000;

    public int Latest { get; set; } = -200_000;

    public int Twap { get; set; } = -200_000;

    /// <summary>What is stated to a monitor that begins now: by default all that is open.</summary>
    public Func<IEnumerable<UInt256>>? Stated { get; set; }

    /// <summary>What settling fails with where it is reached, instead of reaching the caller's list.</summary>
    public string? SettlingFails { get; set; }

    /// <summary>The arguments of that error.</summary>
    public IReadOnlyList<object> SettlingFailsWith { get; set; } = [];

    /// <summary>Whether positions have a long leg, so that anybody may close them.</summary>
    public bool IsExercisable { get; set; }

    /// <summary>How many ticks the pool says that it looked at.</summary>
    public uint TickCount { get; set; } = 4;

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners { get; }

    public IReadOnlyDictionary<Address, FakeUser> Users => users;

    public IProtocol NewProtocol() => new PanopticV2Protocol(new PanopticV2Deployment(new DeploymentId("panoptic-v2", new ChainId(31337), "fake"), Pool, [.. Stated?.Invoke() ?? users.Values.SelectMany(static user => user.Positions.Keys)]), new ProtocolOptions());

    public void NextBlock(ulong seconds = 12)
    {
        logs.Clear();
        Header = new BlockHeader(Header.Number + 1, Keccak256.HashUtf8($"block {Header.Number + 1}"), Header.Hash, Header.Timestamp + seconds);
    }

    public void Mine()
    {
        NextBlock((ulong)random.Next(1, 40));
        Tick += random.Next(-150, 151);
        Latest += (Tick - Latest) / 2;
        Spot += (Tick - Spot) / 3;
        Twap += (Tick - Twap) / 5;
        foreach (var user in users.Values)
        {
            user.Premium += (ulong)random.Next(1_000);
        }

        for (var i = random.Next(4); i > 0; i--)
        {
            DoSomething(users[Owners[random.Next(Owners.Count)]], Owners[random.Next(Owners.Count)]);
        }
    }

    public UInt256 Mint(Address owner, int low, int high)
    {
        // One short put of ratio 1 and width 10 at a strike of its own, the pool's number below it.
        var strike = (UInt256)(ulong)((-200_000 + (int)++minted) & 0xff_ffff);
        var leg = UInt256.One << 1 | UInt256.One << 9 | strike << 12 | (UInt256)10u << 36;
        var id = (leg << 64) | (UInt256)PoolId;
        users[owner].Positions.Add(id, (low, high, Balance()));
        Emit(PanopticAbi.OptionMinted.Definition, [owner, id], users[owner].Positions[id].Balance);
        return id;
    }

    public void Burn(Address owner, in UInt256 id)
    {
        users[owner].Positions.Remove(id);
        Emit(PanopticAbi.OptionBurnt.Definition, [owner, id], 7u, 0u, 0u, 0u, 0u);
    }

    public void Liquidate(Address owner)
    {
        foreach (var id in users[owner].Positions.Keys.ToList())
        {
            Burn(owner, id);
        }

        Emit(PanopticAbi.AccountLiquidated.Definition, [Owners[0], owner], 5u);
    }

    /// <summary>Bankrupt where any position's band is left.</summary>
    public bool IsSolvent(Address owner, int tick) => users[owner].Positions.Values.All(one => tick > one.Low && tick < one.High);

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        var user = users[owner];
        var words = new List<UInt256> { (ulong)user.Positions.Count, user.Assets0, user.Assets1 };
        if (user.Positions.Count > 0)
        {
            words.AddRange([user.Premium, user.Premium * 2u, (uint)VerdictOf(owner)]);
        }

        return words;
    }

    public bool TellsTotals => false;

    public bool HasFeeds => false;

    public bool HasParameters => false;

    public bool IsBesideTheVerdict(Call call) => PanopticAbi.Symbol.Function.IsCall(call) || PanopticAbi.IsAccountSolvent.Function.IsCall(call);

    public PoolVerdict VerdictOf(Address owner) => new[] { Spot, Twap, Latest, Tick }.Count(tick => IsSolvent(owner, tick)) switch
    {
        4 => PoolVerdict.Solvent,
        0 => PoolVerdict.Insolvent,
        _ => PoolVerdict.Mixed,
    };

    private static BlockHeader HeaderOf(ulong number, ulong timestamp) => new(number, Keccak256.HashUtf8($"block {number}"), default, timestamp);

    private UInt256 Balance() => (UInt256)(ulong)random.Next(1, 1_000_000) | (UInt256)2_500u << 128 | (UInt256)1_500u << 144;

    private void DoSomething(FakeUser richer, Address owner)
    {
        var user = users[owner];
        switch (random.Next(5))
        {
            case <= 1 when user.Positions.Count < 4:
                Mint(owner, Tick - random.Next(-20, 3_000), Tick + random.Next(-20, 3_000));
                break;
            case 2 when user.Positions.Count > 0:
                Burn(owner, user.Positions.Keys.ElementAt(random.Next(user.Positions.Count)));
                break;
            case 3:
                richer.Assets0 += FixedPoint.Wad;
                break;
            case 4 when VerdictOf(owner) == PoolVerdict.Insolvent && user.Positions.Count > 0:
                Liquidate(owner);
                break;
        }
    }

    private void Emit(AbiEvent definition, object[] indexed, params object[] data)
    {
        indexed.Length.ShouldBe(definition.IndexedCount, definition.Signature);
        Hash32[] topics = [definition.Topic0, .. indexed.Select(value => Hash32.FromBytes(AbiWords.Join([value])))];
        logs.Add(new Log(Pool, topics, AbiWords.Join(data), Keccak256.HashUtf8($"tx {Header.Number} {logs.Count}"), (uint)logs.Count));
    }
}

internal sealed class FakeUser
{
    public SortedDictionary<UInt256, (int Low, int High, UInt256 Balance)> Positions { get; } = [];

    public UInt256 Assets0 { get; set; }

    public UInt256 Assets1 { get; set; }

    public UInt256 Premium { get; set; }
}
