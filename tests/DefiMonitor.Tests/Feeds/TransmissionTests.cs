using System.Buffers.Binary;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Feeds;

public sealed class TransmissionTests
{
    private static readonly Address Aggregator = FakeAddress.Of(0xfe, 30);
    private static readonly Address Forwarder = FakeAddress.Of(0xfe, 31);

    private static readonly UInt256 Minus = UInt256.MaxValue;

    public static TheoryData<string> Shapes => ["ocr2", "secondary", "ocr1"];

    [Fact]
    public void The_selectors_are_those_of_the_signatures()
    {
        Transmissions.Selectors.ShouldBe(
            ((string[])["forward(address,bytes)", "transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)", "transmitSecondary(bytes32[3],bytes,bytes32[],bytes32[],bytes32)", "transmit(bytes,bytes32[],bytes32[],bytes32)"])
            .Select(static signature => BinaryPrimitives.ReadUInt32BigEndian(AbiSelector.Of(signature).Span)));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_next_answer_is_the_median_as_the_aggregator_takes_it(string shape)
    {
        foreach (var (observations, median) in ((UInt256[], UInt256)[])
        [
            ([7u], 7u), ([1u, 2u], 2u), ([1u, 2u, 3u], 2u), ([1u, 2u, 2u, 4u], 2u), ([Minus, 1u, 1u], 1u), ([.. Enumerable.Range(1, 31).Select(static i => (UInt256)(uint)i)], 16u),
        ])
        {
            foreach (var sent in (PendingTransaction[])[Reports.Sent(Aggregator, Made(shape, observations)), Reports.Sent(Forwarder, Reports.Forward(Aggregator, Made(shape, observations)))])
            {
                Transmissions.Read(sent, IsFollowed, out var found).ShouldBe(TransmissionKind.Read);
                found.ShouldBe(new Transmission(Aggregator, median));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void What_no_aggregator_would_take_is_malformed(string shape)
    {
        foreach (var observations in (UInt256[][])[[], [3u, 2u], [1u, Minus], [Minus], [0u], [UInt256.One << 200], [.. Enumerable.Range(1, 32).Select(static i => (UInt256)(uint)i)]])
        {
            Transmissions.Read(Reports.Sent(Aggregator, Made(shape, observations)), IsFollowed, out var found).ShouldBe(TransmissionKind.Malformed, string.Join(", ", observations));
            found.ShouldBe(default);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Whatever_is_cut_off_or_scrambled_is_never_more_than_malformed_or_what_it_says(string shape)
    {
        var whole = Reports.Forward(Aggregator, Made(shape, [5u, 6u, 7u]));
        for (var length = 0; length < whole.Length; length++)
        {
            Transmissions.Read(Reports.Sent(Forwarder, whole[..length]), IsFollowed, out _);
        }

        var direct = Made(shape, [5u, 6u, 7u]);
        var end = Array.FindLastIndex(direct, static b => b == 7);
        for (var length = 4; length <= end; length++)
        {
            Transmissions.Read(Reports.Sent(Aggregator, direct[..length]), IsFollowed, out _).ShouldBe(TransmissionKind.Malformed, $"{length} bytes");
        }

        var random = new Random(11);
        for (var i = 0; i < 20_000; i++)
        {
            var scrambled = (byte[])(i % 2 == 0 ? whole : direct).Clone();
            for (var bytes = random.Next(1, 6); bytes > 0; bytes--)
            {
                scrambled[random.Next(4, scrambled.Length)] = (byte)random.Next(256);
            }

            Transmissions.Read(Reports.Sent(i % 2 == 0 ? Forwarder : Aggregator, scrambled), IsFollowed, out _);
        }
    }

    [Fact]
    public void What_goes_elsewhere_is_none_of_ours()
    {
        Transmissions.Read(Reports.Sent(Forwarder, Reports.Ocr2(1u)), IsFollowed, out _).ShouldBe(TransmissionKind.None);
        Transmissions.Read(Reports.Sent(Forwarder, Reports.Forward(Forwarder, Reports.Ocr2(1u))), IsFollowed, out _).ShouldBe(TransmissionKind.None);
        Transmissions.Read(Reports.Sent(Forwarder, Reports.Forward(Forwarder, Reports.Forward(Aggregator, Reports.Ocr2(1u)))), IsFollowed, out _).ShouldBe(TransmissionKind.None);
        Transmissions.Read(Reports.Sent(Aggregator, [.. AbiSelector.Of("setAnswer(int256)").Span, .. new byte[32]]), IsFollowed, out _).ShouldBe(TransmissionKind.None);
    }

    private static bool IsFollowed(Address to) => to == Aggregator;

    private static byte[] Made(string shape, UInt256[] observations) => shape switch
    {
        "ocr2" => Reports.Ocr2(observations),
        "secondary" => Reports.Secondary(observations),
        _ => Reports.Ocr1(observations),
    };
}
