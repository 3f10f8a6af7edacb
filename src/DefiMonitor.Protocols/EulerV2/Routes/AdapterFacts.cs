using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Protocols.EulerV2;

/// <summary>What an oracle is asked of itself, and how its answers make a row. One that is no cross adapter reverts on the parts of one, which is no harm.</summary>
internal static class AdapterFacts
{
    private static readonly IReadOnlyList<(AdapterFields Field, AbiResult<Address> Shape, Func<AdapterRow, Address, AdapterRow> Set)> Parts =
    [
        (AdapterFields.Base, EulerAbi.Base, static (row, value) => row with { Base = value }),
        (AdapterFields.Cross, EulerAbi.Cross, static (row, value) => row with { Cross = value }),
        (AdapterFields.Quote, EulerAbi.Quote, static (row, value) => row with { Quote = value }),
        (AdapterFields.BaseCross, EulerAbi.OracleBaseCross, static (row, value) => row with { OracleBaseCross = value }),
        (AdapterFields.CrossQuote, EulerAbi.OracleCrossQuote, static (row, value) => row with { OracleCrossQuote = value }),
        (AdapterFields.Fallback, EulerAbi.FallbackOracle, static (row, value) => row with { Fallback = value }),
    ];

    public static IEnumerable<Call> Questions(Address oracle)
    {
        yield return EulerAbi.Name.Function.Call(oracle);
        foreach (var (_, shape, _) in Parts)
        {
            yield return shape.Function.Call(oracle);
        }
    }

    /// <summary>The row with one more answer; the same row where the call is none of the questions.</summary>
    public static AdapterRow Take(in AdapterRow row, Call call, CallResult result)
    {
        if (EulerAbi.Name.Function.IsCall(call))
        {
            var kind = !EulerAbi.Name.TryDecode(result, out var name, out _) ? AdapterKind.Nameless
                : name == "EulerRouter" ? AdapterKind.Router
                : name == "CrossAdapter" ? AdapterKind.Cross
                : AdapterKind.Leaf;
            return row with { Kind = kind, Asked = row.Asked | AdapterFields.Name, Answered = row.Answered | AdapterFields.Name };
        }

        foreach (var (field, shape, set) in Parts)
        {
            if (shape.Function.IsCall(call))
            {
                return shape.TryDecode(result, out var value, out _)
                    ? set(row, value) with { Asked = row.Asked | field, Answered = row.Answered | field }
                    : row with { Asked = row.Asked | field, Answered = row.Answered & ~field };
            }
        }

        return row;
    }
}
