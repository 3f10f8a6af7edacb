using System.Text.Json;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV3;

/// <summary>The result of public/get_subaccounts: the wallet and the numbers of its sub-accounts.</summary>
internal static class WalletAccounts
{
    private const int Most = 100_000;

    /// <exception cref="VenueAnswerException">It is of another wallet, or no list of numbers.</exception>
    public static IEnumerable<ulong> Read(JsonElement result, Address owner)
    {
        if (result.ValueKind != JsonValueKind.Object || !result.TryGetProperty("wallet", out var wallet) || wallet.ValueKind != JsonValueKind.String || !Address.TryParse(wallet.GetString()!, out var told))
        {
            throw new VenueAnswerException("The venue's answer names no wallet.");
        }

        if (told != owner)
        {
            throw new VenueAnswerException($"The venue answered for the wallet {told} when it was asked for {owner}.");
        }

        if (!result.TryGetProperty("subaccount_ids", out var ids) || ids.ValueKind != JsonValueKind.Array || ids.GetArrayLength() > Most)
        {
            throw new VenueAnswerException("The venue's subaccount_ids are not a list.");
        }

        foreach (var id in ids.EnumerateArray())
        {
            yield return id.ValueKind == JsonValueKind.Number && id.TryGetUInt64(out var number) ? number : throw new VenueAnswerException("The venue's subaccount_ids are not whole numbers.");
        }
    }
}
