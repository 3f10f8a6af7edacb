using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;
using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Tests.Engine.Storage;
using DefiMonitor.Tests.Simulation;

namespace DefiMonitor.Tests.Engine.Loops;

public sealed class StateJournalTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Stepping_back_restores_every_block_and_what_is_final_is_the_value_of_that_block(int seed)
    {
        var random = new Random(seed);
        var protocol = new ToyProtocol(LoopBench.Id);
        var tables = new[] { (StateTable<Address, ulong>)protocol.Tables[2] };
        var journal = new StateJournal([protocol]);
        var disk = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var dumps = new List<string> { Dump(protocol) };
        ulong number = 10;
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(10))
            {
                case < 2 when journal.Count > 0:
                    journal.Undo();
                    dumps.RemoveAt(dumps.Count - 1);
                    number--;
                    Dump(protocol).ShouldBe(dumps[^1]);
                    break;
                case 2 when journal.Count > 0:
                    var keep = random.Next(journal.Count);
                    foreach (var row in InSlices(journal, number - (ulong)keep, changesAtMost: random.Next(6)))
                    {
                        Write(disk, row);
                    }

                    string.Join(",", disk.Select(static d => d.Key + "=" + d.Value)).ShouldBe(dumps[^(1 + keep)], "disk is the finalized block");
                    break;
                default:
                    var header = new BlockHeader(number + 1, Sample.Hash((byte)(number + 1)), journal.Top?.Header.Hash ?? Sample.Hash((byte)number), number);
                    journal.Open(header);
                    number++;
                    for (var part = random.Next(3); part >= 0; part--)
                    {
                        Change(tables[0], random);
                        journal.Seal();
                    }

                    dumps.Add(Dump(protocol));
                    break;
            }
        }
    }

    [Fact]
    public void What_is_final_comes_in_slices_of_whole_blocks()
    {
        var protocol = new ToyProtocol(LoopBench.Id);
        var journal = new StateJournal([protocol]);
        foreach (var (number, rows) in new[] { (1ul, 2), (2ul, 3), (3ul, 9), (4ul, 1), (5ul, 1) })
        {
            journal.Open(new BlockHeader(number, Sample.Hash((byte)number), Sample.Hash((byte)(number - 1)), number));
            for (var row = 0; row < rows; row++)
            {
                ((StateTable<Address, ulong>)protocol.Tables[2]).Set(Toy.User(row), number);
            }

            journal.Seal();
        }

        var slices = new List<(ulong Last, int Rows)>();
        while (journal.Finalize(4, changesAtMost: 5) is { } slice)
        {
            slices.Add((slice.Last.Number, slice.Rows.Count));
        }

        // Both first blocks change two rows of the same accounts; the third is more than a slice and comes alone.
        slices.ShouldBe([(2, 3), (3, 9), (4, 1)]);
        journal.Count.ShouldBe(1);
    }

    [Fact]
    public void A_row_written_outside_any_block_is_refused()
    {
        var protocol = new ToyProtocol(LoopBench.Id);
        var journal = new StateJournal([protocol]);
        ((StateTable<Address, ulong>)protocol.Tables[2]).Set(Toy.User(1), 1);
        Should.Throw<InvalidOperationException>(journal.Seal).Message.ShouldContain("outside any block");
    }

    private static IEnumerable<RowWrite> InSlices(StateJournal journal, ulong upTo, int changesAtMost)
    {
        while (journal.Finalize(upTo, changesAtMost) is { } slice)
        {
            foreach (var row in slice.Rows)
            {
                yield return row;
            }
        }
    }

    private static void Change(StateTable<Address, ulong> table, Random random)
    {
        for (var n = random.Next(4); n > 0; n--)
        {
            if (random.Next(3) == 0)
            {
                table.Remove(Toy.User(random.Next(6)));
            }
            else
            {
                table.Set(Toy.User(random.Next(6)), (ulong)random.Next(5));
            }
        }
    }

    private static void Write(SortedDictionary<string, string> disk, RowWrite row)
    {
        var key = Convert.ToHexString(row.Key);
        if (row.Row is { } value)
        {
            disk[key] = Convert.ToHexString(value);
        }
        else
        {
            disk.Remove(key);
        }
    }

    private static string Dump(ToyProtocol protocol) =>
        string.Join(",", protocol.Tables[2].Dump().Select(static r => Convert.ToHexString(r.Key) + "=" + Convert.ToHexString(r.Value)));
}
