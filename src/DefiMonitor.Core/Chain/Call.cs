using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Core.Chain;

/// <summary>A view call: contract and calldata. Equal when both are, byte for byte.</summary>
public sealed class Call : IEquatable<Call>
{
    private readonly int hash;

    public Call(Address to, ReadOnlyMemory<byte> data)
    {
        To = to;
        Data = data;
        var code = new HashCode();
        code.Add(to);
        code.AddBytes(data.Span);
        hash = code.ToHashCode();
    }

    public Address To { get; }

    public ReadOnlyMemory<byte> Data { get; }

    public bool Equals(Call? other) =>
        other is not null && hash == other.hash && To.Equals(other.To) && Data.Span.SequenceEqual(other.Data.Span);

    public override bool Equals(object? obj) => Equals(obj as Call);

    public override int GetHashCode() => hash;

    public override string ToString() => $"{To}.{Convert.ToHexStringLower(Data.Span[..Math.Min(4, Data.Length)])}";
}

/// <summary>What the chain answered: the returned bytes, or that the call reverted. A call that could not be made has no result at all.</summary>
public readonly record struct CallResult(bool Success, ReadOnlyMemory<byte> Data);

/// <summary>Answers to calls, all at one and the same block.</summary>
public sealed class CallResults
{
    private readonly Dictionary<Call, CallResult> results = [];

    public int Count => results.Count;

    public IEnumerable<KeyValuePair<Call, CallResult>> All => results;

    public void Set(Call call, CallResult result) => results[call] = result;

    public bool TryGet(Call call, out CallResult result) => results.TryGetValue(call, out result);

    public bool Contains(Call call) => results.ContainsKey(call);
}
