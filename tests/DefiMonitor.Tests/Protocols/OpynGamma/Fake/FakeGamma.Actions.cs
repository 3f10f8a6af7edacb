using DefiMonitor.Core.Primitives;
using DefiMonitor.Protocols.OpynGamma;
using DefiMonitor.Tests.Protocols.AaveV3.Fake;

namespace DefiMonitor.Tests.Protocols.OpynGamma.Fake;

/// <summary>What people and governors do, each action as the contracts write and emit it. Whether it is allowed is not asked.</summary>
internal sealed partial class FakeGamma
{
    /// <summary>A new round of the feed.</summary>
    public void Write(in UInt256 price)
    {
        Spot = price;
        Rounds.Add(new RoundState((phase << 64) + ++lastRound, price, Header.Timestamp));
    }

    /// <summary>Another aggregator behind the feed: its rounds are numbered from 1 again.</summary>
    public void NextPhase() => (phase, lastRound) = (phase + 1, 0);

    public FakeSeries List(ulong seconds, ulong strike, bool isPut, Address? collateral = null, Address? underlying = null)
    {
        var of = new FakeSeries(FakeAddress.Of(0x35, series.Count + 1), underlying ?? Weth, collateral ?? (isPut ? Usdc : Weth), strike * (UInt256)100_000_000u, Header.Timestamp + seconds, isPut);
        series.Add(of);
        return of;
    }

    /// <summary>A vault with a short in it and a part of what must be held.</summary>
    public VaultKey Open(Address owner, FakeSeries of, ulong type, in UInt256 amount, in UInt256 collateral)
    {
        var key = OpenVault(owner, type);
        Deposit(key, of.Collateral, collateral);
        Mint(key, of, amount);
        return key;
    }

    public VaultKey OpenVault(Address owner, ulong type)
    {
        var id = counters[owner] = counters.GetValueOrDefault(owner) + 1;
        var key = new VaultKey(owner, id);
        vaults.Add(key, new FakeVault { Type = type, LatestUpdate = Header.Timestamp });

        // A vault of the borrowable pool is announced as the type that was asked for.
        Emit(Controller, GammaAbi.VaultOpened.Definition, [owner, type == 2 ? 0UL : type], id);
        return key;
    }

    public void Deposit(in VaultKey key, Address asset, in UInt256 amount)
    {
        var vault = Touch(key);
        vault.Collateral = asset;
        vault.CollateralAmount += amount;
        Emit(Controller, GammaAbi.Deposited.Definition, [asset, key.Owner, key.Owner], key.Id, amount);
    }

    public void Withdraw(in VaultKey key, in UInt256 amount)
    {
        var vault = Touch(key);
        Emit(Controller, GammaAbi.Withdrawn.Definition, [vault.Collateral!.Value, key.Owner, key.Owner], key.Id, amount);
        vault.CollateralAmount -= amount;
        vault.Collateral = vault.CollateralAmount.IsZero ? null : vault.Collateral;
    }

    public void Mint(in VaultKey key, FakeSeries of, in UInt256 amount)
    {
        var vault = Touch(key);
        vault.Short = of;
        vault.ShortAmount += amount;
        Emit(Controller, GammaAbi.ShortMinted.Definition, [of.Otoken, key.Owner, key.Owner], key.Id, amount);
    }

    public void Burn(in VaultKey key, in UInt256 amount)
    {
        var vault = Touch(key);
        Emit(Controller, GammaAbi.ShortBurned.Definition, [vault.Short!.Otoken, key.Owner, key.Owner], key.Id, amount);
        vault.ShortAmount -= amount;
        vault.Short = vault.ShortAmount.IsZero ? null : vault.Short;
    }

    public void DepositLong(in VaultKey key, FakeSeries of, in UInt256 amount)
    {
        var vault = Touch(key);
        vault.Long = of;
        vault.LongAmount += amount;
        Emit(Controller, GammaAbi.LongDeposited.Definition, [of.Otoken, key.Owner, key.Owner], key.Id, amount);
    }

    /// <summary>Part of the short, at the newest round's price. Does not count as an update.</summary>
    public void Liquidate(in VaultKey key, in UInt256 amount)
    {
        var vault = vaults[key];
        var price = AuctionPrice(StateOf(key.Id, vault), Rounds[^1]);
        var taken = UInt256.Min(vault.CollateralAmount, amount * price / 100_000_000u);
        vault.ShortAmount -= amount;
        vault.CollateralAmount -= taken;
        vault.Short = vault.ShortAmount.IsZero ? null : vault.Short;
        vault.Collateral = vault.CollateralAmount.IsZero ? null : vault.Collateral;
        Emit(Controller, GammaAbi.VaultLiquidated.Definition, [Owners[0], Owners[0], key.Owner], price, Rounds[^1].RoundId, taken, amount, key.Id);
    }

    public void Settle(in VaultKey key)
    {
        var vault = vaults[key];
        Emit(Controller, GammaAbi.VaultSettled.Definition, [key.Owner, (vault.Short ?? vault.Long)!.Otoken, vault.Type], key.Owner, 0u, key.Id);
        vaults[key] = new FakeVault { Type = vault.Type, LatestUpdate = vault.LatestUpdate };
    }

    /// <summary>Controller.sync: no event tells of it.</summary>
    public void Sync(in VaultKey key) => Touch(key);

    public void Pause(bool isPaused)
    {
        IsPaused = isPaused;
        Emit(Controller, GammaAbi.SystemPartiallyPaused.Definition, [], isPaused);
    }

    public void SetStep(ulong time, in UInt256 value)
    {
        foreach (var product in series.Select(ProductOf).Distinct())
        {
            if (Steps.TryGetValue(time, out var before))
            {
                Emit(Calculator, GammaAbi.MaxPriceUpdated.Definition, [product], time, before, value);
            }
            else
            {
                Emit(Calculator, GammaAbi.MaxPriceAdded.Definition, [product], time, value);
            }
        }

        Steps[time] = value;
    }

    public void SetShock(in UInt256 shock)
    {
        SpotShock = shock;
        foreach (var product in series.Select(ProductOf).Distinct())
        {
            Emit(Calculator, GammaAbi.SpotShockUpdated.Definition, [product], shock);
        }
    }

    /// <summary>
    /// Controller.refreshConfiguration takes over a calculator with an oracle of its own, as setMarginCalculator announces it or, where that was long ago, as nothing does.
    /// What the former ones answer from then on is not true of the venue.
    /// </summary>
    public void ReplaceCalculator(in UInt256 shock, bool isAnnounced)
    {
        retired.UnionWith([Calculator, Oracle]);
        (Calculator, Oracle) = (FakeAddress.Of(0x31, 100 + retired.Count), FakeAddress.Of(0x31, 101 + retired.Count));
        SpotShock = shock;
        if (isAnnounced)
        {
            Emit(Book, GammaAbi.AddressAdded.Definition, [Keccak256.HashUtf8("MARGIN_CALCULATOR"), Calculator]);
        }
    }

    /// <summary>The controller's proxy stands before another implementation.</summary>
    public void Upgrade() => Emit(Controller, GammaAbi.Upgraded.Definition, [FakeAddress.Of(0x31, 99)]);

    /// <summary>The oracle asks another pricer, whose feed has rounds of its own.</summary>
    public void ReplacePricer(in UInt256 price)
    {
        (Pricer, Feed) = (FakeAddress.Of(0x33, 2), FakeAddress.Of(0x34, 2));
        Rounds.Clear();
        Write(price);
        Emit(Oracle, GammaAbi.PricerUpdated.Definition, [Weth, Pricer]);
    }

    public void SetPrices(ulong expiry, in UInt256 price, bool isFinal)
    {
        settled[(Weth, expiry)] = new FakeSettled(price, isFinal);
        settled[(Yield, expiry)] = new FakeSettled(1_03000000u, isFinal);
    }

    private static Hash32 ProductOf(FakeSeries of) => GammaMarket.ProductOf(new SeriesRow(of.Underlying, Usdc, of.Collateral, of.StrikePrice, of.Expiry, of.IsPut));

    private FakeVault Touch(in VaultKey key)
    {
        var vault = vaults[key];
        vault.LatestUpdate = Header.Timestamp;
        return vault;
    }

    private void Open(Address owner)
    {
        var live = series.Where(one => one.Expiry > Header.Timestamp).ToList();
        var of = live[random.Next(live.Count)];
        var amount = (UInt256)(ulong)random.Next(1, 500) * 1_000_000u;
        var type = of.Collateral == Yield ? 0UL : (ulong)random.Next(3);
        var whole = of.IsPut ? UInt256.MulDiv(amount, of.StrikePrice, UInt256.Pow10(10), Rounding.Up) : amount * UInt256.Pow10(10);
        var key = Open(owner, of, type, amount, (whole * (ulong)random.Next(30, type == 1 ? 90 : 110) / 100u) + UInt256.One);
        if (type != 1 && random.Next(2) == 0 && live.Find(one => one != of && one.IsPut == of.IsPut && one.Expiry == of.Expiry && one.Collateral == of.Collateral) is { } bought)
        {
            DepositLong(key, bought, amount * (ulong)random.Next(50, 150) / 100u);
        }
    }

    private void DoSomething()
    {
        var kept = vaults.Where(static pair => !pair.Value.IsEmpty).ToList();
        var (key, vault) = kept.Count > 0 ? kept[random.Next(kept.Count)] : default;
        var live = vault?.Short is { } sold && sold.Expiry > Header.Timestamp;
        switch (random.Next(16))
        {
            case <= 1:
                Open(Owners[random.Next(Owners.Count)]);
                break;
            case 2 when vault?.Collateral is { } token:
                Deposit(key, token, vault.CollateralAmount / 10u + UInt256.One);
                break;
            case 3 when vault?.Collateral is not null:
                Withdraw(key, random.Next(4) == 0 ? vault.CollateralAmount : vault.CollateralAmount / 10u);
                break;
            case 4 when live:
                Mint(key, vault!.Short!, vault.ShortAmount / 10u + UInt256.One);
                break;
            case 5 when live:
                Burn(key, random.Next(3) == 0 ? vault!.ShortAmount : vault!.ShortAmount / 10u);
                break;
            case 6 when live && vault!.Type == 1 && vault.Collateral is not null:
                Liquidate(key, random.Next(3) == 0 ? vault.ShortAmount : vault.ShortAmount / 4u);
                break;
            case 7 when vault is { Short: null, Long: null } or { Short.Expiry: > 0 } && (vault.Short ?? vault.Long) is { } about && about.Expiry <= Header.Timestamp:
                Settle(key);
                break;
            case 8:
                Sync(vaults.Keys.ElementAt(random.Next(vaults.Count)));
                break;
            case 9:
                Pause(random.Next(3) == 0);
                break;
            case 10:
                SetStep(random.Next(3) == 0 ? Steps.Keys.Last() + 86_400 : Steps.Keys.ElementAt(random.Next(Steps.Count)), Ray4((ulong)random.Next(1_000, 9_000)));
                break;
            case 11:
                SetShock(Ray4((ulong)random.Next(6_000, 9_500)));
                break;
            case 12:
                UsdcDust = (ulong)random.Next(1, 500) * (UInt256)1_000_000u;
                Emit(Calculator, GammaAbi.CollateralDustUpdated.Definition, [Usdc], UsdcDust);
                Deviation = Ray4((ulong)random.Next(0, 500));
                Emit(Calculator, GammaAbi.OracleDeviationUpdated.Definition, [], Deviation);
                break;
            case 13:
                List((ulong)random.Next(100, 5_000_000), (ulong)random.Next(1_500, 2_500), random.Next(2) == 0, random.Next(3) == 0 ? Yield : null);
                break;
            case 14 when series.Exists(one => one.Expiry <= Header.Timestamp):
                var expired = series.Where(one => one.Expiry <= Header.Timestamp).ToList();
                var expiry = expired[random.Next(expired.Count)].Expiry;

                // Told, disputed, and then final for good.
                if (!SettledAt(Weth, expiry).IsFinal)
                {
                    SetPrices(expiry, Spot * (ulong)random.Next(90, 110) / 100u, isFinal: random.Next(2) == 0);
                }

                break;
        }
    }
}
