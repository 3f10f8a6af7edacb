using System.Linq.Expressions;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>
/// An event read into a record: <c>readonly record struct Supply(Address Reserve, ...)</c>, whose constructor has the event's inputs in their order, by name
/// (case and underscores apart) and type. Checked when made; reading is compiled.
/// </summary>
public sealed class AbiEvent<T>
{
    private readonly Func<IReadOnlyList<Hash32>, AbiReader, T> read;

    /// <exception cref="AbiException">T does not fit the event; the sentence names the parameter.</exception>
    public AbiEvent(AbiEvent definition)
    {
        Definition = definition;
        var constructor = AbiBinder.Constructor(typeof(T), definition.Inputs.Count)
            ?? throw new AbiException($"{typeof(T).Name} has no single constructor for the {definition.Inputs.Count} inputs of {definition.Signature}.");
        var topics = Expression.Parameter(typeof(IReadOnlyList<Hash32>));
        var data = Expression.Parameter(typeof(AbiReader));
        var parameters = constructor.GetParameters();
        var arguments = new Expression[parameters.Length];
        var topic = 1;
        var offset = 0;
        for (var i = 0; i < parameters.Length; i++)
        {
            var input = definition.Inputs[i];
            var where = $"{typeof(T).Name}.{parameters[i].Name}";
            AbiBinder.CheckName(input, parameters[i], i, typeof(T).Name);
            if (input.Indexed)
            {
                arguments[i] = Topic(input.Type, parameters[i].ParameterType, Expression.Property(topics, "Item", Expression.Constant(topic++)), where);
            }
            else
            {
                arguments[i] = AbiBinder.Value(input.Type, parameters[i].ParameterType, data, Expression.Constant(offset), where);
                offset += input.Type.HeadSize;
            }
        }

        read = Expression.Lambda<Func<IReadOnlyList<Hash32>, AbiReader, T>>(Expression.New(constructor, arguments), topics, data).Compile();
    }

    public AbiEvent Definition { get; }

    public Hash32 Topic0 => Definition.Topic0;

    /// <summary>True for a log of this signature with as many topics (two events may differ only in what is indexed).</summary>
    public bool Matches(Log log) => log.Topics.Count == Definition.IndexedCount + 1 && log.Topics[0] == Topic0;

    /// <exception cref="AbiException">The log is of another event, or its data are not as the ABI says.</exception>
    public T Decode(Log log)
    {
        if (!Matches(log))
        {
            throw new AbiException($"The log {log.LogIndex} of {log.TransactionHash.Short} is no {Definition.Signature} with {Definition.IndexedCount} indexed inputs.");
        }

        AbiWords.Begin(log.Data.Length);
        return read(log.Topics, new AbiReader(log.Data));
    }

    private static Expression Topic(AbiType type, Type target, Expression topic, string where)
    {
        // The topic of a string, bytes, array or struct is its hash.
        if (type.IsDynamic || type.Kind is AbiKind.Tuple or AbiKind.Array)
        {
            return target == typeof(Hash32) ? topic : throw new AbiException($"{where}: an indexed {type} is only its hash: use Hash32.");
        }

        return type.Kind switch
        {
            AbiKind.Address when target == typeof(Address) => Expression.Call(typeof(AbiWords), nameof(AbiWords.TopicAddress), null, topic),
            AbiKind.UInt when target == typeof(UInt256) => Expression.Call(typeof(AbiWords), nameof(AbiWords.TopicUInt), null, topic, Expression.Constant(type.Size)),
            AbiKind.FixedBytes when target == typeof(Hash32) && type.Size == 32 => topic,
            _ => AbiBinder.Value(type, target, Expression.Call(typeof(AbiWords), nameof(AbiWords.TopicFrame), null, topic), Expression.Constant(0), where),
        };
    }
}
