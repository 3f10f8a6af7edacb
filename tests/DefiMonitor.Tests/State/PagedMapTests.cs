using DefiMonitor.Core.State;

namespace DefiMonitor.Tests.State;

/// <summary>The map behind every state table, held against the base library's over random lives, with keys that share buckets and pages that fill and empty.</summary>
public sealed class PagedMapTests
{
    [Theory]
    [InlineData(1, 40)]
    [InlineData(2, 700)]
    [InlineData(3, 6_000)]
    public void It_holds_what_a_dictionary_holds(int seed, int keys)
    {
        var random = new Random(seed);
        var map = new PagedMap<Crowded, long>();
        var truth = new Dictionary<Crowded, long>();
        for (var i = 0; i < 20 * keys; i++)
        {
            var key = new Crowded(random.Next(keys));

            // Grows for a while, then shrinks, and so on.
            if (random.Next(10) < (i / (5 * keys) % 2 == 0 ? 7 : 2))
            {
                map.Set(key, i);
                truth[key] = i;
            }
            else
            {
                map.Remove(key).ShouldBe(truth.Remove(key));
            }
        }

        truth.Count.ShouldBeGreaterThan(0);
        map.Count.ShouldBe(truth.Count);
        for (var k = 0; k < keys; k++)
        {
            var key = new Crowded(k);
            map.TryGet(key, out var row).ShouldBe(truth.TryGetValue(key, out var expected));
            row.ShouldBe(expected);
        }

        var seen = new Dictionary<Crowded, long>();
        foreach (var (key, row) in map)
        {
            seen.Add(key, row);
        }

        seen.ShouldBe(truth, ignoreOrder: true);
    }

    [Fact]
    public void Numbers_count_up_and_a_removed_one_goes_to_the_last()
    {
        var map = new PagedMap<int, long>();
        for (var i = 0; i < 3_000; i++)
        {
            map.Set(10 * i, i).ShouldBe(i);
        }

        map.Set(50, 7).ShouldBe(5);
        map.KeyAt(2_999).ShouldBe(29_990);
        map.Remove(50).ShouldBeTrue();
        map.IndexOf(50).ShouldBe(-1);
        map.IndexOf(29_990).ShouldBe(5);
        map.Clear();
        map.Count.ShouldBe(0);
        map.IndexOf(0).ShouldBe(-1);
    }

    // Seven keys to a hash.
    private readonly record struct Crowded(int Number)
    {
        public bool Equals(Crowded other) => Number == other.Number;

        public override int GetHashCode() => Number / 7;
    }
}
