using System.Linq.Expressions;
using System.Numerics;
using System.Reflection;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Ethereum.Abi;

/// <summary>
/// Makes compiled readers from ABI types into .NET types, and refuses pairs that do not fit: that happens when the catalog is built, so a wrong record
/// is found before the first block.
/// </summary>
internal static class AbiBinder
{
    public static Expression Value(AbiType type, Type target, Expression frame, Expression at, string where)
    {
        var bits = Expression.Constant(type.Size);
        switch (type.Kind)
        {
            case AbiKind.Address when target == typeof(Address):
                return Expression.Call(frame, nameof(AbiReader.Address), null, at);
            case AbiKind.Bool when target == typeof(bool):
                return Expression.Call(frame, nameof(AbiReader.Bool), null, at);
            case AbiKind.UInt when UnsignedReader(type.Size, target) is { } reader:
                return Expression.Call(typeof(AbiWords), reader, null, frame, at, bits);
            case AbiKind.Int when SignedReader(type.Size, target) is { } reader:
                return Expression.Call(typeof(AbiWords), reader, null, frame, at, bits);
            case AbiKind.FixedBytes when target == typeof(Hash32):
                return Expression.Call(typeof(AbiWords), nameof(AbiWords.FixedBytes), null, frame, at, bits);
            case AbiKind.Bytes when target == typeof(ReadOnlyMemory<byte>):
                return Expression.Call(frame, nameof(AbiReader.Bytes), null, at);
            case AbiKind.Bytes when target == typeof(byte[]):
                return Expression.Call(typeof(AbiWords), nameof(AbiWords.ByteArray), null, frame, at);
            case AbiKind.String when target == typeof(string):
                return Expression.Call(typeof(AbiWords), nameof(AbiWords.Text), null, frame, at);
            case AbiKind.Array when ElementOf(target) is { } element:
                return Array(type, target, element, frame, at, where);
            case AbiKind.Tuple when Constructor(target, type.Components.Count) is { } constructor:
                return Tuple(type, constructor, frame, at, where);
            default:
                throw new AbiException($"{where}: a {type} is not read into {target.Name}{Advice(type)}.");
        }
    }

    /// <summary>The arguments of the constructor, read one after the other from a frame's heads.</summary>
    public static Expression Record(IReadOnlyList<AbiParameter> components, ConstructorInfo constructor, Expression frame, Expression at, string where)
    {
        var parameters = constructor.GetParameters();
        var arguments = new Expression[components.Count];
        var offset = 0;
        for (var i = 0; i < components.Count; i++)
        {
            CheckName(components[i], parameters[i], i, where);
            arguments[i] = Value(
                components[i].Type, parameters[i].ParameterType, frame, Expression.Add(at, Expression.Constant(offset)), $"{where}.{parameters[i].Name}");
            offset += components[i].Type.HeadSize;
        }

        return Expression.New(constructor, arguments);
    }

    /// <summary>The one public constructor that takes so many parameters, or null.</summary>
    public static ConstructorInfo? Constructor(Type target, int count)
    {
        var found = target.GetConstructors().Where(c => c.GetParameters().Length == count).ToList();
        return found.Count == 1 && count > 0 ? found[0] : null;
    }

    public static void CheckName(AbiParameter component, ParameterInfo parameter, int position, string where)
    {
        var expected = component.Name.Trim('_');
        if (expected.Length > 0 && !string.Equals(expected, parameter.Name?.Trim('_'), StringComparison.OrdinalIgnoreCase))
        {
            throw new AbiException($"{where}: parameter {position + 1} is named {parameter.Name}, but the ABI has {component.Name} there.");
        }
    }

    private static Expression Tuple(AbiType type, ConstructorInfo constructor, Expression frame, Expression at, string where)
    {
        if (!type.IsDynamic)
        {
            return Record(type.Components, constructor, frame, at, where);
        }

        var inner = Expression.Variable(typeof(AbiReader));
        return Expression.Block(
            [inner],
            Expression.Assign(inner, Expression.Call(frame, nameof(AbiReader.Tail), null, at)),
            Record(type.Components, constructor, inner, Expression.Constant(0), where));
    }

    private static Expression Array(AbiType type, Type target, Type element, Expression frame, Expression at, string where)
    {
        var item = type.Element!;
        var innerFrame = Expression.Parameter(typeof(AbiReader));
        var innerAt = Expression.Parameter(typeof(int));
        var read = Expression.Lambda(
            typeof(AbiRead<>).MakeGenericType(element), Value(item, element, innerFrame, innerAt, where + "[]"), innerFrame, innerAt).Compile();
        var reader = Expression.Constant(read, typeof(AbiRead<>).MakeGenericType(element));
        var headSize = Expression.Constant(item.HeadSize);
        var array = type.Size < 0
            ? Expression.Call(typeof(AbiWords), nameof(AbiWords.Array), [element], frame, at, headSize, reader)
            : Expression.Call(
                typeof(AbiWords), nameof(AbiWords.FixedArray), [element], frame, at, Expression.Constant(type.Size), headSize, Expression.Constant(item.IsDynamic), reader);
        return Expression.Convert(array, target);
    }

    private static Type? ElementOf(Type target) => target.IsArray && target != typeof(byte[])
        ? target.GetElementType()
        : target.IsGenericType && target.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? target.GetGenericArguments()[0] : null;

    private static string? UnsignedReader(int bits, Type target) => target switch
    {
        _ when target == typeof(UInt256) => nameof(AbiWords.UInt),
        _ when target == typeof(UInt128) && bits <= 128 => nameof(AbiWords.UInt128),
        _ when target == typeof(ulong) && bits <= 64 => nameof(AbiWords.ULong),
        _ when target == typeof(uint) && bits <= 32 => nameof(AbiWords.UInt32),
        _ when target == typeof(int) && bits < 32 => nameof(AbiWords.Int32OfUInt),
        _ when target == typeof(ushort) && bits <= 16 => nameof(AbiWords.UInt16),
        _ when target == typeof(byte) && bits <= 8 => nameof(AbiWords.UInt8),
        _ => null,
    };

    private static string? SignedReader(int bits, Type target) => target switch
    {
        _ when target == typeof(BigInteger) => nameof(AbiWords.SIntBig),
        _ when target == typeof(Int128) => nameof(AbiWords.SInt128),
        _ when target == typeof(long) && bits <= 64 => nameof(AbiWords.SInt64),
        _ when target == typeof(int) && bits <= 32 => nameof(AbiWords.SInt32),
        _ => null,
    };

    private static string Advice(AbiType type) => type.Kind switch
    {
        AbiKind.UInt => ": use UInt256, or an unsigned type with at least its bits",
        AbiKind.Int => ": use BigInteger, Int128, or a signed type with at least its bits",
        AbiKind.Address => ": use Address",
        AbiKind.Bool => ": use bool",
        AbiKind.FixedBytes => ": use Hash32",
        AbiKind.Bytes => ": use ReadOnlyMemory<byte> or byte[]",
        AbiKind.String => ": use string",
        AbiKind.Tuple => $": use a record whose one constructor takes {type.Components.Count} parameters",
        _ => ": use an array or IReadOnlyList",
    };
}
