using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Engine.Alerting;

/// <summary>
/// The parameters of a market as people know them: what a change is measured from. Stored in the transaction that tells of the change, so that a crash neither
/// loses one nor tells it twice.
/// </summary>
public sealed record MarketMemory
{
    /// <summary>Forks older than this were found out long ago, in blocks.</summary>
    private const ulong Remembered = 1_024;

    public required DeploymentId Deployment { get; init; }

    public required IReadOnlyList<MarketParameter> Parameters { get; init; }

    /// <summary>What was told lately, oldest first: a fork may take it back.</summary>
    public IReadOnlyList<ToldChanges> Told { get; init; } = [];

    /// <summary>A list with what was known of that which only events tell, where no event was seen since the tables were read afresh.</summary>
    public static List<MarketParameter> Filled(IReadOnlyList<MarketParameter> now, IReadOnlyList<MarketParameter> known)
    {
        var filled = new List<MarketParameter>(now);
        Fill(filled, known);
        return filled;
    }

    /// <summary>This memory with what the tables on disk tell of earlier events that it has not: learnt late, and nothing has changed.</summary>
    public MarketMemory Learn(IReadOnlyList<MarketParameter> stored)
    {
        var parameters = new List<MarketParameter>(Parameters);
        return Fill(parameters, stored) ? this with { Parameters = parameters } : this;
    }

    private static bool Fill(List<MarketParameter> parameters, IReadOnlyList<MarketParameter> from)
    {
        var told = new Dictionary<Key, UInt256>();
        foreach (var parameter in from)
        {
            if (!parameter.Value.IsZero)
            {
                told[Key.Of(parameter)] = parameter.Value;
            }
        }

        var isAny = false;
        for (var i = 0; i < parameters.Count; i++)
        {
            if (parameters[i] is { Origin: ParameterOrigin.Events, Value.IsZero: true } && told.TryGetValue(Key.Of(parameters[i]), out var value))
            {
                parameters[i] = parameters[i] with { Value = value };
                isAny = true;
            }
        }

        return isAny;
    }

    /// <summary>What is not as it was, in the order of <paramref name="now"/>. A parameter that is not listed now could not be read, and stays as it was.</summary>
    /// <param name="merged">The parameters as known from now on.</param>
    public static List<ParameterChange> Compare(IReadOnlyList<MarketParameter> known, IReadOnlyList<MarketParameter> now, out List<MarketParameter> merged)
    {
        var before = new Dictionary<Key, MarketParameter>(known.Count);
        var subjects = new HashSet<Key>();
        foreach (var parameter in known)
        {
            before[Key.Of(parameter)] = parameter;
            subjects.Add(Key.Of(parameter) with { Name = "" });
        }

        merged = new List<MarketParameter>(now.Count);
        var changes = new List<ParameterChange>();
        foreach (var parameter in now)
        {
            merged.Add(parameter);
            if (before.Remove(Key.Of(parameter), out var was))
            {
                if (was.Value != parameter.Value)
                {
                    changes.Add(new ParameterChange(parameter, was.Value));
                }
            }
            else if (!subjects.Contains(Key.Of(parameter) with { Name = "" })
                && parameter is not ({ Unit: ParameterUnit.Flag, Value.IsZero: true } or { Origin: ParameterOrigin.Demand }))
            {
                // A switch that is off in something new is how things begin, and what is read on demand is new to us alone.
                changes.Add(new ParameterChange(parameter, null));
            }

            // What else is new of a subject that was known is told by a newer program, or could not be read before: nothing has changed.
        }

        foreach (var parameter in known)
        {
            if (before.ContainsKey(Key.Of(parameter)))
            {
                merged.Add(parameter);
            }
        }

        return changes;
    }

    /// <summary>The parameters as they were known before these changes were told, the newest of which is the last.</summary>
    public List<MarketParameter> Without(IReadOnlyList<ToldChanges> undone)
    {
        var parameters = new List<MarketParameter>(Parameters);
        for (var i = undone.Count - 1; i >= 0; i--)
        {
            foreach (var change in undone[i].Changes)
            {
                var at = parameters.FindIndex(p => p.IsSameAs(change.Parameter));
                if (at < 0)
                {
                    continue;
                }

                if (change.Old is { } old)
                {
                    parameters[at] = old;
                }
                else
                {
                    parameters.RemoveAt(at);
                }
            }
        }

        return parameters;
    }

    public static bool IsRecent(ToldChanges told, BlockHeader head) => told.Block.Number + Remembered >= head.Number;

    private readonly record struct Key(string What, Address Asset, uint Number, string Name)
    {
        public static Key Of(in MarketParameter parameter) => new(parameter.Subject.What, parameter.Subject.Asset, parameter.Subject.Number, parameter.Name);
    }
}

/// <param name="Block">At which it was seen.</param>
/// <param name="Number">Of the transition that told it.</param>
public sealed record ToldChanges(BlockRef Block, string AlertId, int Number, AlertLevel Level, IReadOnlyList<ParameterChange> Changes);

/// <summary>A market whose parameters are not as people know them.</summary>
public sealed record MarketChange
{
    /// <summary>Null = seen for the first time: remembered, and nothing is told.</summary>
    public required MarketMemory? Memory { get; init; }

    public required DeploymentId Deployment { get; init; }

    /// <summary>As they are known from now on.</summary>
    public required IReadOnlyList<MarketParameter> Parameters { get; init; }

    /// <summary>What was told of blocks that a fork undid, oldest first.</summary>
    public IReadOnlyList<ToldChanges> Undone { get; init; } = [];

    /// <summary>True where all that was undone holds on the canonical chain as well.</summary>
    public bool HoldsStill { get; init; }

    /// <summary>True where the market can't be read: what was undone is taken back, and how it is now is told when it is known.</summary>
    public bool IsUnread { get; init; }

    public IReadOnlyList<ParameterChange> Changes { get; init; } = [];

    /// <summary>The accounts that it touches, those that it hurts and that stand nearest to their edge first; not all where there are many.</summary>
    public IReadOnlyList<ParameterImpact> Impacts { get; init; } = [];

    /// <summary>How many it touches.</summary>
    public int Touched { get; init; }

    /// <summary>How many health factors fell by it, as far as is known.</summary>
    public int Fallen { get; init; }

    /// <summary>Accounts watched in the market.</summary>
    public int Watched { get; init; }
}
