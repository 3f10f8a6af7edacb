using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Ethereum.Abi;
using DefiMonitor.Protocols;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols;

/// <summary>However many accounts must be read again, a block asks for a bounded number, and nobody waits for ever.</summary>
public sealed class PendingTurnsTests
{
    private static readonly IReadOnlyList<Address> Strangers = [.. Enumerable.Range(1, 3_000).Select(static i => FakeAddress.Of(0xf3, i))];

    public static TheoryData<string> Flavours() =>
        [.. ProtocolFixtures.All.Where(static fixture => fixture.Family is not ("derive-v2" or "lyra-v1" or "panoptic-v2")).Select(static fixture => $"{fixture.Family}, {fixture.Flavour}")];

    [Theory]
    [MemberData(nameof(Flavours))]
    public void A_block_reads_no_more_of_them_than_it_has_room_for(string flavour)
    {
        var (market, run) = SuiteMarket.Begin(flavour, 1);
        SuiteMarket.Step(market, run);
        foreach (var table in run.Protocol.Tables)
        {
            // Nothing is known of the accounts, or all that is has to be read again.
            var fill = table.Name == "pending" ? byte.MaxValue
                : table.Name == "account" && !flavour.StartsWith("aave", StringComparison.Ordinal) ? byte.MinValue
                : (byte?)null;
            foreach (var stranger in fill is null ? [] : Strangers)
            {
                var (key, row) = (new byte[Address.Size], new byte[table.RowSize]);
                stranger.CopyTo(key);
                row.AsSpan().Fill(fill!.Value);
                table.Load(key, row);
            }
        }

        var asked = run.Protocol.Reads(market.Header).SelectMany(Named).ToHashSet();
        asked.IntersectWith(Strangers);
        asked.Count.ShouldBeInRange(1, flavour.StartsWith("opyn", StringComparison.Ordinal) ? 1_000 : PendingTurns.Most);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(250)]
    public void Those_who_can_not_be_read_hold_up_nobody_and_those_who_wait_longest_are_among_the_first(int step)
    {
        var pending = new StateTable<Address, ulong>("pending");
        for (var i = 0; i < Strangers.Count; i++)
        {
            pending.Set(Strangers[i], i < 1_000 ? 5ul : 9ul);
        }

        var block = 1_000ul;
        for (var i = 0; i < 200; i++, block += (ulong)step)
        {
            var turn = PendingTurns.Of(pending, static since => since, At(block));
            turn.Distinct().Count().ShouldBe(Math.Min(PendingTurns.Most, pending.Count));
            turn.Count(account => pending.TryGet(account, out var since) && since == 5).ShouldBeGreaterThanOrEqualTo(Math.Min(PendingTurns.Most / 2, pending.Count));
            foreach (var account in turn)
            {
                // The older ones never answer.
                if (pending.TryGet(account, out var since) && since == 9)
                {
                    pending.Remove(account);
                }
            }
        }

        pending.Count.ShouldBe(1_000);
    }

    private static IEnumerable<Address> Named(Call call)
    {
        for (var at = 4; at + AbiReader.WordSize <= call.Data.Length; at += AbiReader.WordSize)
        {
            var word = call.Data.Slice(at, AbiReader.WordSize);
            if (!word.Span[..12].ContainsAnyExcept((byte)0))
            {
                yield return Address.FromWord(word.Span);
            }
        }
    }

    private static BlockHeader At(ulong number) => new(number, Keccak256.HashUtf8($"block {number}"), default, number);
}
