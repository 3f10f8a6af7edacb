using System.Collections.Immutable;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Tests.Simulation;

internal enum Outage
{
    None,

    /// <summary>No endpoint answers anything.</summary>
    Everything,

    /// <summary>Headers and logs come, calls do not.</summary>
    Calls,
}

/// <param name="Seconds">After the block before.</param>
internal sealed record ToyBlock(ulong Seconds, Log[] Logs, ToyState State);

/// <summary>What happens between two looks at the chain.</summary>
/// <param name="Undo">Blocks that a fork drops before the new ones come; there are always more new ones.</param>
/// <param name="Finality">Blocks below the head that are final afterwards.</param>
internal sealed record ToyTick(int Undo, IReadOnlyList<ToyBlock> Blocks, ulong Finality, Outage Outage);

/// <summary>A chain's life, by a seed.</summary>
internal sealed class ToyScript
{
    public const int Users = 7;
    public const int Watched = 4;
    private const int MostAssets = 4;
    private const int DeepestFork = 5;

    private readonly Random random;

    // Apart, so that a seed's balances and prices are what they were before there was a parameter.
    private readonly Random tuning;
    private readonly List<ToyState> chain = [];
    private readonly List<ToyTick> ticks = [];
    private int finalAt;
    private int outageLeft;
    private Outage outage;

    public ToyScript(ulong seed, int length)
    {
        Seed = seed;
        random = new Random((int)(seed * 2_654_435_761 % int.MaxValue));
        tuning = new Random((int)(seed % 1_000_003) + 1);
        Genesis = new ToyState
        {
            Prices = ImmutableSortedDictionary<Address, ulong>.Empty.Add(Toy.Asset(0), 1_000_000).Add(Toy.Asset(1), 50_000),
            Listed = [Toy.Asset(0), Toy.Asset(1)],
            Legs = Enumerable.Range(0, Users).ToImmutableSortedDictionary(static u => (Toy.User(u), Toy.Asset(u % 2)), static u => u % 2 == 0 ? 1_000UL : 20_000UL),
            Debts = Enumerable.Range(0, Users - 2).ToImmutableSortedDictionary(Toy.User, u => 800_000_000UL * 100 / (ulong)(105 + (20 * u))),
        };
        chain.Add(Genesis);
        for (var i = 0; i < length; i++)
        {
            ticks.Add(Tick(calm: i >= length - 3));
        }
    }

    public ulong Seed { get; }

    public ToyState Genesis { get; }

    public IReadOnlyList<ToyTick> Ticks => ticks;

    private ToyTick Tick(bool calm)
    {
        var above = chain.Count - 1 - finalAt;
        var undo = !calm && above > 0 && random.NextDouble() < 0.22 ? 1 + random.Next(Math.Min(DeepestFork, above)) : 0;
        chain.RemoveRange(chain.Count - undo, undo);
        var blocks = new List<ToyBlock>();
        var count = undo + 1 + random.Next(2);
        for (var i = 0; i < count; i++)
        {
            var (logs, state) = Block(chain[^1]);
            chain.Add(state);
            blocks.Add(new ToyBlock(12, logs, state));
        }

        var depth = 3 + random.Next(7);
        if (random.NextDouble() < 0.7)
        {
            finalAt = Math.Max(finalAt, chain.Count - 1 - depth);
        }

        if (outageLeft > 0)
        {
            outageLeft--;
        }
        else
        {
            outage = random.NextDouble() switch
            {
                < 0.05 => Outage.Everything,
                < 0.12 => Outage.Calls,
                _ => Outage.None,
            };
            outageLeft = outage == Outage.None ? 0 : random.Next(6);
        }

        return new ToyTick(undo, blocks, (ulong)(chain.Count - 1 - finalAt), calm ? Outage.None : outage);
    }

    private (Log[] Logs, ToyState State) Block(ToyState before)
    {
        var state = before with { Prices = Walk(before.Prices), Broken = Break(before) };
        var logs = new List<Log>();
        if (state.Listed.Count < MostAssets && random.NextDouble() < 0.04)
        {
            // The new contract speaks in the very block that makes it known.
            var asset = Toy.Asset(state.Listed.Count);
            state = state with { Prices = state.Prices.Add(asset, 10_000) };
            Say(ToyLogs.Listed(asset, 0));
            Say(ToyLogs.Moved(asset, Toy.User(random.Next(Users)), true, (ulong)random.Next(1, 20_000), 1));
        }

        for (var n = random.Next(4); n > 0; n--)
        {
            var user = Toy.User(random.Next(Users));
            var asset = state.Listed[random.Next(state.Listed.Count)];
            var leg = state.Leg(user, asset);
            var debt = state.Debt(user);
            var index = (uint)logs.Count;
            switch (random.Next(6))
            {
                case 0:
                    Say(ToyLogs.Moved(asset, user, true, (ulong)random.Next(1, 500), index));
                    break;
                case 1 when leg > 0:
                    Say(ToyLogs.Moved(asset, user, false, Math.Max(1, leg * (ulong)random.Next(1, 30) / 100), index));
                    break;
                case 2:
                    Say(ToyLogs.Debt(user, true, (ulong)random.Next(1, 60_000_000), index));
                    break;
                case 5 when debt > 0 && leg > 0:
                    Say(ToyLogs.Debt(user, false, Math.Max(1, debt / 4), index));
                    Say(ToyLogs.Moved(asset, user, false, Math.Max(1, leg / 5), index + 1));
                    Say(ToyLogs.Liquidated(user, Math.Max(1, debt / 4), index + 2));
                    break;
                case 3 when debt > 0:
                    Say(ToyLogs.Debt(user, false, random.Next(8) == 0 ? debt : Math.Max(1, debt * (ulong)random.Next(1, 60) / 100), index));
                    break;
            }
        }

        if (tuning.NextDouble() < 0.08)
        {
            Say(ToyLogs.Tuned((ulong)tuning.Next(7_600, 8_400), (uint)logs.Count));
        }

        return ([.. logs], state);

        void Say(Log log)
        {
            logs.Add(log);
            state = state.After(log);
        }
    }

    private ImmutableSortedDictionary<Address, ulong> Walk(ImmutableSortedDictionary<Address, ulong> prices)
    {
        foreach (var asset in prices.Keys)
        {
            var move = random.NextDouble() switch
            {
                < 0.05 => 0.70 + (0.2 * random.NextDouble()),
                < 0.09 => 1.10 + (0.2 * random.NextDouble()),
                _ => 0.985 + (0.03 * random.NextDouble()),
            };
            prices = prices.SetItem(asset, Math.Max(1, (ulong)(prices[asset] * move)));
        }

        return prices;
    }

    private ImmutableSortedSet<Address> Break(ToyState before)
    {
        if (!before.Broken.IsEmpty)
        {
            return random.Next(3) == 0 ? [] : before.Broken;
        }

        return random.NextDouble() < 0.03 ? [before.Listed[random.Next(before.Listed.Count)]] : [];
    }
}
