using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Settings.Json;

namespace DefiMonitor.Engine.Alerting;

/// <summary>"wrapper" of an entry of "tokens": what is inside, and on which chains a contract says how much.</summary>
internal sealed class WrapperTerms
{
    private readonly Dictionary<ChainId, Address> contracts = [];

    private WrapperRule rule = new(WrapperKind.OneForOne, "", default);

    public static WrapperTerms? Read(SettingsObject token)
    {
        if (token.OptionalObject("wrapper") is not { } entry)
        {
            return null;
        }

        var terms = new WrapperTerms();
        var kind = entry.Choice("kind", "oneForOne", "oneForOne", "rate", "erc4626") switch
        {
            "rate" => WrapperKind.Rate,
            "erc4626" => WrapperKind.Erc4626,
            _ => WrapperKind.OneForOne,
        };
        var call = entry.OptionalText("call", "stEthPerToken()");
        terms.rule = new WrapperRule(
            kind, entry.Text("of", "ETH"), default, call, (int)entry.Whole("shareDecimals", 18, 0, 36), (int)entry.Whole("rateDecimals", 18, 0, 36));
        foreach (var text in entry.Texts("contracts", "eip155:1:0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0"))
        {
            if (!AssetReader.TryAccount(text, out var chain, out var contract, out var error))
            {
                entry.Complain("contracts", error);
            }
            else if (!terms.contracts.TryAdd(chain, contract))
            {
                entry.Complain("contracts", $"two contracts are named for {chain}; keep the one that says the rate there.");
            }
        }

        if (!entry.Has("kind"))
        {
            entry.Complain("kind", "this key is missing; write \"kind\": \"oneForOne\", \"rate\" or \"erc4626\".");
        }

        if (kind == WrapperKind.Rate && (call is null || !call.EndsWith("()", StringComparison.Ordinal)))
        {
            entry.Complain("call", "a view without arguments is wanted here, as in \"call\": \"stEthPerToken()\".");
        }

        if (kind != WrapperKind.OneForOne && terms.contracts.Count == 0)
        {
            entry.Complain("contracts", "nothing says whom to ask; write the contract of each chain, as in \"contracts\": [\"eip155:1:0x7f39C581F595B53c5cb19bD0b3f8dA6c935E2Ca0\"].");
        }

        entry.Done();
        return terms;
    }

    /// <summary>Null on a chain where nobody is named to ask: there the token is its own root.</summary>
    public WrapperRule? Of(ChainId chain, Address token) =>
        rule.Kind == WrapperKind.OneForOne ? rule with { Contract = token }
        : contracts.TryGetValue(chain, out var contract) ? rule with { Contract = contract } : null;
}
