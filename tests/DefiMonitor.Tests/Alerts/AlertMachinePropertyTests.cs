using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Alerts;

/// <summary>Whatever is seen, in whatever order, with reorgs in between.</summary>
public sealed class AlertMachinePropertyTests
{
    private const int Seeds = 2_000;
    private const int Steps = 120;

    [Fact]
    public void Hysteresis_never_repeats_itself()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var told = new List<(string Id, int Number, TransitionKind Kind, AlertLevel Level)>();
            Run(seed, (before, _, step) =>
            {
                if (step.Told is { } kind)
                {
                    told.Add((step.State!.AlertId, step.State.TransitionNumber, kind, step.State.Level));
                }
            });

            for (var i = 1; i < told.Count; i++)
            {
                (told[i].Kind, told[i].Level).ShouldNotBe((told[i - 1].Kind, told[i - 1].Level), $"seed {seed}");
            }

            // A message id is the hash of these two: never the same for two things.
            told.Select(t => (t.Id, t.Number)).Distinct().Count().ShouldBe(told.Count, $"seed {seed}");
            foreach (var alert in told.GroupBy(t => t.Id))
            {
                alert.Select(t => t.Number).ShouldBe(Enumerable.Range(1, alert.Count()), $"seed {seed}");
            }
        }
    }

    [Fact]
    public void The_level_always_lies_between_what_opens_and_what_holds_and_people_know_of_it()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            Run(seed, (before, seen, step) =>
            {
                var level = step.State?.Level ?? AlertLevel.None;
                if (seen.Open is { } open)
                {
                    (level >= open && level <= seen.Hold!.Value).ShouldBeTrue($"seed {seed}: {level} is not from {open} to {seen.Hold}");
                }
                else
                {
                    step.State.ShouldBe(before, $"seed {seed}");
                }

                // What people were told is the level itself, or danger where it has quietly eased below.
                var told = step.State?.ToldLevel ?? AlertLevel.None;
                (told == level || (told == AlertLevel.Danger && level == AlertLevel.Warning)).ShouldBeTrue($"seed {seed}: told {told}, is {level}");
            });
        }
    }

    private static void Run(int seed, Action<AlertState?, Observation, AlertStep> check)
    {
        var random = new Random(seed);
        AlertState? state = null;
        var number = 100UL;
        var fork = 0;
        var distance = 4.0;
        var chain = new Dictionary<ulong, BlockRef>();
        for (var i = 0; i < Steps; i++)
        {
            if (random.Next(6) == 0)
            {
                // A reorg: step back a few blocks, onto another branch.
                number -= (ulong)random.Next(1, 5);
                fork++;
                foreach (var gone in chain.Keys.Where(n => n >= number).ToList())
                {
                    chain.Remove(gone);
                }
            }

            var block = new BlockHeader(number, Hash32.FromUInt256(new UInt256(0, 0, (ulong)fork, number)), default, Samples.Start + (number * 12));
            chain[number] = block.Ref;
            distance = random.Next(12) == 0 ? random.NextDouble() * 5 : Math.Max(-0.5, distance + ((random.NextDouble() - 0.5) * 1.5));
            var unknown = random.Next(8) == 0;
            var seen = new Observation
            {
                Subject = Samples.Subject(),
                Rule = Rules.Distance,
                Block = block,
                Open = unknown ? null : Level(distance, 1),
                Hold = unknown ? null : Level(distance, 1.25),
            };
            var before = state;
            var step = AlertMachine.Step(state, seen, b => chain.TryGetValue(b.Number, out var on) && on == b);
            check(before, seen, step);
            state = step.State;
            number++;
        }
    }

    private static AlertLevel Level(double distance, double ratio) =>
        distance <= 0 ? AlertLevel.Liquidatable
        : distance <= 1 * ratio ? AlertLevel.Critical
        : distance <= 2 * ratio ? AlertLevel.Danger
        : distance <= 3 * ratio ? AlertLevel.Warning
        : AlertLevel.None;
}
