using DefiMonitor.Core.State;

namespace DefiMonitor.Tests.State;

/// <summary>Whoever keeps a mirror of a table relies on hearing of every change, whatever door it comes through.</summary>
public sealed class TableWatcherTests
{
    private readonly StateTable<int, long> table = new("numbers");
    private readonly Ear ear = new();

    public TableWatcherTests() => table.Watcher = ear;

    [Fact]
    public void Rows_set_and_removed_are_told()
    {
        table.Set(1, 10);
        table.Set(1, 11);
        table.Remove(1);
        table.Remove(2);
        ear.Heard.ShouldBe(["1", "1", "1"]);
    }

    [Fact]
    public void Rows_undone_are_told_those_that_come_back_and_those_that_go()
    {
        table.Set(1, 10);
        table.Set(2, 20);
        table.Seal();
        table.Set(3, 30);
        table.Remove(1);
        var diff = table.Seal();
        ear.Heard.Clear();
        table.Undo(diff);
        ear.Heard.ShouldBe(["1", "3"], ignoreOrder: true);
    }

    [Fact]
    public void Rows_loaded_are_told_and_so_is_an_emptied_table()
    {
        table.Load(BitConverter.GetBytes(4), BitConverter.GetBytes(40L));
        table.Clear();
        ear.Heard.ShouldBe(["4", "all"]);
    }

    [Fact]
    public void Rows_all_removed_are_a_change_of_the_block_that_is_told_and_undone()
    {
        table.Set(1, 10);
        table.Set(2, 20);
        table.Seal();
        ear.Heard.Clear();
        table.RemoveAll();
        ear.Heard.ShouldBe(["1", "2"], ignoreOrder: true);
        table.Count.ShouldBe(0);
        var diff = table.Seal();
        diff.Changes.Count.ShouldBe(2);
        table.Undo(diff);
        table.TryGet(2, out var row).ShouldBeTrue();
        row.ShouldBe(20);
    }

    [Fact]
    public void A_row_is_told_after_it_changed()
    {
        var read = 0L;
        ear.OnChange = key => table.TryGet(key, out read);
        table.Set(1, 10);
        read.ShouldBe(10);
    }

    private sealed class Ear : ITableWatcher<int>
    {
        public List<string> Heard { get; } = [];

        public Action<int>? OnChange { get; set; }

        public void Changed(in int key)
        {
            Heard.Add($"{key}");
            OnChange?.Invoke(key);
        }

        public void Cleared() => Heard.Add("all");
    }
}
