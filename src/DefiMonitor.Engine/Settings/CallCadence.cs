namespace DefiMonitor.Engine.Settings;

/// <summary>
/// The pause between two looks in watch-list mode: tight while an account is near a rule, paid for by what calm hours saved. It never runs the day's calls
/// out: when the reserve is gone the looks are spread evenly over what is left of the day, for a monitor that is blind until midnight watches nobody.
/// </summary>
/// <param name="spentToday">Calls spent since midnight UTC.</param>
public sealed class CallCadence(CallPlan plan, Func<long> spentToday, TimeProvider time)
{
    // Kept back for forks, retries and the outbox's confirmations.
    private const double Usable = 0.97;

    public TimeSpan Next(bool near)
    {
        var wanted = near ? plan.NearLookSeconds : plan.LookSeconds;
        if (plan.Budget is not { } budget)
        {
            return TimeSpan.FromSeconds(wanted);
        }

        var now = time.GetUtcNow();
        var secondsLeft = (now.UtcDateTime.Date.AddDays(1) - now.UtcDateTime).TotalSeconds;
        var callsLeft = (budget * Usable) - spentToday();
        var sustainable = callsLeft >= CallPlan.PerFreshLook ? secondsLeft * CallPlan.PerFreshLook / callsLeft : secondsLeft;
        return TimeSpan.FromSeconds(Math.Max(wanted, sustainable));
    }
}
