using DefiMonitor.Engine.Loops.Chain;
using DefiMonitor.Engine.Settings;
using DefiMonitor.Ethereum.Following;

namespace DefiMonitor.App.Hosting;

/// <summary>A chain's configuration in the words of the loop and of the follower.</summary>
internal static class ChainLoopSettings
{
    public static ChainFollowerOptions Follower(ChainSettings chain, CallPlan plan)
    {
        var usual = new ChainFollowerOptions();
        var look = TimeSpan.FromSeconds(plan.LookSeconds);
        var silence = TimeSpan.FromSeconds(3 * Math.Max(plan.LookSeconds, chain.NextBlockSeconds));
        return usual with
        {
            ChainName = chain.Name,
            FinalityDepth = chain.FinalityDepth,
            PollEvery = look,
            FinalityEvery = look > usual.FinalityEvery ? look : usual.FinalityEvery,
            MuteAfter = silence > usual.MuteAfter ? silence : usual.MuteAfter,
        };
    }

    public static ChainLoopOptions Loop(MonitorSettings settings, ChainSettings chain, CallPlan plan, IReadOnlyList<DeploymentSettings> deployments)
    {
        var look = TimeSpan.FromSeconds(plan.LookSeconds);
        var judge = TimeSpan.FromMilliseconds(chain.JudgeEveryMs);
        var stretched = plan.Mode == CallMode.Follow && plan.LookSeconds > chain.NextBlockSeconds;
        return new ChainLoopOptions
        {
            Chain = chain.Chain,
            ChainName = chain.Name,
            NextBlockSeconds = chain.NextBlockSeconds,
            MaxReadAgeBlocks = chain.MaxReadAgeBlocks,
            JudgeEvery = stretched && look > judge ? look : judge,
            Discover = deployments.Where(d => d.Discover).Select(d => d.Id).ToHashSet(),
            Watch = [.. settings.Owners.SelectMany(o => o.AddressesOn(chain.Chain).Select(a => new WatchedOwner(a, o.Name)))],
            Feeds = [.. settings.Assets.Feeds.Where(f => f.Chain == chain.Chain)],
            Pending = chain.Pending,
            FreshEvery = plan.Mode == CallMode.Fresh ? look : null,
            FreshEveryNear = plan.Mode == CallMode.Fresh ? TimeSpan.FromSeconds(plan.NearLookSeconds) : null,
        };
    }
}
