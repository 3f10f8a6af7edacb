using System.Globalization;
using System.Text.Json;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.DeriveV3;

/// <summary>Derive v3 by its public API (docs.derive.xyz, version 0.2.0): public/margin_watch, with public/get_time beside it and public/get_margin as a second view. Nothing of it needs a key.</summary>
public sealed class DeriveV3Feed(ulong maxAgeSeconds) : IVenueFeed
{
    public const string Name = "derive-v3";

    /// <summary>docs.derive.xyz; a test network is at testnet.api.derive.xyz.</summary>
    public const string Url = "https://api.derive.xyz/v3/";

    private const ulong MostSkewMilliseconds = 120_000;

    // Before 2001 as milliseconds: such a number is seconds.
    private const ulong LeastMilliseconds = 1_000_000_000_000;

    public string Source => Name;

    /// <summary>Class non_matching: 5 a second (with a burst of 5 times that in 5 seconds, which is left alone).</summary>
    public int RequestsPerSecond => 5;

    public VenueRequest Clock { get; } = new("public/get_time", "{}");

    public VenueRequest Snapshot(VenueAccountId account) =>
        new("public/margin_watch", string.Create(CultureInfo.InvariantCulture, $"{{\"subaccount_id\": {IdOf(account)}}}"));

    public VenueClock ReadClock(VenueAnswer answer)
    {
        try
        {
            using var reply = DeriveV3Reply.Open(answer);
            return reply.Result.ValueKind == JsonValueKind.Number && reply.Result.TryGetUInt64(out var time) && time >= LeastMilliseconds
                ? new VenueClock(time, null)
                : new VenueClock(null, "The venue's clock can't be read: get_time did not answer milliseconds.");
        }
        catch (Exception wrong) when (IsOfAnswer(wrong))
        {
            return new VenueClock(null, $"The venue's clock can't be read: {wrong.Message}");
        }
    }

    /// <summary>The channel margin.watch takes no parameters and needs no key.</summary>
    public VenueRequest? Pushes { get; } = new("ws", """{"jsonrpc":"2.0","id":1,"method":"subscribe","params":{"channels":["margin.watch"]}}""");

    public IReadOnlyList<VenuePush> ReadPush(string message, IReadOnlySet<VenueAccountId> accounts)
    {
        try
        {
            return MarginPush.Read(message, AccountOf, accounts);
        }
        catch (Exception wrong) when (IsOfAnswer(wrong))
        {
            return [];
        }
    }

    public VenueReport Judge(VenueAccountId account, VenueAnswer answer, VenueClock clock, ulong readAt)
    {
        var id = IdOf(account);
        var report = new VenueReport { Account = account, Status = MarginStatus.Unknown, ReadAt = readAt, Body = answer.Body };
        try
        {
            using var reply = DeriveV3Reply.Open(answer);
            var watched = MarginWatch.Read(reply.Result);
            report = report with
            {
                ValuedAt = watched.ValuedAt,
                MaintenanceMargin = watched.Maintenance,
                InitialMargin = watched.Initial,
                AccountValue = watched.Value,
                IsDelayedLiquidation = watched.IsDelayed,
                MarginType = watched.MarginType,
                Holdings = watched.Holdings,
            };
            return (OfAnother(watched, id) ?? OfAnotherTime(watched, clock, readAt) ?? MarginWatch.Contradiction(watched)) is { } reason
                ? report with { UnknownReason = reason }
                : report with { Status = watched.Maintenance >= 0 ? MarginStatus.Healthy : watched.Value > 0 ? MarginStatus.Liquidatable : MarginStatus.Insolvent, Check = SecondView(reply.Result).Why ?? "" };
        }
        catch (Exception wrong) when (IsOfAnswer(wrong))
        {
            return report with { UnknownReason = wrong is VenueAnswerException ? wrong.Message : $"The venue's answer can't be read: {wrong.Message}" };
        }
    }

    public VenueRequest? Accounts(Address owner) => new("public/get_subaccounts", $$"""{"wallet":"{{owner.ToHex()}}"}""");

    public VenueOwner ReadAccounts(Address owner, VenueAnswer answer)
    {
        try
        {
            using var reply = DeriveV3Reply.Open(answer);
            return new VenueOwner(Name, owner, [.. WalletAccounts.Read(reply.Result, owner).Select(AccountOf)], null);
        }
        catch (Exception wrong) when (IsOfAnswer(wrong))
        {
            return new VenueOwner(Name, owner, [], wrong is VenueAnswerException ? wrong.Message : $"The venue's answer can't be read: {wrong.Message}");
        }
    }

    /// <summary>Of who is healthy by the venue's word: who is flagged is told whatever a second view says.</summary>
    public VenueRequest? Check(VenueReport report)
    {
        if (report.Status != MarginStatus.Healthy)
        {
            return null;
        }

        using var reply = DeriveV3Reply.Open(new VenueAnswer(200, report.Body, null));
        return SecondView(reply.Result).Request;
    }

    public VenueReport Compare(VenueReport report, VenueAnswer answer)
    {
        try
        {
            using var reply = DeriveV3Reply.Open(answer);
            return MarginCheck.Compare(report, reply.Result);
        }
        catch (Exception wrong) when (IsOfAnswer(wrong))
        {
            return report with { Check = $"not checked: {(wrong is VenueAnswerException ? wrong.Message : $"the venue's answer can't be read: {wrong.Message}")}" };
        }
    }

    // What is odd in fields that only the second view goes by leaves the first one standing.
    private static (VenueRequest? Request, string? Why) SecondView(JsonElement watched)
    {
        try
        {
            return MarginCheck.Of(watched);
        }
        catch (Exception wrong) when (IsOfAnswer(wrong))
        {
            return (null, $"not checked: the venue's answer can't be read: {wrong.Message}");
        }
    }

    private static VenueAccountId AccountOf(ulong id) => new(Name, id.ToString(CultureInfo.InvariantCulture));

    private static ulong IdOf(VenueAccountId account) =>
        account.Source == Name && ulong.TryParse(account.Account, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new ArgumentException($"{account} is no sub-account of {Name}.", nameof(account));

    // A text that is no Unicode, a figure out of all bounds: one odd field makes this account Unknown and stops no round.
    private static bool IsOfAnswer(Exception error) => error is VenueAnswerException or InvalidOperationException or ArithmeticException or ArgumentException or JsonException;

    private static string? OfAnother(MarginWatch watched, ulong id) =>
        watched.SubAccount == id ? null : $"The venue answered for sub-account {watched.SubAccount} when it was asked for {id}.";

    // A cache on the way answers yesterday's clock as gladly as yesterday's margin, so the venue's clock is held against ours.
    private string? OfAnotherTime(MarginWatch watched, VenueClock clock, ulong readAt)
    {
        if (clock.Milliseconds is not { } now)
        {
            return clock.Unknown ?? "The venue's clock was not read.";
        }

        var ours = readAt * 1_000;
        if ((now > ours ? now - ours : ours - now) > MostSkewMilliseconds)
        {
            return $"The venue's clock says {Utc(now / 1_000)}, ours {Utc(readAt)}: more than {MostSkewMilliseconds / 1_000} s apart, so how old its figures are can't be told.";
        }

        var seconds = now / 1_000;
        return watched.ValuedAt > seconds + (MostSkewMilliseconds / 1_000) ? $"The venue valued the account at {Utc(watched.ValuedAt)}, which its own clock ({Utc(seconds)}) has not come to."
            : seconds > watched.ValuedAt + maxAgeSeconds ? $"The venue valued the account at {Utc(watched.ValuedAt)}, {seconds - watched.ValuedAt} s ago; beyond {maxAgeSeconds} s it is not believed."
            : null;
    }

    private static string Utc(ulong seconds) => seconds <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
        : $"second {seconds}";
}
