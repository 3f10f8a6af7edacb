using System.Numerics;
using System.Text.Json;
using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.PanopticV2;
using DefiMonitor.Tests.Protocols.PanopticV2.Fake;

namespace DefiMonitor.Tests.Vectors;

/// <summary>Panoptic v2's libraries and risk engine against what the contracts returned.</summary>
internal static class PanopticVectors
{
    public static void Libraries(JsonElement json, VectorCase vector)
    {
        foreach (var walk in json.GetProperty("walks").EnumerateArray())
        {
            var hash = UInt256.Zero;
            var open = new List<UInt256>();
            foreach (var step in walk.EnumerateArray())
            {
                var (tokenId, isMint) = (step[0].ToU256(), step[1].GetBoolean());
                hash = PositionsHash.Update(hash, tokenId, isMint);
                vector.Expect($"hash after {tokenId}", hash, step[2].ToU256());
                if (isMint)
                {
                    open.Add(tokenId);
                }
                else
                {
                    open.Remove(tokenId);
                }

                // The order in which they were opened, and what was closed, leave no trace.
                vector.Expect("hash of what is open", PositionsHash.Of(open.AsEnumerable().Reverse()), hash);
            }
        }

        foreach (var lane in json.GetProperty("lanes").EnumerateArray())
        {
            vector.Expect($"lanes of {lane[0]}", PositionsHash.Add(lane[0].ToU256(), lane[1].ToU256(), lane[2].GetBoolean()), lane[3].ToU256());
        }

        foreach (var token in json.GetProperty("tokenIds").EnumerateArray())
        {
            var tokenId = token.U256("tokenId");
            var legs = token.GetProperty("legs");
            vector.Expect("poolId", TokenIds.PoolIdOf(tokenId), token.U256("poolId"));
            vector.Expect("countLegs", (ulong)TokenIds.CountLegs(tokenId), (UInt256)(ulong)legs.GetArrayLength());
            for (var i = 0; i < legs.GetArrayLength(); i++)
            {
                var expected = legs[i].EnumerateArray().Select(static number => number.GetInt32()).ToList();
                vector.Expect(
                    $"leg {i} of {tokenId}",
                    TokenIds.LegOf(tokenId, i) == new PanopticLeg(expected[0], expected[1], expected[2] == 1, expected[3], expected[4], expected[5], expected[6]), true);
            }
        }

        foreach (var tick in json.GetProperty("sqrtRatios").EnumerateArray())
        {
            vector.Expect($"sqrtRatio at {tick[0]}", TickMath.SqrtRatioAt(tick[0].GetInt32()), (BigInteger)tick[1].ToU256());
        }

        foreach (var conversion in json.GetProperty("conversions").EnumerateArray())
        {
            var amount = (BigInteger)conversion[0].ToU256();
            var sqrt = TickMath.SqrtRatioAt(conversion[1].GetInt32());
            vector.Expect("convert0to1", TickMath.Convert0To1(amount, sqrt, roundUp: false), (BigInteger)conversion[2].ToU256());
            vector.Expect("convert0to1RoundingUp", TickMath.Convert0To1(amount, sqrt, roundUp: true), (BigInteger)conversion[3].ToU256());
            vector.Expect("convert1to0", TickMath.Convert1To0(amount, sqrt, roundUp: false), (BigInteger)conversion[4].ToU256());
            vector.Expect("convert1to0RoundingUp", TickMath.Convert1To0(amount, sqrt, roundUp: true), (BigInteger)conversion[5].ToU256());
        }
    }

    public static void SolvencyOf(JsonElement json, VectorCase vector)
    {
        UInt256 Low(string field) => json.U256(field) & ((UInt256.One << 128) - UInt256.One);
        var utilizations = json.U256("globalUtilizations");
        var margin = new PanopticMargin(
            json.GetProperty("tick").GetInt32(), Low("tokenData0"), json.U256("tokenData0") >> 128, Low("tokenData1"), json.U256("tokenData1") >> 128,
            (uint)(ulong)((utilizations >> 128) & (UInt256)0xffffu), (uint)(ulong)((utilizations >> 144) & (UInt256)0xffffu));
        var (balance, requirement, _) = Solvency.Weakest(margin, json.U256("crossBuffer0"), json.U256("crossBuffer1"));
        vector.Expect("isAccountSolvent", balance >= requirement, json.GetProperty("expectedSolvent").GetBoolean());
    }
}
