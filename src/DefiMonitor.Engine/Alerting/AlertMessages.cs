using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Engine.Alerting;

/// <summary>Makes the message that a sink sends out of a transition on file.</summary>
public static class AlertMessages
{
    /// <summary>Decimals that an estimate is sent with.</summary>
    private const int SigmaDigits = 2;
    private const int ShareDigits = 6;

    /// <param name="stored">The transition and its sequence number.</param>
    /// <param name="messageId">See <see cref="MessageId"/>.</param>
    /// <param name="confirmation">What the chain's own view says at the time of sending; null where none is asked for.</param>
    /// <param name="sendingAt">For the age: the text says how old the figures are when it is sent.</param>
    public static AlertV1 Of(StoredTransition stored, string messageId, Confirmation? confirmation, DateTimeOffset sendingAt)
    {
        var told = stored.Transition;
        var onChain = told.Subject.Kind is not (SubjectKind.Monitor or SubjectKind.Venue);
        var hasBlock = onChain && !told.Block.Hash.IsZero;
        long? age = hasBlock ? Math.Max(0, sendingAt.ToUnixTimeSeconds() - (long)told.Block.Timestamp) : null;
        var message = new AlertV1
        {
            Seq = stored.Seq,
            AlertId = told.AlertId,
            MessageId = messageId,
            TransitionNumber = told.Number,
            State = Word(told.Kind.ToString()),
            Level = Word(told.Level.ToString()),
            PreviousLevel = Word(told.PreviousLevel.ToString()),
            Rule = told.Rule,
            Subject = new SubjectV1(Word(told.Subject.Kind.ToString()), told.Subject.Key),
            Chain = onChain ? told.Chain.ToString() : null,
            Deployment = told.Report?.Account.Deployment.ToString() ?? (told.Subject.Kind == SubjectKind.Market ? told.Subject.Key : null),
            Account = told.Report?.Account.Key,
            OwnerName = told.OwnerName is null ? null : HostileText.OneLine(told.OwnerName, Say.MaxName),
            Block = hasBlock ? new BlockV1(told.Block.Number, told.Block.Hash.ToString(), told.Block.Timestamp) : null,
            Pin = told.Report is null ? null : told.Pin,
            AtNextBlock = told.AtNextBlock,
            PreviousHealthFactor = told.PreviousHealth,
            Cause = told.Cause is { } cause ? new CauseV1(Kebab(cause.Kind), cause.Text) : null,
            Confirmation = confirmation is { } view ? new ConfirmationV1(Word(view.State.ToString()), Text(view.Reason), Text(view.Ours), Text(view.Chain)) : null,
            Quiet = told.Quiet,
            Wakes = told.WakesPeople,
            AgeSeconds = age,
            Title = told.Title,
            Parameters = [.. told.Parameters.Select(Of)],
            Impacts = [.. told.Impacts.Select(Of)],
            ImpactedAccounts = told.Touched,
            Lines = [.. told.Lines, .. Foot(told, messageId, confirmation, age)],
        };
        return told.Report is { } report ? WithReport(message, told, report) : message;
    }

    private static AlertV1 WithReport(AlertV1 message, AlertTransition told, MarginReport report)
    {
        message = message with { Status = Word(report.Status.ToString()), Unit = Say.Unit(report), UnitDecimals = report.UnitDecimals, Blocked = [.. report.Blocked.Select(Of)] };
        if (report.Status == MarginStatus.Unknown)
        {
            // Nothing that was not read is given a figure.
            return message;
        }

        var trigger = AccountWords.Nearest(report);
        return message with
        {
            NextPrice = told.Outlook is { Status: { } then } outlook ? new NextPriceV1("model", Word(then.ToString()), outlook.HealthFactor?.ToString(), [.. outlook.Feeds.Select(Of)]) : null,
            HealthFactor = report.HealthFactor?.ToString(),
            Distance = report.HealthFactor is null ? null : new DistanceV1(
                "model",
                told.Distance is { } d ? Math.Round(d.Sigmas, SigmaDigits) : null,
                told.Distance is { } e ? Math.Round(e.DailySigma, ShareDigits) : null,
                told.Distance?.Assumed ?? false,
                trigger?.UniformFallPpm,
                trigger?.SecondsAtConstantPrices),
            Edges = trigger is null ? [] : [.. trigger.Edges.Select(Of)],
            CollateralValue = report.CollateralValue.ToString(),
            DebtValue = report.DebtValue.ToString(),
            Positions = [.. report.Positions.Select(Of)],
            Remedies = [.. report.Remedies.Select(Of)],
            Actions = [.. report.Actions.Select(Of)],
            Liquidation = report.Liquidations.Count > 0 ? Of(report.Liquidations[0]) : null,
        };
    }

    private static IEnumerable<string> Foot(AlertTransition told, string messageId, Confirmation? confirmation, long? age)
    {
        if (confirmation is not null)
        {
            yield return MessageText.Said(confirmation);
        }

        if (age is { } seconds)
        {
            var read = told.Report is null ? "" : told.Pin == "hash" ? " read by its hash," : told.Pin == "pending" ? " and a price that no block holds yet," : " read by number (weak),";
            yield return $"Block {told.Block.Number} {told.Block.Hash.Short},{read} {Say.Span((ulong)seconds)} old when sent.";
        }

        yield return $"Alert {told.AlertId} no. {told.Number}, message {messageId}.";
    }

    private static ParameterV1 Of(ParameterChange change)
    {
        var (subject, unit) = (change.Parameter.Subject, change.Parameter.Unit);
        return new(
            subject.What, subject.Asset.IsZero ? null : subject.Asset.ToString(), subject.Number == 0 && !subject.IsNumbered ? null : subject.Number, subject.Symbol == default ? null : Say.Symbol(subject.Symbol.ToString()),
            change.Parameter.Name, Word(change.Parameter.Kind == ParameterKind.RateModel ? "rate-model" : change.Parameter.Kind.ToString()), Word(unit.ToString()), change.Parameter.Decimals,
            change.Old is { } old ? Value(old) : null, Value(change.Parameter));
    }

    private static string Value(in MarketParameter parameter) =>
        parameter.Unit == ParameterUnit.Address ? Address.FromWord(Hash32.FromUInt256(parameter.Value)).ToString() : parameter.Value.ToString();

    private static ImpactV1 Of(ParameterImpact impact) => new(
        impact.Account.ToString(), impact.OwnerName is null ? null : HostileText.OneLine(impact.OwnerName, Say.MaxName),
        impact.Before?.ToString(), impact.After?.ToString(), Word(impact.Source.ToString()), impact.FiledBlock);

    private static BlockedV1 Of(Blocked blocked) =>
        new(HostileText.OneLine(blocked.Code, Say.MaxSymbol), HostileText.OneLine(blocked.Text, Say.MaxSentence), blocked.Until);

    private static NextFeedV1 Of(OutlookFeed feed) => new(
        HostileText.OneLine(feed.Name, Say.MaxName), feed.Feed.ToString(), feed.Decimals, feed.Oracle.ToString(), feed.Next.ToString(), feed.ApartPpm, feed.Rises, Word(feed.Due.ToString()));

    private static EdgeV1 Of(PriceEdge edge) =>
        new(edge.Asset.ToString(), Say.Symbol(edge.Symbol), Word(edge.Side.ToString()), edge.Price.ToString(), edge.CurrentPrice.ToString(), edge.DistancePpm);

    private static PositionV1 Of(Position leg) =>
        new(Word(leg.Side.ToString()), leg.Asset.ToString(), Say.Symbol(leg.Symbol), leg.Decimals, leg.Amount.ToString(), leg.Price.ToString(), leg.Value.ToString(), leg.ThresholdBps, leg.Counts);

    private static RemedyV1 Of(Remedy remedy) => new(
        Word(remedy.Kind.ToString()), remedy.Asset.ToString(), Say.Symbol(remedy.Symbol), remedy.Decimals, remedy.Amount.ToString(), remedy.Value.ToString(),
        remedy.TargetHealth.ToString(), remedy.HealthAfter?.ToString(), remedy.Caveat is null ? null : HostileText.OneLine(remedy.Caveat, Say.MaxSentence));

    private static ActionV1 Of(ActionCheck action) => new(
        Word(action.Kind.ToString()), action.Asset.ToString(), Say.Symbol(action.Symbol), action.Decimals, Word(action.Possible.ToString()), action.Limit?.ToString(),
        [.. action.Reasons.Select(static r => new ActionReasonV1(r.Code, HostileText.OneLine(r.Text, Say.MaxSentence)))]);

    private static LiquidationV1 Of(LiquidationQuote quote) => new(
        quote.DebtAsset.ToString(), Say.Symbol(quote.DebtSymbol), quote.DebtToCover.ToString(),
        quote.CollateralAsset.ToString(), Say.Symbol(quote.CollateralSymbol), quote.CollateralTaken.ToString(), quote.Loss.ToString());

    private static string? Text(string? text) => text is null ? null : HostileText.OneLine(text, Say.MaxSentence);

    private static string Word(string name) => name.ToLowerInvariant();

    private static string Kebab(CauseKind kind) => kind == CauseKind.OwnTransaction ? "own-transaction" : Word(kind.ToString());
}
