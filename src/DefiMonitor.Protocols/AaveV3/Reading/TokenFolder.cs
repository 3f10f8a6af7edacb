using DefiMonitor.Core.Chain;
using DefiMonitor.Core.Portfolio;
using DefiMonitor.Core.Primitives;

namespace DefiMonitor.Protocols.AaveV3;

/// <summary>Folds Mint, Burn and BalanceTransfer of the market's tokens into scaled balances and borrowing bits.</summary>
internal sealed class TokenFolder(AaveMarket market, AccountWriter accounts)
{
    private readonly AaveTables tables = market.Tables;

    public static IReadOnlyCollection<Hash32> Topics { get; } =
        [AaveAbi.Mint.Topic0, AaveAbi.Burn.Topic0, AaveAbi.BalanceTransfer.Topic0, AaveAbi.Upgraded.Topic0];

    public void Apply(BlockHeader block, Log log, in TokenRow token, ISet<MarginAccountId> touched)
    {
        if (token.Side == TokenSide.Stable)
        {
            return;
        }

        // By the first topic alone: one of these that can't be read moved somebody's balance all the same.
        var topic = log.Topics[0];
        if (topic == AaveAbi.Mint.Topic0)
        {
            var mint = AaveAbi.Mint.Decode(log);
            Change(block, mint.OnBehalfOf, token, new Step(StepKind.Mint, mint.Value, mint.BalanceIncrease, mint.Index), touched);
        }
        else if (topic == AaveAbi.Burn.Topic0)
        {
            var burn = AaveAbi.Burn.Decode(log);
            Change(block, burn.From, token, new Step(StepKind.Burn, burn.Value, burn.BalanceIncrease, burn.Index), touched);
        }
        else if (topic == AaveAbi.BalanceTransfer.Topic0)
        {
            var transfer = AaveAbi.BalanceTransfer.Decode(log);
            Change(block, transfer.From, token, new Step(StepKind.Out, transfer.Value, default, transfer.Index), touched);
            Change(block, transfer.To, token, new Step(StepKind.In, transfer.Value, default, transfer.Index), touched);
        }
    }

    private void Change(BlockHeader block, in Address user, in TokenRow token, in Step step, ISet<MarginAccountId> touched)
    {
        if (!tables.Accounts.TryGet(user, out var account))
        {
            return;
        }

        touched.Add(market.IdOf(user));
        if (!tables.Market.IsOpen || token.Reserve == AssetRow.NoId)
        {
            // Between an upgrade and the next reading it is not known how this token rounds, nor of a new one which reserve it is.
            tables.MarkPending(user, block.Number);
            return;
        }

        UInt256 scaled;
        try
        {
            scaled = step.Apply(market.Version, token.Side, tables.Balance(user, token.Reserve, token.Side));
        }
        catch (ArithmeticException)
        {
            // The event does not follow from the balance that we have, so that balance is wrong: read it.
            tables.MarkPending(user, block.Number);
            return;
        }

        tables.SetBalance(user, token.Reserve, token.Side, scaled);
        if (token.Side == TokenSide.Debt)
        {
            // No event tells the borrowing bit: it stands while there is debt.
            var owes = !scaled.IsZero || tables.ReadDebts.Contains(new ReadDebtKey(user, token.Reserve, ReadDebtKind.Stable));
            tables.Accounts.Set(user, account with { Configuration = account.Configuration.WithBorrowing(token.Reserve, owes) });
            ReadDiscounted(user, token.Reserve, scaled);
        }
    }

    // GHO's discounts burn scaled units that its Mint and Burn do not show.
    private void ReadDiscounted(in Address user, ushort reserve, in UInt256 scaled)
    {
        if (market.Version is >= AaveVersion.V31 and <= AaveVersion.V33
            && tables.Reserves.TryGet(reserve, out var row) && !row.Configuration.HasVirtualAccounting)
        {
            tables.ReadDebts.Set(new ReadDebtKey(user, reserve, ReadDebtKind.Scaled), default);
            accounts.FollowDiscount(user, reserve, scaled);
        }
    }

    private enum StepKind
    {
        Mint,
        Burn,
        Out,
        In,
    }

    private readonly record struct Step(StepKind Kind, UInt256 Value, UInt256 Increase, UInt256 Index)
    {
        public UInt256 Apply(AaveVersion version, TokenSide side, in UInt256 scaled) => Kind switch
        {
            StepKind.Mint => TokenEvents.AfterMint(version, side, scaled, Value, Increase, Index),
            StepKind.Burn => TokenEvents.AfterBurn(version, side, scaled, Value, Increase, Index),
            StepKind.Out => scaled - Value,
            _ => scaled + Value,
        };
    }
}
