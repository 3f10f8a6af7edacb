using System.Reflection;
using DefiMonitor.Core.Portfolio;

namespace DefiMonitor.Tests;

/// <summary>The dependency rule and the wall between verdicts and risk, held by reflection over what was built.</summary>
public sealed class ArchitectureTests
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Type[] Inexact = [typeof(double), typeof(float), typeof(decimal)];

    [Theory]
    [InlineData("DefiMonitor.Core", "")]
    [InlineData("DefiMonitor.Ethereum", "DefiMonitor.Core")]
    [InlineData("DefiMonitor.Protocols", "DefiMonitor.Core DefiMonitor.Ethereum")]
    [InlineData("DefiMonitor.Engine", "DefiMonitor.Core DefiMonitor.Ethereum")]
    public void A_room_knows_only_the_rooms_below_it(string room, string allowed)
    {
        var known = Assembly.Load(room).GetReferencedAssemblies()
            .Select(static a => a.Name!)
            .Where(static n => n.StartsWith("DefiMonitor", StringComparison.Ordinal));
        known.Except(allowed.Split(' ')).ShouldBeEmpty();
    }

    [Fact]
    public void Core_stands_on_the_base_library_alone()
    {
        var foreign = Assembly.Load("DefiMonitor.Core").GetReferencedAssemblies()
            .Select(static a => a.Name!)
            .Where(static n => !n.StartsWith("System.", StringComparison.Ordinal));
        foreign.ShouldBeEmpty();
    }

    [Fact]
    public void No_inexact_number_is_part_of_a_verdict()
    {
        var verdictTypes = typeof(MarginReport).Assembly.GetTypes()
            .Where(static t => t.Namespace is "DefiMonitor.Core.Portfolio" or "DefiMonitor.Core.State")
            .Concat(Assembly.Load("DefiMonitor.Protocols").GetTypes())
            .ToList();
        verdictTypes.Count.ShouldBeGreaterThan(20);

        var leaks = new List<string>();
        foreach (var type in verdictTypes)
        {
            leaks.AddRange(type.GetFields(All).Where(static f => IsInexact(f.FieldType)).Select(f => $"{type.Name}.{f.Name}"));
            foreach (var method in type.GetMethods(All))
            {
                if (IsInexact(method.ReturnType)
                    || method.GetParameters().Any(static p => IsInexact(p.ParameterType))
                    || method.GetMethodBody()?.LocalVariables.Any(static v => IsInexact(v.LocalType)) == true)
                {
                    leaks.Add($"{type.Name}.{method.Name}");
                }
            }
        }

        leaks.ShouldBeEmpty();
    }

    private static bool IsInexact(Type type)
    {
        type = type.IsByRef ? type.GetElementType()! : type;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return Inexact.Contains(type) || (type.IsGenericType && type.GetGenericArguments().Any(IsInexact));
    }
}
