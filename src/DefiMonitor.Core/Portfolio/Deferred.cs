using System.Collections;

namespace DefiMonitor.Core.Portfolio;

/// <summary>
/// A list worked out when somebody first looks at it. Most accounts of most blocks tell nothing: their edges and ways out, which cost far more than the
/// verdict, are then never computed. What works it out must be pure.
/// </summary>
public sealed class Deferred<T>(Func<IReadOnlyList<T>> make) : IReadOnlyList<T>
{
    private readonly Lazy<IReadOnlyList<T>> list = new(make);

    public int Count => list.Value.Count;

    public T this[int index] => list.Value[index];

    public IEnumerator<T> GetEnumerator() => list.Value.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
