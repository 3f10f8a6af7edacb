using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.OpynGamma;

/// <summary>An owner's inputs at other prices. Rounds of the past stay what they were: the newest alone moves with its underlying.</summary>
internal static class Shocks
{
    public static OpynGammaState Of(OpynGammaState state, Shock shock) => !shock.MovesPrices
        ? state
        : state with { Vaults = [.. state.Vaults.Select(vault => Of(vault, shock))] };

    private static VaultState Of(VaultState vault, Shock shock) => vault with
    {
        Short = Of(vault.Short, shock),
        Long = Of(vault.Long, shock),
        Collateral = vault.Collateral is { } token ? Of(token, shock) : null,
        Newest = vault.Newest is { } round ? round with { Price = shock.Apply(vault.Short!.Underlying.Address, round.Price) } : null,
    };

    private static SeriesState? Of(SeriesState? series, Shock shock) => series is null
        ? null
        : series with { Underlying = Of(series.Underlying, shock), Strike = Of(series.Strike, shock), Collateral = Of(series.Collateral, shock) };

    private static TokenState Of(TokenState token, Shock shock) => token with { Price = shock.Apply(token.Address, token.Price) };
}
