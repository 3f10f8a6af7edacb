using DefiMonitor.Engine.Discovery;

namespace DefiMonitor.Tests.Engine.Discovery;

public sealed class BlockCoverageTests
{
    /// <summary>Against an array that says of each block what was said of it last.</summary>
    [Fact]
    public void It_says_of_every_block_what_was_said_of_it_last()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var coverage = new BlockCoverage();
            var truth = new string[60];
            Array.Fill(truth, "missing");
            for (var i = 0; i < 25; i++)
            {
                var first = random.Next(60);
                var last = random.Next(first, Math.Min(60, first + 12));
                var word = random.Next(3) switch { 0 => "pruned", 1 => "too many logs", _ => null };
                coverage.Add(new CoveredRange((ulong)first, (ulong)last, word));
                Array.Fill(truth, word ?? "read", first, last - first + 1);

                var said = new string[60];
                Array.Fill(said, "missing");
                foreach (var range in coverage.Ranges)
                {
                    Array.Fill(said, range.Unserved ?? "read", (int)range.First, (int)(range.Last - range.First + 1));
                }

                said.ShouldBe(truth, $"seed {seed}");
                coverage.Ranges.Zip(coverage.Ranges.Skip(1)).ShouldAllBe(p => p.First.Last < p.Second.First && (p.First.Last + 1 != p.Second.First || p.First.Unserved != p.Second.Unserved));

                var from = (ulong)random.Next(60);
                var to = (ulong)random.Next((int)from, 60);
                Blocks(coverage.Missing(from, to)).ShouldBe(Enumerable.Range((int)from, (int)(to - from) + 1).Where(b => truth[b] != "read").Select(b => (ulong)b));
                Blocks(coverage.Unserved(from, to)).ShouldBe(Enumerable.Range((int)from, (int)(to - from) + 1).Where(b => truth[b] is not ("read" or "missing")).Select(b => (ulong)b));
            }
        }
    }

    [Fact]
    public void The_last_block_of_all_can_be_covered()
    {
        var coverage = new BlockCoverage([new CoveredRange(5, ulong.MaxValue)]);
        coverage.Missing(0, ulong.MaxValue).ShouldBe([new CoveredRange(0, 4)]);
    }

    private static IEnumerable<ulong> Blocks(IEnumerable<CoveredRange> ranges) => ranges.SelectMany(r => Enumerable.Range((int)r.First, (int)(r.Last - r.First + 1)).Select(b => (ulong)b));
}
