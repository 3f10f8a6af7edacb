using System.Buffers.Binary;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Tests.Ethereum;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Benchmarks.Start;

/// <summary>
/// A market of a thousand people and its node, the same in every process. Everybody supplies two assets and owes a third; one in a hundred is near the edge.
/// To the monitor that starts there are many more people: each is somebody of the thousand under an address of his own.
/// </summary>
internal sealed class SmallWorld
{
    public const int Shapes = 1_000;
    public const int LegsEach = 3;

    // Aave 3.7, the newest.
    private const ulong Revision = 11;
    private const int NearOneIn = 100;

    // Odd, so that multiplying by it can be undone.
    private const ulong Spread = 0x9E37_79B9_7F4A_7C15;

    private readonly Random prices = new(2);
    private readonly byte[] confirmation;
    private readonly HashSet<Address> shapes;

    public SmallWorld()
    {
        Market = new FakeAave(Revision, seed: 7, isEmpty: true, people: Shapes);
        var random = new Random(1);
        for (var i = 0; i < Shapes; i++)
        {
            // In the market's own reckoning a debt of 16,000 or so is at the edge.
            Market.Supply(Market.Owners[i], Market.Reserves[i % 2], 12_000);
            Market.Supply(Market.Owners[i], Market.Reserves[3], 8_000);
            Market.Borrow(Market.Owners[i], Market.Reserves[2], (uint)(i % NearOneIn == 0 ? random.Next(14_000, 15_500) : random.Next(1_000, 9_500)));
        }

        shapes = [.. Market.Owners];
        Node = new FakeNode(Market.Header.Number, Market.Header.Timestamp)
        {
            ChainId = 31337, OnCall = (call, _) => Market.Answer(OfShape(call)), Finalized = Market.Header.Number,
        };

        // Any call of it: the selector is what tells it.
        var protocol = Market.NewProtocol();
        confirmation = [.. ConfirmationSelector];
        Deployment = protocol.Id;
        Mine();
        Mine();
    }

    public FakeAave Market { get; }

    public FakeNode Node { get; }

    public DeploymentId Deployment { get; }

    private static ReadOnlySpan<byte> ConfirmationSelector => Keccak256.HashUtf8("getUserAccountData(address)").ToArray().AsSpan(0, 4);

    /// <summary>Which of the thousand he is.</summary>
    public static int ShapeOf(int person) => person % Shapes;

    /// <summary>Spread over all addresses as hashes are, and told back from the address.</summary>
    public static Address AddressOf(int person)
    {
        Span<byte> bytes = stackalloc byte[Address.Size];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)person + 1) * Spread);
        Keccak256.HashUtf8($"person {person}").ToArray().AsSpan(0, 12).CopyTo(bytes[8..]);
        return Address.FromBytes(bytes);
    }

    /// <summary>One block in which every price moves by up to 0.1 %.</summary>
    public void Mine()
    {
        Market.NextBlock(1);
        foreach (var reserve in Market.Reserves)
        {
            reserve.Price = UInt256.Max(UInt256.One, reserve.Price * (ulong)prices.Next(99_900, 100_101) / 100_000u);
        }

        var head = Node.MineAfter(Market.Header.Timestamp - Node.Head.Timestamp, [.. Market.Logs]);
        Node.Finalized = Math.Max(Node.Finalized!.Value, head.Number - 8);
    }

    // The chain's own view of somebody is that of whom he is one.
    private Call OfShape(Call call)
    {
        var data = call.Data.Span;
        if (data.Length != 36 || !data[..4].SequenceEqual(confirmation) || shapes.Contains(Address.FromWord(data[4..])))
        {
            return call;
        }

        var person = (int)(BinaryPrimitives.ReadUInt64BigEndian(data[16..]) * Inverse(Spread)) - 1;
        return new Call(call.To, (byte[])[.. data[..4], .. Market.Owners[ShapeOf(person)].ToWord().ToArray()]);
    }

    // By Newton, in the numbers modulo 2^64: each step doubles the bits that are right.
    private static ulong Inverse(ulong odd)
    {
        var inverse = odd;
        for (var i = 0; i < 6; i++)
        {
            inverse *= 2 - (odd * inverse);
        }

        return inverse;
    }
}
