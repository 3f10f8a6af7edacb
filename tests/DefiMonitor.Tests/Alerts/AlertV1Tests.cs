using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Alerting;
using DefiMonitor.Engine.Sinks;
using DefiMonitor.Engine.Storage;

namespace DefiMonitor.Tests.Alerts;

/// <summary>alert.v1 is a contract with other people's programs: what is sent is held to a file, byte for byte, and to the schema.</summary>
public sealed class AlertV1Tests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(File.ReadAllBytes(Beside("../../../docs/alert.v1.schema.json"))).RootElement;

    [Theory]
    [InlineData("alert.v1.escalated.json")]
    [InlineData("alert.v1.blind.json")]
    public void What_is_sent_equals_the_file_byte_for_byte(string file)
    {
        var sent = Encoding.UTF8.GetString(Encode(file).Span);
        sent.ShouldBe(File.ReadAllText(Beside("Golden/" + file)).TrimEnd('\n'));
    }

    [Theory]
    [InlineData("alert.v1.escalated.json")]
    [InlineData("alert.v1.blind.json")]
    public void The_file_is_as_the_schema_says(string file) =>
        JsonShape.Faults(Schema, JsonDocument.Parse(File.ReadAllBytes(Beside("Golden/" + file))).RootElement).ShouldBeEmpty();

    [Fact]
    public void Every_message_of_a_whole_life_is_as_the_schema_says()
    {
        var rig = new JudgeRig();
        var told = new List<AlertTransition>();
        var block = 100UL;
        foreach (var price in (string[])["2000", "1440", "1249", "1300", "2000", "1249"])
        {
            told.AddRange(rig.See(Samples.EthUsdc(price, block++)));
        }

        for (var i = 0; i < 6; i++)
        {
            told.AddRange(rig.See(Samples.Unknown(block++)));
        }

        told.AddRange(rig.See(Samples.Report(block, Leg.Collateral("WETH", "10", "2000", 8000))));
        told.AddRange(Judge.Test(Samples.Start).Transitions);
        told.Select(t => t.Kind).Distinct().Count().ShouldBe(4);
        foreach (var transition in told)
        {
            var json = AlertJson.Write(AlertJson.Of(new StoredTransition(7, transition, Later)));
            JsonShape.Faults(Schema, JsonDocument.Parse(json).RootElement).ShouldBeEmpty(json);
        }
    }

    [Fact]
    public void The_schema_finds_what_is_wrong()
    {
        var good = Encoding.UTF8.GetString(Encode("alert.v1.escalated.json").Span);
        Faults(good).ShouldBeEmpty();
        Faults(good.Replace("\"alert.v1\"", "\"alert.v2\"")).ShouldHaveSingleItem();
        Faults(good.Replace("\"seq\":42", "\"seq\":\"42\"")).ShouldHaveSingleItem();
        Faults(good.Replace("\"debtValue\":\"1000000000000\"", "\"debtValue\":1000000000000")).ShouldHaveSingleItem();
        Faults(good.Replace("\"wakes\":", "\"wake\":")).Count.ShouldBe(2);
        Faults(good.Replace("\"kind\":\"repay\"", "\"kind\":\"pay\"")).ShouldHaveSingleItem();

        static IReadOnlyList<string> Faults(string json) => JsonShape.Faults(Schema, JsonDocument.Parse(json).RootElement);
    }

    [Fact]
    public void What_the_owner_can_do_is_sent_and_what_does_not_simply_stand_open_is_said()
    {
        var report = Samples.EthUsdc("1300");
        var (weth, usdc) = (report.Positions[0], report.Positions[1]);
        ActionCheck[] actions =
        [
            ActionCheck.Of(ActionKind.Repay, usdc.Asset, "USDC", 6),
            ActionCheck.Of(
                ActionKind.Deposit, weth.Asset, "WETH", 18,
                new ActionReason("supply-cap", "The supply cap leaves room for 1.2 WETH.", Possibility.Limited, Units.Parse("1.2", 18)), new ActionReason("sequencer", "The sequencer is young.", Possibility.Limited)),
            ActionCheck.Of(ActionKind.Deposit, Samples.Token("wstETH"), "wstETH", 18, new ActionReason("paused", "The reserve is paused.", Possibility.No)),
            ActionCheck.Of(ActionKind.Withdraw, weth.Asset, "WETH", 18, new ActionReason("health", "Health allows none.", Possibility.No)),
        ];
        var told = new JudgeRig().See(report with { Actions = actions }).ShouldHaveSingleItem();
        var message = AlertJson.Of(new StoredTransition(1, told, Later));
        message.Lines.Single(static line => line.StartsWith("Can you act: ", StringComparison.Ordinal)).ShouldBe(
            "Can you act: deposit WETH: up to 1.2 (The supply cap leaves room for 1.2 WETH. The sequencer is young); deposit wstETH: no (The reserve is paused). Wallet and allowances are not read here.");
        var json = JsonDocument.Parse(AlertJson.Write(message)).RootElement;
        JsonShape.Faults(Schema, json).ShouldBeEmpty();
        json.GetProperty("actions").EnumerateArray()
            .Select(static a => $"{a.GetProperty("kind")} {a.GetProperty("symbol")} {a.GetProperty("possible")} {a.GetProperty("limit").GetRawText()} {string.Join(",", a.GetProperty("reasons").EnumerateArray().Select(static r => r.GetProperty("code")))}")
            .ShouldBe(["repay USDC yes null ", "deposit WETH limited \"1200000000000000000\" supply-cap,sequencer", "deposit wstETH no null paused", "withdraw WETH no null health"]);

        var open = new JudgeRig().See(report with { Actions = [actions[0]] }).ShouldHaveSingleItem();
        AlertJson.Of(new StoredTransition(1, open, Later)).Lines.ShouldContain("Can you act: the venue takes repayments and deposits. Wallet and allowances are not read here.");
    }

    [Fact]
    public void Unknown_has_no_figures_at_all()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("1300", 100));
        var told = Enumerable.Range(101, 5).SelectMany(b => rig.See(Samples.Unknown((ulong)b))).ToList().ShouldHaveSingleItem();
        var message = AlertJson.Of(new StoredTransition(1, told, Later));
        message.Status.ShouldBe("unknown");
        (message.HealthFactor, message.CollateralValue, message.DebtValue, message.Distance, message.Liquidation).ShouldBe((null, null, null, null, null));
        message.Remedies.ShouldBeEmpty();
    }

    [Fact]
    public void What_was_written_reads_back_the_same()
    {
        var json = Encoding.UTF8.GetString(Encode("alert.v1.escalated.json").Span);
        AlertJson.Write(AlertJson.Read(json)).ShouldBe(json);
        Should.Throw<JsonException>(() => AlertJson.Read("""{"schemaVersion":"alert.v2"}"""));
    }

    [Fact]
    public void A_hostile_symbol_or_name_is_bounded_and_harmless_and_nothing_but_ASCII_is_sent()
    {
        var report = Samples.EthUsdc("1300");
        var evil = "[bold]\u001b[31m" + new string('A', 5_000) + "\u202e\u0000\n<script>";
        var positions = report.Positions.Select(p => p with { Symbol = evil }).ToList();
        var remedies = report.Remedies.Select(r => r with { Symbol = evil, Caveat = evil }).ToList();
        var rig = new JudgeRig { OwnerName = evil };
        var told = rig.See(report with { Positions = positions, Remedies = remedies, Blocked = [new Blocked(evil, evil)] }).ShouldHaveSingleItem();
        var bytes = AlertJson.Encode(new StoredTransition(1, told, Later), "msg_" + new string('0', 32), Confirmation.Unconfirmed(evil), Later);
        bytes.Length.ShouldBeLessThan(10_000);
        bytes.Span.IndexOfAnyExceptInRange((byte)' ', (byte)'~').ShouldBe(-1);
        var message = AlertJson.Read(Encoding.UTF8.GetString(bytes.Span));
        foreach (var text in message.Lines.Append(message.Title).Append(message.Positions[0].Symbol).Append(message.OwnerName!))
        {
            text.Any(c => char.IsControl(c) || c == '\u202e').ShouldBeFalse(text);
        }

        message.Positions[0].Symbol.Length.ShouldBeLessThanOrEqualTo(24);
        JsonShape.Faults(Schema, JsonDocument.Parse(bytes).RootElement).ShouldBeEmpty();
    }

    private static DateTimeOffset Later => DateTimeOffset.FromUnixTimeSeconds((long)Samples.Start + 3_000);

    private static ReadOnlyMemory<byte> Encode(string file)
    {
        var transition = file.Contains("blind", StringComparison.Ordinal) ? Blind() : Escalated();
        var confirmation = transition.Report is null ? null : Confirmation.Unconfirmed("the node did not answer within 2 s.");
        var sendingAt = DateTimeOffset.FromUnixTimeSeconds((long)transition.Block.Timestamp + 4);
        return AlertJson.Encode(new StoredTransition(42, transition, sendingAt), MessageId.Of(transition.AlertId, transition.Number, "phone"), confirmation, sendingAt);
    }

    // A crash from 1,440 to 1,249.90 in one minute, with two ways out, one of them with a catch.
    private static AlertTransition Escalated()
    {
        var rig = new JudgeRig();
        rig.See(Samples.EthUsdc("1440", 100)).ShouldHaveSingleItem();
        var report = Samples.EthUsdc("1249.9", 105);
        var weth = report.Positions[0];
        var usdc = report.Positions[1];
        var told = rig.See(report with
        {
            Remedies =
            [
                .. report.Remedies,
                new Remedy(RemedyKind.Deposit, weth.Asset, "WETH", 18, Units.Parse("2.501000080006400512", 18), Units.Parse("3126.00", 8), Units.Parse("1.25", 18), Units.Parse("1.25", 18), "the supply cap leaves room for 1.2 WETH."),
            ],
            Liquidations = [new LiquidationQuote(usdc.Asset, "USDC", Units.Parse("5000", 6), weth.Asset, "WETH", Units.Parse("4.2003360268821506", 18), Units.Parse("250", 8))],
            Blocked = [new Blocked("grace-period", "the reserve's grace period runs.", Samples.Block(110).Timestamp)],
        });
        return told.ShouldHaveSingleItem();
    }

    private static AlertTransition Blind()
    {
        var head = Samples.Block(100);
        var chain = new ChainVitals
        {
            Chain = Samples.Ethereum,
            Head = head,
            BlockSeconds = 12,
            LoopBeatAt = head.Timestamp + 70,
            BlindSince = head.Timestamp,
            BlindReason = "connection refused",
            Accounts = 2,
            Standing = [new StandingAccount(Samples.Account(), "alice", 0.9, AlertLevel.Critical)],
        };
        var input = new WatchInput { Now = head.Timestamp + 70, Chains = [chain], Alerts = new Dictionary<AlertKey, AlertState>() };
        return new Judge(RuleBook.Default, Samples.Shipped).JudgeWatch(input).Transitions.ShouldHaveSingleItem();
    }

    private static string Beside(string file, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, file);
}
