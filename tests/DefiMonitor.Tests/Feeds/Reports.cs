using DefiMonitor.Core.Feeds;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;
using AbiWords = DefiMonitor.Tests.Protocols.AaveV3.Fake.AbiWords;

namespace DefiMonitor.Tests.Feeds;

/// <summary>Calldata of transmissions, laid out as Solidity's ABI lays it out.</summary>
internal static class Reports
{
    private const string Ocr2Signature = "transmit(bytes32[3],bytes,bytes32[],bytes32[],bytes32)";
    private const string SecondarySignature = "transmitSecondary(bytes32[3],bytes,bytes32[],bytes32[],bytes32)";
    private const string Ocr1Signature = "transmit(bytes,bytes32[],bytes32[],bytes32)";
    private const string ForwardSignature = "forward(address,bytes)";

    public static byte[] Ocr2(params UInt256[] observations) => Later(Ocr2Signature, observations);

    public static byte[] Secondary(params UInt256[] observations) => Later(SecondarySignature, observations);

    public static byte[] Ocr1(params UInt256[] observations)
    {
        var report = AbiWords.Join([7u, 8u, 0x60u, observations.Length, .. observations.Cast<object>()]);
        var after = 0x80 + 32 + report.Length;
        return With(Ocr1Signature, 0x80u, after, after + 32, 9u, report.Length, report, 0u, 0u);
    }

    public static byte[] Forward(Address to, byte[] data) => With(ForwardSignature, to, 0x40u, data.Length, data);

    public static PendingTransaction Sent(Address to, byte[] data, ulong salt = 0) => new(Keccak256.HashUtf8($"transaction {salt}"), to, data);

    private static byte[] Later(string signature, UInt256[] observations)
    {
        var report = AbiWords.Join([1_760_000_000u, 8u, 0x80u, 5u, observations.Length, .. observations.Cast<object>()]);
        var after = 0xe0 + 32 + report.Length;
        return With(signature, 1u, 2u, 3u, 0xe0u, after, after + 32, 9u, report.Length, report, 0u, 0u);
    }

    private static byte[] With(string signature, params object[] words) => [.. AbiSelector.Of(signature).Span, .. AbiWords.Join(words)];
}
