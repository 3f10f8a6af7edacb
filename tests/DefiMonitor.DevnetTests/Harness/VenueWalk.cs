using System.Diagnostics;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.State;
using DefiMonitor.Engine.Loops.Chain;

namespace DefiMonitor.DevnetTests.Harness;

/// <summary>How a walk goes: a block every 12 seconds and now and then a gap.</summary>
/// <param name="Actions">In each block.</param>
/// <param name="Volatility">Of prices, from block to block.</param>
/// <param name="GapOneIn">So many blocks have one gap among them.</param>
/// <param name="LongestGap">Seconds, beyond an hour.</param>
internal sealed record Pace(int Seed, int Actions, double Volatility, int GapOneIn, int LongestGap);

/// <summary>An account as it stands at a block of a walk.</summary>
/// <param name="What">Where, in words.</param>
internal sealed record Walked(CountingProtocol Protocol, int Step, AccountState State, MarginReport Report, string What);

/// <summary>A venue and the real loop over it. On a random walk every word of every account is held against the contract at every block.</summary>
internal sealed class VenueWalk : IAsyncDisposable
{
    private readonly List<(CountingProtocol Protocol, MarginAccountId Account)> accounts;
    private readonly Stopwatch watch = new();
    private int compared;

    private VenueWalk(VenueDevnet devnet, FollowedChain chain)
    {
        Devnet = devnet;
        Chain = chain;
        accounts = [.. chain.Protocols.SelectMany(protocol => devnet.Accounts.Select(owner => (protocol, protocol.AccountOf(owner))))];
    }

    public VenueDevnet Devnet { get; }

    public FollowedChain Chain { get; }

    /// <summary>Where the venue has one deployment.</summary>
    public CountingProtocol Protocol => Chain.Protocols.ShouldHaveSingleItem();

    public BlockHeader Head => Chain.Head;

    /// <summary>What went through, and how often.</summary>
    public SortedDictionary<string, int> Deeds { get; } = new(StringComparer.Ordinal);

    /// <summary>How often an account stood below its edge.</summary>
    public int Below { get; private set; }

    public static async Task<VenueWalk> StartAsync(string venue, int people, int seed)
    {
        var devnet = await VenueDevnet.StartAsync(venue, people, seed);
        var chain = await FollowedChain.StartAsync(devnet.Settings, devnet.Client, devnet.Accounts.Select(static a => new WatchedOwner(a, a.ToHex())));
        var walk = new VenueWalk(devnet, chain);
        await walk.MineAsync(new { cmd = "mine" });
        walk.accounts.ShouldAllBe(static a => a.Protocol.HasEntered(a.Account));
        foreach (var protocol in chain.Protocols)
        {
            protocol.Forget();
        }

        return walk;
    }

    /// <param name="each">What else is asked of every account, and of every block when all accounts were.</param>
    public async Task WalkAsync(int steps, Pace pace, Func<Walked, Task>? each = null, Func<string, Task>? block = null)
    {
        watch.Start();
        var random = new Random(pace.Seed);
        for (var step = 0; step < steps; step++)
        {
            var dt = random.Next(pace.GapOneIn) == 0 ? 3_600 + random.Next(pace.LongestGap) : 12;
            var what = await StepAsync(step, pace.Actions, pace.Volatility, dt);
            var answers = await Chain.Client.CallAsync([.. accounts.SelectMany(static a => a.Protocol.Confirm(a.Account))], Head, CancellationToken.None);
            foreach (var (protocol, account) in accounts)
            {
                var where = $"{account} at {Head.Ref}, {what}";
                var state = protocol.Capture(account, Head);
                var agreement = protocol.Compare(state, answers.Results);
                agreement.Kind.ShouldBe(AgreementKind.Equal, $"{where}: {agreement.Text}");
                var report = protocol.Evaluate(state, new Instant(Head.Timestamp), Shock.None);
                report.NativeWords.ShouldBe(agreement.Chain, where);
                report.IsBelowEdge.ShouldBe(agreement.ChainSaysLiquidatable!.Value, where);
                Below += report.IsBelowEdge ? 1 : 0;
                compared++;
                if (each is not null)
                {
                    await each(new Walked(protocol, step, state, report, where));
                }
            }

            if (block is not null)
            {
                await block(what);
            }
        }

        watch.Stop();
    }

    /// <summary>One block in which people do things at random, followed; in words.</summary>
    public async Task<string> StepAsync(int step, int actions, double volatility, int dt)
    {
        var done = await MineAsync(new { cmd = "randomStep", seed = 100 + step, actions, volatility, dt });
        foreach (var deed in done.GetProperty("deeds").EnumerateArray().Where(static d => d.GetProperty("ok").GetBoolean()))
        {
            var name = deed.GetProperty("deed").GetString()!;
            Deeds[name] = Deeds.GetValueOrDefault(name) + 1;
        }

        return $"step {step}: {done.GetProperty("deeds")}";
    }

    /// <summary>What makes one block, followed.</summary>
    public async Task<System.Text.Json.JsonElement> MineAsync(object command)
    {
        var done = await Devnet.DoAsync(command);
        await Chain.FollowToAsync(DevnetBlock.Read(done.GetProperty("block")));
        return done;
    }

    /// <summary>Nothing was asked about single accounts since the start, and nothing was unreadable.</summary>
    public void ShouldHaveFolded()
    {
        Chain.Protocols.Sum(static p => p.Snapshots + p.AccountReads).ShouldBe(0, "accounts were read, not folded");
        ShouldHaveRead();
    }

    public void ShouldHaveRead() => Chain.Tally.Unreadable.ShouldBe(0);

    public override string ToString() =>
        $"{compared:N0} accounts compared in {watch.Elapsed.TotalSeconds:0.0} s, {Below} of them liquidatable: {string.Join(", ", Deeds.Select(static d => $"{d.Key} {d.Value}"))}";

    public async ValueTask DisposeAsync()
    {
        await Chain.DisposeAsync();
        await Devnet.DisposeAsync();
    }
}
