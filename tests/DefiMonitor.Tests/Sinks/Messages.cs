using System.Text;
using DefiMonitor.Core.Alerts;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Engine.Sinks;

namespace DefiMonitor.Tests.Sinks;

/// <summary>Transitions and messages for tests.</summary>
internal static class Messages
{
    public const string Account = "aave-v3/eip155:1/core/0x00000000000000000000000000000000000000aa";

    /// <summary>A token's name made of a terminal's colours, a terminal's title, Spectre's, Markdown's and HTML's markup, and a direction override.</summary>
    public const string HostileSymbol = "\u001b[31mETH\u001b]0;owned\u0007[red]*_`<b>\u202e\\~|{evil}.!\n# x";

    public static Hash32 HashOf(ulong number) => Hash32.FromUInt256(0xabcd_0000_0000UL + number);

    public static BlockHeader Block(ulong number, ulong timestamp) => new(number, HashOf(number), HashOf(number - 1), timestamp);

    public static AlertTransition Transition(
        TransitionKind kind = TransitionKind.Opened,
        AlertLevel level = AlertLevel.Critical,
        AlertLevel previous = AlertLevel.None,
        string alertId = "0123456789abcdef0123456789abcdef",
        int number = 1,
        ulong block = 100,
        string title = "aave-v3 core on eip155:1: 0xaa..aa is near the edge",
        params string[] lines) => new()
        {
            AlertId = alertId,
            Number = number,
            Subject = new AlertSubject(SubjectKind.Account, Account),
            Rule = Rules.Distance,
            Kind = kind,
            Level = level,
            PreviousLevel = previous,
            Chain = new ChainId(1),
            Block = Block(block, 1_768_478_390),
            Title = title,
            Lines = lines.Length > 0 ? lines : ["health factor 1.0432 (was 1.1210)", "repay 1,043.21 USDC or deposit 0.41 WETH"],
        };

    public static SinkMessage Message(AlertTransition? transition = null, string json = """{"schemaVersion":"alert.v1"}""") => new()
    {
        MessageId = "msg_00112233445566778899aabbccddeeff",
        Seq = 7,
        Transition = transition ?? Transition(),
        CommittedAt = DateTimeOffset.FromUnixTimeSeconds(1_768_478_400),
        SendingAt = DateTimeOffset.FromUnixTimeSeconds(1_768_478_402),
        Json = Encoding.UTF8.GetBytes(json),
    };
}
