using System.Numerics;
using System.Text.Json;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Tests.Ethereum;

public sealed class AbiTests
{
    private const string Abi = """
        [
          {"type":"function","name":"sam","inputs":[{"name":"","type":"bytes"},{"name":"","type":"bool"},{"name":"","type":"uint256[]"}],"outputs":[]},
          {"type":"function","name":"f","inputs":[{"name":"","type":"uint256"},{"name":"","type":"uint32[]"},{"name":"","type":"bytes10"},{"name":"","type":"bytes"}],"outputs":[]},
          {"type":"function","name":"bar","inputs":[{"name":"","type":"bytes3[2]"}],"outputs":[]},
          {"type":"function","name":"g","inputs":[{"name":"","type":"uint256[][]"},{"name":"","type":"string[]"}],"outputs":[{"name":"a","type":"uint256[][]"},{"name":"b","type":"string[]"}]},
          {"type":"function","name":"getUserAccountData","stateMutability":"view","inputs":[{"name":"user","type":"address"}],"outputs":[
            {"name":"totalCollateralBase","type":"uint256"},{"name":"totalDebtBase","type":"uint256"},{"name":"availableBorrowsBase","type":"uint256"},
            {"name":"currentLiquidationThreshold","type":"uint256"},{"name":"ltv","type":"uint256"},{"name":"healthFactor","type":"uint256"}]},
          {"type":"function","name":"latestRoundData","inputs":[],"outputs":[{"name":"roundId","type":"uint80"},{"name":"answer","type":"int256"},{"name":"startedAt","type":"uint256"},{"name":"updatedAt","type":"uint256"},{"name":"answeredInRound","type":"uint80"}]},
          {"type":"function","name":"getTokens","inputs":[],"outputs":[{"name":"","type":"tuple[]","components":[{"name":"symbol","type":"string"},{"name":"tokenAddress","type":"address"}]}]},
          {"type":"function","name":"getPair","inputs":[],"outputs":[{"name":"","type":"tuple","components":[{"name":"ltv","type":"uint16"},{"name":"inner","type":"tuple","components":[{"name":"on","type":"bool"},{"name":"who","type":"address"}]}]}]},
          {"type":"event","name":"Borrow","anonymous":false,"inputs":[
            {"indexed":true,"name":"reserve","type":"address"},{"indexed":false,"name":"user","type":"address"},{"indexed":true,"name":"onBehalfOf","type":"address"},{"indexed":false,"name":"amount","type":"uint256"},
            {"indexed":false,"name":"interestRateMode","type":"uint8"},{"indexed":false,"name":"borrowRate","type":"uint256"},{"indexed":true,"name":"referralCode","type":"uint16"}]},
          {"type":"event","name":"Named","inputs":[{"indexed":true,"name":"label","type":"string"},{"indexed":false,"name":"text","type":"string"},{"indexed":false,"name":"deltas","type":"int8[]"}]},
          {"type":"event","name":"CreateMarket","inputs":[{"indexed":true,"name":"id","type":"bytes32"},{"indexed":false,"name":"marketParams","type":"tuple","components":[
            {"name":"loanToken","type":"address"},{"name":"collateralToken","type":"address"},{"name":"oracle","type":"address"},{"name":"irm","type":"address"},{"name":"lltv","type":"uint256"}]}]},
          {"type":"error","name":"Nope","inputs":[]},
          {"type":"constructor","inputs":[]}
        ]
        """;

    private static readonly ContractAbi Contract = ContractAbi.Parse(Abi, "Test.json");

    /// <summary>The examples of the ABI specification (docs.soliditylang.org, Contract ABI Specification).</summary>
    [Fact]
    public void Arguments_are_encoded_as_in_the_specification()
    {
        Hex.ToString(Contract.Function("sam").Encode("dave"u8.ToArray(), true, new ulong[] { 1, 2, 3 })).ShouldBe(
            "0xa5643bf2"
            + "0000000000000000000000000000000000000000000000000000000000000060"
            + "0000000000000000000000000000000000000000000000000000000000000001"
            + "00000000000000000000000000000000000000000000000000000000000000a0"
            + "0000000000000000000000000000000000000000000000000000000000000004"
            + "6461766500000000000000000000000000000000000000000000000000000000"
            + "0000000000000000000000000000000000000000000000000000000000000003"
            + "0000000000000000000000000000000000000000000000000000000000000001"
            + "0000000000000000000000000000000000000000000000000000000000000002"
            + "0000000000000000000000000000000000000000000000000000000000000003");
        Hex.ToString(Contract.Function("f").Encode(0x123ul, new uint[] { 0x456, 0x789 }, "1234567890"u8.ToArray(), "Hello, world!"u8.ToArray())).ShouldBe(
            "0x8be65246"
            + "0000000000000000000000000000000000000000000000000000000000000123"
            + "0000000000000000000000000000000000000000000000000000000000000080"
            + "3132333435363738393000000000000000000000000000000000000000000000"
            + "00000000000000000000000000000000000000000000000000000000000000e0"
            + "0000000000000000000000000000000000000000000000000000000000000002"
            + "0000000000000000000000000000000000000000000000000000000000000456"
            + "0000000000000000000000000000000000000000000000000000000000000789"
            + "000000000000000000000000000000000000000000000000000000000000000d"
            + "48656c6c6f2c20776f726c642100000000000000000000000000000000000000");
        Hex.ToString(Contract.Function("bar").Encode((object)new[] { "abc"u8.ToArray(), "def"u8.ToArray() })).ShouldBe(
            "0xfce353f6"
            + "6162630000000000000000000000000000000000000000000000000000000000"
            + "6465660000000000000000000000000000000000000000000000000000000000");
        Hex.ToString(Contract.Function("g").Encode(new object[] { new ulong[] { 1, 2 }, new ulong[] { 3 } }, new[] { "one", "two", "three" })).ShouldBe(
            "0x2289b18c"
            + "0000000000000000000000000000000000000000000000000000000000000040"
            + "0000000000000000000000000000000000000000000000000000000000000140"
            + "0000000000000000000000000000000000000000000000000000000000000002"
            + "0000000000000000000000000000000000000000000000000000000000000040"
            + "00000000000000000000000000000000000000000000000000000000000000a0"
            + "0000000000000000000000000000000000000000000000000000000000000002"
            + "0000000000000000000000000000000000000000000000000000000000000001"
            + "0000000000000000000000000000000000000000000000000000000000000002"
            + "0000000000000000000000000000000000000000000000000000000000000001"
            + "0000000000000000000000000000000000000000000000000000000000000003"
            + "0000000000000000000000000000000000000000000000000000000000000003"
            + "0000000000000000000000000000000000000000000000000000000000000060"
            + "00000000000000000000000000000000000000000000000000000000000000a0"
            + "00000000000000000000000000000000000000000000000000000000000000e0"
            + "0000000000000000000000000000000000000000000000000000000000000003"
            + "6f6e650000000000000000000000000000000000000000000000000000000000"
            + "0000000000000000000000000000000000000000000000000000000000000003"
            + "74776f0000000000000000000000000000000000000000000000000000000000"
            + "0000000000000000000000000000000000000000000000000000000000000005"
            + "7468726565000000000000000000000000000000000000000000000000000000");
    }

    [Fact]
    public void What_was_encoded_is_read_back()
    {
        var bytes = Contract.Function("g").Encode(new object[] { new ulong[] { 1, 2 }, new ulong[] { 3 } }, new[] { "one", "two", "three" });
        var read = Contract.Function("g").Result<Nested>().Decode(bytes.AsMemory(4));
        read.A.Select(a => string.Join(' ', a)).ShouldBe(["1 2", "3"]);
        read.B.ShouldBe(["one", "two", "three"]);
    }

    [Fact]
    public void Selectors_and_topics_are_the_known_ones()
    {
        Hex.ToString(Contract.Function("getUserAccountData").Selector.Span).ShouldBe("0xbf92857c");
        Hex.ToString(AbiSelector.Of("balanceOf(address)").Span).ShouldBe("0x70a08231");
        Contract.Event("Borrow").Signature.ShouldBe("Borrow(address,address,address,uint256,uint8,uint256,uint16)");
        Contract.Event("Borrow").Topic0.ToString().ShouldBe("0xb3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0");
        Contract.Event("CreateMarket").Signature.ShouldBe("CreateMarket(bytes32,(address,address,address,address,uint256))");
        Contract.Event("CreateMarket").Topic0.ToString().ShouldBe("0xac4b2400f169220b0c0afdde7a0b32e775ba727ea1cb30b35f935cdaab8683ac");
    }

    [Fact]
    public void Several_outputs_are_read_into_a_record()
    {
        var words = Enumerable.Range(1, 6).Select(i => Hash32.FromUInt256((ulong)i).ToArray()).SelectMany(w => w).ToArray();
        Contract.Function("getUserAccountData").Result<AccountData>().Decode(words).ShouldBe(new AccountData(1u, 2u, 3u, 4u, 5u, 6u));
    }

    [Fact]
    public void Signed_numbers_are_read_with_their_sign()
    {
        byte[] words = [.. Word(7), .. Enumerable.Repeat((byte)0xff, 32), .. Word(1), .. Word(2), .. Word(7)];
        Contract.Function("latestRoundData").Result<Round>().Decode(words).ShouldBe(new Round(7, -1, 1u, 2u, 7));
        Contract.Function("latestRoundData").Result<BigRound>().Decode(words).Answer.ShouldBe(BigInteger.MinusOne);
    }

    [Fact]
    public void Structs_are_read_into_records_also_in_arrays()
    {
        var one = Address.Parse("0x00000000000000000000000000000000000000aa");
        byte[] pair = [.. Word(8000), .. Word(1), .. one.ToWord().ToArray()];
        Contract.Function("getPair").Result<Pair>().Decode(pair).ShouldBe(new Pair(8000, new Inner(true, one)));
        byte[] tokens = [.. Word(32), .. Word(1), .. Word(32), .. Word(64), .. one.ToWord().ToArray(), .. Word(4), .. "WETH"u8, .. new byte[28]];
        Contract.Function("getTokens").Result<IReadOnlyList<Token>>().Decode(tokens).ShouldBe([new Token("WETH", one)]);
    }

    [Fact]
    public void An_event_is_read_from_topics_and_data()
    {
        var reserve = Address.Parse("0x00000000000000000000000000000000000000aa");
        var user = Address.Parse("0x00000000000000000000000000000000000000bb");
        var owner = Address.Parse("0x00000000000000000000000000000000000000cc");
        var borrow = Contract.Event<Borrow>("Borrow(address,address,address,uint256,uint8,uint256,uint16)");
        byte[] data = [.. user.ToWord().ToArray(), .. Word(5), .. Word(2), .. Word(9)];
        var log = new Log(Address.Zero, [borrow.Topic0, reserve.ToWord(), owner.ToWord(), Hash32.FromUInt256(3u)], data, Hash32.Zero, 0);
        borrow.Matches(log).ShouldBeTrue();
        borrow.Decode(log).ShouldBe(new Borrow(reserve, user, owner, 5u, 2, 9u, 3));
        borrow.Matches(log with { Topics = log.Topics.Take(3).ToArray() }).ShouldBeFalse();
        Should.Throw<AbiException>(() => borrow.Decode(log with { Data = data.AsMemory(0, 100) })).Message.ShouldContain("ends after 100 bytes");
    }

    [Fact]
    public void An_indexed_text_is_its_hash_and_the_rest_is_read()
    {
        var named = Contract.Event<Named>("Named");
        byte[] data = [.. Word(64), .. Word(128), .. Word(2), .. "hi"u8, .. new byte[30], .. Word(2), .. Word(1), .. Enumerable.Repeat((byte)0xff, 32)];
        var read = named.Decode(new Log(Address.Zero, [named.Topic0, Keccak256.HashUtf8("x")], data, Hash32.Zero, 0));
        read.Label.ShouldBe(Keccak256.HashUtf8("x"));
        read.Text.ShouldBe("hi");
        read.Deltas.ShouldBe([1, -1]);
    }

    [Theory]
    [InlineData(typeof(BorrowWithWrongName), "parameter 2 is named Who, but the ABI has user there")]
    [InlineData(typeof(BorrowWithWrongType), "a uint256 is not read into UInt64: use UInt256")]
    [InlineData(typeof(BorrowTooShort), "no single constructor for the 7 inputs")]
    public void A_record_that_does_not_fit_its_event_is_refused_when_it_is_bound(Type record, string words)
    {
        var make = typeof(AbiEvent<>).MakeGenericType(record).GetConstructor([typeof(AbiEvent)])!;
        Should.Throw<System.Reflection.TargetInvocationException>(() => make.Invoke([Contract.Event("Borrow")]))
            .InnerException.ShouldBeOfType<AbiException>().Message.ShouldContain(words);
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused()
    {
        Should.Throw<AbiException>(() => Contract.Function("f").Encode(1ul)).Message.ShouldContain("takes 4 arguments, not 1");
        Should.Throw<AbiException>(() => Contract.Function("f").Encode(1ul, new[] { 1ul << 40 }, "1234567890"u8.ToArray(), Array.Empty<byte>())).Message.ShouldContain("does not fit in uint32");
        Should.Throw<AbiException>(() => Contract.Function("getUserAccountData").Encode("0xaa")).Message.ShouldContain("a String is no address");
    }

    [Theory]
    [InlineData("[", "is no JSON")]
    [InlineData("{}", "is no ABI")]
    [InlineData("[{\"type\":\"function\",\"name\":\"f\",\"inputs\":[{\"type\":\"uint257\"}]}]", "'uint257' is no ABI type")]
    [InlineData("[{\"type\":\"function\",\"inputs\":[]}]", "an entry has no 'name'")]
    [InlineData("[{\"type\":\"banana\"}]", "'banana'")]
    public void A_broken_ABI_is_refused_with_its_name(string json, string words)
    {
        var e = Should.Throw<AbiException>(() => ContractAbi.Parse(json, "Broken.json"));
        e.Message.ShouldContain(words);
        (e.Message.Contains("Broken.json", StringComparison.Ordinal) || words.Contains("ABI type", StringComparison.Ordinal)).ShouldBeTrue();
    }

    [Fact]
    public void Dirty_words_are_refused()
    {
        var reader = new AbiReader(Enumerable.Repeat((byte)1, 64).ToArray());
        Should.Throw<AbiException>(() => reader.Address(0));
        Should.Throw<AbiException>(() => reader.Bool(0));
        Should.Throw<AbiException>(() => reader.ULong(0));
        Should.Throw<AbiException>(() => reader.Bytes(0));
        Should.Throw<AbiException>(() => reader.Array(0, 10, out _));
        Should.Throw<AbiException>(() => reader.Word(33));
        Should.Throw<AbiException>(() => reader.Word(-1));
    }

    [Fact]
    public void Offsets_that_name_the_same_bytes_over_and_over_are_refused()
    {
        // A thousand texts, all at the same place: a bomb of ten times its own size.
        const int Count = 1_000;
        var frame = new List<byte>([.. Word(64), .. Word(96), .. Word(0), .. Word(Count)]);
        for (var i = 0; i < Count; i++)
        {
            frame.AddRange(Word(Count * 32));
        }

        frame.AddRange([.. Word(4_000), .. new byte[4_000]]);
        Should.Throw<AbiException>(() => Contract.Function("g").Result<Nested>().Decode(frame.ToArray())).Message.ShouldContain("over and over");
    }

    /// <summary>Random bytes, and honest ones with a few changed, are either read or refused with an AbiException: never anything else.</summary>
    [Fact]
    public void No_bytes_crash_the_reader()
    {
        var random = new Random(7);
        var honest = Contract.Function("g").Encode(new object[] { new ulong[] { 1, 2 }, new ulong[] { 3 } }, new[] { "one", "two", "three" })[4..];
        var nested = Contract.Function("g").Result<Nested>();
        var tokens = Contract.Function("getTokens").Result<Token[]>();
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = (byte[])honest.Clone();
            for (var n = random.Next(1, 6); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = bytes[..random.Next(bytes.Length + 1)];
            foreach (var read in new Action[] { () => nested.Decode(bytes), () => tokens.Decode(bytes), () => DefiMonitor.Ethereum.Multicall3.DecodeResult(bytes, 3) })
            {
                try
                {
                    read();
                }
                catch (AbiException)
                {
                    refused++;
                }
            }
        }

        refused.ShouldBeGreaterThan(30_000);
    }

    /// <summary>The selectors and topics listed in the vectors folder, where it is given, are what our signatures hash to.</summary>
    [Fact]
    public void Multicall_selectors_are_those_of_the_deployed_contract()
    {
        Hex.ToString(DefiMonitor.Ethereum.Multicall3.Aggregate3Selector.Span).ShouldBe("0x82ad56cb");
        Hex.ToString(DefiMonitor.Ethereum.Multicall3.GetBlockNumber.Span).ShouldBe("0x42cbb15c");
        Hex.ToString(DefiMonitor.Ethereum.Multicall3.GetCurrentBlockTimestamp.Span).ShouldBe("0x0f28c97d");
        Hex.ToString(DefiMonitor.Ethereum.Multicall3.GetLastBlockHash.Span).ShouldBe("0x27e86d6e");
    }

    [Fact]
    public void A_multicall_written_by_hand_is_what_the_general_encoder_writes()
    {
        var abi = ContractAbi.Parse(
            """[{"type":"function","name":"aggregate3","inputs":[{"name":"calls","type":"tuple[]","components":[{"name":"target","type":"address"},{"name":"allowFailure","type":"bool"},{"name":"callData","type":"bytes"}]}],"outputs":[]}]""",
            "Multicall3.json");
        var one = Address.Parse("0x00000000000000000000000000000000000000aa");
        Call[] calls = [new(one, new byte[4]), new(one, new byte[36]), new(one, Array.Empty<byte>())];
        var general = abi.Function("aggregate3").Encode((object)calls.Select(c => new object[] { c.To, true, c.Data }).ToArray());
        DefiMonitor.Ethereum.Multicall3.EncodeCall(calls).ShouldBe(general);
        DefiMonitor.Ethereum.Multicall3.DecodeCall(general).ShouldBe(calls);
        CallResult[] results = [new(true, new byte[] { 1, 2 }), new(false, Array.Empty<byte>())];
        var back = DefiMonitor.Ethereum.Multicall3.DecodeResult(DefiMonitor.Ethereum.Multicall3.EncodeResult(results), 2);
        back[0].Data.ToArray().ShouldBe([1, 2]);
        back[1].Success.ShouldBeFalse();
    }

    private static byte[] Word(ulong value) => Hash32.FromUInt256(value).ToArray();

    private sealed record Nested(UInt256[][] A, IReadOnlyList<string> B);

    private readonly record struct AccountData(
        UInt256 TotalCollateralBase, UInt256 TotalDebtBase, UInt256 AvailableBorrowsBase, UInt256 CurrentLiquidationThreshold, UInt256 Ltv, UInt256 HealthFactor);

    private readonly record struct Round(UInt128 RoundId, Int128 Answer, UInt256 StartedAt, UInt256 UpdatedAt, UInt128 AnsweredInRound);

    private readonly record struct BigRound(UInt256 RoundId, BigInteger Answer, UInt256 StartedAt, UInt256 UpdatedAt, UInt256 AnsweredInRound);

    private readonly record struct Pair(ushort Ltv, Inner Inner);

    private readonly record struct Inner(bool On, Address Who);

    private sealed record Token(string Symbol, Address TokenAddress);

    private readonly record struct Borrow(Address Reserve, Address User, Address OnBehalfOf, UInt256 Amount, byte InterestRateMode, UInt256 BorrowRate, ushort ReferralCode);

    private sealed record Named(Hash32 Label, string Text, int[] Deltas);

    private readonly record struct BorrowWithWrongName(Address Reserve, Address Who, Address OnBehalfOf, UInt256 Amount, byte InterestRateMode, UInt256 BorrowRate, ushort ReferralCode);

    private readonly record struct BorrowWithWrongType(Address Reserve, Address User, Address OnBehalfOf, ulong Amount, byte InterestRateMode, UInt256 BorrowRate, ushort ReferralCode);

    private readonly record struct BorrowTooShort(Address Reserve, Address User);
}
