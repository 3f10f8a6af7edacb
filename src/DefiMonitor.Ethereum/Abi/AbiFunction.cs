using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>A function of a contract's interface: calldata in, results out.</summary>
public sealed class AbiFunction
{
    internal AbiFunction(string name, IReadOnlyList<AbiParameter> inputs, IReadOnlyList<AbiParameter> outputs)
    {
        Name = name;
        Inputs = inputs;
        Outputs = outputs;
        Signature = $"{name}({string.Join(',', inputs.Select(i => i.Type.Signature))})";
        Selector = AbiSelector.Of(Signature);
    }

    public string Name { get; }

    public IReadOnlyList<AbiParameter> Inputs { get; }

    public IReadOnlyList<AbiParameter> Outputs { get; }

    /// <summary>Full: tuples written out, no spaces.</summary>
    public string Signature { get; }

    /// <summary>Four bytes.</summary>
    public ReadOnlyMemory<byte> Selector { get; }

    /// <summary>
    /// A call with these arguments: UInt256, ulong and smaller, BigInteger, Int128, Address, Hash32, bool, string, byte[], sequences of such for arrays,
    /// object arrays for tuples.
    /// </summary>
    /// <exception cref="AbiException">An argument does not fit its type; the sentence names it.</exception>
    public Call Call(Address to, params object[] arguments) => new(to, Encode(arguments));

    public byte[] Encode(params object[] arguments) => AbiEncoder.Encode(Selector.Span, Inputs, arguments, Signature);

    public bool IsCall(Call call) => call.Data.Length >= 4 && call.Data.Span[..4].SequenceEqual(Selector.Span);

    /// <summary>Reads results into records: parameters of the constructor in the order of the outputs. One struct as the only output is read into T itself.</summary>
    /// <exception cref="AbiException">T does not fit the outputs.</exception>
    public AbiResult<T> Result<T>() => new(this);

    public override string ToString() => Signature;
}
