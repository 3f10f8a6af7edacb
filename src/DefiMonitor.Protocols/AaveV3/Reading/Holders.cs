using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Whom a change of the market reaches: found by looking at everybody, which an account's one word makes cheap.</summary>
internal sealed class Holders(AaveMarket market)
{
    public void TouchReserve(ushort reserve, ISet<MarginAccountId> touched) => TouchReserves(MaskOf(reserve), touched);

    /// <param name="mask">Bits of a user's word: both bits of each reserve.</param>
    public void TouchReserves(in UInt256 mask, ISet<MarginAccountId> touched)
    {
        if (mask.IsZero)
        {
            return;
        }

        foreach (var (user, account) in market.Tables.Accounts)
        {
            if (!(account.Configuration.Word & mask).IsZero)
            {
                touched.Add(market.IdOf(user));
            }
        }
    }

    public void TouchCategory(byte category, ISet<MarginAccountId> touched)
    {
        foreach (var (user, account) in market.Tables.Accounts)
        {
            if (account.EMode == category)
            {
                touched.Add(market.IdOf(user));
            }
        }
    }

    public static UInt256 MaskOf(ushort reserve) => (UInt256)3u << (2 * reserve);
}
