using DefiMonitor.Core.Primitives;
using DefiMonitor.Core.State;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>Each product's upper bound values, rising by their time. A cache of the table and nothing else.</summary>
internal sealed class ProductSteps : ITableWatcher<StepKey>
{
    private readonly GammaTables tables;
    private readonly Dictionary<Hash32, SortedDictionary<ulong, StepRow>> byProduct = [];
    private readonly Dictionary<Hash32, IReadOnlyList<UpperBound>> lists = [];

    public ProductSteps(GammaTables tables)
    {
        this.tables = tables;
        tables.Steps.Watcher = this;
    }

    public IReadOnlyList<UpperBound> Of(in Hash32 product)
    {
        if (!lists.TryGetValue(product, out var list))
        {
            list = byProduct.TryGetValue(product, out var steps) ? [.. steps.Select(static step => new UpperBound(step.Key, step.Value.Value))] : [];
            lists.Add(product, list);
        }

        return list;
    }

    /// <summary>The times whose value has not been read.</summary>
    public IEnumerable<ulong> Unread(Hash32 product) =>
        byProduct.TryGetValue(product, out var steps) ? steps.Where(static step => !step.Value.IsRead).Select(static step => step.Key) : [];

    void ITableWatcher<StepKey>.Changed(in StepKey key)
    {
        lists.Remove(key.Product);
        if (!byProduct.TryGetValue(key.Product, out var steps))
        {
            byProduct.Add(key.Product, steps = []);
        }

        if (tables.Steps.TryGet(key, out var row))
        {
            steps[key.TimeToExpiry] = row;
        }
        else
        {
            steps.Remove(key.TimeToExpiry);
        }
    }

    void ITableWatcher<StepKey>.Cleared()
    {
        byProduct.Clear();
        lists.Clear();
    }
}
