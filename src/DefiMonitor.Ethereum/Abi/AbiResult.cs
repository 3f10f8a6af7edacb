using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using DefiMonitor.Core.Chain;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>Reads what a function returns into T: compiled once, checked against the ABI when made.</summary>
public sealed class AbiResult<T>
{
    private readonly AbiRead<T> read;

    internal AbiResult(AbiFunction function)
    {
        Function = function;
        if (function.Outputs.Count == 0)
        {
            throw new AbiException($"{function.Signature} returns nothing.");
        }

        var frame = Expression.Parameter(typeof(AbiReader));
        var at = Expression.Parameter(typeof(int));
        Expression body;
        if (function.Outputs.Count == 1)
        {
            body = AbiBinder.Value(function.Outputs[0].Type, typeof(T), frame, at, $"{typeof(T).Name} for {function.Signature}");
        }
        else
        {
            var constructor = AbiBinder.Constructor(typeof(T), function.Outputs.Count)
                ?? throw new AbiException($"{typeof(T).Name} has no single constructor for the {function.Outputs.Count} outputs of {function.Signature}.");
            body = AbiBinder.Record(function.Outputs, constructor, frame, at, $"{typeof(T).Name} for {function.Signature}");
        }

        read = Expression.Lambda<AbiRead<T>>(body, frame, at).Compile();
    }

    public AbiFunction Function { get; }

    /// <exception cref="AbiException">The bytes are not what the function returns.</exception>
    public T Decode(ReadOnlyMemory<byte> data)
    {
        AbiWords.Begin(data.Length);
        return read(new AbiReader(data), 0);
    }

    /// <summary>False with a sentence when the call reverted or returned something else.</summary>
    public bool TryDecode(CallResult result, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        if (!result.Success)
        {
            error = $"{Function.Name} reverted.";
            return false;
        }

        try
        {
            value = Decode(result.Data);
            error = null;
            return true;
        }
        catch (AbiException e)
        {
            error = $"{Function.Name} returned what it should not: {e.Message}";
            return false;
        }
    }
}
