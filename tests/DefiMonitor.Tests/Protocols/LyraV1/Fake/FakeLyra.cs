using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Protocols.LyraV1;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Protocols.LyraV1.Fake;

/// <summary>
/// One option market of Lyra v1 in memory. Its state is its own; from the product it borrows only the requirement, which the contract's vectors hold.
/// </summary>
internal sealed partial class FakeLyra : IFakeMarket
{
    public static readonly Address Market = FakeAddress.Of(0x21, 1);
    public static readonly Address Token = FakeAddress.Of(0x22, 1);
    public static readonly Address GreekCache = FakeAddress.Of(0x23, 1);
    public static readonly Address Adapter = FakeAddress.Of(0x24, 1);
    public static readonly Address Quote = FakeAddress.Of(0x25, 1);
    public static readonly Address Base = FakeAddress.Of(0x25, 2);

    private readonly Random random;
    private readonly List<Log> logs = [];
    private readonly SortedDictionary<UInt256, FakePosition> positions = [];
    private readonly List<FakeBoard> boards = [];
    private readonly List<FakeStrike> strikes = [];
    private ulong lastPosition;

    /// <param name="isEmpty">True to begin with one board of a month and nobody's position.</param>
    public FakeLyra(int seed, bool isEmpty = false)
    {
        random = new Random(seed);
        Owners = [.. Enumerable.Range(1, 6).Select(i => FakeAddress.Of(0xef, i))];
        Header = HeaderOf(1_000, 1_620_000_000);
        Parameters = new MinCollateralParameters(
            Wad(200), FixedPoint.Wad / 5u, FixedPoint.Wad * 5u / 2u, 14 * 86_400, FixedPoint.Wad * 9u / 5u, 56 * 86_400, FixedPoint.Wad * 6u / 5u, FixedPoint.Wad * 4u / 5u);
        List(Header.Timestamp + (28 * 86_400), 1_800, 2_000, 2_200);
        if (!isEmpty)
        {
            List(Header.Timestamp + 600, 1_900, 2_100);
            foreach (var owner in Owners)
            {
                Open(owner);
            }
        }

        logs.Clear();
    }

    public MinCollateralParameters Parameters { get; set; }

    public Int128 Rate { get; set; } = 50_000_000_000_000_000;

    /// <summary>Null = the adapter reverts.</summary>
    public UInt256? Spot { get; set; } = Wad(2_000);

    public BlockHeader Header { get; private set; }

    public IReadOnlyList<Log> Logs => logs;

    public IReadOnlyList<Address> Owners { get; }

    public IReadOnlyList<FakeStrike> Strikes => strikes;

    public IReadOnlyDictionary<UInt256, FakePosition> Positions => positions;

    public static UInt256 Wad(ulong whole) => whole * FixedPoint.Wad;

    public IProtocol NewProtocol() => new LyraV1Protocol(
        new LyraV1Deployment
        {
            Id = new DeploymentId("lyra-v1", new ChainId(31337), "fake"),
            OptionMarket = Market,
            OptionToken = Token,
            OptionGreekCache = GreekCache,
            SynthetixAdapter = Adapter,
            QuoteAsset = Quote,
            BaseAsset = Base,
        },
        new ProtocolOptions());

    public void NextBlock(ulong seconds = 12)
    {
        logs.Clear();
        Header = HeaderOf(Header.Number + 1, Header.Timestamp + seconds, Header.Hash);
    }

    public void Mine()
    {
        NextBlock((ulong)random.Next(1, 40));
        Spot = Spot is { } spot ? spot * (ulong)random.Next(9_800, 10_205) / 10_000u : null;
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            DoSomething();
        }
    }

    public IReadOnlyList<UInt256> Truth(Address owner)
    {
        var words = new List<UInt256> { Spot!.Value };
        foreach (var (_, position) in positions.Where(pair => pair.Value.Owner == owner))
        {
            words.Add(position.Amount);
            words.Add(position.Collateral);
            if (position.Type >= OptionType.ShortCallBase && position.Strike.Board.Expiry > Header.Timestamp)
            {
                words.Add(Requirement(position));
            }
        }

        return words;
    }

    public bool TellsTotals => false;

    public bool HasFeeds => false;

    public bool IsBesideTheVerdict(Call call) => LyraAbi.Symbol.Function.IsCall(call);

    public CallResult Answer(Call call)
    {
        if (LyraAbi.GetMinCollatParams.Function.IsCall(call))
        {
            return AbiWords.Answer([.. ParameterWords()]);
        }

        if (LyraAbi.GetGreekCacheParams.Function.IsCall(call))
        {
            return AbiWords.Answer([.. RateWords()]);
        }

        if (LyraAbi.GetSpotPriceForMarket.Function.IsCall(call))
        {
            return Spot is { } spot ? AbiWords.Answer(spot) : AbiWords.Reverted;
        }

        var arguments = new AbiReader(call.Data[4..]);
        if (LyraAbi.GetStrikeAndBoard.Function.IsCall(call))
        {
            var strike = strikes[(int)arguments.ULong(0) - 1];
            return AbiWords.Answer(
                strike.Id, strike.Price, strike.Skew, 0u, 0u, 0u, 0u, 0u, strike.Board.Id, 320u,
                strike.Board.Id, strike.Board.Expiry, strike.Board.Iv, strike.Board.IsFrozen, 160u, 0u);
        }

        if (LyraAbi.GetOwnerPositions.Function.IsCall(call))
        {
            var owned = positions.Values.Where(position => position.Owner == arguments.Address(0)).ToList();
            return AbiWords.Answer([32u, owned.Count, .. owned.SelectMany(PositionWords)]);
        }

        if (LyraAbi.BalanceOf.Function.IsCall(call))
        {
            return AbiWords.Answer(positions.Values.Count(position => position.Owner == arguments.Address(0)));
        }

        if (LyraAbi.GetPositionWithOwner.Function.IsCall(call))
        {
            return positions.TryGetValue(arguments.UInt256(0), out var position) ? AbiWords.Answer([.. PositionWords(position), position.Owner]) : AbiWords.Reverted;
        }

        if (LyraAbi.GetMinCollateral.Function.IsCall(call))
        {
            var type = (OptionType)(byte)arguments.ULong(0);
            return AbiWords.Answer(Requirement(type, arguments.UInt256(32), arguments.ULong(64), arguments.UInt256(96), arguments.UInt256(128)));
        }

        LyraAbi.Symbol.Function.IsCall(call).ShouldBeTrue($"the fake market knows no {call}");
        return AbiWords.Text(call.To == Quote ? "sUSD" : "sETH");
    }

    public UInt256 Requirement(FakePosition position) => Requirement(position.Type, position.Strike.Price, position.Strike.Board.Expiry, Spot!.Value, position.Amount);

    private static BlockHeader HeaderOf(ulong number, ulong timestamp, Hash32 parent = default) =>
        new(number, Keccak256.HashUtf8($"block {number} {timestamp}"), parent, timestamp);

    private UInt256 Requirement(OptionType type, in UInt256 strike, ulong expiry, in UInt256 spot, in UInt256 amount) => MinimumCollateral.Of(
        type, Parameters, MinimumCollateral.Price(type != OptionType.ShortPutQuote, Parameters, strike, expiry, spot, Rate, Header.Timestamp), strike, amount);

    private IEnumerable<object> ParameterWords() =>
    [
        Parameters.MinStaticQuoteCollateral, Parameters.MinStaticBaseCollateral, Parameters.ShockVolA, Parameters.ShockVolPointA, Parameters.ShockVolB,
        Parameters.ShockVolPointB, Parameters.CallSpotPriceShock, Parameters.PutSpotPriceShock,
    ];

    private IEnumerable<object> RateWords() =>
        [30u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, 0u, Rate < 0 ? UInt256.MaxValue - (UInt256)(UInt128)(-Rate) + UInt256.One : (UInt256)(UInt128)Rate];

    private static IEnumerable<object> PositionWords(FakePosition position) =>
        [position.Id, position.Strike.Id, (byte)position.Type, position.Amount, position.Collateral, position.State];

    private void Emit(Address contract, AbiEvent definition, object[] indexed, params object[] data)
    {
        indexed.Length.ShouldBe(definition.IndexedCount, definition.Signature);
        Hash32[] topics = [definition.Topic0, .. indexed.Select(value => Hash32.FromBytes(AbiWords.Join([value])))];
        logs.Add(new Log(contract, topics, AbiWords.Join(data), Keccak256.HashUtf8($"tx {Header.Number} {logs.Count}"), (uint)logs.Count));
    }
}

internal sealed class FakeBoard
{
    public required UInt256 Id { get; init; }

    public required ulong Expiry { get; init; }

    public UInt256 Iv { get; set; } = FixedPoint.Wad;

    public bool IsFrozen { get; set; }

    public bool IsSettled { get; set; }
}

internal sealed class FakeStrike
{
    public required UInt256 Id { get; init; }

    public required FakeBoard Board { get; init; }

    public required UInt256 Price { get; init; }

    public UInt256 Skew { get; set; } = FixedPoint.Wad;
}

internal sealed class FakePosition
{
    public required UInt256 Id { get; init; }

    public required FakeStrike Strike { get; init; }

    public required OptionType Type { get; init; }

    public required Address Owner { get; set; }

    public UInt256 Amount { get; set; }

    public UInt256 Collateral { get; set; }

    public byte State { get; set; } = LyraAbi.Active;
}
