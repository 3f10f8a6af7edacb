using System.Buffers.Binary;
using DefiMonitor.Core.Assets;
using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Ethereum.Abi;

namespace DefiMonitor.Engine.Ledgers;

/// <summary>The views that the ledger asks, of contracts that belong to no one protocol.</summary>
internal static class LedgerCalls
{
    private const int Selector = 4;
    private const int Word = AbiReader.WordSize;

    /// <summary>latestRoundData() answers (roundId, answer, startedAt, updatedAt, answeredInRound).</summary>
    private const int RoundWords = 5;

    // EIP-20, EIP-4626, Multicall3, Chainlink's AggregatorV3Interface, aave-v3-origin IPriceOracleGetter.
    private static readonly ReadOnlyMemory<byte> BalanceOf = AbiSelector.Of("balanceOf(address)");
    private static readonly ReadOnlyMemory<byte> Allowance = AbiSelector.Of("allowance(address,address)");
    private static readonly ReadOnlyMemory<byte> DecimalsOf = AbiSelector.Of("decimals()");
    private static readonly ReadOnlyMemory<byte> ConvertToAssets = AbiSelector.Of("convertToAssets(uint256)");
    private static readonly ReadOnlyMemory<byte> EthBalance = AbiSelector.Of("getEthBalance(address)");
    private static readonly ReadOnlyMemory<byte> LatestRound = AbiSelector.Of("latestRoundData()");
    private static readonly ReadOnlyMemory<byte> AssetPrice = AbiSelector.Of("getAssetPrice(address)");

    public static Call Balance(Address token, Address owner) => Of(token, BalanceOf, owner);

    public static Call Allowed(Address token, Address owner, Address spender) => Of(token, Allowance, owner, spender);

    public static Call Decimals(Address token) => new(token, DecimalsOf);

    public static Call Native(Address multicall, Address owner) => Of(multicall, EthBalance, owner);

    public static Call Rate(WrapperRule rule)
    {
        if (rule.Kind != WrapperKind.Erc4626)
        {
            return new Call(rule.Contract, AbiSelector.Of(rule.Call!));
        }

        var data = new byte[Selector + Word];
        ConvertToAssets.Span.CopyTo(data);
        UInt256.Pow10(rule.ShareDecimals).WriteBigEndian(data.AsSpan(Selector));
        return new Call(rule.Contract, data);
    }

    public static Call Price(PriceSource source, Address token) => source.Asset is null ? Of(source.Contract, AssetPrice, token) : new Call(source.Contract, LatestRound);

    /// <summary>Null when the answer is no number.</summary>
    public static UInt256? Number(CallResults answers, Call call) =>
        answers.TryGet(call, out var result) && result.Success && result.Data.Length >= Word ? UInt256.FromBigEndian(result.Data.Span[..Word]) : null;

    /// <summary>A feed's answer; null when it is no positive number, or older than the source allows.</summary>
    public static UInt256? Price(CallResults answers, PriceSource source, Call call, BlockHeader block)
    {
        if (source.Asset is null)
        {
            return Number(answers, call);
        }

        if (!answers.TryGet(call, out var result) || !result.Success || result.Data.Length < RoundWords * Word)
        {
            return null;
        }

        var answer = result.Data.Span.Slice(Word, Word);
        var updated = BinaryPrimitives.ReadUInt64BigEndian(result.Data.Span.Slice((4 * Word) - sizeof(ulong), sizeof(ulong)));
        var isTooOld = source.MaxAgeSeconds is { } most && updated + most < block.Timestamp;
        return (answer[0] & 0x80) != 0 || isTooOld ? null : UInt256.FromBigEndian(answer);
    }

    private static Call Of(Address to, ReadOnlyMemory<byte> selector, params ReadOnlySpan<Address> arguments)
    {
        var data = new byte[Selector + (arguments.Length * Word)];
        selector.Span.CopyTo(data);
        for (var i = 0; i < arguments.Length; i++)
        {
            arguments[i].ToWord().ToArray().CopyTo(data, Selector + (i * Word));
        }

        return new Call(to, data);
    }
}
