using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Loops;
using DefiMonitor.Engine.Storage;
using DefiMonitor.Tests.Engine.Storage;

namespace DefiMonitor.Tests.Simulation;

/// <summary>What a node of the script knows to be so, against what a monitor has in memory and on disk and has told.</summary>
internal sealed class ToyTruth(DeploymentId id, ToyNode node, SqlStore store)
{
    private UInt256? firstThreshold;

    /// <summary>Changes of the threshold that stand told.</summary>
    public int Tunings { get; private set; }

    /// <summary>Memory, disk, alerts and what was told of parameters are what the chain makes them.</summary>
    public async Task HoldAsync(ToyProtocol protocol)
    {
        var head = node.Node.Head;
        var truth = node.StateAt(head);
        var members = (await store.CandidatesAsync(id.Chain)).Select(c => ToyProtocol.User(c.Account)).ToList();
        Same(Rows(protocol, members), Expected(truth, members, members), $"memory at block {head.Ref}");
        foreach (var price in Prices(protocol))
        {
            price.ShouldBe(Price(truth, price.Asset, head.Number), "prices are read at the head");
        }

        await HoldDiskAsync(members);
        await HoldAlertsAsync(protocol, head, truth, members);
        await HoldParametersAsync(head, truth);
    }

    private async Task HoldDiskAsync(List<Address> members)
    {
        if (await store.CheckpointAsync(id.Chain) is not { } checkpoint)
        {
            return;
        }

        var canonical = node.Node.Canonical;
        canonical.FirstOrDefault(b => b.Header.Number == checkpoint.Number)?.Header.Ref.ShouldBe(checkpoint.Ref, $"the checkpoint is canonical (final {node.Node.Finalized}, head {node.Node.Head.Ref})");
        var truth = node.StateAt(checkpoint);
        var disk = new ToyProtocol(id);
        await store.LoadRowsAsync(id, (name, key, row) => disk.Tables.Single(t => t.Name == name).Load(key, row));
        Same(Rows(disk, members), Expected(truth, members, members.Where(m => disk.HasEntered(disk.AccountOf(m))).ToList()), $"disk at block {checkpoint.Ref}");
        foreach (var price in Prices(disk).Where(static p => p.Block > 0))
        {
            var at = canonical.Single(b => b.Header.Number == price.Block).Header;
            at.Number.ShouldBeLessThanOrEqualTo(checkpoint.Number);
            price.ShouldBe(Price(node.StateAt(at), price.Asset, at.Number), "a stored price is of a canonical block");
        }

        foreach (var candidate in (await store.CandidatesAsync(id.Chain)).Where(static c => c.EnteredBlock is not null))
        {
            disk.HasEntered(candidate.Account).ShouldBeTrue($"{candidate.Account} entered at block {candidate.EnteredBlock} and is not on disk");
        }
    }

    private async Task HoldAlertsAsync(ToyProtocol protocol, BlockHeader head, ToyState truth, List<Address> members)
    {
        var alerts = (await store.LatestAlertsAsync(LoopNames.Chain(id.Chain))).Where(static a => a.Rule == Rules.Distance).ToDictionary(static a => a.Subject.Key);
        foreach (var member in members)
        {
            if (truth.IsBroken(member))
            {
                continue;
            }

            var level = alerts.TryGetValue(protocol.AccountOf(member).ToString(), out var alert) ? alert.Level : AlertLevel.None;
            var health = Worse(truth.Health(member, head.Timestamp), truth.Health(member, head.Timestamp + 12));
            (level == AlertLevel.Liquidatable).ShouldBe(health is { } h && h < (UInt256)Toy.Wad, $"{member} has health {health} and an alert of level {level}");
            if (health is null || health >= (UInt256)Toy.Wad * 2UL)
            {
                level.ShouldBe(AlertLevel.None, $"{member} has health {health}");
            }

            if (alert is { IsOpen: true })
            {
                node.Node.Canonical.ShouldContain(b => b.Header.Ref == alert.RaisedAt, $"an open alert hangs on a canonical block: {alert} at {head.Ref}");
            }
        }
    }

    /// <summary>
    /// What was told of the threshold and not taken back leads, step by step, from the first one to the chain's: nothing was lost, nothing told twice. And the figures
    /// told are those of the chain by the old threshold and by the new one, at that block.
    /// </summary>
    private async Task HoldParametersAsync(BlockHeader head, ToyState truth)
    {
        var told = new List<AlertTransition>();
        long seq = 0;
        while (await store.TransitionsAfterAsync(seq, 500) is { Count: > 0 } page)
        {
            seq = page[^1].Seq;
            foreach (var transition in page.Select(static t => t.Transition).Where(static t => t.Rule == Rules.Parameters))
            {
                if (transition.Kind == TransitionKind.Retracted)
                {
                    told.RemoveAll(t => t.AlertId == transition.AlertId).ShouldBe(1, $"what is taken back was told: {transition.Title}");
                }
                else
                {
                    told.Add(transition);
                }
            }
        }

        if ((await store.MarketsAsync(id.Chain)).SingleOrDefault() is not { } memory)
        {
            told.ShouldBeEmpty();
            return;
        }

        // What it was when it was first seen is told to nobody.
        firstThreshold ??= told.Count > 0 ? told[0].Parameters[0].Before : memory.Parameters.ShouldHaveSingleItem().Value;
        var threshold = firstThreshold!.Value;
        foreach (var transition in told)
        {
            var change = transition.Parameters.ShouldHaveSingleItem();
            change.Before.ShouldBe(threshold, $"{transition.Title} at {head.Ref}");
            threshold = change.Parameter.Value;
            var at = node.StateAt(transition.Block);
            foreach (var impact in transition.Impacts.Where(static i => i.Source == ImpactSource.Computed))
            {
                var user = ToyProtocol.User(impact.Account);
                impact.After.ShouldBe(at.Health(user, transition.Block.Timestamp));
                impact.Before.ShouldBe((at with { Threshold = (ulong)change.Before!.Value }).Health(user, transition.Block.Timestamp));
            }
        }

        threshold.ShouldBe((UInt256)truth.Threshold, $"the threshold at {head.Ref}, of what was told");
        Tunings = told.Count;
    }

    private static void Same(List<string> ours, List<string> truth, string where)
    {
        for (var i = 0; i < Math.Max(ours.Count, truth.Count); i++)
        {
            ours.ElementAtOrDefault(i).ShouldBe(truth.ElementAtOrDefault(i), where);
        }
    }

    private static UInt256? Worse(UInt256? a, UInt256? b) => a is { } x && b is { } y ? (x < y ? x : y) : null;

    private static (Address Asset, ulong Price, ulong Block, bool Reverts) Price(ToyState truth, Address asset, ulong block) =>
        truth.Broken.Contains(asset) ? (asset, 0, block, true) : (asset, truth.Prices[asset], block, false);

    private static List<(Address Asset, ulong Price, ulong Block, bool Reverts)> Prices(ToyProtocol from) => from.PriceRows();

    private static List<string> Rows(ToyProtocol from, List<Address> members)
    {
        var rows = new List<string>();
        foreach (var member in members)
        {
            if (from.Debt(member) is { } debt)
            {
                rows.Add($"{member} owes {debt} and has {string.Join(", ", from.LegsOf(member))}");
            }
        }

        return rows;
    }

    private static List<string> Expected(ToyState truth, List<Address> members, List<Address> entered) =>
        [.. members.Where(entered.Contains).Select(m =>
            $"{m} owes {truth.Debt(m)} and has {string.Join(", ", truth.Listed.Where(a => truth.Leg(m, a) > 0).Select(a => $"{a}={truth.Leg(m, a)}"))}")];
}
