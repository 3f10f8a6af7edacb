using System.Reflection;
using System.Runtime.CompilerServices;
using DefiMonitor.Core.State;

namespace DefiMonitor.Tests.Protocols;

/// <summary>A row is its bytes: padding would hold whatever was in memory, and two equal states would differ on disk.</summary>
public sealed class RowTests
{
    [Fact]
    public void No_key_and_no_row_of_any_table_has_padding()
    {
        var tables = ProtocolFixtures.All.DistinctBy(fixture => fixture.Family).SelectMany(fixture => fixture.Make(1).NewProtocol().Tables).ToList();
        tables.Count.ShouldBeGreaterThan(5);
        foreach (var table in tables)
        {
            table.KeySize.ShouldBe(SizeOfFields(table.KeyType), $"{table.Name}: {table.KeyType.Name}");
            table.RowSize.ShouldBe(SizeOfFields(table.RowType), $"{table.Name}: {table.RowType.Name}");
        }
    }

    [Fact]
    public void Table_names_are_not_shared() =>
        ProtocolFixtures.All[0].Make(1).NewProtocol().Tables.Select(table => table.Name).ShouldBeUnique();

    private static int SizeOfFields(Type type)
    {
        if (type.IsEnum)
        {
            return SizeOfFields(Enum.GetUnderlyingType(type));
        }

        if (type.IsPrimitive || type == typeof(UInt128) || type == typeof(Int128))
        {
            return (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;
        }

        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        fields.ShouldNotBeEmpty(type.Name);
        return fields.Sum(field => SizeOfFields(field.FieldType));
    }
}
